"""Internal notes: what people at the desk tell each other about a ticket. No citizen and no institution sees them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class Note(SQLModel, table=True):
    """A table of its own, so that nothing that shows or sends messages can come upon a note."""

    __tablename__ = "note"
    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    author_id: int = Field(foreign_key="person.id")
    text: str
    mentions: list[str] = Field(default=[], sa_type=JSON)
    """log-ins of the colleagues who are named in it"""
    at: datetime = Field(sa_type=Instant)
    edited_at: datetime | None = Field(default=None, sa_type=Instant)
    earlier: list[str] = Field(default=[], sa_type=JSON)
    """texts before each edit"""


def notes_of(session: Session, ticket_ids: Sequence[int]) -> list[Note]:
    """In order."""
    return list(session.exec(select(Note).where(col(Note.ticket_id).in_(ticket_ids)).order_by(col(Note.id))))
