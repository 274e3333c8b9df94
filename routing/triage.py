""" "Whose is it?": a coordinator forwards a ticket, an institution returns it, a coordinator takes it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from models.clock import ClockKind, clock_of_forwarding
from models.forwarding import Forwarding, ForwardingState, forwardings_of
from models.institution import Institution, institution_by_code
from models.moments import riga_date
from models.queue import Timer
from models.staff import notify
from models.ticket import OPEN, Ticket, TicketState, record
from routing.clocks import (
    reopen_clock,
    start_clock,
    start_forward_clock,
    stop_clock,
)
from routing.delivery import DESK, LINK, delivered, delivered_by_hand, has_people, when_all_have_it
from routing.dropping import drop_what_waits
from routing.rules import in_force
from routing.shown import institution_due

MAIL_IT = "mail a forwarding"
"""kind of the timer that lets a letter be written to the institution"""


class NotPossible(ValueError):
    """The ticket is not in a state for that; the message says why, in words for the person who tried."""


def hand_to_people(session: Session, ticket: Ticket, at: datetime, actor: str, reason: str) -> None:
    """The bot cannot answer: the coordinator's clock runs, from the first receipt."""
    ticket.state = TicketState.TRIAGE
    ticket.attention = ""
    start_forward_clock(session, ticket, ticket.received_on, at)
    record(session, ticket, "handed to people", actor, at, reason=reason, suggested=ticket.suggested)


def forward(
    session: Session, ticket: Ticket, institutions: Sequence[Institution], note: str, at: datetime, actor: str
) -> list[Forwarding]:
    """Sends the ticket to each of the institutions, with its own clock. Raises NotPossible."""
    if ticket.state not in OPEN:
        raise NotPossible("the ticket is answered already")
    if not institutions:
        raise NotPossible("choose at least one institution")
    if any(institution.retired_at for institution in institutions):
        raise NotPossible("an institution is not asked any more")
    busy = {f.institution_id for f in forwardings_of(session, ticket.id or 0) if f.state == ForwardingState.WAITING}
    new = {institution.id: institution for institution in institutions if institution.id not in busy}.values()
    made = [_forward_to(session, ticket, institution, note, at, actor) for institution in new]
    ticket.state = TicketState.FORWARDED
    ticket.attention = ""
    for forwarding in made:
        if has_people(session, forwarding.institution_id):  # in their tray is delivered: they look into it every day
            delivered(session, ticket, forwarding, at, DESK, actor)
    return made


def give_back(session: Session, ticket: Ticket, forwarding: Forwarding, reason: str, at: datetime, actor: str) -> None:
    """The institution says "not ours": back to the coordinator; the citizen's clock does not restart."""
    if not reason.strip():
        raise NotPossible("say why it is not yours")
    delivered_by_hand(session, ticket, forwarding, at, actor)
    end(session, ticket, forwarding, ForwardingState.RETURNED, at, actor)
    forwarding.reason = reason.strip()
    record(session, ticket, "returned", actor, at, institution=_code(session, forwarding), reason=forwarding.reason)
    after_last_forwarding(session, ticket, at, actor)
    tell_coordinator(session, ticket, "returned", f"returned:{forwarding.id}", at)


def take_back(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """The coordinator withdraws a forwarding. Raises NotPossible."""
    end(session, ticket, forwarding, ForwardingState.WITHDRAWN, at, actor)
    record(session, ticket, "withdrawn", actor, at, institution=_code(session, forwarding))
    after_last_forwarding(session, ticket, at, actor, anew=False)
    if ticket.state == TicketState.FORWARDED:  # the others may all have it, so that nothing is left to be forwarded
        when_all_have_it(session, ticket, at, actor)


def not_delivered(
    session: Session, ticket: Ticket, forwarding: Forwarding, reason: str, at: datetime, actor: str
) -> None:
    """It bounced or never came: the coordinator's clock runs on with its old due date. Raises NotPossible."""
    if not reason.strip():
        raise NotPossible("say why it did not arrive")
    if forwarding.delivered_by in (DESK, LINK):
        raise NotPossible("the institution has it at the desk")
    end(session, ticket, forwarding, ForwardingState.UNDELIVERED, at, actor)
    forwarding.reason = reason.strip()
    code = _code(session, forwarding)
    record(session, ticket, "not delivered", actor, at, institution=code, reason=forwarding.reason)
    after_last_forwarding(session, ticket, at, actor, anew=False)
    if ticket.state == TicketState.FORWARDED:  # others have it, and this one has to be forwarded again none the less
        _forward_again(session, ticket, at, actor)
    ticket.attention = "not delivered"
    tell_coordinator(session, ticket, "not delivered", f"not delivered:{forwarding.id}", at)


def nobody_there(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """It arrived where nobody is at work: not delivered yet, so the coordinator's clock runs on with its old due date.

    The forwarding stays: whoever comes back may answer, and that is evidence again.
    """
    if forwarding.delivered_by in (DESK, LINK) or forwarding.state != ForwardingState.WAITING:
        return
    forwarding.delivered_at, forwarding.delivered_by = None, ""
    record(session, ticket, "nobody there", actor, at, institution=_code(session, forwarding))
    _forward_again(session, ticket, at, actor)
    ticket.attention = "nobody there"
    tell_coordinator(session, ticket, "nobody there", f"nobody there:{forwarding.id}", at)


def end(
    session: Session, ticket: Ticket, forwarding: Forwarding, state: ForwardingState, at: datetime, actor: str
) -> None:
    """Ends a forwarding and its clock. Raises NotPossible where it has ended before."""
    if forwarding.state != ForwardingState.WAITING:
        raise NotPossible("this forwarding has ended already")
    forwarding.state, forwarding.ended_at, forwarding.ended_by = state, at, actor
    drop_what_waits(session, ticket, forwarding, _code(session, forwarding), at, actor)
    clock = clock_of_forwarding(session, forwarding.id or 0)
    # A term that ran out stays late, also where the question is then returned or taken back; what never came cannot be.
    came = forwarding.delivered_at is not None and state != ForwardingState.UNDELIVERED
    overdue = came and riga_date(at) > clock.due_on
    stop_clock(session, ticket, clock, at, actor, needed=overdue or state == ForwardingState.ANSWERED)


def after_last_forwarding(session: Session, ticket: Ticket, at: datetime, actor: str, *, anew: bool = True) -> None:
    """Where no institution has it any more: to triage, or to composing where parts of an answer are there.

    In triage the coordinator has to forward again: `anew`, where institutions returned it, with a term from now on;
    else by the old due date, since the forwarding came to nothing by no one else's doing.
    """
    states = [forwarding.state for forwarding in forwardings_of(session, ticket.id or 0)]
    if ForwardingState.WAITING in states:
        return
    if ForwardingState.ANSWERED in states:
        ticket.state = TicketState.COMPOSING
        when_all_have_it(session, ticket, at, actor)
        return
    ticket.state = TicketState.TRIAGE
    if anew:
        start_forward_clock(session, ticket, riga_date(at), at)
    else:
        _forward_again(session, ticket, at, actor)


def tell_coordinator(session: Session, ticket: Ticket, kind: str, key: str, at: datetime) -> None:
    """Leaves a notice for the coordinating institution, once per key."""
    if coordinator := institution_by_code(session, ticket.coordinator):
        notify(session, coordinator.id or 0, ticket.id or 0, kind, key, at)


def _forward_again(session: Session, ticket: Ticket, at: datetime, actor: str) -> None:
    """The duty to forward is open again with its old due date."""
    if clock := ticket.clock(ClockKind.FORWARD):
        reopen_clock(session, ticket, clock, at, actor)
    else:
        start_forward_clock(session, ticket, ticket.received_on, at)


def _code(session: Session, forwarding: Forwarding) -> str:
    return session.get_one(Institution, forwarding.institution_id).code


def _forward_to(
    session: Session, ticket: Ticket, institution: Institution, note: str, at: datetime, actor: str
) -> Forwarding:
    days = in_force().calendars.of(institution.code, institution.calendar)
    own, shown = institution_due(ticket, at, days.name)
    forward_clock = ticket.running(ClockKind.FORWARD)  # stopped before: the duty was met, this is a re-forwarding
    forwarding = Forwarding(
        ticket_id=ticket.id or 0,
        institution_id=institution.id or 0,
        note=note.strip(),
        forwarded_at=at,
        forwarded_by=actor,
        shown_due=shown,
        late=forward_clock is not None and riga_date(at) > forward_clock.due_on,
    )
    session.add(forwarding)
    session.flush()
    if institution.email:
        key = f"mail:{forwarding.id}"
        session.add(Timer(kind=MAIL_IT, ticket=ticket, key=key, due_at=at, data={"forwarding": forwarding.id}))
    start_clock(session, ticket, ClockKind.INSTITUTION, own, institution.code, at, forwarding.id)
    record(
        session,
        ticket,
        "forwarded",
        actor,
        at,
        institution=institution.code,
        own_due=own.on,
        shown_due=shown,
        late=forwarding.late,
        note=forwarding.note,
    )
    return forwarding
