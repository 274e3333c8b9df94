"""The coordinators' queues: what stands in each, and how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, case, literal_column
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, exists, func, select, true

from models.clock import RUNNING_SQL, Clock, ClockKind
from models.forwarding import Answer, Forwarding
from models.message import Message
from models.moments import riga_date
from models.ticket import OPEN, Ticket, TicketState
from web.sessions import Staff

PAGE = 25
RECENTLY = timedelta(days=14)
MOST = 1000
"""of what is found by words or was answered lately nobody reads more"""
RUNNING: ColumnElement[bool] = literal_column(f"clock.{RUNNING_SQL}")
OWED = (ClockKind.FORWARD, ClockKind.ANSWER)
"""what the coordinator owes"""


class Queue(StrEnum):
    """What waits for a coordinator."""

    OVERDUE = "overdue"
    DUE_TODAY = "due-today"
    FORWARD_TODAY = "forward-today"
    TRIAGE = "triage"
    BOT = "bot"
    """the bot had answered or asked back before it handed over"""
    RETURNED = "returned"
    """an institution said "not ours", and nobody was asked since"""
    WAITING = "waiting"
    COMPOSING = "composing"
    APPROVE = "approve"
    MINE = "mine"
    ATTENTION = "attention"
    ANSWERED = "answered"
    ALL = "all"


GROUPS = {
    "today": (Queue.OVERDUE, Queue.DUE_TODAY, Queue.FORWARD_TODAY),
    "decide": (Queue.TRIAGE, Queue.BOT, Queue.RETURNED),
    "institutions": (Queue.WAITING, Queue.APPROVE, Queue.COMPOSING),
    "watch": (Queue.MINE, Queue.ATTENTION),
    "rest": (Queue.ANSWERED, Queue.ALL),
}
STATES = {
    Queue.TRIAGE: TicketState.TRIAGE,
    Queue.COMPOSING: TicketState.COMPOSING,
    Queue.WAITING: TicketState.FORWARDED,
}
FEW = (Queue.APPROVE, Queue.ATTENTION, Queue.ANSWERED)
TRIED = col(Ticket.band).in_(("answer", "clarify"))
"""the bot had answered or asked back"""
NEWEST = (Queue.ANSWERED, Queue.ALL)
"""where nothing is owed any more, the newest stand first"""


@dataclass(frozen=True, slots=True)
class Listing:
    rows: Sequence[Any]
    counts: dict[str, int]
    found: int
    page: int
    more: bool = False
    """there are more than were counted"""

    @property
    def pages(self) -> int:
        return max(1, -(-self.found // PAGE))


def page_within(page: int, found: int) -> int:
    return min(page, max(1, -(-found // PAGE)))


def overseen(staff: Staff) -> ColumnElement[bool]:
    """The tickets of the coordinator's own coordination; all for who looks on."""
    return true() if staff.looks_on else col(Ticket.coordinator) == staff.institution.code


def overseen_of_few(staff: Staff) -> ColumnElement[bool]:
    """The same, where other conditions leave few tickets: no index of all the coordinator's tickets is gone through."""
    return true() if staff.looks_on else col(Ticket.coordinator).concat("") == staff.institution.code


def standing_in(queue: Queue, staff: Staff, at: datetime) -> ColumnElement[bool]:
    """The tickets of the queue."""
    if state := STATES.get(queue):
        return col(Ticket.state) == state
    match queue:
        case Queue.OVERDUE | Queue.DUE_TODAY | Queue.FORWARD_TODAY:
            return col(Ticket.id).in_(select(Clock.ticket_id).where(_owed_by(staff), _when(riga_date(at))[queue]))
        case Queue.BOT:
            return (col(Ticket.state) == TicketState.TRIAGE) & TRIED
        case Queue.RETURNED:
            return col(Ticket.state).in_(OPEN) & _returned()
        case Queue.APPROVE:
            return col(Ticket.state).in_(OPEN) & col(Ticket.id).in_(_proposed())
        case Queue.MINE:
            return col(Ticket.state).in_(OPEN) & (col(Ticket.taken_by) == staff.person.id)
        case Queue.ATTENTION:
            return literal_column("ticket.attention <> ''")
        case Queue.ANSWERED:
            return col(Ticket.id).in_(_answered(at - RECENTLY)) & col(Ticket.state).in_(
                (TicketState.ANSWERED, TicketState.CLOSED)
            )
    return true()


def next_due() -> Any:
    """The next thing that the coordinator owes: the forwarding while it runs, then the answer."""
    owed = (col(Clock.ticket_id) == col(Ticket.id), RUNNING, col(Clock.kind).in_(OWED))
    return select(func.min(Clock.due_on)).where(*owed).correlate(Ticket).scalar_subquery()


def counts_of(session: Session, staff: Staff, at: datetime) -> dict[str, int]:
    """How much stands in each queue; of all questions nobody asks how many there are."""
    counts = _by_state(session, staff) | _by_term(session, staff, riga_date(at))
    for queue in (Queue.RETURNED, *FEW):
        whose = overseen_of_few(staff) if queue in FEW else overseen(staff)
        some = select(Ticket.id).where(whose, standing_in(queue, staff, at)).limit(MOST)
        counts[queue] = session.exec(select(func.count()).select_from(some.subquery())).one()
    return counts


def _by_state(session: Session, staff: Staff) -> dict[str, int]:
    """Those that are told from the ticket itself, in one look."""
    tried = func.sum(case((TRIED, 1), else_=0))
    mine = func.sum(case((col(Ticket.taken_by) == staff.person.id, 1), else_=0))
    rows = session.exec(
        select(Ticket.state, func.count(), tried, mine)
        .where(overseen(staff), col(Ticket.state).in_(OPEN))
        .group_by(col(Ticket.state))
    ).all()
    found = {state: number for state, number, _, _ in rows}
    counts = {str(queue): found.get(state, 0) for queue, state in STATES.items()}
    counts[Queue.BOT] = sum(by_bot for state, _, by_bot, _ in rows if state == TicketState.TRIAGE)
    counts[Queue.MINE] = sum(row[3] for row in rows)
    return counts


def _by_term(session: Session, staff: Staff, today: date) -> dict[str, int]:
    """Those that are told from the clocks, in one look at the ones that are due."""
    when = _when(today)
    tickets = (func.count(func.distinct(case((such, col(Clock.ticket_id))))) for such in when.values())
    row: Any = session.exec(select(*tickets).where(_owed_by(staff), col(Clock.due_on) <= today)).one()
    return dict(zip(map(str, when), row, strict=True))


def _owed_by(staff: Staff) -> ColumnElement[bool]:
    """The running terms of the coordinator's own duties; who owes them is who coordinates the ticket."""
    whose = true() if staff.looks_on else col(Clock.owner) == staff.institution.code
    return and_(RUNNING, whose, col(Clock.kind).in_(OWED))


def _when(today: date) -> dict[Queue, ColumnElement[bool]]:
    return {
        Queue.OVERDUE: col(Clock.due_on) < today,
        Queue.DUE_TODAY: col(Clock.due_on) == today,
        Queue.FORWARD_TODAY: and_(col(Clock.due_on) <= today, col(Clock.kind) == ClockKind.FORWARD),
    }


def _returned() -> ColumnElement[bool]:
    later = aliased(Forwarding)
    since = exists().where(
        col(later.ticket_id) == col(Forwarding.ticket_id), col(later.forwarded_at) > col(Forwarding.ended_at)
    )
    returned: ColumnElement[bool] = literal_column("forwarding.state = 'returned'")
    return exists().where(col(Forwarding.ticket_id) == col(Ticket.id), returned, ~since)


def _proposed() -> Any:
    letters = select(Forwarding.ticket_id).join(Message, col(Message.forwarding_id) == col(Forwarding.id))
    return letters.where(literal_column("message.proposed"))


def _answered(since: datetime) -> Any:
    return select(Answer.ticket_id).where(col(Answer.at) >= since)


def due_between(staff: Staff, first: date | None, last: date | None) -> ColumnElement[bool]:
    """Tickets of which the coordinator owes something within those days."""
    days = [col(Clock.due_on) >= first] if first else []
    days += [col(Clock.due_on) <= last] if last else []
    return col(Ticket.id).in_(select(Clock.ticket_id).where(_owed_by(staff), *days))
