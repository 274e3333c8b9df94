"""Who of an institution is away, until when, and who stands in for him."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.absence import Absence, absences_of
from models.moments import now, riga_date
from models.staff import Person, Role
from routing.absences import be_away, come_back
from routing.delegation import ANSWERING
from routing.triage import NotPossible
from web.desk.access import NotThere
from web.desk.forms import Mistake, Refused, refused
from web.desk.pages import DeskRoute, desk_page, done
from web.portal import HasPortal, Portal
from web.sessions import Acting, SignedIn, Staff

router = APIRouter(prefix="/desk/absence", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form()]
HEADS = (Role.HEAD, Role.LEAD)
"""who sets the absence of others too: somebody who fell ill cannot do it himself"""


@dataclass(frozen=True, slots=True)
class Away:
    absence: Absence
    person: Person
    substitute: Person
    now: bool
    may_end: bool


@dataclass(frozen=True, slots=True)
class AbsenceView:
    away: Sequence[Away]
    """now or later, the earliest first"""
    people: Sequence[Person]
    """whose absence the visitor may set: himself, a head all"""
    substitutes: Sequence[Person]


@router.get("")
async def absence(request: Request, portal: HasPortal, staff: SignedIn) -> Response:
    return await _page(request, portal, staff)


@router.post("")
async def set_absence(
    request: Request,
    portal: HasPortal,
    staff: Acting,
    who: Text = "",
    substitute: Text = "",
    first: Text = "",
    last: Text = "",
) -> Response:
    def work(session: Session) -> None:
        people = {str(one.id): one for one in _people(session, staff)}
        person = people.get(who or str(staff.person.id))
        if person is None or not _may_set(staff, person):
            raise NotThere
        begins, ends = _day(first, "first"), _day(last, "last")
        if not substitute:
            raise Mistake("substitute", "choose_substitute")
        if (instead := people.get(substitute)) is None:
            raise NotPossible("that colleague cannot stand in")
        be_away(session, person, instead, begins, ends, now(), staff.login)

    typed = {"who": who, "substitute": substitute, "first": first, "last": last}
    try:
        await portal.database.writing(work)
    except (NotPossible, Mistake) as error:
        return await _page(request, portal, staff, refused("absence", error, typed))
    return done("/desk/absence", "absence")


@router.post("/{absence_id}/end")
async def end_absence(portal: HasPortal, staff: Acting, absence_id: Id) -> Response:
    def work(session: Session) -> None:
        there = session.get(Absence, absence_id)
        person = session.get(Person, there.person_id) if there else None
        if there is None or person is None or not _may_set(staff, person):
            raise NotThere
        come_back(session, there, now(), staff.login)

    await portal.database.writing(work)
    return done("/desk/absence", "absence_ended")


async def _page(request: Request, portal: Portal, staff: Staff, problem: Refused | None = None) -> Response:
    view = await portal.database.reading(lambda session: _view(session, staff))
    status = problem.status if problem else 200
    return desk_page(request, "absence.html", staff, here="/desk/absence", status=status, view=view, problem=problem)


def _view(session: Session, staff: Staff) -> AbsenceView:
    people, today = _people(session, staff), riga_date(now())
    by_id: Mapping[int, Person] = {one.id or 0: one for one in people}
    away = [
        Away(one, by_id[one.person_id], by_id[one.substitute_id], one.first <= today, _may_set(staff, person))
        for one in absences_of(session, list(by_id), today)
        if (person := by_id[one.person_id]) and one.substitute_id in by_id
    ]
    mine = [one for one in people if _may_set(staff, one)]
    return AbsenceView(away, mine, people)


def _people(session: Session, staff: Staff) -> list[Person]:
    """Those of the visitor's institution who answer, by name."""
    there = select(Person).where(
        col(Person.institution_id) == staff.institution.id, col(Person.active), col(Person.role).in_(ANSWERING)
    )
    return sorted(session.exec(there).all(), key=lambda one: one.name or one.login)


def _may_set(staff: Staff, person: Person) -> bool:
    if staff.looks_on or person.institution_id != staff.institution.id:
        return False
    return person.id == staff.person.id or staff.person.role in HEADS


def _day(typed: str, where: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Mistake(where, "not_a_date") from None
