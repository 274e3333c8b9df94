"""Who works together on a ticket: who may be named in its notes, and who may change a note."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.institution import Institution
from models.note import Note
from models.staff import Person, Role
from models.ticket import Ticket

MENDING = timedelta(minutes=15)
"""how long the author may change a note"""


def may_mend(note: Note, person: Person, at: datetime) -> bool:
    return note.author_id == person.id and at <= note.at + MENDING


def colleagues(session: Session, ticket: Ticket) -> list[Person]:
    """Who may be named in a note: whoever coordinates this ticket, by log-in."""
    there = (
        select(Person)
        .join(Institution, col(Institution.id) == col(Person.institution_id))
        .where(
            Institution.code == ticket.coordinator,
            col(Person.active),
            col(Person.role).in_((Role.COORDINATOR, Role.LEAD)),
        )
    )
    return list(session.exec(there.order_by(col(Person.login))))
