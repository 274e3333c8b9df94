"""What people changed in the administration, for who has to know later: sifted by thing, by who, and by day."""

from datetime import date, datetime, time
from typing import Annotated

from fastapi import APIRouter, Query
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.change import Change
from models.moments import RIGA
from routing.calendar import ONE_DAY
from web.admin.access import PAGE, Shown, admin_page
from web.desk.forms import typed
from web.desk.pages import DeskRoute
from web.portal import HasPortal
from web.sessions import SeeingAdministration

router = APIRouter(prefix="/desk/admin/changes", route_class=DeskRoute, include_in_schema=False)
Words = Annotated[str, Query(max_length=200)]
Number = Annotated[int, Query(ge=0, lt=2**31)]


@router.get("")
async def changes_page(
    request: Request,
    portal: HasPortal,
    staff: SeeingAdministration,
    thing: Words = "",
    name: Words = "",
    actor: Words = "",
    first: Words = "",
    last: Words = "",
    before: Number = 0,
) -> Response:
    """`before` is the number of the row that the page before ended with."""
    sift = {"thing": typed(thing), "name": typed(name), "actor": typed(actor), "first": first, "last": last}
    rows, things = await portal.database.reading(lambda session: (_found(session, sift, before), _things(session)))
    return admin_page(
        request, "changes", "changes.html", staff,
        rows=[Shown(row) for row in rows[:PAGE]], more=len(rows) > PAGE, sift=sift, things=things,
    )  # fmt: skip


def _found(session: Session, sift: dict[str, str], before: int) -> list[Change]:
    wanted = select(Change).order_by(col(Change.id).desc()).limit(PAGE + 1)
    for column in ("thing", "name", "actor"):
        if sift[column]:
            wanted = wanted.where(getattr(Change, column) == sift[column])
    if first := _day(sift["first"]):
        wanted = wanted.where(col(Change.at) >= _begin(first))
    if last := _day(sift["last"]):
        wanted = wanted.where(col(Change.at) < _begin(last + ONE_DAY))
    if before:
        wanted = wanted.where(col(Change.id) < before)
    return list(session.exec(wanted))


def _things(session: Session) -> list[str]:
    return sorted(session.exec(select(Change.thing).distinct()))


def _day(typed_day: str) -> date | None:
    """None for what is no day: the list then begins or ends anywhere."""
    try:
        day = date.fromisoformat(typed_day)
    except ValueError:
        return None
    return day if 1991 <= day.year < 2100 else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, RIGA)
