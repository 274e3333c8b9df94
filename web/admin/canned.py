"""Canned replies: written, tried out with made-up values, changed and retired."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Query
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from config.words import LANGUAGES
from models.canned import LONGEST_NAME, LONGEST_TEXT, VARIABLES, CannedReply, Scope
from models.change import changes_of, note_change
from models.institution import Institution, institution_by_code
from models.moments import now
from routing.triage import NotPossible
from web.admin.access import Shown, admin_page, mark_of, same_as_seen
from web.desk.access import NotThere
from web.desk.canned import filled
from web.desk.forms import Mistake, refused, typed
from web.desk.pages import DeskRoute, done
from web.portal import HasPortal, Portal
from web.sessions import Editing, SeeingTexts, Staff

router = APIRouter(prefix="/desk/admin/canned", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/canned"
THING = "canned reply"
MADE_UP = {
    "name": "Anna Ozola", "ref": "LV-2026-000123", "due": "02.12.2026.", "institution": "PMLP",
    "service": "Pases noformēšana", "link": "https://latvija.gov.lv/…", "coordinator": "VDAA",
}  # fmt: skip
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form(max_length=100_000)]
Words = Annotated[str, Query(max_length=100)]


@dataclass
class Given:
    """What the form of a reply holds."""

    name: Text = ""
    scope: Text = Scope.COORDINATOR.value
    institution: Text = ""
    text_lv: Text = ""
    text_en: Text = ""
    text_ru: Text = ""

    @property
    def typed(self) -> dict[str, str]:
        texts = {f"text_{code}": typed(getattr(self, f"text_{code}")) for code in LANGUAGES}
        return {"name": typed(self.name), "scope": self.scope, "institution": typed(self.institution), **texts}


Filled = Annotated[Given, Depends()]


@router.get("")
async def canned_page(
    request: Request, portal: HasPortal, staff: SeeingTexts, q: Words = "", retired: bool = False
) -> Response:
    sought = typed(q)
    rows = await portal.database.reading(lambda session: _found(session, sought, retired))
    return admin_page(request, "canned", "canned.html", staff, rows=rows, sought=sought, retired=retired)


@router.get("/new")
async def new_page(request: Request, portal: HasPortal, staff: SeeingTexts) -> Response:
    return await _form_page(request, portal, staff, None)


@router.post("")
async def add(
    request: Request, portal: HasPortal, staff: Editing, given: Filled, preview: Annotated[str, Form()] = ""
) -> Response:
    said = given.typed

    def work(session: Session) -> CannedReply:
        form = _judged(session, said)
        if session.exec(select(CannedReply).filter_by(**_key(form), active=True)).first():
            raise Mistake("name", "canned_name_taken")
        row = CannedReply(**form, changed_by=staff.login, changed_at=now())
        session.add(row)
        session.flush()
        note_change(session, staff.login, THING, str(row.id), "added", {}, form, now())
        return row

    try:
        if preview:
            return await _form_page(request, portal, staff, None, shown=filled_in(said), said=said)
        row = await portal.database.writing(work)
    except Mistake as error:
        return await _form_page(request, portal, staff, None, refused("canned", error, said))
    return done(f"{HOME}/{row.id}", "canned_added")


@router.get("/{reply_id}")
async def reply_page(request: Request, portal: HasPortal, staff: SeeingTexts, reply_id: Id) -> Response:
    return await _form_page(request, portal, staff, reply_id)


@router.post("/{reply_id}")
async def change(
    request: Request,
    portal: HasPortal,
    staff: Editing,
    reply_id: Id,
    given: Filled,
    seen: Annotated[str, Form(max_length=100)] = "",
    preview: Annotated[str, Form()] = "",
) -> Response:
    said = given.typed

    def work(session: Session) -> None:
        row = _locked(session, reply_id)
        same_as_seen(seen, form_of(row))
        _take_over(session, row, _judged(session, said), "changed", staff)

    try:
        if preview:
            return await _form_page(request, portal, staff, reply_id, shown=filled_in(said), said=said)
        await portal.database.writing(work)
    except (Mistake, NotPossible) as error:
        return await _form_page(request, portal, staff, reply_id, refused("canned", error, said))
    return done(f"{HOME}/{reply_id}", "canned_saved")


@router.post("/{reply_id}/retire")
async def retire(portal: HasPortal, staff: Editing, reply_id: Id) -> Response:
    await portal.database.writing(lambda s: _take_over(s, _locked(s, reply_id), {"active": False}, "retired", staff))
    return done(f"{HOME}/{reply_id}", "canned_retired")


@router.post("/{reply_id}/back")
async def bring_back(portal: HasPortal, staff: Editing, reply_id: Id) -> Response:
    back = {"active": True}
    await portal.database.writing(lambda s: _take_over(s, _locked(s, reply_id), back, "brought back", staff))
    return done(f"{HOME}/{reply_id}", "canned_back")


def form_of(row: CannedReply) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("name", "scope", "institution", "texts", "active")}


def filled_in(said: dict[str, str]) -> dict[str, str]:
    """The texts with something made up for each variable, as somebody would send them."""
    texts = {code: said[f"text_{code}"] for code in LANGUAGES if said[f"text_{code}"]}
    return {code: filled(text, code, MADE_UP).text for code, text in texts.items()}


def _judged(session: Session, said: dict[str, str]) -> dict[str, Any]:
    """As it is stored. Raises Mistake."""
    if not 0 < len(said["name"]) <= LONGEST_NAME:
        raise Mistake("name", "canned_name")
    if said["scope"] not in list(Scope):
        raise Mistake("scope", "canned_scope")
    if said["institution"] and institution_by_code(session, said["institution"]) is None:
        raise Mistake("institution", "unknown_institution")
    texts = {code: said[f"text_{code}"] for code in LANGUAGES if said[f"text_{code}"]}
    if "lv" not in texts:
        raise Mistake("text_lv", "canned_no_latvian")
    for code, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise Mistake(f"text_{code}", "canned_too_long")
        if filled(text, code, MADE_UP).missing:
            raise Mistake(f"text_{code}", "canned_unknown_variable")
    return {"name": said["name"], "scope": said["scope"], "institution": said["institution"], "texts": texts}


def _key(form: dict[str, Any]) -> dict[str, Any]:
    return {name: form[name] for name in ("name", "scope", "institution")}


def _take_over(session: Session, row: CannedReply, form: dict[str, Any], what: str, staff: Staff) -> None:
    before, at = form_of(row), now()
    for name, value in form.items():
        setattr(row, name, value)
    if note_change(session, staff.login, THING, str(row.id), what, before, form_of(row), at):
        row.changed_by, row.changed_at = staff.login, at


def _locked(session: Session, reply_id: int) -> CannedReply:
    row = session.get(CannedReply, reply_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotThere
    return row


def _found(session: Session, sought: str, retired: bool) -> list[CannedReply]:
    wanted = select(CannedReply).order_by(col(CannedReply.name), col(CannedReply.id))
    if not retired:
        wanted = wanted.where(col(CannedReply.active))
    rows = session.exec(wanted).all()
    return [row for row in rows if sought.casefold() in " ".join([row.name, *row.texts.values()]).casefold()]


async def _form_page(
    request: Request, portal: Portal, staff: Staff, reply_id: int | None, problem: Any = None, **values: Any
) -> Response:
    def look(session: Session) -> tuple[CannedReply | None, list[str], list[Shown]]:
        codes = select(Institution.code).where(col(Institution.retired_at).is_(None)).order_by("code")
        if reply_id is None:
            return None, list(session.exec(codes)), []
        row = session.get(CannedReply, reply_id)
        if row is None:
            raise NotThere
        return row, list(session.exec(codes)), [Shown(one) for one in changes_of(session, THING, str(reply_id))]

    row, codes, changes = await portal.database.reading(look)
    return admin_page(
        request, "canned", "canned_reply.html", staff,
        here=f"{HOME}/{reply_id or 'new'}", status=problem.status if problem else 200,
        one=row, codes=codes, changes=changes, problem=problem, mark=mark_of(form_of(row)) if row else "",
        scopes=list(Scope), variables=VARIABLES, form_languages=LANGUAGES,
        may_edit=staff.edits or staff.administers, **{"shown": {}, "said": {}} | values,
    )  # fmt: skip
