"""A year of a calendar, day by day: what each day is, for whoever shows or prints it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from routing.calendar import ONE_DAY, WEEKEND, Calendar
from routing.holidays import moved_days


class DayKind(StrEnum):
    WORKING = "working"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MOVED = "moved"
    """off by the Cabinet's order, worked on another day"""
    WORKED = "worked"
    """the Saturday that is worked for it"""
    ADDED_OFF = "added off"
    """off by an editor's change alone"""
    ADDED_WORKED = "added worked"


@dataclass(frozen=True, slots=True)
class YearDay:
    on: date
    kind: DayKind
    works: bool
    reason: str
    other: date | None = None
    """of a moved day the Saturday that is worked for it, and the other way round"""


def year_of(calendar: Calendar, year: int) -> Iterator[YearDay]:
    """Each day from January to December. Raises ValueError for a year that dates do not have."""
    on = date(year, 1, 1)
    while on.year == year:
        yield day_of(calendar, on)
        on += ONE_DAY


def day_of(calendar: Calendar, on: date) -> YearDay:
    kind = _kind(calendar, on)
    other = moved_days().get(on) if kind == DayKind.MOVED else _worked_for().get(on) if kind == DayKind.WORKED else None
    return YearDay(on, kind, calendar.works(on), calendar.why(on), other)


def _kind(calendar: Calendar, on: date) -> DayKind:
    works = calendar.works(on)
    if works != calendar.holidays.works(on):
        return DayKind.ADDED_WORKED if works else DayKind.ADDED_OFF
    if works:
        return DayKind.WORKED if on.weekday() >= WEEKEND else DayKind.WORKING
    if calendar.holidays.moved_days and on in moved_days():
        return DayKind.MOVED
    return DayKind.HOLIDAY if calendar.holidays.name_of(on) else DayKind.WEEKEND


@lru_cache
def _worked_for() -> dict[date, date]:
    return {worked: off for off, worked in moved_days().items()}
