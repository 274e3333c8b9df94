"""Catalogue entries, each version kept, and the proof of what was quoted from them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from models.message import Message
from models.moments import Instant
from models.ticket import Ticket


class LifeSituation(SQLModel, table=True):
    code: str = Field(primary_key=True)
    title: dict[str, str] = Field(sa_type=JSON)


class Service(SQLModel, table=True):
    """One version of a catalogue entry; the citizen may rely on it as it was published (MK 400)."""

    __table_args__ = (
        UniqueConstraint("code", "version"),
        Index("service_current", "code", unique=True, sqlite_where=text("current"), postgresql_where=text("current")),
    )
    id: int | None = Field(default=None, primary_key=True)
    code: str
    version: int
    current: bool = True
    institution: str
    also: list[str] = Field(default=[], sa_type=JSON)
    municipality: str | None = None
    life_situation: str = ""
    audience: str = "both"
    published_on: date
    url: str
    term_working_days: int | None = None
    texts: dict[str, dict[str, str]] = Field(sa_type=JSON)
    """by field (title, summary, who, documents, term, price, apply), then by language"""
    keywords: dict[str, list[str]] = Field(default={}, sa_type=JSON)
    questions: dict[str, list[str]] = Field(default={}, sa_type=JSON)
    fingerprint: str = ""
    imported_at: datetime = Field(sa_type=Instant)

    def text(self, field: str, language: str) -> str:
        words = self.texts.get(field, {})
        return words.get(language) or words.get("lv", "")

    def language_of_answer(self, language: str) -> str:
        """That language where the entry is published in it, else Latvian."""
        return language if self.texts.get("summary", {}).get(language) else "lv"

    def source(self) -> dict[str, Any]:
        """Where the quoted words come from, as stored with the message and shown to the citizen."""
        return {
            "service": self.code,
            "institution": self.institution,
            "version": self.version,
            "published_on": self.published_on.isoformat(),
            "url": self.url,
        }


class Receipt(SQLModel, table=True):
    """Proof of the catalogue text a citizen was given: he may rely on it, so the exact words stay."""

    id: int | None = Field(default=None, primary_key=True)
    ticket_id: int = Field(default=None, foreign_key="ticket.id", index=True)
    message_id: int = Field(default=None, foreign_key="message.id")
    service_code: str
    service_version: int
    institution: str
    language: str
    url: str
    published_on: date
    text: str
    at: datetime = Field(sa_type=Instant)
    ticket: Ticket = Relationship()
    message: Message = Relationship()


def service_by_code(session: Session, code: str) -> Service | None:
    """The version in force."""
    return session.exec(select(Service).where(col(Service.code) == code, col(Service.current))).first()
