"""Sends notices to those whom they concern and who gave an address for it; who is away is stood in for."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session, col, select

from config.replies import reply
from models.absence import absences_of, stand_in
from models.contact import Contact
from models.message import say
from models.moments import riga_date
from models.staff import Notice, Person
from routing.delegation import ANSWERING


def send_notices(session: Session, notices: Sequence[Notice], desk: str, at: datetime) -> None:
    """To those of the role who gave an address; by the outbox, like all that leaves us."""
    at_desk = _at_desk(session, {notice.institution_id for notice in notices}, at) if notices else {}
    for notice in notices:
        there = at_desk.get(notice.institution_id, ())
        told = {person.contact_id: person.language for person, of in there if _concerns(notice, of)}
        for contact in _reached(session, told):
            text = f"{notice_text(notice, told[contact.id])}\n{desk}"
            say(session, contact, None, text, at, pulled=False)


def tell_of(session: Session, notice_id: int, desk: str, at: datetime) -> None:
    """Sends one notice that was left, to those whom it concerns; quiet hours are for the ladder only."""
    send_notices(session, [session.get_one(Notice, notice_id)], desk, at)


def _at_desk(session: Session, institutions: Collection[int], at: datetime) -> dict[int, list[tuple[Person, Person]]]:
    """Who of them gave an address, each with whose work it is: his own, and that of those whom he stands in for."""
    working = select(Person).where(col(Person.institution_id).in_(institutions), col(Person.active))
    people = session.exec(working.order_by(col(Person.id))).all()
    today = riga_date(at)
    away = {one.person_id for one in absences_of(session, [p.id or 0 for p in people], today) if one.first <= today}
    there: dict[int, list[tuple[Person, Person]]] = {}
    for of in people:
        person = stand_in(session, of, today) if of.id in away else of
        if person.contact_id is not None:
            there.setdefault(of.institution_id, []).append((person, of))
    return there


def _concerns(notice: Notice, person: Person) -> bool:
    if notice.person_id is not None:
        return notice.person_id == person.id
    return person.role == notice.role if notice.role else person.role in ANSWERING


def _reached(session: Session, told: Mapping[int | None, str]) -> Sequence[Contact]:
    wanted = select(Contact).where(col(Contact.id).in_(told), col(Contact.gone_at).is_(None))
    return session.exec(wanted.order_by(col(Contact.id))).all() if told else []


def notice_text(notice: Notice, language: str) -> str:
    """What the notice says, in the words of config/replies."""
    filling = {name: ", ".join(value) if isinstance(value, list) else value for name, value in notice.data.items()}
    if due := filling.get("due"):
        filling["due"] = date.fromisoformat(due)
    return reply(language, f"notices.{notice.kind}", **filling)
