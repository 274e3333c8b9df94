"""A ticket at one institution, and the answers written by people."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index
from sqlalchemy import text as sql
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class ForwardingState(StrEnum):
    WAITING = "waiting"
    ANSWERED = "answered"
    RETURNED = "returned"
    """not ours, with a reason"""
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"
    """it did not reach the institution: the coordinator's duty is open again"""


WITH_A_SAY = (ForwardingState.WAITING, ForwardingState.ANSWERED)
"""states in which an institution has a part in the answer"""


class Forwarding(SQLModel, table=True):
    __table_args__ = (
        Index(
            "forwarding_returned",
            "ticket_id",
            "ended_at",
            sqlite_where=sql("state = 'returned'"),
            postgresql_where=sql("state = 'returned'"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    institution_id: int = Field(foreign_key="institution.id", index=True)
    state: str = ForwardingState.WAITING
    note: str = ""
    forwarded_at: datetime = Field(sa_type=Instant, index=True)
    forwarded_by: str
    shown_due: date
    """the earlier of the institution's own term and the ticket's: what the institution is shown"""
    delivered_at: datetime | None = Field(default=None, sa_type=Instant)
    delivered_by: str = ""
    """the evidence: `desk` or `link` from the institution itself, else the log-in of the coordinator who says so"""
    late: bool = False
    """forwarded after its term: the delay is the coordinator's"""
    ended_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    ended_by: str = ""
    reason: str = ""
    """why it was returned"""
    held_by: int | None = Field(default=None, foreign_key="person.id")
    """to whom of the institution it was delegated, or who stands in for that one"""
    held_for: int | None = Field(default=None, foreign_key="person.id")
    """who was meant, where somebody else holds it for him"""
    reminded_at: datetime | None = Field(default=None, sa_type=Instant)
    """when a coordinator reminded the institution last"""


class Answer(SQLModel, table=True):
    """What an institution answered, or the one answer that a coordinator wrote from several."""

    __table_args__ = (Index("answer_at", "at", "ticket_id"),)
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    forwarding_id: int | None = Field(default=None, foreign_key="forwarding.id", unique=True)
    """none for the coordinator's own"""
    author: str
    text: str
    at: datetime = Field(sa_type=Instant)
    message_id: int | None = Field(default=None, foreign_key="message.id")
    """the message that carried it to the citizen"""
    sources: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    """what the coordinator made it of: institutions' parts with their dates, catalogue entries with their versions"""


def forwardings_of(session: Session, ticket_id: int) -> list[Forwarding]:
    return list(
        session.exec(select(Forwarding).where(col(Forwarding.ticket_id) == ticket_id).order_by(col(Forwarding.id)))
    )


def answers_of(session: Session, ticket_id: int) -> list[Answer]:
    return list(session.exec(select(Answer).where(col(Answer.ticket_id) == ticket_id).order_by(col(Answer.id))))
