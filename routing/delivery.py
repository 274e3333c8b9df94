"""Evidence that an institution has a question: it is in the tray of people who work there, or somebody says so."""

from datetime import datetime

from sqlmodel import Session, col, select

from models.clock import ClockKind, clock_of_forwarding
from models.forwarding import WITH_A_SAY, Forwarding, ForwardingState, forwardings_of
from models.institution import Institution
from models.moments import riga_date
from models.staff import Person, Role
from models.ticket import Ticket, record
from routing.clocks import calendar_of, move_clock, span_of, stop_running
from routing.shown import show_dues

DESK, LINK = "desk", "link"
"""evidence from the institution itself; any other is `mail`, or the log-in of the coordinator who says so"""
MAIL = "mail"
"""its own server took the letter, or it answered by letter"""


def delivered(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, by: str, actor: str) -> None:
    """There is evidence that the institution has it: the coordinator's duty is done when all have theirs.

    `by` is the evidence. The institution's term counts from the day on which it got the question.
    """
    if forwarding.delivered_at is not None or forwarding.state != ForwardingState.WAITING:
        return
    forward_clock = ticket.running(ClockKind.FORWARD)  # stopped before: the duty was met
    forwarding.delivered_at, forwarding.delivered_by = at, by
    forwarding.late = forward_clock is not None and riga_date(at) > forward_clock.due_on
    code = session.get_one(Institution, forwarding.institution_id).code
    record(session, ticket, "delivered", actor, at, institution=code, evidence=by, late=forwarding.late)
    if riga_date(at) > riga_date(forwarding.forwarded_at):
        _begin_anew(session, ticket, forwarding, at, actor)
    when_all_have_it(session, ticket, at, actor)


def delivered_by_hand(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """The institution does something with it, so it has it."""
    delivered(session, ticket, forwarding, at, LINK if actor.startswith(f"{LINK} ") else DESK, actor)


def when_all_have_it(session: Session, ticket: Ticket, at: datetime, actor: str) -> None:
    """Stops the coordinator's clock where no institution still has to get it, by the day on which the last one did."""
    theirs = [f for f in forwardings_of(session, ticket.id or 0) if f.state in WITH_A_SAY]
    got = [forwarding.delivered_at for forwarding in theirs if forwarding.delivered_at]
    if got and len(got) == len(theirs):
        stop_running(session, ticket, ClockKind.FORWARD, at, actor, met_at=max(got))


def has_people(session: Session, institution_id: int) -> bool:
    """Whether somebody of that institution works at the desk."""
    somebody = select(Person.id).where(
        col(Person.institution_id) == institution_id, col(Person.active), col(Person.role) != Role.ADMINISTRATOR
    )
    return session.exec(somebody.limit(1)).first() is not None


def _begin_anew(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """It arrived on a later day than it was forwarded: the institution's term counts from then."""
    clock = clock_of_forwarding(session, forwarding.id or 0)
    clock.started_on = riga_date(at)
    on = span_of(clock).end(calendar_of(clock), clock.started_on)
    move_clock(session, ticket, clock, max(on, clock.extended_to or on), at, actor, "delivered later")
    show_dues(session, [forwarding.ticket_id])
