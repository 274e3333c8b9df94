"""Competences: the areas of each institution, and where a question would go and why."""

import asyncio
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from catalogue.institutions import FIELDS, THING
from catalogue.titles import titles
from config.words import LANGUAGES
from models.change import changes_of
from models.institution import Institution
from models.setting import FORWARD_ALONE, value_of
from nlu.understand import Understanding
from routing.alone import goes_alone
from routing.competence import AnswerFromCatalogue, AnswerSeveral, AskPlace, Clarify, Talk, TellStatus, decide
from routing.triage import NotPossible
from web.admin.access import Shown, admin_page, mark_of, same_as_seen
from web.admin.institutions import Id, Text, areas_typed, locked_institution, put_or_mistake
from web.desk.access import NotThere
from web.desk.forms import Mistake, refused, typed
from web.desk.pages import DeskRoute, done
from web.portal import HasPortal, Portal
from web.sessions import Editing, SeeingTexts, Staff

router = APIRouter(prefix="/desk/admin/competences", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/competences"
Question = Annotated[str, Query(max_length=2_000)]
Short = Annotated[str, Query(max_length=20)]
WHAT = {
    AnswerFromCatalogue: "answer",
    AnswerSeveral: "several",
    Clarify: "clarify",
    AskPlace: "place",
    Talk: "talk",
    TellStatus: "status",
}
"""what the bot would do with the question; `route` where nothing else fits"""


@dataclass(frozen=True, slots=True)
class Tried:
    """A question that was tried, and what the engine and the desk would make of it."""

    meaning: Understanding
    what: str
    alone: str
    """the code of the institution that the bot would forward it to by itself; mostly none"""
    institutions: dict[str, Institution]
    services: dict[str, str]
    """titles by code"""
    words: dict[str, list[str]]
    """by institution: its areas that share a word with the question"""


@dataclass
class Areas:
    """What the form holds."""

    areas_lv: Text = ""
    areas_en: Text = ""
    areas_ru: Text = ""

    @property
    def typed(self) -> dict[str, str]:
        return {f"areas_{code}": typed(getattr(self, f"areas_{code}")) for code in LANGUAGES}


@router.get("")
async def competences_page(
    request: Request, portal: HasPortal, staff: SeeingTexts, question: Question = "", audience: Short = ""
) -> Response:
    question = typed(question)
    tried = await _tried(portal, staff, question, audience) if question else None
    rows = await portal.database.reading(_in_office)
    values: dict[str, Any] = {"rows": rows, "question": question, "audience": audience, "tried": tried}
    return admin_page(request, "competences", "competences.html", staff, **values)


@router.get("/{institution_id}")
async def areas_page(request: Request, portal: HasPortal, staff: SeeingTexts, institution_id: Id) -> Response:
    return await _areas_page(request, portal, staff, institution_id)


@router.post("/{institution_id}")
async def change_areas(
    request: Request,
    portal: HasPortal,
    staff: Editing,
    institution_id: Id,
    given: Annotated[Areas, Depends()],
    seen: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    def work(session: Session) -> None:
        row = locked_institution(session, institution_id)
        same_as_seen(seen, {"areas": row.areas})
        form = {name: getattr(row, name) for name in FIELDS} | {"approval": row.approval}
        put_or_mistake(session, form | {"areas": areas_typed(given.typed)}, staff.login)

    try:
        await portal.database.writing(work)
    except (Mistake, NotPossible) as error:
        return await _areas_page(request, portal, staff, institution_id, refused("areas", error, given.typed))
    return done(f"{HOME}/{institution_id}", "areas_saved")


async def _areas_page(request: Request, portal: Portal, staff: Staff, number: int, problem: Any = None) -> Response:
    def look(session: Session) -> tuple[Institution, list[Shown]]:
        row = session.get(Institution, number)
        if row is None:
            raise NotThere
        return row, [Shown(change) for change in changes_of(session, THING, row.code)]

    row, changes = await portal.database.reading(look)
    return admin_page(
        request, "competences", "areas.html", staff,
        here=f"{HOME}/{number}", status=problem.status if problem else 200,
        one=row, mark=mark_of({"areas": row.areas}), changes=changes, problem=problem,
        may_edit=staff.edits or staff.administers, form_languages=LANGUAGES,
    )  # fmt: skip


async def _tried(portal: Portal, staff: Staff, question: str, audience: str) -> Tried | None:
    """None while the engine has not learnt yet."""
    if portal.understand is None:
        return None
    try:
        meaning = await asyncio.to_thread(portal.understand, question, staff.person.language, audience, "")
    except RuntimeError:
        return None
    return await portal.database.reading(lambda session: _explained(session, meaning, question))


def _explained(session: Session, meaning: Understanding, question: str) -> Tried:
    codes = {one.code for one in meaning.institutions} | set(meaning.competent)
    found = session.exec(select(Institution).where(col(Institution.code).in_(codes))).all()
    percent = value_of(session, FORWARD_ALONE)
    return Tried(
        meaning,
        WHAT.get(type(decide(meaning)), "route"),
        goes_alone(meaning, percent),
        {one.code: one for one in found},
        {one.code: one.names.get("lv", one.code) for one in titles(session)},
        {one.code: _shared(one, question) for one in found},
    )


def _shared(institution: Institution, question: str) -> list[str]:
    """Areas with a word that begins like one of the question: what a person would point at."""
    stems = {word[:5] for word in question.casefold().replace("?", " ").split() if len(word) > 4}
    areas = [area for language in LANGUAGES for area in institution.areas.get(language, [])]
    return [area for area in areas if any(word[:5] in stems for word in area.casefold().split() if len(word) > 4)][:6]


def _in_office(session: Session) -> list[Institution]:
    wanted = select(Institution).where(col(Institution.retired_at).is_(None))
    return list(session.exec(wanted.order_by(col(Institution.code))))
