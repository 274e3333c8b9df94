"""Working days: of state institutions, which follow the Cabinet's order on moved days, and of municipalities."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.metadata import version
from threading import Lock
from typing import Any

from holidays.countries.latvia import Latvia

ONE_DAY = timedelta(days=1)
FIRST_YEAR = 1991
"""holidays of the restored republic are known from this year"""
LAST_YEAR = 2100
NAMES = ("state", "municipal")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a count and why it counts or does not."""

    on: date
    counted: bool
    reason: str


class Calendar:
    """The working days of one kind of institution."""

    def __init__(self, name: str, known: Latvia) -> None:
        self.name = name
        self.version = f"holidays {version('holidays')}"
        self._days = known
        self._known: dict[date, bool] = {}
        self._one_at_a_time = Lock()

    def works(self, on: date) -> bool:
        """Whether that is a working day."""
        if (answer := self._known.get(on)) is None:
            # The library fills in a year at the first look: another thread would see it without its holidays.
            with self._one_at_a_time:
                answer = self._known[on] = bool(self._days.is_working_day(on))
        return answer

    def after(self, start: date, working_days: int) -> date:
        """The `working_days`-th working day after `start`, which is day 0 and is not counted itself.

        Raises ValueError where the term is not positive or the calendar does not know the years.
        """
        *_, last = self.count(start, working_days)
        return last.on

    def count(self, start: date, working_days: int) -> Iterator[Day]:
        """Each day from the one after `start` to the due date, counted or skipped, with the reason."""
        if working_days < 1:
            raise ValueError(f"a term of {working_days} working days is none")
        if not FIRST_YEAR <= start.year < LAST_YEAR:
            raise ValueError(f"working days are known from {FIRST_YEAR} to {LAST_YEAR - 1}, not in {start.year}")
        on, counted = start, 0
        while counted < working_days:
            on += ONE_DAY
            works = self.works(on)
            counted += works
            yield Day(on, works, self._reason(on, works))

    def between(self, after: date, until: date) -> int:
        """How many working days lie after `after`, up to and with `until`; 0 where `until` is not later."""
        return sum(self.works(after + timedelta(days=n)) for n in range(1, (until - after).days + 1))

    def _reason(self, on: date, works: bool) -> str:
        if works:
            return "worked Saturday" if on.weekday() >= 5 else "working day"
        if name := self._days.get(on):
            return str(name)
        return "Saturday" if on.weekday() == 5 else "Sunday"


@lru_cache
def calendar(name: str) -> Calendar:
    """The calendar of that name. Raises ValueError where there is none."""
    if name not in NAMES:
        raise ValueError(f"no calendar {name!r}; there are {', '.join(NAMES)}")
    return Calendar(name, _latvia(moved_days=name == "state"))


def moved_days_known_until() -> int:
    """The last year with a Cabinet order on moved days; due dates after it are provisional."""
    specials: dict[int, Any] = _latvia(moved_days=True).special_public_holidays
    return max(year for year, days in specials.items() if any(map(_moves, _entries(days))))


def _latvia(*, moved_days: bool) -> Latvia:
    known = Latvia(language="lv")  # type: ignore[no-untyped-call]  # the library leaves its constructor untyped
    if not moved_days:
        known.special_public_holidays = {
            year: tuple(entry for entry in _entries(days) if not _moves(entry))
            for year, days in known.special_public_holidays.items()
        }
    return known


def _entries(days: Any) -> tuple[tuple[Any, ...], ...]:
    """The library writes one entry bare and several as a tuple of them."""
    return days if isinstance(days[0], tuple) else (days,)


def _moves(entry: tuple[Any, ...]) -> bool:
    """Whether the entry moves a working day (month, day, from month, from day); else it names a one-off day off."""
    return len(entry) > 3
