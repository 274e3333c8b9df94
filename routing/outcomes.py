"""How the law's terms came out, for the indicators: what stopped between two dates, and what is overdue now.

Each question is one query, however many clocks there are. Dates in Riga; delays in working days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select as columns
from sqlalchemy import text
from sqlmodel import Session, col, func

from models.clock import RUNNING_SQL, Clock, Outcome
from models.moments import RIGA
from models.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Whose:
    """Which clocks are asked about; all where nothing is named."""

    owner: str = ""
    """code of the institution whose duty they are"""
    coordinator: str = ""
    """code of the institution that coordinates their tickets"""

    def conditions(self) -> list[Any]:
        of_owner = [col(Clock.owner) == self.owner] if self.owner else []
        return of_owner + ([col(Ticket.coordinator) == self.coordinator] if self.coordinator else [])


@dataclass(frozen=True, slots=True)
class Stopped:
    """Clocks that came out alike."""

    kind: str
    owner: str
    delayed_by: str
    """codes of the institutions whose delay it was, parted by commas; empty where it was not late"""
    outcome: str
    number: int
    days_late: int
    """of all together"""
    longest: int
    """of the latest one"""


@dataclass(frozen=True, slots=True)
class Overdue:
    """Clocks that run though their due dates have passed."""

    kind: str
    owner: str
    number: int
    oldest: date
    """the earliest due date"""


@dataclass(frozen=True, slots=True)
class Record:
    """How one institution met its terms of a kind."""

    kind: str
    owner: str
    in_time: int = 0
    late: int = 0
    not_needed: int = 0
    days_late: int = 0
    longest: int = 0
    overdue: int = 0
    """still running"""
    oldest: date | None = None

    @property
    def met(self) -> float:
        """The part that was in time, of those that were needed and have stopped: 0 to 1."""
        return self.in_time / (self.in_time + self.late) if self.in_time + self.late else 0.0


def stopped_between(session: Session, first: date, last: date, whose: Whose | None = None) -> list[Stopped]:
    """What stopped from the first to the last date, both included, by kind, owner, whose delay, and outcome."""
    alike = (col(Clock.kind), col(Clock.owner), col(Clock.delayed_by), col(Clock.outcome))
    asked = (
        columns(*alike, func.count(), func.sum(col(Clock.days_late)), func.max(col(Clock.days_late)))
        .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(
            col(Clock.stopped_at) >= _midnight(first),
            col(Clock.stopped_at) < _midnight(last + timedelta(days=1)),
            *(whose or Whose()).conditions(),
        )
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Stopped(kind, owner, by, outcome, number, int(days), longest)
        for kind, owner, by, outcome, number, days, longest in session.execute(asked)
    ]


def overdue_on(session: Session, today: date, whose: Whose | None = None) -> list[Overdue]:
    """What still runs on that day though it was due before, by kind and owner."""
    alike = (col(Clock.kind), col(Clock.owner))
    asked = (
        columns(*alike, func.count(), func.min(col(Clock.due_on)))
        .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(text(f"clock.{RUNNING_SQL}"), col(Clock.due_on) < today, *(whose or Whose()).conditions())
        .group_by(*alike)
        .order_by(*alike)
    )
    return [Overdue(*row) for row in session.execute(asked)]


def records(stopped: Iterable[Stopped], overdue: Iterable[Overdue]) -> list[Record]:
    """One row for each kind of term and institution."""
    counts: dict[tuple[str, str], dict[str, Any]] = {}
    for one in stopped:
        row = counts.setdefault((one.kind, one.owner), dict.fromkeys(("in_time", "late", "not_needed"), 0))
        row[_FIELDS[one.outcome]] += one.number
        row["days_late"] = row.get("days_late", 0) + one.days_late
        row["longest"] = max(row.get("longest", 0), one.longest)
    for late in overdue:
        counts.setdefault((late.kind, late.owner), {}).update(overdue=late.number, oldest=late.oldest)
    return [Record(kind, owner, **row) for (kind, owner), row in sorted(counts.items())]


_FIELDS: dict[str, str] = {Outcome.IN_TIME: "in_time", Outcome.LATE: "late", Outcome.NOT_NEEDED: "not_needed"}


def _midnight(on: date) -> datetime:
    """When that day begins in Riga."""
    return datetime.combine(on, time(), RIGA)
