"""A question and all that follows."""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from models.contact import Contact
from models.moments import Instant, plainly, riga_date

if TYPE_CHECKING:
    from models.clock import Clock


REF = re.compile(r"\bLV-\d{4}-\d{6,9}\b", re.ASCII)
"""A ticket's number, alone or within a text."""


class TicketState(StrEnum):
    CLARIFYING = "clarifying"
    """the bot asked which of several services is meant"""
    TRIAGE = "triage"
    """waits for a coordinator"""
    FORWARDED = "forwarded"
    """at one institution or several"""
    COMPOSING = "composing"
    """the coordinator writes the answer"""
    ANSWERED = "answered"
    """the citizen has an answer and may still say that it did not help"""
    CLOSED = "closed"
    MERGED = "merged"
    """is answered together with another ticket (models/ticket_link.py)"""


OPEN = (TicketState.CLARIFYING, TicketState.TRIAGE, TicketState.FORWARDED, TicketState.COMPOSING)
"""States in which somebody owes the citizen something; what he writes then joins the ticket."""
WITH_PEOPLE = (TicketState.TRIAGE, TicketState.FORWARDED, TicketState.COMPOSING, TicketState.MERGED)
"""States in which what the citizen writes is for people."""


class Procedure(StrEnum):
    """Which of the law's terms count."""

    QUESTION = "question"
    """a consultation: Cabinet regulation No. 400"""
    SUBMISSION = "submission"
    """a formal submission: Iesniegumu likums"""


class Audience(StrEnum):
    RESIDENT = "resident"
    BUSINESS = "business"


class Ticket(SQLModel, table=True):
    __table_args__ = (
        Index(
            "ticket_open",
            "contact_id",
            sqlite_where=text("state IN ('clarifying','triage','forwarded','composing')"),
            postgresql_where=text("state IN ('clarifying','triage','forwarded','composing')"),
        ),
        Index(
            "ticket_desk",
            "coordinator",
            "state",
            "taken_by",
            "band",
            "channel",
            "language",
            "audience",
            "municipality",
            "service_code",
            "received_at",
        ),
        Index(
            "ticket_attention",
            "coordinator",
            sqlite_where=text("attention <> ''"),
            postgresql_where=text("attention <> ''"),
        ),
        Index("ticket_received", "received_at", "coordinator", "channel", "audience"),
    )
    id: int | None = Field(default=None, primary_key=True)
    ref: str = Field(unique=True)
    contact_id: int = Field(default=None, foreign_key="contact.id", index=True)
    channel: str
    audience: str = Audience.RESIDENT
    procedure: str = Procedure.QUESTION
    language: str = "lv"
    state: str = Field(default=TicketState.TRIAGE, index=True)
    subject: str = ""
    """the beginning of the question, personal codes masked"""
    received_at: datetime = Field(sa_type=Instant)
    """of the first message: every clock counts from its date in Riga"""
    service_code: str = ""
    confidence: float = 0.0
    band: str = ""
    intent: str = ""
    suggested: list[str] = Field(default=[], sa_type=JSON)
    """codes of the institutions that seem competent, best first"""
    offered: list[str] = Field(default=[], sa_type=JSON)
    """codes of the services that the bot asked among; none while it asks for the municipality"""
    municipality: str = ""
    """that the question names or the person is known to ask about, as config/municipalities.yaml calls it"""
    coordinator: str = "VDAA"
    """code of the coordinating institution"""
    taken_by: int | None = Field(default=None, foreign_key="person.id")
    rating: str = ""
    attention: str = ""
    """why a person should look at it now: an address that went dead, a complaint"""
    changed_at: datetime = Field(sa_type=Instant, index=True)
    contact: Contact = Relationship()
    clocks: list["Clock"] = Relationship(back_populates="ticket", sa_relationship_kwargs={"order_by": "Clock.id"})

    def clock(self, kind: str) -> "Clock | None":
        """The newest clock of the kind, running or stopped."""
        return next((clock for clock in reversed(self.clocks) if clock.kind == kind), None)

    def running(self, kind: str) -> "Clock | None":
        """The running clock of the kind, if there is one."""
        return next((clock for clock in self.clocks if clock.kind == kind and clock.is_running), None)

    @property
    def received_on(self) -> date:
        """Day 0 of the law's terms."""
        return riga_date(self.received_at)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class Event(SQLModel, table=True):
    """The audit trail: what happened to a ticket, when and by whom. Append-only."""

    __table_args__ = (
        Index(
            "event_complaint",
            "at",
            sqlite_where=text("kind = 'complaint'"),
            postgresql_where=text("kind = 'complaint'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(default=None, foreign_key="ticket.id", index=True)
    at: datetime = Field(sa_type=Instant)
    kind: str
    actor: str
    """`citizen`, `bot`, `clock`, or a staff member's log-in"""
    data: dict[str, Any] = Field(default={}, sa_type=JSON)
    ticket: Ticket = Relationship()


class Counter(SQLModel, table=True):
    """Numbers tickets within a year, without a gap and without two alike."""

    name: str = Field(primary_key=True)
    last: int


def open_ticket(session: Session, contact: Contact, at: datetime, **fields: Any) -> Ticket:
    """A new ticket with its number; `at` is when its first message was received."""
    ticket = Ticket(
        ref=_next_ref(session, riga_date(at).year),
        contact=contact,
        channel=contact.channel,
        received_at=at,
        changed_at=at,
        **fields,
    )
    session.add(ticket)
    return ticket


def record(session: Session, ticket: Ticket, kind: str, actor: str, at: datetime, **data: Any) -> None:
    """Adds to the trail; call it in the transaction that makes the change."""
    session.add(Event(ticket=ticket, at=at, kind=kind, actor=actor, data=plainly(data)))
    ticket.changed_at = at


def event_row(ticket_id: int, kind: str, actor: str, at: datetime, **data: Any) -> dict[str, Any]:
    """The same as a row to insert with many others."""
    return {"ticket_id": ticket_id, "at": at, "kind": kind, "actor": actor, "data": plainly(data)}


def open_ticket_of(session: Session, contact: Contact) -> Ticket | None:
    """The ticket that a further message of the contact joins."""
    return session.exec(
        select(Ticket)
        .where(col(Ticket.contact_id) == contact.id, col(Ticket.state).in_((*OPEN, TicketState.MERGED)))
        .order_by(col(Ticket.id).desc())
        .with_for_update()
    ).first()


def ticket_by_ref(session: Session, ref: str) -> Ticket | None:
    return session.exec(select(Ticket).where(col(Ticket.ref) == ref)).first()


def locked(session: Session, ticket_id: int) -> Ticket:
    """The ticket as it is now, kept from other writers until the commit. Raises LookupError."""
    ticket = session.exec(
        select(Ticket).where(col(Ticket.id) == ticket_id).with_for_update().execution_options(populate_existing=True)
    ).first()
    if ticket is None:
        raise LookupError(f"no ticket {ticket_id}")
    return ticket


def _next_ref(session: Session, year: int) -> str:
    row = session.connection().execute(
        text(
            "INSERT INTO counter (name, last) VALUES (:name, 1) "
            "ON CONFLICT (name) DO UPDATE SET last = counter.last + 1 RETURNING last"
        ),
        {"name": f"LV-{year}"},
    )
    return f"LV-{year}-{row.scalar_one():06d}"
