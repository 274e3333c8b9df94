"""What became of the questions: what the bot did first, whether it helped, and whether people agreed."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlmodel import Session, col, func, select

from models.message import Direction, Message
from models.moments import RIGA
from models.ticket import Event, Ticket
from routing.corrections import HANDED, corrections

ANSWERED, ASKED_BACK = "answered from the catalogue", "asked back"


@dataclass(frozen=True, slots=True)
class Understood:
    """Of one language."""

    language: str
    answered: int
    """questions that the bot answered at once from the catalogue"""
    asked_back: int
    routed: int
    """to people, at once"""
    talk: int
    """messages that were no question: greetings, thanks"""
    helped: int
    """answers of which the citizen said that they helped"""
    did_not_help: int
    known: int
    """questions with people of which it is known whose they are (routing/corrections.py)"""
    right: int
    """those of them where the institution suggested first was the right one"""


def understood(session: Session, since: date | None = None) -> list[Understood]:
    """By language, of the questions received on that day in Riga or later, else of all; a fixed number of queries."""
    begin = datetime.combine(since, time(), RIGA) if since else None
    did, rated, talk = _did_first(session, begin), _rated(session, begin), _talk(session, begin)
    known = corrections(session, since).known
    owned, right = Counter(one.language for one in known), Counter(one.language for one in known if one.right)
    languages = sorted({language for language, _ in (*did, *rated)} | {*talk, *owned})
    return [
        Understood(
            language,
            did[language, ANSWERED],
            did[language, ASKED_BACK],
            did[language, HANDED],
            talk[language],
            rated[language, "yes"],
            rated[language, "no"],
            owned[language],
            right[language],
        )
        for language in languages
    ]


def _did_first(session: Session, begin: datetime | None) -> Counter[tuple[str, str]]:
    """Questions by language and by what the bot did first."""
    first = (
        select(func.min(Event.id))
        .where(col(Event.kind).in_((ANSWERED, ASKED_BACK, HANDED)))
        .group_by(col(Event.ticket_id))
    )
    query = (
        select(Ticket.language, Event.kind, func.count())
        .join(Event, col(Event.ticket_id) == Ticket.id)
        .where(col(Event.id).in_(first))
        .group_by(Ticket.language, Event.kind)
    )
    if begin:
        query = query.where(col(Ticket.received_at) >= begin)
    return _pairs(session.exec(query))


def _rated(session: Session, begin: datetime | None) -> Counter[tuple[str, str]]:
    """By language and rating."""
    query = (
        select(Ticket.language, Ticket.rating, func.count())
        .where(Ticket.rating != "")
        .group_by(Ticket.language, Ticket.rating)
    )
    if begin:
        query = query.where(col(Ticket.received_at) >= begin)
    return _pairs(session.exec(query))


def _talk(session: Session, begin: datetime | None) -> Counter[str]:
    """Messages of citizens that belong to no ticket, by language."""
    query = (
        select(Message.language, func.count())
        .where(col(Message.ticket_id).is_(None), col(Message.direction) == Direction.IN)
        .group_by(Message.language)
    )
    if begin:
        query = query.where(col(Message.at) >= begin)
    return Counter(dict(session.exec(query).all()))


def _pairs(rows: Iterable[tuple[str, str, int]]) -> Counter[tuple[str, str]]:
    return Counter({(language, kind): count for language, kind, count in rows})
