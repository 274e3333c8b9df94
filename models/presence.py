"""Who has a page open now, and who types on it: short-lived rows that all processes share."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from models.moments import Instant
from models.staff import Person

LOOKS_FOR = timedelta(seconds=60)
"""after the last sign of life; an open page gives one every 20 seconds"""
TYPES_FOR = timedelta(seconds=12)
"""after the last key that the server heard of"""


class Presence(SQLModel, table=True):
    """A person at a page; `place` is the page's path."""

    place: str = Field(primary_key=True)
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    seen_at: datetime = Field(sa_type=Instant, index=True)
    typed_at: datetime | None = Field(default=None, sa_type=Instant)


LOOKS = text(
    "INSERT INTO presence (place, person_id, seen_at, typed_at) VALUES (:place, :person_id, :at, :typed) "
    "ON CONFLICT (place, person_id) DO UPDATE "
    "SET seen_at = excluded.seen_at, typed_at = COALESCE(excluded.typed_at, presence.typed_at)"
).bindparams(bindparam("at", type_=Instant()), bindparam("typed", type_=Instant()))


@dataclass(frozen=True, slots=True, order=True)
class Looker:
    place: str
    name: str
    person_id: int
    types: bool


def looks(session: Session, place: str, person_id: int, at: datetime, *, types: bool = False) -> None:
    """The person has the page open; `types`: and has typed on it just now. Two may say so at once."""
    row = {"place": place, "person_id": person_id, "at": at, "typed": at if types else None}
    session.connection().execute(LOOKS, row)


def still_look(session: Session, places: list[tuple[str, int]], at: datetime) -> None:
    """The same for many at once; whoever was forgotten meanwhile is there again. Clears away who has long gone."""
    session.exec(delete(Presence).where(col(Presence.seen_at) < at - 2 * LOOKS_FOR))
    rows = [{"place": p, "person_id": i, "at": at, "typed": None} for p, i in sorted(set(places))]
    if rows:
        session.connection().execute(LOOKS, rows)


def leaves(session: Session, place: str, person_id: int) -> None:
    session.exec(delete(Presence).where(col(Presence.place) == place, col(Presence.person_id) == person_id))


def stops_typing(session: Session, place: str, person_id: int) -> None:
    where = (col(Presence.place) == place, col(Presence.person_id) == person_id)
    session.exec(update(Presence).where(*where).values(typed_at=None))


def lookers(session: Session, at: datetime, place: str = "") -> list[Looker]:
    """Who looks now, at that page or at any; in the order of their names."""
    found = (
        select(Presence, Person.name, Person.login)
        .join(Person, col(Person.id) == col(Presence.person_id))
        .where(col(Presence.seen_at) > at - LOOKS_FOR)
    )
    rows = session.exec(found.where(col(Presence.place) == place) if place else found).all()
    return sorted(
        Looker(row.place, name or login, row.person_id, row.typed_at is not None and row.typed_at > at - TYPES_FOR)
        for row, name, login in rows
    )
