"""Latvian holidays, moved days off and worked Saturdays, from the package of that name.

State institutions follow the Cabinet's yearly order on moved days (Darba likums 133(4)); a municipality need not.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from threading import Lock
from typing import Any

from holidays.countries.latvia import Latvia

FIRST_YEAR = 1991
"""holidays of the restored republic are known from this year"""
LAST_YEAR = 2100


class Holidays:
    """Which days are off by law, with or without the Cabinet's order on moved days."""

    def __init__(self, *, moved_days: bool) -> None:
        self.moved_days = moved_days
        self._days = _latvia(moved_days=moved_days)
        self._one_at_a_time = Lock()

    def works(self, on: date) -> bool:
        # The library fills in a year at the first look: another thread would see it without its holidays.
        with self._one_at_a_time:
            return bool(self._days.is_working_day(on))

    def name_of(self, on: date) -> str:
        """Of the holiday; empty on any other day."""
        with self._one_at_a_time:
            return str(self._days.get(on) or "")


@lru_cache
def holidays(*, moved_days: bool) -> Holidays:
    return Holidays(moved_days=moved_days)


@lru_cache
def package_version() -> str:
    return f"holidays {version('holidays')}"


@lru_cache
def moved_days() -> Mapping[date, date]:
    """Every day off that a Cabinet order made, with the Saturday that is worked for it."""
    return dict(_moved())


@lru_cache
def moved_days_known_until() -> int:
    """The last year with a Cabinet order on moved days in the package."""
    return max(off.year for off in moved_days())


def _moved() -> Iterator[tuple[date, date]]:
    specials: dict[int, Any] = _latvia(moved_days=True).special_public_holidays
    for year, entries in specials.items():
        for month, day, *worked in filter(_moves, _entries(entries)):
            yield date(year, month, day), date(year, worked[0], worked[1])


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
