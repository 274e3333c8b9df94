"""A step of the ladder that was taken: of which clock, on which day, who had to be told."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel

from models.moments import Instant

UNTOLD_SQL = "told_at IS NULL"


class StepTaken(SQLModel, table=True):
    """One row for each role of an institution that a step concerns; the constraint lets no step be taken twice."""

    __tablename__ = "step_taken"
    __table_args__ = (
        UniqueConstraint("clock_id", "opening", "due_on", "day", "institution_id", "role"),
        Index(
            "step_untold",
            "institution_id",
            "role",
            sqlite_where=text(UNTOLD_SQL),
            postgresql_where=text(UNTOLD_SQL),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    clock_id: int = Field(foreign_key="clock.id")
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    opening: int
    due_on: date
    day: int
    """working days from the due date: -1 the day before, 0 the due date, 1 the day after"""
    falls_on: date
    institution_id: int = Field(foreign_key="institution.id")
    role: str
    at: datetime = Field(sa_type=Instant)
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    """when the notice of it was left"""
    notice_id: int | None = Field(default=None, foreign_key="notice.id")
    """none where a later step of the same clock said all"""


def take_once(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Stores the steps that were not taken yet.

    One may have been taken under another date: a calendar that changes in arrears moves the days of an overdue clock.
    """
    made = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    if rows:
        session.connection().execute(made(StepTaken).on_conflict_do_nothing(), list(rows))
