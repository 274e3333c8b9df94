"""What has changed at the desk since a moment, and whom it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from models.forwarding import Forwarding
from models.ticket import Event, Ticket

SLACK = 200
"""On PostgreSQL an event may be committed after one with a higher number; we look so many back for such."""
MOST = 1000
"""changes of one look; who has missed more is told of these, and fetches the whole list anyway"""


@dataclass(frozen=True, slots=True)
class Change:
    """An event in a ticket's trail."""

    number: int
    ticket_id: int
    coordinator: str
    kind: str
    actor: str
    institutions: frozenset[int]
    """which have the ticket, or had it until then"""


def newest(session: Session) -> int:
    return session.exec(select(func.max(Event.id))).one() or 0


def numbers_after(session: Session, number: int) -> list[int]:
    found = select(Event.id).where(col(Event.id) > number).order_by(col(Event.id).desc()).limit(MOST)
    return [one or 0 for one in session.exec(found).all()]


def changes_after(
    session: Session, number: int, *, since: datetime | None = None, known: Collection[int] = ()
) -> list[Change]:
    """In their order; with `since`, only what happened after it; without those that are `known`."""
    found = (
        select(Event, Ticket.coordinator)
        .join(Ticket, col(Ticket.id) == col(Event.ticket_id))
        .where(col(Event.id) > number, col(Event.id).not_in(known))
        .order_by(col(Event.id).desc())
        .limit(MOST)
    )
    rows = [(event, code) for event, code in session.exec(found).all() if since is None or event.at > since]
    having = _having(session, {event.ticket_id for event, _ in rows})
    return [
        Change(event.id or 0, event.ticket_id, code, event.kind, event.actor, _who(having[event.ticket_id], event.at))
        for event, code in reversed(rows)
    ]


def _who(forwardings: Sequence[Forwarding], at: datetime) -> frozenset[int]:
    return frozenset(one.institution_id for one in forwardings if one.ended_at is None or one.ended_at >= at)


def _having(session: Session, tickets: set[int]) -> dict[int, list[Forwarding]]:
    """By ticket, whom it was forwarded to."""
    found: dict[int, list[Forwarding]] = {ticket_id: [] for ticket_id in tickets}
    if tickets:
        for forwarding in session.exec(select(Forwarding).where(col(Forwarding.ticket_id).in_(tickets))).all():
            found[forwarding.ticket_id].append(forwarding)
    return found
