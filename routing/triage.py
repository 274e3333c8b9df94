""" "Whose is it?": a coordinator forwards a ticket, an institution returns it, a coordinator takes it back."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from models.clock import ClockKind, clock_of_forwarding
from models.forwarding import Forwarding, ForwardingState, forwardings_of
from models.institution import Institution, institution_by_code
from models.moments import riga_date
from models.staff import notify
from models.ticket import OPEN, Ticket, TicketState, record
from routing.clocks import institution_due, start_clock, start_forward_clock, stop_clock, stop_running


class NotPossible(ValueError):
    """The ticket is not in a state for that; the message says why, in words for the person who tried."""


def hand_to_people(session: Session, ticket: Ticket, at: datetime, actor: str, reason: str) -> None:
    """The bot cannot answer: the coordinator's clock runs, from the first receipt."""
    ticket.state = TicketState.TRIAGE
    ticket.attention = ""
    start_forward_clock(session, ticket)
    record(session, ticket, "handed to people", actor, at, reason=reason, suggested=ticket.suggested)


def forward(
    session: Session, ticket: Ticket, institutions: Sequence[Institution], note: str, at: datetime, actor: str
) -> list[Forwarding]:
    """Sends the ticket to each of the institutions, with its own clock. Raises NotPossible."""
    if ticket.state not in OPEN:
        raise NotPossible("the ticket is answered already")
    if not institutions:
        raise NotPossible("choose at least one institution")
    busy = {f.institution_id for f in forwardings_of(session, ticket.id or 0) if f.state == ForwardingState.WAITING}
    new = {institution.id: institution for institution in institutions if institution.id not in busy}.values()
    made = [_forward_to(session, ticket, institution, note, at, actor) for institution in new]
    ticket.state = TicketState.FORWARDED
    ticket.attention = ""
    stop_running(session, ticket, ClockKind.FORWARD, at, actor)
    return made


def give_back(session: Session, ticket: Ticket, forwarding: Forwarding, reason: str, at: datetime, actor: str) -> None:
    """The institution says "not ours": back to the coordinator; the citizen's clock does not restart."""
    if not reason.strip():
        raise NotPossible("say why it is not yours")
    end(session, ticket, forwarding, ForwardingState.RETURNED, at, actor)
    forwarding.reason = reason.strip()
    record(session, ticket, "returned", actor, at, institution=_code(session, forwarding), reason=forwarding.reason)
    after_last_forwarding(session, ticket, at, actor)
    tell_coordinator(session, ticket, "returned", f"returned:{forwarding.id}", at)


def take_back(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """The coordinator withdraws a forwarding. Raises NotPossible."""
    end(session, ticket, forwarding, ForwardingState.WITHDRAWN, at, actor)
    record(session, ticket, "withdrawn", actor, at, institution=_code(session, forwarding))
    after_last_forwarding(session, ticket, at, actor)


def end(
    session: Session, ticket: Ticket, forwarding: Forwarding, state: ForwardingState, at: datetime, actor: str
) -> None:
    """Ends a forwarding and its clock. Raises NotPossible where it has ended before."""
    if forwarding.state != ForwardingState.WAITING:
        raise NotPossible("this forwarding has ended already")
    forwarding.state, forwarding.ended_at, forwarding.ended_by = state, at, actor
    answered = state == ForwardingState.ANSWERED
    stop_clock(session, ticket, clock_of_forwarding(session, forwarding.id or 0), at, actor, needed=answered)


def after_last_forwarding(session: Session, ticket: Ticket, at: datetime, actor: str) -> None:
    """Where no institution has it any more: to triage, or to composing where parts of an answer are there."""
    states = [forwarding.state for forwarding in forwardings_of(session, ticket.id or 0)]
    if ForwardingState.WAITING in states:
        return
    if ForwardingState.ANSWERED in states:
        ticket.state = TicketState.COMPOSING
        return
    ticket.state = TicketState.TRIAGE
    if ticket.clock(ClockKind.FORWARD) is None:
        start_forward_clock(session, ticket)


def tell_coordinator(session: Session, ticket: Ticket, kind: str, key: str, at: datetime) -> None:
    """Leaves a notice for the coordinating institution, once per key."""
    if coordinator := institution_by_code(session, ticket.coordinator):
        notify(session, coordinator.id or 0, ticket.id or 0, kind, key, at)


def _code(session: Session, forwarding: Forwarding) -> str:
    return session.get_one(Institution, forwarding.institution_id).code


def _forward_to(
    session: Session, ticket: Ticket, institution: Institution, note: str, at: datetime, actor: str
) -> Forwarding:
    own, shown = institution_due(ticket, at, institution.calendar)
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
    start_clock(session, ticket, ClockKind.INSTITUTION, own, institution.code, forwarding.id)
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
