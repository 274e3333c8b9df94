"""The date that an institution is shown: the earlier of its own term and the citizen's."""

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session, col, select

from models.clock import Clock, ClockKind
from models.forwarding import Forwarding, ForwardingState
from models.moments import riga_date
from models.ticket import Ticket
from routing.clocks import Due, due_of


def institution_due(ticket: Ticket, forwarded_at: datetime, calendar_name: str) -> tuple[Due, date]:
    """The institution's own term, and the date it is shown."""
    own = due_of(ticket, ClockKind.INSTITUTION, riga_date(forwarded_at), calendar_name)
    answer = ticket.clock(ClockKind.ANSWER)
    return own, min(own.on, answer.due_on) if answer else own.on


def show_dues(session: Session, tickets: Collection[int]) -> None:
    """Institutions that have one of the tickets are shown the dates as they are now, after any of its clocks moved."""
    session.flush()
    waiting = session.exec(
        select(Forwarding, Clock)
        .join(Clock, col(Clock.forwarding_id) == col(Forwarding.id))
        .where(col(Forwarding.ticket_id).in_(tickets), col(Forwarding.state) == ForwardingState.WAITING)
    ).all()
    theirs = {forwarding.ticket_id for forwarding, _ in waiting}
    of_citizens = col(Clock.ticket_id).in_(theirs), col(Clock.kind) == ClockKind.ANSWER
    answers = {clock.ticket_id: clock.due_on for clock in session.exec(select(Clock).where(*of_citizens))}
    for forwarding, own in waiting:
        forwarding.shown_due = min(own.due_on, answers.get(forwarding.ticket_id, own.due_on))
