"""When somebody is away, and who stands in for him."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant
from models.staff import Person


class Absence(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    substitute_id: int = Field(foreign_key="person.id", index=True)
    """of the same institution"""
    first: date
    last: date
    """both days included"""
    set_by: str
    set_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    """taken back, or ended early"""
    ended_by: str = ""


def absences_of(session: Session, people: Sequence[int], since: date) -> list[Absence]:
    """Those that last until that day or longer, and were not taken back, the earliest first."""
    lasting = select(Absence).where(
        col(Absence.person_id).in_(people), col(Absence.last) >= since, col(Absence.ended_at).is_(None)
    )
    return list(session.exec(lasting.order_by(col(Absence.first), col(Absence.id))).all())


def away_on(session: Session, person_id: int, on: date) -> Absence | None:
    """The person's absence on that day."""
    return next((one for one in absences_of(session, [person_id], on) if one.first <= on), None)


def stand_in(session: Session, person: Person, on: date) -> Person:
    """Who does that person's work on that day: himself, or the substitute, or whoever stands in for that one in turn.

    A chain that comes round, or ends with somebody who works here no more, ends with the last one before that.
    """
    seen = {person.id}
    while absence := away_on(session, person.id or 0, on):
        substitute = session.get(Person, absence.substitute_id)
        if substitute is None or not substitute.active or substitute.id in seen:
            break
        seen.add(substitute.id)
        person = substitute
    return person


def stands_in_for(session: Session, person: Person, on: date) -> list[Person]:
    """Those of the same institution whose work the person does on that day."""
    away = (
        select(Person)
        .join(Absence, col(Absence.person_id) == col(Person.id))
        .where(
            col(Person.institution_id) == person.institution_id,
            col(Person.id) != person.id,
            col(Person.active),
            col(Absence.first) <= on,
            col(Absence.last) >= on,
            col(Absence.ended_at).is_(None),
        )
        .distinct()
    )
    return [one for one in session.exec(away).all() if stand_in(session, one, on).id == person.id]
