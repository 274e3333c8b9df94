"""Import of people: a file is looked at row by row, then exactly that file is applied; export in the same form."""

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Path, UploadFile
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from config.flaw import Refused
from models.change import note_change
from models.moments import now
from models.people_file import PeopleFile
from models.staff import Person
from routing.triage import NotPossible
from web.admin.access import admin_page
from web.admin.invitation import invite
from web.desk.access import NotThere
from web.desk.pages import DeskRoute, desk_language
from web.people import NOBODY, person_called
from web.people_csv import Row, export, flaws_of, mark_of_plan, plan, read_text
from web.portal import HasPortal, Portal
from web.sessions import Administering, SeeingAdministration, Staff

router = APIRouter(prefix="/desk/admin/people", route_class=DeskRoute, include_in_schema=False)
THING = "import"
Id = Annotated[int, Path(ge=1, lt=2**31)]


class ChangedMeanwhile(Exception):
    """What would come of the file is not what was shown."""


@dataclass
class Outcome:
    """What the page shows."""

    rows: list[Row] = field(default_factory=list)
    file: PeopleFile | None = None
    flaws: list[tuple[int, str, str]] = field(default_factory=list)
    invitations: list[tuple[str, str]] = field(default_factory=list)
    """log-ins of the new people, with their links, which are shown this once"""
    applied: bool = False
    reason: str = ""

    @property
    def counts(self) -> dict[str, int]:
        return {what: sum(row.what == what for row in self.rows) for what in ("new", "changed", "unchanged", "wrong")}


@router.get(".csv")
async def people_csv(request: Request, portal: HasPortal, staff: SeeingAdministration) -> Response:
    language = desk_language(request, staff)
    text = await portal.database.reading(lambda session: export(session, language))
    headers = {"Content-Disposition": 'attachment; filename="people.csv"', "Cache-Control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/import")
async def import_page(request: Request, staff: SeeingAdministration) -> Response:
    return _page(request, staff, Outcome())


@router.post("/import")
async def look_at(
    request: Request,
    portal: HasPortal,
    staff: Administering,
    file: Annotated[UploadFile | None, File()] = None,
    text: Annotated[str, Form()] = "",
) -> Response:
    """The dry run, of a file or of what was pasted: nothing is changed but that it is kept."""
    raw = (await file.read() if file is not None else b"") or text.encode()
    try:
        text = read_text(raw)
        rows = await portal.database.writing(lambda session: _dry(session, text, staff))
    except Refused as error:
        return _page(request, staff, Outcome(flaws=list(flaws_of(error))), 422)
    kept = PeopleFile(
        sha256=hashlib.sha256(raw).hexdigest(), text=text, mark=mark_of_plan(rows), by=staff.login, at=now()
    )
    return await _show(request, portal, staff, rows, kept)


@router.post("/import/{file_id}/apply")
async def apply(request: Request, portal: HasPortal, staff: Administering, file_id: Id) -> Response:
    """Exactly the file that was looked at; where something has changed since, it is shown anew and not applied."""

    def work(session: Session) -> tuple[list[Row], list[Person]]:
        file = session.get(PeopleFile, file_id, with_for_update=True, populate_existing=True)
        if file is None or file.by != staff.login:
            raise NotThere
        if file.applied_at is not None:
            raise NotPossible("the file has been applied already")
        at = now()
        rows = plan(session, file.text, staff.login, at)
        if mark_of_plan(rows) != file.mark or any(row.what == "wrong" for row in rows):
            raise ChangedMeanwhile
        file.applied_at = at
        counts = Outcome(rows).counts
        note_change(session, staff.login, THING, file.sha256[:12], "applied", {}, counts, at)
        made = [person_called(session, row.given["login"]) for row in rows if row.what == "new"]
        return rows, [person for person in made if person is not None and person.password_hash == NOBODY]

    try:
        rows, made = await portal.database.writing(work)
    except NotPossible as error:
        return _page(request, staff, Outcome(reason=str(error)), 409)
    except ChangedMeanwhile:
        return await _anew(request, portal, staff, file_id)
    links = [(person.login, invite(portal, person)) for person in made if person.active]
    return _page(request, staff, Outcome(rows, invitations=links, applied=True))


async def _anew(request: Request, portal: Portal, staff: Staff, file_id: int) -> Response:
    file = await portal.database.reading(lambda session: session.get_one(PeopleFile, file_id))
    rows = await portal.database.writing(lambda session: _dry(session, file.text, staff))
    kept = PeopleFile(sha256=file.sha256, text=file.text, mark=mark_of_plan(rows), by=staff.login, at=now())
    return await _show(request, portal, staff, rows, kept, "the people have changed meanwhile", 409)


async def _show(
    request: Request,
    portal: Portal,
    staff: Staff,
    rows: list[Row],
    kept: PeopleFile,
    reason: str = "",
    status: int = 200,
) -> Response:
    """What would come of the file, which is kept for its application."""

    def work(session: Session) -> None:
        session.add(kept)

    await portal.database.writing(work)
    return _page(request, staff, Outcome(rows, kept, reason=reason), status)


def _dry(session: Session, text: str, staff: Staff) -> list[Row]:
    """As a write that is undone at once: what would come of the file is tried and not guessed. Raises Refused."""
    trial = session.begin_nested()
    try:
        return plan(session, text, staff.login, now())
    finally:
        trial.rollback()


def _page(request: Request, staff: Staff, outcome: Any, status: int = 200) -> Response:
    return admin_page(
        request, "people", "import.html", staff, here="/desk/admin/people/import", status=status, outcome=outcome
    )
