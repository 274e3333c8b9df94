"""The desk's lists: a coordinator's tickets in queues, an institution's forwardings in theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, exists, func, or_, select, true

from models.clock import Clock, ClockKind, Outcome
from models.forwarding import Answer, Forwarding, ForwardingState
from models.institution import Institution
from models.message import Message
from models.staff import Person
from models.ticket import Ticket, TicketState
from web.sessions import Staff

PAGE = 25
RECENTLY = timedelta(days=14)


class Queue(StrEnum):
    """What waits for a coordinator."""

    TRIAGE = "triage"
    COMPOSING = "composing"
    ATTENTION = "attention"
    WAITING = "waiting"
    ANSWERED = "answered"


STATES = {
    Queue.TRIAGE: TicketState.TRIAGE,
    Queue.COMPOSING: TicketState.COMPOSING,
    Queue.WAITING: TicketState.FORWARDED,
}


class Tray(StrEnum):
    """What lies at an institution."""

    TO_ANSWER = "to-answer"
    ANSWERED = "answered"
    RETURNED = "returned"


TRAYS = {
    Tray.TO_ANSWER: (ForwardingState.WAITING,),
    Tray.ANSWERED: (ForwardingState.ANSWERED,),
    Tray.RETURNED: (ForwardingState.RETURNED, ForwardingState.WITHDRAWN, ForwardingState.UNDELIVERED),
}


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: Ticket
    due: date | None
    """the next thing the coordinator owes: the forwarding while it runs, then the answer"""
    institutions: Sequence[Institution]
    """who has it, else who seems competent"""
    holder: str
    """who took it"""
    undelivered: Sequence[str] = ()
    """codes of the institutions of which nobody knows yet whether they have it"""


@dataclass(frozen=True, slots=True)
class ForwardingRow:
    forwarding: Forwarding
    ticket: Ticket


@dataclass(frozen=True, slots=True)
class Listing:
    rows: Sequence[Any]
    counts: dict[str, int]
    found: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


def tickets_in(session: Session, staff: Staff, queue: Queue, words: str, page: int, at: datetime) -> Listing:
    """The coordinator's tickets in that queue by what is due first; with `words`, those found anywhere."""
    wanted = _says(words) if words else _in(queue, at)
    due = _next_due()
    newest = bool(words) or queue == Queue.ANSWERED
    order = (col(Ticket.changed_at).desc(),) if newest else (due.asc().nulls_last(), col(Ticket.id))
    found = session.exec(select(func.count()).select_from(Ticket).where(_overseen(staff), wanted)).one()
    page = min(page, max(1, -(-found // PAGE)))
    rows = session.exec(
        select(Ticket, due, Person.name, Person.login)
        .outerjoin(Person, col(Person.id) == col(Ticket.taken_by))
        .where(_overseen(staff), wanted)
        .order_by(*order)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    ).all()
    tickets = [row[0] for row in rows]
    whose, on_the_way = _institutions(session, tickets), _undelivered(session, tickets)
    listed = [
        TicketRow(ticket, on, whose[ticket.id or 0], name or login or "", on_the_way.get(ticket.id or 0, ()))
        for ticket, on, name, login in rows
    ]
    return Listing(listed, _counts(session, staff, at), found, page)


def _counts(session: Session, staff: Staff, at: datetime) -> dict[str, int]:
    def count(queue: Queue) -> int:
        return session.exec(select(func.count()).select_from(Ticket).where(_overseen(staff), _in(queue, at))).one()

    return {queue: count(queue) for queue in Queue}


def forwardings_in(session: Session, staff: Staff, which: Tray, words: str, page: int) -> Listing:
    """The forwardings to the person's institution, by what is due first; with `words`, those found in any state."""
    here = [col(Forwarding.institution_id) == staff.institution.id]
    wanted = [*here, _names(words) if words else col(Forwarding.state).in_(TRAYS[which])]
    waiting = which == Tray.TO_ANSWER and not words
    order = (col(Forwarding.shown_due), col(Forwarding.id)) if waiting else (col(Forwarding.id).desc(),)
    asked = select(Forwarding, Ticket).join(Ticket, col(Ticket.id) == col(Forwarding.ticket_id)).where(*wanted)
    found = session.exec(select(func.count()).select_from(asked.subquery())).one()
    page = min(page, max(1, -(-found // PAGE)))
    rows = session.exec(asked.order_by(*order).limit(PAGE).offset((page - 1) * PAGE)).all()
    by_state = dict(
        session.exec(select(Forwarding.state, func.count()).where(*here).group_by(col(Forwarding.state))).all()
    )
    counts = {one: sum(by_state.get(state, 0) for state in states) for one, states in TRAYS.items()}
    return Listing([ForwardingRow(*row) for row in rows], {str(k): v for k, v in counts.items()}, found, page)


def _overseen(staff: Staff) -> Any:
    return col(Ticket.coordinator) == staff.institution.code if not staff.looks_on else true()


def _in(queue: Queue, at: datetime) -> Any:
    if state := STATES.get(queue):
        return col(Ticket.state) == state
    if queue == Queue.ATTENTION:
        return col(Ticket.attention) != ""
    by_people = exists().where(col(Answer.ticket_id) == col(Ticket.id))
    ended = col(Ticket.state).in_((TicketState.ANSWERED, TicketState.CLOSED))
    return ended & (col(Ticket.changed_at) >= at - RECENTLY) & by_people


def _says(words: str) -> Any:
    """Found by number, by municipality, or by words of the question or a message."""
    said = exists().where(col(Message.ticket_id) == col(Ticket.id), col(Message.text).icontains(words, autoescape=True))
    return or_(_names(words), said)


def _names(words: str) -> Any:
    return or_(
        *(
            column.icontains(words, autoescape=True)
            for column in (col(Ticket.ref), col(Ticket.subject), col(Ticket.municipality))
        )
    )


def _next_due() -> Any:
    return (
        select(func.min(Clock.due_on))
        .where(
            col(Clock.ticket_id) == col(Ticket.id),
            col(Clock.outcome) == Outcome.RUNNING,
            col(Clock.kind).in_((ClockKind.FORWARD, ClockKind.ANSWER)),
        )
        .correlate(Ticket)
        .scalar_subquery()
    )


def _institutions(session: Session, tickets: Sequence[Ticket]) -> dict[int, list[Institution]]:
    """By ticket: the institutions that have it, else the ones suggested."""
    having = session.exec(
        select(Forwarding.ticket_id, Institution)
        .join(Institution, col(Institution.id) == col(Forwarding.institution_id))
        .where(
            col(Forwarding.ticket_id).in_([ticket.id for ticket in tickets]),
            col(Forwarding.state).in_((ForwardingState.WAITING, ForwardingState.ANSWERED)),
        )
    ).all()
    codes = {code for ticket in tickets for code in ticket.suggested}
    known = {i.code: i for i in session.exec(select(Institution).where(col(Institution.code).in_(codes)))}
    found: dict[int, list[Institution]] = {}
    for ticket in tickets:
        has = [institution for ticket_id, institution in having if ticket_id == ticket.id]
        found[ticket.id or 0] = has or [known[code] for code in ticket.suggested if code in known]
    return found


def _undelivered(session: Session, tickets: Sequence[Ticket]) -> dict[int, list[str]]:
    """By ticket: the institutions it was forwarded to without evidence that they have it."""
    rows = session.exec(
        select(Forwarding.ticket_id, Institution.code)
        .join(Institution, col(Institution.id) == col(Forwarding.institution_id))
        .where(
            col(Forwarding.ticket_id).in_([ticket.id for ticket in tickets]),
            col(Forwarding.state) == ForwardingState.WAITING,
            col(Forwarding.delivered_at).is_(None),
        )
        .order_by(col(Forwarding.id))
    )
    found: dict[int, list[str]] = {}
    for ticket_id, code in rows.all():
        found.setdefault(ticket_id, []).append(code)
    return found
