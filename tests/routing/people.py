"""Staff for tests of who is told, and what they were told."""

from datetime import date, datetime

from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.clock import Clock
from models.contact import Contact
from models.database import Database
from models.institution import Institution, institution_by_code
from models.message import Message
from models.queue import OutboxRow
from models.staff import Notice, Person, Role
from models.step import StepTaken
from routing.escalation import BATCH, tick
from routing.telling import MOST, tell
from tests.routing.case import MONDAY

DESK = "http://desk"
Step = tuple[str, int, str, str]
"""clock, working days from its due date, institution, role"""


def employ(
    database: Database, role: Role, code: str, *, chat: str = "", language: str = "lv", active: bool = True
) -> Person:
    """Somebody with that role there, with an address on Telegram where `chat` is given."""

    def work(session: Session) -> Person:
        institution = institution_by_code(session, code)
        assert institution is not None
        number = len(session.exec(select(Person.id)).all())
        person = Person(
            login=f"p{number}",
            role=role,
            institution_id=institution.id or 0,
            password_hash="-",
            active=active,
            language=language,
            created_at=MONDAY,
        )
        if chat:
            known = session.exec(select(Contact).where(col(Contact.address) == chat)).first()
            contact = known or Contact(channel="telegram", address=chat, created_at=MONDAY)
            session.add(contact)
            session.flush()
            person.contact_id = contact.id
        session.add(person)
        return person

    return database.write(work)


def look(database: Database, at: datetime) -> int:
    """One tick; says how many clocks it looked at."""
    return database.write(lambda session: tick(session, at))


def beat(database: Database, at: datetime) -> None:
    """All that the leader does for the ladder at that moment."""
    while look(database, at) == BATCH:
        pass
    while database.write(lambda session: tell(session, at, DESK)) >= MOST:
        pass


def taken(database: Database, ticket_id: int | None = None) -> list[Step]:
    """The steps in the order in which they were taken."""
    with database.read() as session:
        rows = session.execute(
            columns(
                col(Clock.kind),
                col(StepTaken.day),
                col(Institution.code),
                col(StepTaken.role),
                col(StepTaken.ticket_id),
            )
            .join(StepTaken, col(StepTaken.clock_id) == col(Clock.id))
            .join(Institution, col(Institution.id) == col(StepTaken.institution_id))
            .order_by(col(StepTaken.id))
        )
        return [(kind, day, code, role) for kind, day, code, role, of in rows if ticket_id in (None, of)]


def days_taken(database: Database, kind: str) -> list[tuple[int, date]]:
    """Of the clocks of that kind the steps with the dates they fell on, whoever was told."""
    with database.read() as session:
        rows = session.execute(
            columns(col(StepTaken.day), col(StepTaken.falls_on))
            .join(Clock, col(Clock.id) == col(StepTaken.clock_id))
            .where(col(Clock.kind) == kind)
            .order_by(col(StepTaken.id))
        )
        return list(dict.fromkeys((day, on) for day, on in rows))


def notices(database: Database) -> list[Notice]:
    with database.read() as session:
        return list(session.exec(select(Notice).order_by(col(Notice.id))))


def told(database: Database) -> list[tuple[str, str, str]]:
    """(institution, role, kind) of each notice."""
    with database.read() as session:
        return [
            (code, role, kind)
            for code, role, kind in session.exec(
                select(Institution.code, Notice.role, Notice.kind)
                .join(Institution, col(Institution.id) == col(Notice.institution_id))
                .order_by(col(Notice.id))
            )
        ]


def messages(database: Database) -> list[tuple[str, str]]:
    """(address, words) of all that waits in the outbox."""
    with database.read() as session:
        return [
            (address, words)
            for address, words in session.exec(
                select(OutboxRow.conversation, Message.text)
                .join(Message, col(Message.id) == col(OutboxRow.message_id))
                .order_by(col(OutboxRow.id))
            )
        ]
