"""Whose delay it was: asked once, when a clock stops late, and frozen with its outcome."""

from sqlmodel import Session

from models.clock import Clock, ClockKind, Outcome
from models.forwarding import forwardings_of
from models.ticket import Ticket


def delayed_by(session: Session, ticket: Ticket, clock: Clock) -> str:
    """The code of the institution whose delay it was; of several institutions all, parted by commas.

    A clock is its owner's, but the citizen's answer may have come late because somebody before was late: the
    coordinator who forwarded late answers for what followed, then institutions that answered late.
    """
    if clock.kind != ClockKind.ANSWER:
        return clock.owner
    if any(forwarding.late for forwarding in forwardings_of(session, ticket.id or 0)):
        return ticket.coordinator
    late = {one.owner for one in ticket.clocks if one.kind == ClockKind.INSTITUTION and _late(one, clock)}
    return ",".join(sorted(late)) or clock.owner


def _late(one: Clock, answer: Clock) -> bool:
    """Whether the institution's own term ran out before it had answered, or is running out still."""
    if one.outcome == Outcome.RUNNING:
        return one.due_on <= answer.due_on
    return one.outcome == Outcome.LATE
