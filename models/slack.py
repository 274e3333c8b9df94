"""Slack: which ticket has a card there, and who at the desk is who there."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Field, Session, SQLModel, and_, col, delete, exists, select

from models.moments import Instant
from models.staff import Person
from models.ticket import WITH_PEOPLE, Event, Ticket

LIVE_SQL = "live"
CODE_LASTS = timedelta(minutes=10)
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""of codes: none that is taken for another"""


class SlackCard(SQLModel, table=True):
    """The card of a question that came to people; one for each ticket, however many processes look for it."""

    __tablename__ = "slack_card"
    __table_args__ = (
        Index("slack_card_live", "ticket_id", sqlite_where=text(LIVE_SQL), postgresql_where=text(LIVE_SQL)),
    )
    ticket_id: int = Field(primary_key=True, foreign_key="ticket.id", ondelete="CASCADE")
    outbox_id: int | None = None
    """the row that posts it; its provider's id says where the card is"""
    event_id: int = 0
    """the newest event of the ticket that the card shows, or will show when what waits has gone out"""
    live: bool = True
    """it follows the ticket; the card of one that is answered stays as it is"""


class SlackLink(SQLModel, table=True):
    """A person of the desk and his account in Slack; one each."""

    __tablename__ = "slack_link"
    __table_args__ = (UniqueConstraint("team", "account"),)
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    team: str
    account: str
    name: str = ""
    """as Slack calls him"""
    linked_at: datetime = Field(sa_type=Instant)


class SlackCode(SQLModel, table=True):
    """A code that a person types in Slack to say who he is; good for once, within CODE_LASTS."""

    __tablename__ = "slack_code"
    person_id: int = Field(primary_key=True, foreign_key="person.id")
    code_hash: str = Field(unique=True)
    expires_at: datetime = Field(sa_type=Instant)


def put_card_once(session: Session, card: SlackCard) -> bool:
    """False where the ticket has a card already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(SlackCard).on_conflict_do_nothing().returning(col(SlackCard.ticket_id))
    return session.connection().execute(statement, card.model_dump()).scalar() is not None


def new_code(session: Session, person_id: int, at: datetime) -> str:
    """A code for that person; any earlier one of his is good no more."""
    code = "".join(secrets.choice(LETTERS) for _ in range(8))
    session.exec(delete(SlackCode).where(col(SlackCode.person_id) == person_id))
    session.add(SlackCode(person_id=person_id, code_hash=_hash(code), expires_at=at + CODE_LASTS))
    return f"{code[:4]}-{code[4:]}"


def person_of_code(session: Session, code: str, at: datetime) -> Person | None:
    """Whose code that is; it is used up."""
    plain = "".join(letter for letter in code.upper() if letter in LETTERS)
    row = session.exec(select(SlackCode).where(col(SlackCode.code_hash) == _hash(plain)).with_for_update()).first()
    if row is None:
        return None
    session.delete(row)
    person = session.get(Person, row.person_id)
    return person if person is not None and person.active and at < row.expires_at else None


def link_of(session: Session, person_id: int) -> SlackLink | None:
    return session.get(SlackLink, person_id)


def link(session: Session, person_id: int, team: str, account: str, name: str, at: datetime) -> None:
    """From now on the account is that person; what either was linked to before is so no more."""
    session.exec(
        delete(SlackLink).where(
            (col(SlackLink.person_id) == person_id)
            | ((col(SlackLink.team) == team) & (col(SlackLink.account) == account))
        )
    )
    session.add(SlackLink(person_id=person_id, team=team, account=account, name=name[:200], linked_at=at))


def unlink(session: Session, person_id: int) -> None:
    session.exec(delete(SlackLink).where(col(SlackLink.person_id) == person_id))
    session.exec(delete(SlackCode).where(col(SlackCode.person_id) == person_id))


def live_behind(since: int) -> Any:
    """Cards that follow, with their tickets, to which something has happened that they do not show.

    Only of tickets with events after `since`, unless that is 0.
    """
    return _behind(since).where(col(SlackCard.live))


def opened_again(since: int) -> Any:
    """The same of tickets that were answered and opened again."""
    return _behind(since).where(~col(SlackCard.live), col(Ticket.state).in_(WITH_PEOPLE))


def _behind(since: int) -> Any:
    newer = and_(col(Event.ticket_id) == col(SlackCard.ticket_id), col(Event.id) > col(SlackCard.event_id))
    of_card = col(Ticket.id) == col(SlackCard.ticket_id)
    behind = select(SlackCard, Ticket).join(Ticket, of_card).where(exists().where(newer))
    if not since:
        return behind
    return behind.where(col(SlackCard.ticket_id).in_(select(Event.ticket_id).where(col(Event.id) > since)))


def _hash(code: str) -> str:
    return hashlib.sha256(f"slack code {code}".encode()).hexdigest()
