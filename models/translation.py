"""Machine translations of what citizens wrote, kept with the message; for who reads it, never in its stead."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class Translation(SQLModel, table=True):
    __tablename__ = "translation"
    __table_args__ = (UniqueConstraint("message_id", "language"),)
    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id")
    language: str
    """into which"""
    text: str
    of: str
    """what was sent to the engine: the text as it was then, personal codes masked"""
    engine: str
    """host of the engine"""
    by: str
    """log-in of who asked for it"""
    at: datetime = Field(sa_type=Instant)


def translations_of(session: Session, message_ids: Sequence[int], language: str) -> dict[int, Translation]:
    """By message."""
    wanted = select(Translation).where(
        col(Translation.message_id).in_(message_ids), col(Translation.language) == language
    )
    return {one.message_id: one for one in session.exec(wanted)}
