"""Working days of an institution: what the law and the Cabinet's orders say, and what an editor has added."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from routing.holidays import FIRST_YEAR, LAST_YEAR, Holidays

ONE_DAY = timedelta(days=1)
WEEKEND = 5
"""the weekday that begins it"""


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a count and why it counts or does not."""

    on: date
    counted: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Change:
    """What an editor says of a day, against or beside what the holidays say."""

    works: bool
    reason: str
    line: int = 0
    """of the file, for whoever has to put it right"""


class Calendar:
    """The working days of one institution, or of all of a kind."""

    def __init__(self, name: str, holidays: Holidays, changes: Mapping[date, Change], version: str) -> None:
        self.name = name
        self.version = version
        self.changes = dict(sorted(changes.items()))
        self.holidays = holidays
        self._known: dict[date, bool] = {}

    def works(self, on: date) -> bool:
        """Whether that is a working day."""
        if (answer := self._known.get(on)) is None:
            change = self.changes.get(on)
            answer = self._known[on] = self.holidays.works(on) if change is None else change.works
        return answer

    def why(self, on: date) -> str:
        """What makes it a working day or none."""
        if change := self.changes.get(on):
            return change.reason
        weekend = on.weekday() >= WEEKEND
        if self.works(on):
            return "worked Saturday" if weekend else "working day"
        if name := self.holidays.name_of(on):
            return name
        return "Saturday" if on.weekday() == WEEKEND else "Sunday"

    def after(self, start: date, working_days: int) -> date:
        """The `working_days`-th working day after `start`, which is day 0 and is not counted itself.

        Raises ValueError where the term is not positive or the calendar does not know the years.
        """
        _check(start, working_days)
        on = start
        while working_days:
            on = _next(on)
            working_days -= self.works(on)
        return on

    def months_after(self, start: date, months: int) -> date:
        """The same date `months` later, the month's last where there is none; a day off moves it to the next workday.

        Administratīvā procesa likums 43; raises ValueError as `after` does.
        """
        _check(start, months)
        on = _known(same_date(start, months))
        while not self.works(on):
            on = _next(on)
        return on

    def count(self, start: date, working_days: int) -> Iterator[Day]:
        """Each day from the one after `start` to the due date, counted or skipped, with the reason."""
        last = self.after(start, working_days)
        return self._days(start + ONE_DAY, last)

    def count_months(self, start: date, months: int) -> Iterator[Day]:
        """The same date `months` later and each day that it is moved on by; only the due date counts."""
        last = self.months_after(start, months)
        return self._days(same_date(start, months), last)

    def between(self, after: date, until: date) -> int:
        """How many working days lie after `after`, up to and with `until`; 0 where `until` is not later."""
        return sum(self.works(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))

    def shifted(self, on: date, working_days: int) -> date:
        """The working day that lies so many working days before (negative) or after `on`; `on` itself for 0."""
        step = ONE_DAY if working_days > 0 else -ONE_DAY
        left = abs(working_days)
        while left:
            on += step
            left -= self.works(on)
        return on

    def _days(self, first: date, last: date) -> Iterator[Day]:
        on = first
        while on <= last:
            yield Day(on, self.works(on), self.why(on))
            on += ONE_DAY


def same_date(start: date, months: int) -> date:
    """`months` later on the same date, or on the month's last day where it has no such date."""
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def _check(start: date, length: int) -> None:
    if length < 1:
        raise ValueError(f"a term of {length} is none")
    if not FIRST_YEAR <= start.year < LAST_YEAR:
        raise ValueError(f"working days are known from {FIRST_YEAR} to {LAST_YEAR - 1}, not in {start.year}")


def _next(on: date) -> date:
    return _known(on + ONE_DAY)


def _known(on: date) -> date:
    if on.year >= LAST_YEAR:
        raise ValueError(f"the term ends after {LAST_YEAR - 1}: working days are not known there")
    return on
