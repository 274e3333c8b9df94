"""What is done about people of the desk, by pages and commands alike: added, changed, switched off, new passwords.

Nobody is deleted, because the trail names people. Each change stands in it.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, or_, select

from models.change import note_change
from models.contact import Contact, contact_of
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution, institution_by_code
from models.moments import now
from models.staff import Person, Role
from models.ticket import OPEN, Ticket, locked, record
from routing.delegation import take_back_delegation
from routing.triage import NotPossible
from web.desk.forms import Mistake
from web.session_rows import close_sessions_of

THING = "person"
MAIL = "email"
LANGUAGES = ("lv", "en")
COMMAND = "command"
"""who does it where a command does"""
COORDINATING = (Role.COORDINATOR, Role.LEAD)
RESERVED = ("citizen", "bot", "clock", "mail", "link", "by", "desk", COMMAND)
"""actors of the trail that are nobody of the desk"""
LOGIN = re.compile(r"[^\W_][\w.@+-]{1,63}")
ADDRESS = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]{1,190}\.[^@\s<>,;.]{2,}")
NOBODY = "!"
"""instead of a password's hash: nobody can log in so"""


def add_person(
    session: Session,
    login: str,
    name: str,
    role: str,
    institution: str,
    password_hash: str = NOBODY,
    *,
    language: str = "lv",
    mail: str = "",
    actor: str = COMMAND,
    at: datetime | None = None,
) -> Person:
    """Raises ValueError where there is no such institution or role, Mistake where that person cannot be taken."""
    where = institution_by_code(session, institution)
    if where is None:
        raise ValueError(f"no institution {institution!r}")
    at = at or now()
    person = Person(
        login=_login(session, login),
        name=name.strip() or login,
        role=Role(role),
        institution_id=where.id or 0,
        password_hash=password_hash,
        language=_language(language),
        created_at=at,
    )
    session.add(person)
    session.flush()
    if mail:
        reach(session, person, MAIL, _mail(mail), at)
    note_change(session, actor, THING, person.login, "added", {}, form_of(session, person), at)
    return person


def change_person(session: Session, person: Person, given: Mapping[str, str], actor: str, at: datetime) -> bool:
    """Takes over `name`, `role`, `institution`, `language` and `mail`, as far as given; False where nothing differs.

    Who gets another role or place starts anew: sessions end, and tickets he had taken are nobody's. Raises Mistake.
    """
    before = form_of(session, person)
    where = institution_by_code(session, given.get("institution", before["institution"]))
    if where is None or (where.retired_at is not None and where.id != person.institution_id):
        raise Mistake("institution", "unknown_institution")
    role = given.get("role", person.role)
    fits(role, where)
    moved = (role, where.id) != (person.role, person.institution_id)
    if moved and person.role == Role.ADMINISTRATOR:
        _not_the_last(session, person)
    person.name = given.get("name", person.name).strip() or person.login
    person.language = _language(given.get("language", person.language))
    person.role, person.institution_id = Role(role), where.id or 0
    if "mail" in given and given["mail"].strip() != mail_of(session, person):
        reach(session, person, MAIL, _mail(given["mail"]), at)
    if moved:
        close_sessions_of(session, person.id or 0)
        let_go(session, person, actor, at)
    return note_change(session, actor, THING, person.login, "changed", before, form_of(session, person), at)


def switch(session: Session, person: Person, on: bool, actor: str, at: datetime) -> None:
    """Off: no log-in and no notices any more, sessions end, and taken tickets are nobody's. Raises NotPossible."""
    if person.active == on:
        return
    if not on and person.role == Role.ADMINISTRATOR:
        _not_the_last(session, person)
    person.active = on
    if not on:
        close_sessions_of(session, person.id or 0)
        let_go(session, person, actor, at)
    what = "switched on" if on else "switched off"
    note_change(session, actor, THING, person.login, what, {"active": not on}, {"active": on}, at)


def set_password(session: Session, person: Person, password_hash: str, actor: str, at: datetime) -> None:
    """Open sessions end. The trail says that there is a new one, and nothing of it."""
    person.password_hash = password_hash
    close_sessions_of(session, person.id or 0)
    note_change(session, actor, THING, person.login, "new password", {"password": 0}, {"password": 1}, at)


def reach(session: Session, person: Person, channel: str, address: str, at: datetime) -> None:
    """Where his notices are sent besides the desk; nowhere where the address is empty."""
    if not address:
        person.contact_id = None
        return
    contact = contact_of(session, channel, address, at, name="", language=person.language)
    session.flush()
    person.contact_id = contact.id


def let_go(session: Session, person: Person, actor: str, at: datetime) -> None:
    """What he had taken, or what was delegated to him, is nobody's."""
    taken = select(Ticket.id).where(col(Ticket.taken_by) == person.id, col(Ticket.state).in_(OPEN)).order_by("id")
    numbers = [number for number in session.exec(taken) if number is not None]
    for number in numbers:
        ticket = locked(session, number)
        if ticket.taken_by == person.id:
            ticket.taken_by = None
            record(session, ticket, "let go", actor, at, holder=person.login)
    delegated = select(Forwarding).where(
        col(Forwarding.state) == ForwardingState.WAITING,
        or_(col(Forwarding.held_by) == person.id, col(Forwarding.held_for) == person.id),
    )
    for forwarding in session.exec(delegated.order_by(col(Forwarding.ticket_id))).all():
        take_back_delegation(session, locked(session, forwarding.ticket_id), forwarding, at, actor)


def form_of(session: Session, person: Person) -> dict[str, Any]:
    """What can be changed, as the trail and the forms have it."""
    return {
        "login": person.login,
        "name": person.name,
        "role": str(person.role),
        "institution": session.get_one(Institution, person.institution_id).code,
        "language": person.language,
        "reached": reached_at(session, person),
        "active": person.active,
    }


def reached_at(session: Session, person: Person) -> str:
    """Channel and address, such as `email:anna@example.lv`; empty where notices stay at the desk."""
    contact = session.get(Contact, person.contact_id) if person.contact_id else None
    return f"{contact.channel}:{contact.address}" if contact else ""


def mail_of(session: Session, person: Person) -> str:
    channel, _, address = reached_at(session, person).partition(":")
    return address if channel == MAIL else ""


def fits(role: str, institution: Institution) -> None:
    """Raises Mistake where nobody of that institution can have the role."""
    if role not in list(Role):
        raise Mistake("role", "unknown_role")
    if role in COORDINATING and not institution.coordinates:
        raise Mistake("role", "role_does_not_fit")


def person_called(session: Session, login: str) -> Person | None:
    """However its letters are written: log-ins differ by more than that."""
    written = (login.strip(), login.strip().casefold())
    return session.exec(select(Person).where(col(Person.login).in_(written))).first()


def _login(session: Session, login: str) -> str:
    """As it is stored: people log in by it however they write it."""
    login = login.strip().casefold()
    if not LOGIN.fullmatch(login) or login in RESERVED:
        raise Mistake("login", "wrong_login")
    if person_called(session, login):
        raise Mistake("login", "login_taken")
    return login


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise Mistake("language", "unknown_language")
    return language


def _mail(address: str) -> str:
    address = address.strip()
    if address and not ADDRESS.fullmatch(address):
        raise Mistake("mail", "wrong_mail")
    return address


def _not_the_last(session: Session, person: Person) -> None:
    """Somebody must be left who can let others in."""
    others = select(func.count(col(Person.id))).where(
        col(Person.role) == Role.ADMINISTRATOR, col(Person.active), col(Person.id) != person.id
    )
    if not session.exec(others).one():
        raise NotPossible("one administrator must be left")
