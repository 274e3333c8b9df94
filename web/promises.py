"""What a citizen was promised: until when each open question will be answered, and what was said first."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.clock import RUNNING_SQL, Clock, ClockKind
from models.ticket import Procedure, Ticket


@dataclass(frozen=True, slots=True)
class Promise:
    ref: str
    due: date
    first_due: date
    """as first promised: another date where a calendar changed, or another law's term counts"""
    is_submission: bool
    overdue: bool

    @property
    def moved(self) -> bool:
        return self.due != self.first_due


def promises_to(session: Session, contact_id: int, today: date) -> list[Promise]:
    """For each question of the contact that has no answer yet, the oldest first."""
    found = session.exec(
        select(Ticket, Clock)
        .join(Clock, col(Clock.ticket_id) == col(Ticket.id))
        .where(col(Ticket.contact_id) == contact_id, text(f"clock.{RUNNING_SQL}"), col(Clock.kind) == ClockKind.ANSWER)
        .order_by(col(Ticket.id))
    )
    return [
        Promise(
            ticket.ref,
            clock.due_on,
            clock.first_due_on,
            ticket.procedure == Procedure.SUBMISSION,
            clock.due_on < today,
        )
        for ticket, clock in found.all()
        if ticket.is_open
    ]
