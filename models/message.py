"""What was said, by whom, and its way to the citizen."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, and_
from sqlalchemy import text as sql
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from models.contact import Contact
from models.moments import Instant
from models.queue import OutboxRow
from models.ticket import Ticket


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class Author(StrEnum):
    CITIZEN = "citizen"
    BOT = "bot"
    COORDINATOR = "coordinator"
    INSTITUTION = "institution"


class Message(SQLModel, table=True):
    __table_args__ = (
        Index("message_contact", "contact_id", "id"),
        Index("message_proposed", "forwarding_id", sqlite_where=sql("proposed"), postgresql_where=sql("proposed")),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    """none for greetings and thanks, which are no question"""
    contact_id: int = Field(default=None, foreign_key="contact.id")
    direction: str
    author: str
    author_name: str = ""
    """an institution's code or a coordinator's name, shown to the citizen"""
    text: str
    language: str = "lv"
    choices: list[dict[str, str]] = Field(default=[], sa_type=JSON)
    source: dict[str, Any] = Field(default={}, sa_type=JSON)
    """the catalogue entry quoted: service, institution, version, date, link"""
    answers: bool = False
    """this is the answer: the clock stops when it was sent"""
    external_id: str = ""
    at: datetime = Field(sa_type=Instant)
    edited_at: datetime | None = Field(default=None, sa_type=Instant)
    earlier: list[str] = Field(default=[], sa_type=JSON)
    """texts before each edit"""
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    forwarding_id: int | None = Field(default=None, foreign_key="forwarding.id", index=True)
    """between us and the institution, with no ticket of its own: the citizen never sees it"""
    proposed: bool = False
    """an institution's letter that waits until a coordinator says whether it is the answer"""
    inbox_id: int | None = Field(default=None, index=True)
    """the inbox row that brought it or that it replies to, so that a repeated request gets the same reply"""
    ticket: Ticket | None = Relationship()
    contact: Contact = Relationship()


DANGEROUS = "dangerous"
INFECTED = "infected"


class Attachment(SQLModel, table=True):
    """A file that somebody sent; its bytes lie in the data folder under their hash."""

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    name: str
    media_type: str
    size: int
    sha256: str = ""
    refused: str = ""
    """why the file was not kept, e.g. too large; with a hash: kept, but nobody is offered it"""

    @property
    def offered(self) -> bool:
        return bool(self.sha256) and not self.refused


def heard(
    session: Session,
    contact: Contact,
    ticket: Ticket | None,
    text: str,
    at: datetime,
    *,
    external_id: str = "",
    language: str = "",
) -> Message:
    """Keeps what the citizen wrote; `language` is that of the text where it is not the one that we answer in."""
    message = Message(
        ticket=ticket,
        contact=contact,
        direction=Direction.IN,
        author=Author.CITIZEN,
        text=text,
        language=language or (ticket.language if ticket else contact.language),
        external_id=external_id,
        at=at,
    )
    session.add(message)
    return message


def say(
    session: Session,
    contact: Contact,
    ticket: Ticket | None,
    text: str,
    at: datetime,
    *,
    pulled: bool,
    author: Author = Author.BOT,
    author_name: str = "",
    choices: Sequence[dict[str, str]] = (),
    source: dict[str, Any] | None = None,
    answers: bool = False,
    forwarding_id: int | None = None,
    language: str = "",
) -> Message:
    """Stores what we say and its outbox row together; on a channel that fetches, stored is delivered."""
    language = language or (ticket.language if ticket else contact.language)
    message = Message(
        ticket=ticket,
        contact=contact,
        direction=Direction.OUT,
        author=author,
        author_name=author_name,
        text=text,
        language=language,
        choices=list(choices),
        source=source or {},
        answers=answers,
        forwarding_id=forwarding_id,
        at=at,
        sent_at=at if pulled else None,
    )
    session.add(message)
    if not pulled:
        session.flush()
        session.add(
            OutboxRow(
                channel=contact.channel,
                conversation=contact.address,
                message_id=message.id or 0,
                ticket_id=message.ticket_id,
                language=language,
                due_at=at,
                created_at=at,
            )
        )
    return message


def in_one_letter(row: OutboxRow) -> ColumnElement[bool]:
    """What is said to the same address about the same ticket at the same moment goes out as one letter."""
    return and_(
        col(OutboxRow.channel) == row.channel,
        col(OutboxRow.conversation) == row.conversation,
        col(OutboxRow.ticket_id) == row.ticket_id,
        col(OutboxRow.created_at) == row.created_at,
    )


def attach_copies(session: Session, of: Sequence[int], to: Message) -> None:
    """The files of those messages go along with `to` as well, but for dangerous ones; their bytes are kept once."""
    kept = select(Attachment).where(
        col(Attachment.message_id).in_(of), col(Attachment.sha256) != "", col(Attachment.refused) == ""
    )
    for file in session.exec(kept.order_by(col(Attachment.id))).all():
        session.add(Attachment(**file.model_dump(exclude={"id", "message_id"}), message_id=to.id or 0))


def spoken_to(session: Session, contact: Contact, language: str, since: datetime) -> bool:
    """Whether we have said something to the contact in that language since then."""
    said = select(Message.id).where(
        col(Message.contact_id) == contact.id,
        col(Message.direction) == Direction.OUT,
        col(Message.language) == language,
        col(Message.at) > since,
    )
    return contact.id is not None and session.exec(said.limit(1)).first() is not None


def last_heard(session: Session, contact_id: int) -> datetime | None:
    """When the contact last wrote."""
    return session.exec(
        select(Message.at)
        .where(col(Message.contact_id) == contact_id, col(Message.direction) == Direction.IN)
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()


def last_said(session: Session, contact: Contact) -> Message | None:
    """The last thing we said to the contact."""
    return session.exec(
        select(Message)
        .where(col(Message.contact_id) == contact.id, col(Message.direction) == Direction.OUT)
        .order_by(col(Message.id).desc())
        .limit(1)
    ).first()
