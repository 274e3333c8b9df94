"""What a composed answer was made of: institutions' parts and catalogue entries, named under it and kept with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from config.replies import reply
from models.forwarding import Answer
from models.institution import Institution
from models.message import Message
from models.moments import riga_date
from models.service import Service
from models.ticket import Ticket
from routing.quoting import catalogue_text, keep_receipt


@dataclass(frozen=True, slots=True)
class Source:
    """A part of an institution, or with `service` that version of a catalogue entry."""

    institution: str
    """its code"""
    name: str
    """as the citizen reads it"""
    on: date
    answer_id: int | None = None
    service: Service | None = None

    @property
    def key(self) -> str:
        """What a form calls it by; another version of an entry has another key."""
        return f"s:{self.service.code}:{self.service.version}" if self.service else f"a:{self.answer_id}"

    def kept(self) -> dict[str, Any]:
        known = {"institution": self.institution, "name": self.name, "on": self.on.isoformat()}
        return known | (self.service.source() if self.service else {"answer": self.answer_id})

    def line(self, language: str) -> str:
        if self.service is None:
            return reply(language, "source_part", institution=self.name, date=self.on)
        title = self.service.text("title", language)
        return reply(
            language,
            "source_entry",
            title=title,
            institution=self.name,
            date=self.on,
            version=self.service.version,
            url=self.service.url,
        )


def part(answer: Answer, institution: Institution, language: str) -> Source:
    return Source(institution.code, institution.called(language), riga_date(answer.at), answer.id)


def entry(service: Service, publisher: Institution | None, language: str) -> Source:
    name = publisher.called(language) if publisher else service.institution
    return Source(service.institution, name, service.published_on, service=service)


def listed(sources: Sequence[Source], language: str) -> str:
    """Under the answer: a line for each."""
    if not sources:
        return ""
    return "\n".join([reply(language, "sources"), *(f"– {source.line(language)}" for source in sources)])


def keep_receipts(session: Session, ticket: Ticket, message: Message, sources: Sequence[Source], at: datetime) -> None:
    """Of each entry that is named: the citizen may rely on it as it was published."""
    for source in sources:
        if source.service is not None:
            language = source.service.language_of_answer(ticket.language)
            text = catalogue_text(source.service, source.name, language)
            keep_receipt(session, ticket, message, source.service, language, text, at)
