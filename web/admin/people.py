"""People: the list, one with what was changed about him, and how he is added, changed, switched off and let in."""

import asyncio
import secrets
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.change import changes_of
from models.institution import Institution
from models.log_in import Identity, SecondFactor
from models.moments import now
from models.staff import Person, Role
from routing.triage import NotPossible
from web.admin.access import PAGE, Shown, admin_page, mark_of, same_as_seen
from web.admin.invitation import invite
from web.desk.access import NotThere
from web.desk.forms import Mistake, refused, typed
from web.desk.pages import DeskRoute, done
from web.desk.provider import has_provider
from web.passwords import hash_password
from web.people import (
    LANGUAGES,
    THING,
    add_person,
    change_person,
    fits,
    form_of,
    mail_of,
    person_called,
    set_password,
    switch,
)
from web.portal import HasPortal, Portal
from web.sessions import Administering, SeeingAdministration, Staff

router = APIRouter(prefix="/desk/admin", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/people"
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form(max_length=1_000)]
Words = Annotated[str, Query(max_length=100)]
MAY = {
    "forward": (Role.COORDINATOR, Role.LEAD),
    "answer": (Role.COORDINATOR, Role.LEAD, Role.CLERK, Role.HEAD),
    "approve": (Role.HEAD,),
    "own_institution": (Role.COORDINATOR, Role.LEAD, Role.CLERK, Role.HEAD),
    "see_coordination": (Role.COORDINATOR, Role.LEAD),
    "told_overdue": (Role.LEAD, Role.HEAD),
    "see_all": (Role.AUDITOR, Role.ADMINISTRATOR),
    "run_again": (Role.COORDINATOR, Role.LEAD, Role.ADMINISTRATOR),
    "texts": (Role.EDITOR, Role.ADMINISTRATOR),
    "see_changes": (Role.AUDITOR, Role.ADMINISTRATOR),
    "administer": (Role.ADMINISTRATOR,),
}
"""what each role may do, in words of the pages"""


@dataclass(frozen=True, slots=True)
class View:
    person: Person
    institution: Institution
    mail: str
    second_step: bool
    """he logs in with a code from his telephone too"""
    accounts: list[Identity]
    """at another provider, by which he may log in"""
    changes: list[Shown]
    mark: str


@dataclass
class Given:
    """What the form of a person holds."""

    login: Text = ""
    name: Text = ""
    role: Text = "clerk"
    institution: Text = ""
    language: Text = "lv"
    mail: Text = ""

    @property
    def typed(self) -> dict[str, str]:
        return {name: typed(text) for name, text in asdict(self).items()}


Filled = Annotated[Given, Depends()]


@router.get("/people")
async def people_page(
    request: Request,
    portal: HasPortal,
    staff: SeeingAdministration,
    q: Words = "",
    institution: Words = "",
    role: Words = "",
    off: bool = False,
    page: int = 1,
) -> Response:
    sift = {"q": typed(q), "institution": typed(institution), "role": typed(role), "off": off}
    page = max(1, min(page, 10_000))
    found, codes = await portal.database.reading(lambda session: (_found(session, sift, page), _codes(session)))
    values: dict[str, Any] = {"rows": found[:PAGE], "more": len(found) > PAGE, "page": page, "sift": sift}
    return admin_page(request, "people", "people.html", staff, **values, codes=codes, roles=list(Role))


@router.get("/people/new")
async def new_page(
    request: Request, portal: HasPortal, staff: SeeingAdministration, institution: Words = ""
) -> Response:
    return await _form_page(request, portal, staff, None, preset=typed(institution))


@router.post("/people")
async def add(request: Request, portal: HasPortal, staff: Administering, given: Filled) -> Response:
    """The person comes in by an invitation, which this shows once."""
    said = given.typed

    def work(session: Session) -> Person:
        where = _institution(session, said["institution"])
        fits(said["role"], where)
        return add_person(
            session, said["login"], said["name"], said["role"], where.code,
            language=said["language"], mail=said["mail"], actor=staff.login, at=now(),
        )  # fmt: skip

    try:
        person = await portal.database.writing(work)
    except Mistake as error:
        return await _form_page(request, portal, staff, None, refused("person", error, said))
    return await _page(request, portal, staff, person.id or 0, invitation=invite(portal, person), added=True)


@router.get("/people/of")
async def by_login(portal: HasPortal, staff: SeeingAdministration, login: Words = "") -> Response:
    found = await portal.database.reading(lambda session: person_called(session, login.replace("\x00", "")))
    return RedirectResponse(f"{HOME}/{found.id}" if found else HOME, 303)


@router.get("/people/{staff_id}")
async def person_page(request: Request, portal: HasPortal, staff: SeeingAdministration, staff_id: Id) -> Response:
    return await _page(request, portal, staff, staff_id)


@router.post("/people/{staff_id}")
async def change(
    request: Request, portal: HasPortal, staff: Administering, staff_id: Id, given: Filled, seen: Text = ""
) -> Response:
    said = given.typed

    def work(session: Session) -> None:
        person = locked_person(session, staff_id)
        same_as_seen(seen, form_of(session, person))
        change_person(session, person, said, staff.login, now())

    return await _try(request, portal, staff, staff_id, work, "person_saved", said)


@router.post("/people/{staff_id}/off")
async def switch_off(request: Request, portal: HasPortal, staff: Administering, staff_id: Id) -> Response:
    def work(session: Session) -> None:
        switch(session, locked_person(session, staff_id), False, staff.login, now())

    return await _try(request, portal, staff, staff_id, work, "person_off", {})


@router.post("/people/{staff_id}/on")
async def switch_on(request: Request, portal: HasPortal, staff: Administering, staff_id: Id) -> Response:
    def work(session: Session) -> None:
        switch(session, locked_person(session, staff_id), True, staff.login, now())

    return await _try(request, portal, staff, staff_id, work, "person_on", {})


@router.post("/people/{staff_id}/password")
async def new_password(request: Request, portal: HasPortal, staff: Administering, staff_id: Id) -> Response:
    """One that we make; it is shown this once and kept nowhere."""
    password = secrets.token_urlsafe(12)
    hashed = await asyncio.to_thread(hash_password, password)

    def work(session: Session) -> None:
        set_password(session, locked_person(session, staff_id), hashed, staff.login, now())

    await portal.database.writing(work)
    return await _page(request, portal, staff, staff_id, password=password)


@router.post("/people/{staff_id}/invitation")
async def new_invitation(request: Request, portal: HasPortal, staff: Administering, staff_id: Id) -> Response:
    """A link with which the person sets his own password; it is shown this once."""
    person = await portal.database.reading(lambda session: session.get(Person, staff_id))
    if person is None or not person.active:
        raise NotThere
    return await _page(request, portal, staff, staff_id, invitation=invite(portal, person))


@router.get("/roles")
async def roles_page(request: Request, staff: SeeingAdministration) -> Response:
    return admin_page(request, "roles", "roles.html", staff, roles=list(Role), rights=MAY)


def locked_person(session: Session, staff_id: int) -> Person:
    """Kept from others until the commit. Raises NotThere."""
    person = session.get(Person, staff_id, with_for_update=True, populate_existing=True)
    if person is None:
        raise NotThere
    return person


def _institution(session: Session, code: str) -> Institution:
    found = session.exec(select(Institution).where(col(Institution.code) == code)).first()
    if found is None or found.retired_at:
        raise Mistake("institution", "unknown_institution")
    return found


def _codes(session: Session) -> list[str]:
    return list(session.exec(select(Institution.code).where(col(Institution.retired_at).is_(None)).order_by("code")))


def _found(session: Session, sift: dict[str, Any], page: int) -> list[tuple[Person, str]]:
    """All are looked through, as letters are compared here and not by the database: there are some thousands."""
    wanted = select(Person, Institution.code).join(Institution, col(Institution.id) == col(Person.institution_id))
    if not sift["off"]:
        wanted = wanted.where(col(Person.active))
    if sift["institution"]:
        wanted = wanted.where(col(Institution.code) == sift["institution"])
    if sift["role"]:
        wanted = wanted.where(col(Person.role) == sift["role"])
    rows = session.exec(wanted.order_by(col(Person.name), col(Person.id)))
    found = [(one, code) for one, code in rows if sift["q"].casefold() in f"{one.login} {one.name}".casefold()]
    return found[(page - 1) * PAGE :][: PAGE + 1]


async def _try(
    request: Request, portal: Portal, staff: Staff, number: int, work: Any, what: str, said: dict[str, str]
) -> Response:
    try:
        await portal.database.writing(work)
    except (Mistake, NotPossible) as error:
        return await _page(request, portal, staff, number, problem=refused("person", error, said))
    return done(f"{HOME}/{number}", what)


async def _page(request: Request, portal: Portal, staff: Staff, number: int, **values: Any) -> Response:
    view = await portal.database.reading(lambda session: _view(session, number))
    return await _form_page(request, portal, staff, view, values.pop("problem", None), **values)


def _view(session: Session, number: int) -> View:
    person = session.get(Person, number)
    if person is None:
        raise NotThere
    changes = [Shown(change) for change in changes_of(session, THING, person.login)]
    institution = session.get_one(Institution, person.institution_id)
    accounts = session.exec(select(Identity).where(col(Identity.person_id) == number)).all()
    second_step = session.get(SecondFactor, number) is not None
    mark = mark_of(form_of(session, person))
    return View(person, institution, mail_of(session, person), second_step, list(accounts), changes, mark)


async def _form_page(
    request: Request, portal: Portal, staff: Staff, view: View | None, problem: Any = None, **values: Any
) -> Response:
    return admin_page(
        request,
        "people",
        "person.html",
        staff,
        here=f"{HOME}/{view.person.id if view else 'new'}",
        status=problem.status if problem else 200,
        view=view,
        problem=problem,
        roles=list(Role),
        codes=await portal.database.reading(_codes),
        spoken=LANGUAGES,
        linkable=has_provider(portal),
        **values,
    )
