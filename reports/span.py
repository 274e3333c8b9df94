"""From which date to which date figures are counted, and with which earlier dates they are compared. Dates in Riga."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from models.moments import RIGA

ONE_DAY = timedelta(days=1)
DAYS_BY_DAY, DAYS_BY_WEEK = 31, 190
"""longest spans that are shown day by day and week by week; longer ones go by months"""


class Named(StrEnum):
    """The running one of each: from its first day to today."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Step(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Span:
    """Both dates belong to it."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> datetime:
        """The midnight in Riga at which it begins."""
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The midnight at which it is over: the first moment that does not belong to it."""
        return _midnight(self.last + ONE_DAY)

    @property
    def step(self) -> Step:
        if self.days <= DAYS_BY_DAY:
            return Step.DAY
        return Step.WEEK if self.days <= DAYS_BY_WEEK else Step.MONTH

    def before(self) -> "Span":
        """As many days, right before."""
        return Span(self.first - self.days * ONE_DAY, self.first - ONE_DAY)

    def steps(self) -> list[date]:
        """The first day of each step, in order; also of those in which nothing happened."""
        return list(dict.fromkeys(self.step_of(on) for on in self._each()))

    def step_of(self, on: date) -> date:
        """The first day, within the span, of the step that the day belongs to."""
        return max(self.first, _first_of(self.step, on))

    def _each(self) -> Iterator[date]:
        return (self.first + n * ONE_DAY for n in range(self.days))


def running(name: Named, today: date) -> tuple[Span, Span]:
    """The running week, month, quarter or year up to today, and the same part of the one before."""
    first = _first_of(name, today)
    earlier = _first_of(name, first - ONE_DAY)
    return Span(first, today), Span(earlier, min(earlier + (today - first), first - ONE_DAY))


def _first_of(name: Named | Step, on: date) -> date:
    if name == Step.DAY:
        return on
    if name == Step.WEEK:
        return on - on.weekday() * ONE_DAY
    if name == Step.MONTH:
        return on.replace(day=1)
    return on.replace(month=(on.month - 1) // 3 * 3 + 1 if name == Named.QUARTER else 1, day=1)


def _midnight(on: date) -> datetime:
    return datetime.combine(on, time(), RIGA)
