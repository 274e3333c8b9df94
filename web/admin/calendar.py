"""Days off and worked days that an administrator adds or takes back: first what would move, then in force for all.

The leader takes them in at its next beat, as if they stood in calendars.yaml; open clocks are then counted anew.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.flaw import Refused as RulesRefused
from models.calendar_day import CalendarDay, calendar_days, days_text
from models.change import note_change
from models.moments import now, plainly
from models.rulebook import hold_rulebook
from routing.anew import would_move
from routing.calendars import DaysEntry, differences
from routing.rules import in_force, with_desk_days
from web.admin.access import admin_page, mark_of
from web.desk.access import NotThere
from web.desk.forms import Mistake, Refused, refused, typed
from web.desk.pages import DeskRoute, done
from web.portal import HasPortal, Portal
from web.sessions import Administering, SeeingAdministration, Staff

router = APIRouter(prefix="/desk/admin/calendar", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/calendar"
THING = "calendar day"
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form(max_length=1_000)]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would come of a change that is not stored yet."""

    days: list[dict[str, Any]]
    moved: dict[str, int]
    mark: str
    """of the change and of the calendars in force: only who has seen this may store it"""


class DoesNotFit(Exception):
    """The day contradicts others, or itself."""

    def __init__(self, flaws: list[str]) -> None:
        super().__init__("; ".join(flaws))
        self.flaws = flaws


@dataclass
class Proposal:
    """What the page is shown with, besides the days that hold."""

    foreseen: Foreseen | None = None
    removing: int = 0
    given: dict[str, Any] = field(default_factory=dict)
    flaws: list[str] = field(default_factory=list)
    problem: Refused | None = None


@router.get("")
async def calendar_page(request: Request, portal: HasPortal, staff: SeeingAdministration) -> Response:
    return await _page(request, portal, staff, Proposal())


@router.post("")
async def add(
    request: Request,
    portal: HasPortal,
    staff: Administering,
    calendars: Annotated[list[str] | None, Form()] = None,
    off: Text = "",
    until: Text = "",
    works: Text = "",
    reason: Text = "",
    foreseen: Text = "",
) -> Response:
    """Stores it where its consequences have been seen, else shows them."""
    given = {"calendars": calendars or [], "off": off, "until": until, "works": works, "reason": typed(reason)}

    def look(session: Session) -> Foreseen:
        return _foresee(session, [*calendar_days(session), _day(given, staff)], given)

    def work(session: Session) -> bool:
        hold_rulebook(session)
        day = _day(given, staff)
        if _foresee(session, [*calendar_days(session), day], given, count=False).mark != foreseen:
            return False
        session.add(day)
        session.flush()
        note_change(session, staff.login, THING, str(day.id), "added", {}, plainly(day.form()), now())
        return True

    return await _store_or_show(request, portal, staff, Proposal(given=given), foreseen, look, work, "day_added")


@router.post("/{day_id}/remove")
async def remove(
    request: Request, portal: HasPortal, staff: Administering, day_id: Id, foreseen: Text = ""
) -> Response:
    """Takes it back, in the same two steps."""

    def look(session: Session) -> Foreseen:
        return _foresee(session, _without(session, day_id), {"remove": day_id})

    def work(session: Session) -> bool:
        hold_rulebook(session)
        if _foresee(session, _without(session, day_id), {"remove": day_id}, count=False).mark != foreseen:
            return False
        day = session.get_one(CalendarDay, day_id)
        day.removed_by, day.removed_at = staff.login, now()
        note_change(session, staff.login, THING, str(day_id), "taken back", plainly(day.form()), {}, now())
        return True

    return await _store_or_show(request, portal, staff, Proposal(removing=day_id), foreseen, look, work, "day_removed")


async def _store_or_show(
    request: Request, portal: Portal, staff: Staff, proposal: Proposal, seen: str, look: Any, work: Any, what: str
) -> Response:
    try:
        if seen and await portal.database.writing(work):
            return done(HOME, what)
        proposal.foreseen = await portal.database.reading(look)
    except Mistake as error:
        proposal.problem = refused("day", error, proposal.given)
    except DoesNotFit as error:
        proposal.problem = refused("day", Mistake("off", "day_does_not_fit"), proposal.given)
        proposal.flaws = error.flaws
    return await _page(request, portal, staff, proposal)


def _day(given: dict[str, Any], staff: Staff) -> CalendarDay:
    """Raises Mistake or DoesNotFit."""
    if not given["calendars"]:
        raise Mistake("calendars", "choose_calendar")
    if not given["reason"]:
        raise Mistake("reason", "day_reason")
    if not (given["off"] or given["works"]):
        raise Mistake("off", "choose_day")
    try:
        entry = DaysEntry.model_validate(given)
    except ValueError as error:
        raise DoesNotFit([str(detail["msg"]) for detail in error.errors()]) from None  # type: ignore[attr-defined]
    return CalendarDay(**entry.model_dump(), added_by=staff.login, added_at=now())


def _without(session: Session, day_id: int) -> list[CalendarDay]:
    """Raises NotThere where the day does not hold."""
    days = calendar_days(session)
    if day_id not in [day.id for day in days]:
        raise NotThere
    return [day for day in days if day.id != day_id]


def _foresee(session: Session, days: list[CalendarDay], change: dict[str, Any], *, count: bool = True) -> Foreseen:
    """What the calendars would be with those days and no others of the desk. Raises DoesNotFit."""
    before = in_force()
    try:
        after = with_desk_days(before, days_text(days))
    except RulesRefused as error:
        raise DoesNotFit([flaw.message for flaw in error.flaws]) from None
    mark = mark_of({"change": change, "from": before.calendars.version, "to": after.calendars.version})
    moved = would_move(session, after) if count else {}
    return Foreseen(list(differences(before.calendars, after.calendars)), moved, mark)


async def _page(request: Request, portal: Portal, staff: Staff, proposal: Proposal) -> Response:
    calendars = in_force().calendars
    return admin_page(
        request, "calendar", "calendar.html", staff,
        here=HOME, status=proposal.problem.status if proposal.problem else 200,
        days=await portal.database.reading(calendar_days), calendars=list(calendars.by_name), proposal=proposal,
        problem=proposal.problem, version=calendars.version,
    )  # fmt: skip
