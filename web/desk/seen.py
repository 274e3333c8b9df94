"""Sending over somebody's newer doings asks first: each form carries what its writer had seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from models.forwarding import Answer
from models.message import Message
from models.ticket import Event, Ticket
from routing.triage import NotPossible

CITIZEN = frozenset({"citizen wrote", "citizen edited", "complaint"})
"""what matters to everybody who answers"""
COORDINATOR = CITIZEN | {
    "answered",
    "answered from the catalogue",
    "forwarded",
    "returned",
    "withdrawn",
    "not delivered",
    "institution answered",
    "institution wrote",
    "answer to approve",
    "opened again by letter",
    "citizen replied",
    "institution asks",
    "merged in",
}
"""what matters to who answers or forwards for all"""


@dataclass(frozen=True, slots=True)
class News:
    at: datetime
    kind: str
    actor: str
    text: str
    """what was said, where something was said"""


class Newer(NotPossible):
    """Something has come that the writer has not seen; nothing was sent."""

    def __init__(self, news: Sequence[News]) -> None:
        super().__init__("something has come while you were writing")
        self.news = news


def nothing_newer(
    session: Session,
    ticket: Ticket,
    seen: str,
    login: str,
    kinds: frozenset[str] = COORDINATOR,
    institution: str = "",
) -> None:
    """Compares what the form had `seen` (newest_event) with the locked ticket, but for what the writer did himself.

    With the code of an `institution`, what others do with the ticket is none of its writer's business. Raises Newer.
    A finished ticket is left to the rules, which say that nothing can be sent any more.
    """
    if not ticket.is_open:
        return
    last = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else 0
    events = session.exec(
        select(Event)
        .where(
            col(Event.ticket_id) == ticket.id,
            col(Event.id) > last,
            col(Event.kind).in_(kinds),
            col(Event.actor) != login,
        )
        .order_by(col(Event.id))
    ).all()
    if institution:
        events = [e for e in events if e.kind in CITIZEN or e.data.get("institution") == institution]
    if events:
        texts = _said(session, ticket)
        raise Newer([News(event.at, event.kind, event.actor, texts.get(event.at, "")) for event in events])


def newest_event(session: Session, ticket_id: int) -> int:
    """What a page that is made now has seen."""
    return session.exec(select(func.max(Event.id)).where(col(Event.ticket_id) == ticket_id)).one() or 0


def _said(session: Session, ticket: Ticket) -> dict[datetime, str]:
    """By the moment, which a message shares with its event."""
    messages = session.exec(select(Message.at, Message.text).where(col(Message.ticket_id) == ticket.id)).all()
    answers = session.exec(select(Answer.at, Answer.text).where(col(Answer.ticket_id) == ticket.id)).all()
    return dict([*messages, *answers])
