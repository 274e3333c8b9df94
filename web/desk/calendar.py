"""The calendar of working days: what is in force, how far it reaches, what an editor changed, what moved by it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.clock import Clock
from models.moments import now, riga_date
from models.rulebook import Rulebook, RulesRefused, refused_now, rulebooks
from routing.calendar import ONE_DAY, Calendar
from routing.holidays import FIRST_YEAR, LAST_YEAR
from routing.horizon import count_provisional, horizon, provisional_clocks
from routing.rules import in_force
from routing.year import DayKind, YearDay, year_of
from web.desk.pages import DeskRoute, desk_page
from web.portal import HasPortal
from web.sessions import Overseeing, Staff

router = APIRouter(prefix="/desk/calendar", route_class=DeskRoute, include_in_schema=False)
CLOCKS = 50
"""most clocks listed"""
BOOKS = 20
"""most rulebooks listed"""
CHANGES = 200
"""most changes listed"""
Year = Annotated[int | None, Query(ge=FIRST_YEAR, lt=LAST_YEAR)]
Name = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class Change:
    """Days in a row that an editor changed in one entry of the file."""

    first: date
    last: date
    works: bool
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says."""

    refused: RulesRefused | None
    books: list[Rulebook]
    provisional: int
    clocks: list[tuple[Clock, str]]


@router.get("")
async def calendar_page(
    request: Request, portal: HasPortal, staff: Overseeing, year: Year = None, calendar: Name = "state"
) -> Response:
    today = riga_date(now())
    calendars = in_force().calendars
    chosen = calendars.by_name.get(calendar) or calendars["state"]
    days = list(year_of(chosen, year or today.year))
    return desk_page(
        request,
        "calendar.html",
        staff,
        stored=await portal.database.reading(lambda session: _stored(session, staff)),
        calendars=calendars,
        chosen=chosen,
        year=year or today.year,
        years=(FIRST_YEAR, LAST_YEAR - 1),
        today=today,
        reach=horizon(in_force(), today),
        months=_months(days),
        special=[day for day in days if day.kind not in (DayKind.WORKING, DayKind.WEEKEND)],
        kinds=[kind for kind in DayKind if kind not in (DayKind.WORKING, DayKind.WEEKEND)],
        working=sum(day.works for day in days),
        changes=list(_changes(chosen))[:CHANGES],
    )


def _stored(session: Session, staff: Staff) -> Stored:
    """A coordinator sees the clocks of his own institution's questions, an administrator all."""
    whose = "" if staff.looks_on else staff.institution.code
    return Stored(
        refused_now(session),
        rulebooks(session, BOOKS),
        count_provisional(session, whose),
        provisional_clocks(session, CLOCKS, whose),
    )


def _months(days: Sequence[YearDay]) -> list[list[list[YearDay | None]]]:
    """Months of weeks of seven days; None where a day belongs to another month."""
    return [_weeks(list(month)) for _, month in groupby(days, key=lambda day: day.on.month)]


def _weeks(month: Sequence[YearDay]) -> list[list[YearDay | None]]:
    cells: list[Any] = [None] * month[0].on.weekday() + list(month)
    cells += [None] * (-len(cells) % 7)
    return [cells[first : first + 7] for first in range(0, len(cells), 7)]


def _changes(calendar: Calendar) -> Iterator[Change]:
    """The changes that hold for the calendar, its own and those of its base, in the order of days."""
    last: Change | None = None
    for on, change in calendar.changes.items():
        if last and (last.last + ONE_DAY, last.works, last.line) == (on, change.works, change.line):
            last = Change(last.first, on, last.works, last.reason, last.line)
            continue
        if last:
            yield last
        last = Change(on, on, change.works, change.reason, change.line)
    if last:
        yield last
