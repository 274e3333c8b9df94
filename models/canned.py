"""Canned replies: texts that are written often, with places for what differs, in several languages."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.institution import Institution
from models.moments import Instant
from models.staff import Person, Role

LONGEST_NAME = 120
"""characters of a name"""
LONGEST_TEXT = 5_000
"""characters of a text"""


class Scope(StrEnum):
    """Whose pages offer it."""

    COORDINATOR = "coordinator"
    INSTITUTION = "institution"


class CannedReply(SQLModel, table=True):
    __tablename__ = "canned_reply"
    id: int | None = Field(default=None, primary_key=True)
    name: str
    """what people choose it by"""
    texts: dict[str, str] = Field(default={}, sa_type=JSON)
    """by language, with variables in braces (VARIABLES); a language without a text is not in it"""
    scope: str = Scope.COORDINATOR
    institution: str = ""
    """code of the one whose pages offer it; empty: all of the scope"""
    active: bool = True
    changed_by: str
    """a log-in; `start` for what is shipped"""
    changed_at: datetime = Field(sa_type=Instant)

    def text(self, language: str) -> tuple[str, str]:
        """The text in that language, else in Latvian, else in any; and the language that it is in."""
        for one in (language, "lv", *sorted(self.texts)):
            if self.texts.get(one):
                return self.texts[one], one
        return "", language


VARIABLES = ("name", "ref", "due", "institution", "service", "link", "coordinator")
"""what may stand in braces: the citizen's name, the ticket's number, the date of the answer, the institution that is
asked (on its own pages itself), the service's title, the link to the service, the coordinating institution"""


def canned_for(session: Session, person: Person, institution: Institution) -> list[CannedReply]:
    """Those that the person's pages offer, by name: of his institution's and of all's."""
    coordinates = person.role in (Role.COORDINATOR, Role.LEAD)
    wanted = select(CannedReply).where(
        col(CannedReply.active),
        CannedReply.scope == (Scope.COORDINATOR if coordinates else Scope.INSTITUTION),
        or_(CannedReply.institution == "", CannedReply.institution == institution.code),
    )
    return list(session.exec(wanted.order_by(col(CannedReply.name), col(CannedReply.id))))


def add_starting(session: Session, replies: Collection[dict[str, Any]], at: datetime) -> int:
    """The shipped ones, where there has never been any; returns how many were added."""
    if session.exec(select(CannedReply.id).limit(1)).first() is not None:
        return 0
    for one in replies:
        session.add(CannedReply(**one, changed_by="start", changed_at=at))
    return len(replies)
