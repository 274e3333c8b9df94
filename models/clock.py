"""A term of the law that runs."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, text, update
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from models.moments import Instant
from models.ticket import Ticket


class ClockKind(StrEnum):
    FORWARD = "forward"
    """the coordinator forwards: receipt + 1 working day"""
    ANSWER = "answer"
    """the citizen has the answer: receipt + 7 working days"""
    INSTITUTION = "institution"
    """the institution answers: forwarding + 6 working days"""


class Outcome(StrEnum):
    RUNNING = "running"
    IN_TIME = "in time"
    LATE = "late"
    NOT_NEEDED = "not needed"
    """the duty fell away: nothing had to be forwarded, or the forwarding was taken back"""


RUNNING_SQL = "outcome = 'running'"
"""of the partial indexes; queries say it with a literal, since an index with a condition serves no bound parameter"""


class Clock(SQLModel, table=True):
    __table_args__ = (
        Index(
            "clock_next",
            "next_on",
            sqlite_where=text(RUNNING_SQL),
            postgresql_where=text(RUNNING_SQL),
        ),
        Index(
            "clock_version",
            "calendar_version",
            "id",
            sqlite_where=text(RUNNING_SQL),
            postgresql_where=text(RUNNING_SQL),
        ),
        Index(
            "clock_owed",
            "ticket_id",
            "due_on",
            "kind",
            sqlite_where=text(RUNNING_SQL),
            postgresql_where=text(RUNNING_SQL),
        ),
        Index(
            "clock_due",
            "owner",
            "due_on",
            "kind",
            "ticket_id",
            sqlite_where=text(RUNNING_SQL),
            postgresql_where=text(RUNNING_SQL),
        ),
        Index("clock_stopped", "stopped_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(default=None, foreign_key="ticket.id", index=True)
    forwarding_id: int | None = Field(default=None, foreign_key="forwarding.id", index=True)
    kind: str
    owner: str
    """code of the institution whose duty it is"""
    started_on: date
    """day 0, a date in Riga"""
    due_on: date
    """met until 24:00 of this day in Riga; overdue only on the next"""
    first_due_on: date
    """as first promised; stays when a calendar changes"""
    rule: str
    """the row of config/clocks.yaml that it was started by"""
    working_days: int = 0
    months: int = 0
    """how long the term is, in working days or in months: a case keeps the term that it started under"""
    extended_to: date | None = None
    """the answer to a submission was put off to this day, and the person was told"""
    calendar: str
    calendar_version: str
    provisional: bool = False
    """due in a year whose moved working days are not known yet"""
    outcome: str = Outcome.RUNNING
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    """when the duty was done or fell away"""
    days_late: int = 0
    """working days after due_on, frozen when the clock stopped"""
    delayed_by: str = ""
    """codes of the institutions whose delay it was, parted by commas; frozen with the outcome"""
    opening: int = 1
    """how often it was started: more than once where what stopped it proved wrong"""
    climbed_on: date
    """the steps of the ladder up to this date are taken"""
    next_on: date | None = None
    """the next date on which a step of the ladder is due; cost follows these rows, not the open ones"""
    ticket: Ticket = Relationship(back_populates="clocks")

    @property
    def is_running(self) -> bool:
        return self.outcome == Outcome.RUNNING


def clocks_of(session: Session, ticket_id: int) -> list[Clock]:
    return list(session.exec(select(Clock).where(col(Clock.ticket_id) == ticket_id).order_by(col(Clock.id))))


def clock_of_forwarding(session: Session, forwarding_id: int) -> Clock:
    return session.exec(select(Clock).where(col(Clock.forwarding_id) == forwarding_id)).one()


def update_clocks(session: Session, ids: Sequence[int], **values: Any) -> None:
    """One statement for all that come out alike; what the session has loaded of them is not refreshed."""
    session.execute(
        update(Clock).where(col(Clock.id).in_(ids)).values(**values),
        execution_options={"synchronize_session": False},
    )
