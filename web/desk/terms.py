"""How the law's terms are kept: a coordinator's tickets, or an institution's own terms."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.clock import ClockKind, Outcome
from models.institution import Institution
from models.moments import now, riga_date
from routing.outcomes import Record, Stopped, Whose, overdue_on, records, stopped_between
from web.desk.forms import Refused
from web.desk.pages import DeskRoute, desk_page
from web.portal import HasPortal
from web.sessions import SignedIn, Staff

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
DAYS = 90
"""that are shown where nobody says which"""
KINDS = (ClockKind.ANSWER, ClockKind.FORWARD, ClockKind.INSTITUTION)
Day = Annotated[str, Query(max_length=10)]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows, gathered in one reading."""

    tables: dict[str, list[Record]]
    """by kind of term, those that have rows"""
    delayed: list[tuple[str, int, int]]
    """who delayed answers to citizens: codes, how many answers, working days"""
    names: dict[str, Institution]


@router.get("/terms")
async def terms(
    request: Request,
    portal: HasPortal,
    staff: SignedIn,
    first: Annotated[Day, Query(alias="from")] = "",
    last: Annotated[Day, Query(alias="to")] = "",
) -> Response:
    """Coordinators see the terms of the tickets they coordinate, administrators all, an institution its own."""
    begins, ends, problem = _period(first, last)
    shown = await portal.database.reading(lambda session: _shown(session, staff, begins, ends))
    return desk_page(
        request,
        "terms.html",
        staff,
        status=problem.status if problem else 200,
        shown=shown,
        begins=begins,
        ends=ends,
        problem=problem,
    )


def _shown(session: Session, staff: Staff, first: date, last: date) -> Shown:
    whose = _whose(staff)
    stopped = stopped_between(session, first, last, whose)
    rows = records(stopped, overdue_on(session, riga_date(now()), whose))
    by_kind = {kind: [row for row in rows if row.kind == kind] for kind in KINDS}
    codes = {row.owner for row in rows}.union(*(one.delayed_by.split(",") for one in stopped))
    names = session.exec(select(Institution).where(col(Institution.code).in_(codes))).all()
    tables = {str(kind): rows for kind, rows in by_kind.items() if rows}
    return Shown(tables, _delayed(stopped), {one.code: one for one in names})


def _whose(staff: Staff) -> Whose:
    if staff.looks_on:
        return Whose()
    code = staff.institution.code
    return Whose(coordinator=code) if staff.coordinates else Whose(owner=code)


def _delayed(stopped: list[Stopped]) -> list[tuple[str, int, int]]:
    """The most days first."""
    late = [one for one in stopped if one.kind == ClockKind.ANSWER and one.outcome == Outcome.LATE]
    late.sort(key=lambda one: one.delayed_by)
    together = [(by, list(rows)) for by, rows in groupby(late, key=lambda one: one.delayed_by)]
    summed = [(by, sum(one.number for one in rows), sum(one.days_late for one in rows)) for by, rows in together]
    return sorted(summed, key=lambda row: (-row[2], row[0]))


def _period(first: str, last: str) -> tuple[date, date, Refused | None]:
    """The dates asked for; the last months, and what is wrong, where they are none."""
    today = riga_date(now())
    usual = today - timedelta(days=DAYS), today
    try:
        begins = date.fromisoformat(first) if first else usual[0]
        ends = date.fromisoformat(last) if last else today
    except ValueError:
        return *usual, Refused("terms", "from", "not_a_date", 422)
    if begins > ends:
        return *usual, Refused("terms", "to", "dates_reversed", 422)
    return begins, ends, None
