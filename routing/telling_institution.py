"""Lets an institution know of something about a question that it has: at its desk, by message, and by letter."""

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.absence import stand_in
from models.forwarding import Forwarding
from models.institution import Institution
from models.moments import riga_date
from models.queue import Timer
from models.staff import Notice, Person, notify
from models.ticket import Ticket
from routing.triage import MAIL_IT

TELL_IT = "tell of a notice"
"""kind of the timer that lets a notice be sent to those whom it concerns, where they gave an address"""


def tell_them(
    session: Session,
    ticket: Ticket,
    forwarding: Forwarding,
    kind: str,
    key: str,
    at: datetime,
    *,
    to: Person | None = None,
    role: str = "",
    **data: Any,
) -> Notice:
    """A notice for that person or whoever stands in for him, else for all there with the role; once per key."""
    person = stand_in(session, to, riga_date(at)) if to else None
    notice = notify(
        session,
        forwarding.institution_id,
        ticket.id,
        kind,
        key,
        at,
        role=role,
        ref=ticket.ref,
        **data,
    )
    if notice.id is None:
        notice.person_id = person.id if person else None
        session.flush()
        timer = Timer(kind=TELL_IT, ticket=ticket, key=f"tell:{key}", due_at=at, data={"notice": notice.id})
        session.add(timer)
    return notice


def write_them(
    session: Session, ticket: Ticket, forwarding: Forwarding, letter: str, key: str, at: datetime, about: int = 0
) -> None:
    """A letter to the institution where it has an address; `letter` names its words, `about` what it is about."""
    if session.get_one(Institution, forwarding.institution_id).email:
        data = {"forwarding": forwarding.id, "letter": letter, "about": about}
        session.add(Timer(kind=MAIL_IT, ticket=ticket, key=key, due_at=at, data=data))


def holder_of(session: Session, forwarding: Forwarding) -> Person | None:
    """To whom it was delegated."""
    return session.get(Person, forwarding.held_by) if forwarding.held_by else None


def person_called(session: Session, login: str) -> Person | None:
    """Somebody who works here, by log-in; None for who writes by link or letter."""
    return session.exec(select(Person).where(col(Person.login) == login, col(Person.active))).first()
