"""How far the moved working days are known, and what is counted beyond that: such due dates are provisional."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from models.clock import RUNNING_SQL, Clock
from models.ticket import Ticket
from routing.rules import Rules

ORDERED_BY = (7, 1)
"""month and day by which the Cabinet orders the moved days of the next year: Darba likums 133(4)"""


@dataclass(frozen=True, slots=True)
class Horizon:
    known_until: int
    """the last year whose moved days are known"""
    missing: tuple[int, ...]
    """years whose order should have come by now and is not known here"""
    last_due: date
    """where the longest term ends that begins today"""

    @property
    def is_passed(self) -> bool:
        """Whether a term that begins today may end where the moved days are not known."""
        return self.last_due.year > self.known_until

    @property
    def needs_a_person(self) -> bool:
        return bool(self.missing) or self.is_passed


def horizon(rules: Rules, today: date) -> Horizon:
    """As it is on that day."""
    ordered = today.year + (today > date(today.year, *ORDERED_BY))
    known = rules.calendars.known_until
    spans = [rules.terms.on(*name, today).span for name in rules.terms.versions]
    ends = [span.end(calendar, today) for span in spans for calendar in rules.calendars.by_name.values()]
    return Horizon(known, tuple(range(known + 1, ordered + 1)), max(ends))


def count_provisional(session: Session, coordinator: str = "") -> int:
    """Running clocks that are due beyond it; of all coordinators where none is named."""
    number: int = session.exec(_provisional(select(func.count(col(Clock.id))), coordinator)).one()
    return number


def provisional_clocks(session: Session, most: int, coordinator: str = "") -> list[tuple[Clock, str]]:
    """The same with the numbers of their tickets, the earliest due first."""
    wanted = _provisional(select(Clock, Ticket.ref), coordinator).order_by(col(Clock.due_on), col(Clock.id))
    return [(clock, ref) for clock, ref in session.exec(wanted.limit(most))]


def _provisional(wanted: Any, coordinator: str) -> Any:
    wanted = wanted.join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
    wanted = wanted.where(text(f"clock.{RUNNING_SQL}"), col(Clock.provisional))
    return wanted.where(col(Ticket.coordinator) == coordinator) if coordinator else wanted
