"""Who works on a ticket: taking it, and what says through which door an action came."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlmodel import Session, col, func, select

from models.staff import Person
from models.ticket import Event, Ticket, record
from routing.triage import NotPossible


def take(session: Session, ticket: Ticket, person: Person, holder: str, at: datetime, giver: str = "") -> None:
    """The ticket, which is locked, is his, if `holder` still has it: the id of who was shown to have it, or empty.

    `giver` is the log-in of who gives it to him; empty where he takes it himself. Raises NotPossible.
    """
    if ticket.taken_by == person.id:
        return
    if str(ticket.taken_by or "") != holder:
        raise NotPossible("somebody else has taken the ticket meanwhile")
    ticket.taken_by = person.id
    if giver in ("", person.login):
        record(session, ticket, "taken", person.login, at)
    else:
        record(session, ticket, "assigned", giver, at, to=person.login)


@contextmanager
def by_way_of(session: Session, ticket: Ticket, door: str) -> Iterator[None]:
    """What is recorded of the ticket, which is locked, in this block says that it came by that door."""
    last = session.exec(select(func.max(Event.id)).where(col(Event.ticket_id) == ticket.id)).one() or 0
    yield
    session.flush()
    for event in session.exec(select(Event).where(col(Event.ticket_id) == ticket.id, col(Event.id) > last)):
        event.data = {**event.data, "by_way_of": door}
