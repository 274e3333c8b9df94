"""Somebody is away, and a colleague stands in for him: set, ended, and never in a circle."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from models.absence import Absence, absences_of, away_on
from models.change import note_change
from models.institution import Institution
from models.moments import riga_date
from models.staff import Person
from routing.delegation import ANSWERING
from routing.triage import NotPossible

LONGEST = timedelta(days=366)


def be_away(
    session: Session, person: Person, substitute: Person, first: date, last: date, at: datetime, actor: str
) -> Absence:
    """The same absence again is none: the one that is there. Raises NotPossible."""
    _locked(session, person.institution_id)
    if last < first or last < riga_date(at):
        raise NotPossible("the absence ends before it begins, or is over")
    if last - first > LONGEST:
        raise NotPossible("nobody is away for longer than a year")
    if not _can_stand_in(person, substitute):
        raise NotPossible("that colleague cannot stand in")
    mine = [one for one in absences_of(session, [person.id or 0], first) if one.first <= last]
    same = [one for one in mine if (one.first, one.last, one.substitute_id) == (first, last, substitute.id)]
    if same:
        return same[0]
    if mine:
        raise NotPossible("there is an absence on these days already")
    absence = Absence(
        person_id=person.id or 0, substitute_id=substitute.id or 0, first=first, last=last, set_by=actor, set_at=at
    )
    session.add(absence)
    session.flush()
    if any(_comes_round(session, person, day) for day in _turns(session, person, first, last)):
        raise NotPossible("the substitutes would stand in for one another in a circle")
    _note(session, absence, person, substitute, "added", at, actor)
    return absence


def come_back(session: Session, absence: Absence, at: datetime, actor: str) -> None:
    """Ends the absence now, or takes it back before it begins."""
    if absence.ended_at is None:
        person = session.get_one(Person, absence.person_id)
        substitute = session.get_one(Person, absence.substitute_id)
        absence.ended_at, absence.ended_by = at, actor
        _note(session, absence, person, substitute, "ended", at, actor)


def _locked(session: Session, institution_id: int) -> None:
    """Two people of an institution who name each other at once must not both be let."""
    session.exec(select(Institution.id).where(col(Institution.id) == institution_id).with_for_update()).one()


def _can_stand_in(person: Person, substitute: Person) -> bool:
    same = substitute.institution_id == person.institution_id
    return same and substitute.active and substitute.id != person.id and substitute.role in ANSWERING


def _turns(session: Session, person: Person, first: date, last: date) -> list[date]:
    """The days within the absence on which somebody's work may pass to another one."""
    colleagues = session.exec(select(Person.id).where(col(Person.institution_id) == person.institution_id)).all()
    begins = {one.first for one in absences_of(session, [one or 0 for one in colleagues], first)}
    return [first, *sorted(day for day in begins if first < day <= last)]


def _comes_round(session: Session, person: Person, on: date) -> bool:
    """Whether the chain of substitutes leads back to that person."""
    seen: set[int] = set()
    at = person.id or 0
    while at not in seen and (absence := away_on(session, at, on)):
        seen.add(at)
        at = absence.substitute_id
    return at in seen


def _note(
    session: Session, absence: Absence, person: Person, substitute: Person, what: str, at: datetime, actor: str
) -> None:
    days = {"first": absence.first, "last": absence.last, "substitute": substitute.login}
    before, after = ({}, days) if what == "added" else (days, {})
    note_change(session, actor, "absence", person.login, what, before, after, at)
