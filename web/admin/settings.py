"""Thresholds: what the house decides by, within bounds; each takes effect in every process as soon as it is stored."""

from dataclasses import dataclass

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.change import changes_of, note_change
from models.moments import now
from models.setting import THRESHOLDS, Setting, Threshold
from web.admin.access import Shown, admin_page
from web.desk.forms import Mistake, Refused, refused
from web.desk.pages import DeskRoute, done
from web.portal import HasPortal, Portal
from web.sessions import Administering, SeeingAdministration, Staff

router = APIRouter(prefix="/desk/admin/settings", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/settings"
THING = "setting"
HERE = ("routing", "letters")
"""groups of this page; those of retention stand on its own"""


@dataclass(frozen=True, slots=True)
class InForce:
    threshold: Threshold
    value: int
    otherwise: int
    """what it is unless somebody chooses: of the environment, else of the program"""
    chosen: Setting | None
    last: Shown | None


@router.get("")
async def settings_page(request: Request, portal: HasPortal, staff: SeeingAdministration) -> Response:
    return await _page(request, portal, staff)


@router.post("")
async def choose(request: Request, portal: HasPortal, staff: Administering) -> Response:
    """All thresholds of the page at once; an empty one is as it is unless chosen."""
    if problem := await store(request, portal, staff, "settings"):
        return await _page(request, portal, staff, problem)
    return done(HOME, "settings_saved")


async def store(request: Request, portal: Portal, staff: Staff, form: str) -> Refused | None:
    """What the form chose is stored, all of it or nothing; why not, where it cannot be."""
    given = {name: str(value).strip() for name, value in (await request.form()).items() if name in THRESHOLDS}
    try:
        wanted = {name: read(THRESHOLDS[name], text) for name, text in given.items()}
        await portal.database.writing(lambda session: put(session, wanted, staff.login))
    except Mistake as error:
        return refused(form, error, given)
    return None


def read(threshold: Threshold, text: str) -> int | None:
    """None where nothing is chosen. Raises Mistake."""
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not threshold.allows(int(text)):
        raise Mistake(threshold.name, "out_of_bounds")
    return int(text)


def put(session: Session, wanted: dict[str, int | None], actor: str) -> None:
    """Stores what is chosen and forgets what is not; each difference stands in the trail."""
    at = now()
    for name, value in wanted.items():
        row = session.get(Setting, name, with_for_update=True)
        before = row.value if row else None
        if value == before:
            continue
        if value is None:
            session.delete(row)
        elif row is None:
            session.add(Setting(name=name, value=value, changed_by=actor, changed_at=at))
        else:
            row.value, row.changed_by, row.changed_at = value, actor, at
        note_change(session, actor, THING, name, "changed", {"value": before}, {"value": value}, at)


def thresholds(session: Session, portal: Portal, groups: tuple[str, ...]) -> dict[str, list[InForce]]:
    """By group, each with its value and who chose it."""
    rows = {row.name: row for row in session.exec(select(Setting).where(col(Setting.name).in_(THRESHOLDS)))}
    found: dict[str, list[InForce]] = {group: [] for group in groups}
    for one in THRESHOLDS.values():
        if one.group not in found:
            continue
        chosen = rows.get(one.name)
        otherwise = portal.from_environment.get(one.name, one.default)
        last = next(iter(changes_of(session, THING, one.name, 1)), None)
        value = chosen.value if chosen else otherwise
        found[one.group].append(InForce(one, value, otherwise, chosen, Shown(last) if last else None))
    return found


async def _page(request: Request, portal: Portal, staff: Staff, problem: Refused | None = None) -> Response:
    groups = await portal.database.reading(lambda session: thresholds(session, portal, HERE))
    status = problem.status if problem else 200
    return admin_page(
        request, "settings", "settings.html", staff, here=HOME, status=status, groups=groups, problem=problem
    )
