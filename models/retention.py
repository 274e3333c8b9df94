"""What is deleted when its time has come, what was, and what must be kept none the less."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class LegalHold(SQLModel, table=True):
    """Nothing of the ticket is deleted while the row is there: a court or an inspector asks for it."""

    __tablename__ = "legal_hold"

    ticket_id: int = Field(primary_key=True, foreign_key="ticket.id")
    reason: str
    by: str
    at: datetime = Field(sa_type=Instant)


class Cleaned(SQLModel, table=True):
    """What of a ticket has been deleted already."""

    ticket_id: int = Field(primary_key=True, foreign_key="ticket.id")
    files_at: datetime | None = Field(default=None, sa_type=Instant)
    """since when its attachments and raw letters are gone"""
    words_at: datetime | None = Field(default=None, sa_type=Instant)
    """since when nothing says any more who asked"""


class DroppedFile(SQLModel, table=True):
    """Bytes that no attachment names any more, to be deleted from the folder or bucket of files."""

    __tablename__ = "dropped_file"

    sha256: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Instant)


class Cleaning(SQLModel, table=True):
    """One run of the rules, and how much it touched."""

    id: int | None = Field(default=None, primary_key=True)
    by: str
    """`clock`, or the log-in of who started it"""
    started_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    words: int = 0
    """tickets that were made anonymous"""
    files: int = 0
    """attachments and raw letters"""
    leftovers: int = 0
    """ended sessions, drafts nobody sent, conversations that made no ticket"""


def cleaning_now(session: Session) -> Cleaning | None:
    """The run that is under way."""
    return session.exec(select(Cleaning).where(col(Cleaning.ended_at).is_(None)).order_by(col(Cleaning.id))).first()


def cleanings(session: Session, most: int) -> list[Cleaning]:
    """The newest first."""
    return list(session.exec(select(Cleaning).order_by(col(Cleaning.id).desc()).limit(most)))
