"""Institutions: the list, one with its people and what was changed, and how it is added, changed and retired."""

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalogue.institutions import FIELDS, THING, Wrong, bring_back, put_institution, retire, waiting_at
from config.words import LANGUAGES
from models.change import changes_of
from models.institution import Institution, institution_by_code
from models.moments import now
from models.staff import Person
from routing.rules import in_force
from routing.triage import NotPossible
from web.admin.access import PAGE, Shown, admin_page, mark_of, same_as_seen
from web.desk.access import NotThere
from web.desk.forms import Mistake, refused, typed
from web.desk.pages import DeskRoute, done
from web.portal import HasPortal, Portal
from web.sessions import Administering, SeeingAdministration, Staff

router = APIRouter(prefix="/desk/admin/institutions", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/institutions"
KINDS = ("state", "municipal", "company", "office")
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form(max_length=20_000)]
Words = Annotated[str, Query(max_length=100)]


@dataclass(frozen=True, slots=True)
class View:
    institution: Institution
    people: list[Person]
    waiting: list[str]
    changes: list[Shown]
    mark: str


@dataclass
class Given:
    """What the form of an institution holds."""

    name_lv: Text = ""
    name_en: Text = ""
    name_ru: Text = ""
    kind: Text = "state"
    calendar: Text = "state"
    email: Text = ""
    email_domain: Text = ""
    web: Text = ""
    coordinates: Text = ""
    territorial: Text = ""
    approval: Text = ""
    areas_lv: Text = ""
    areas_en: Text = ""
    areas_ru: Text = ""

    @property
    def typed(self) -> dict[str, str]:
        return {name: typed(text) for name, text in asdict(self).items()}

    def form(self) -> dict[str, Any]:
        """As the directory of institutions has it."""
        said = self.typed
        return {
            "name": {language: said[f"name_{language}"] or None for language in LANGUAGES},
            "areas": areas_typed(said),
            **{name: bool(said[name]) for name in ("territorial", "approval")},
            **{name: said[name] for name in ("kind", "calendar", "email", "email_domain", "web", "coordinates")},
        }


Filled = Annotated[Given, Depends()]


@router.get("")
async def institutions_page(
    request: Request,
    portal: HasPortal,
    staff: SeeingAdministration,
    q: Words = "",
    retired: bool = False,
    page: int = 1,
) -> Response:
    sought, page = q.replace("\x00", "").strip(), max(1, min(page, 10_000))
    found = await portal.database.reading(lambda session: _found(session, sought, retired, page))
    values: dict[str, Any] = {"rows": found[:PAGE], "more": len(found) > PAGE, "page": page}
    return admin_page(request, "institutions", "institutions.html", staff, **values, sought=sought, retired=retired)


@router.get("/new")
async def new_page(request: Request, staff: SeeingAdministration) -> Response:
    return _form_page(request, staff, None, None)


@router.post("")
async def add(request: Request, portal: HasPortal, staff: Administering, given: Filled, code: Text = "") -> Response:
    code = typed(code)

    def work(session: Session) -> Institution:
        if institution_by_code(session, code):
            raise Mistake("code", "code_taken")
        return _put(session, {"code": code, **given.form()}, staff, given)

    try:
        made = await portal.database.writing(work)
    except Mistake as error:
        problem = refused("institution", error, given.typed | {"code": code})
        return _form_page(request, staff, None, problem)
    return done(f"{HOME}/{made.id}", "institution_added")


@router.get("/of")
async def by_code(portal: HasPortal, staff: SeeingAdministration, code: Words = "") -> Response:
    found = await portal.database.reading(lambda session: institution_by_code(session, code.replace("\x00", "")))
    return RedirectResponse(f"{HOME}/{found.id}" if found else HOME, 303)


@router.get("/{institution_id}")
async def institution_page(
    request: Request, portal: HasPortal, staff: SeeingAdministration, institution_id: Id
) -> Response:
    return await _page(request, portal, staff, institution_id)


@router.post("/{institution_id}")
async def change(
    request: Request, portal: HasPortal, staff: Administering, institution_id: Id, given: Filled, seen: Text = ""
) -> Response:
    def work(session: Session) -> None:
        row = locked_institution(session, institution_id)
        same_as_seen(seen, form_of(row))
        _put(session, {"code": row.code, **given.form()}, staff, given)

    return await _try(request, portal, staff, institution_id, work, "institution_saved", given.typed)


@router.post("/{institution_id}/retire")
async def retire_it(request: Request, portal: HasPortal, staff: Administering, institution_id: Id) -> Response:
    def work(session: Session) -> None:
        try:
            retire(session, locked_institution(session, institution_id), staff.login, now())
        except Wrong as wrong:
            raise NotPossible(str(wrong)) from None

    return await _try(request, portal, staff, institution_id, work, "institution_retired", {})


@router.post("/{institution_id}/back")
async def bring_it_back(request: Request, portal: HasPortal, staff: Administering, institution_id: Id) -> Response:
    def work(session: Session) -> None:
        bring_back(session, locked_institution(session, institution_id), staff.login, now())

    return await _try(request, portal, staff, institution_id, work, "institution_back", {})


def areas_typed(said: dict[str, str]) -> dict[str, list[str]]:
    """One area a line."""
    return {
        language: [line.strip() for line in said[f"areas_{language}"].split("\n") if line.strip()]
        for language in LANGUAGES
    }


def form_of(row: Institution) -> dict[str, Any]:
    """What a form shows of it, and whether somebody has changed it since."""
    return {name: getattr(row, name) for name in (*FIELDS, "retired_at")}


def locked_institution(session: Session, institution_id: int) -> Institution:
    """Kept from others until the commit. Raises NotThere."""
    row = session.get(Institution, institution_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotThere
    return row


def put_or_mistake(session: Session, form: dict[str, Any], actor: str) -> Institution:
    """Raises Mistake where a field cannot be taken."""
    try:
        return put_institution(session, form, actor, now())
    except Wrong as wrong:
        raise Mistake(wrong.field, f"institution_{wrong.field}") from None


def _put(session: Session, form: dict[str, Any], staff: Staff, given: Given) -> Institution:
    if form["calendar"] not in in_force().calendars.by_name:
        raise Mistake("calendar", "institution_calendar")
    return put_or_mistake(session, form, staff.login)


async def _try(
    request: Request, portal: Portal, staff: Staff, number: int, work: Any, what: str, given: dict[str, str]
) -> Response:
    try:
        await portal.database.writing(work)
    except (Mistake, NotPossible) as error:
        return await _page(request, portal, staff, number, refused("institution", error, given))
    return done(f"{HOME}/{number}", what)


def _found(session: Session, sought: str, retired: bool, page: int) -> list[tuple[Institution, int]]:
    """With the number of their people. All are looked through: there are some hundreds."""
    people = select(func.count(col(Person.id))).where(col(Person.institution_id) == Institution.id, col(Person.active))
    wanted = select(Institution, people.scalar_subquery()).order_by(col(Institution.code))
    if not retired:
        wanted = wanted.where(col(Institution.retired_at).is_(None))
    found = [(row, number) for row, number in session.exec(wanted) if sought.casefold() in _words_of(row)]
    return found[(page - 1) * PAGE :][: PAGE + 1]


def _words_of(row: Institution) -> str:
    return " ".join([row.code, *row.name.values(), row.email_domain, row.email or ""]).casefold()


async def _page(request: Request, portal: Portal, staff: Staff, number: int, problem: Any = None) -> Response:
    view = await portal.database.reading(lambda session: _view(session, number))
    return _form_page(request, staff, view, problem)


def _view(session: Session, number: int) -> View:
    row = session.get(Institution, number)
    if row is None:
        raise NotThere
    people = session.exec(select(Person).where(col(Person.institution_id) == number).order_by(col(Person.name))).all()
    changes = [Shown(change) for change in changes_of(session, THING, row.code)]
    return View(row, list(people), waiting_at(session, row), changes, mark_of(form_of(row)))


def _form_page(request: Request, staff: Staff, view: View | None, problem: Any) -> Response:
    return admin_page(
        request,
        "institutions",
        "institution.html",
        staff,
        here=f"{HOME}/{view.institution.id if view else 'new'}",
        status=problem.status if problem else 200,
        view=view,
        problem=problem,
        kinds=KINDS,
        calendars=list(in_force().calendars.by_name),
        form_languages=LANGUAGES,
    )
