"""The channels' health: on or off and why, what came and went last, what waits, and how much goes wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import Response

from models.message import Direction, Message
from models.moments import now
from models.queue import PENDING, InboxRow, OutboxRow, State
from models.ticket import Ticket
from web.admin.access import admin_page
from web.desk.pages import DeskRoute
from web.portal import HasPortal
from web.sessions import SeeingAdministration

router = APIRouter(prefix="/desk/admin/channels", route_class=DeskRoute, include_in_schema=False)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WRONG = (State.DEAD, State.DOUBTFUL)
LATE = timedelta(minutes=15)
"""what waits longer for its turn is worth a look"""
States = dict[str, int]


@dataclass(frozen=True, slots=True)
class Rate:
    """Of so many rows so many were given up, or failed and are tried again."""

    all: int
    failed: int

    @property
    def share(self) -> float:
        return self.failed / self.all if self.all else 0.0


@dataclass(frozen=True, slots=True)
class Health:
    name: str
    off: str
    """why; empty where it is on"""
    last_in: datetime | None
    last_out: datetime | None
    coming: States
    going: States
    oldest: datetime | None
    """since when the oldest row that is due waits"""
    hour: Rate
    day: Rate
    late: bool

    @property
    def problems(self) -> int:
        return sum(rows.get(state, 0) for rows in (self.coming, self.going) for state in WRONG)

    @property
    def shape(self) -> str:
        return "off" if self.off else "bad" if self.problems or self.late or self.hour.share > 0.1 else "good"

    def waiting(self, rows: States) -> int:
        return sum(rows.get(state, 0) for state in PENDING)


@router.get("")
async def channels_page(request: Request, portal: HasPortal, staff: SeeingAdministration) -> Response:
    off = dict(portal.why_off())
    found = await portal.database.reading(lambda session: _health(session, off, portal.pulled, now()))
    return admin_page(request, "channels", "channels.html", staff, channels=found)


def _health(session: Session, off: dict[str, str], pulled: frozenset[str], at: datetime) -> list[Health]:
    coming, going = _states(session, InboxRow), _states(session, OutboxRow)
    return [_of(session, name, off[name], coming, going, name in pulled, at) for name in off]


def _of(
    session: Session,
    name: str,
    why: str,
    coming: dict[str, States],
    going: dict[str, States],
    pulled: bool,
    at: datetime,
) -> Health:
    hour, day = (_rate(session, name, at - span) for span in (HOUR, DAY))
    oldest = _oldest(session, name, at)
    return Health(
        name,
        why,
        session.exec(select(func.max(InboxRow.received_at)).where(col(InboxRow.channel) == name)).one(),
        _last_out(session, name, pulled),
        coming.get(name, {}),
        going.get(name, {}),
        oldest,
        hour,
        day,
        oldest is not None and at - oldest > LATE,
    )


def _states(session: Session, table: type[InboxRow] | type[OutboxRow]) -> dict[str, States]:
    """How many rows of each channel are in each state; along an index that holds both."""
    found: dict[str, States] = {}
    for channel, state, number in session.exec(
        select(table.channel, table.state, func.count()).group_by(table.channel, table.state)
    ):
        found.setdefault(channel, {})[state] = number
    return found


def _rate(session: Session, name: str, since: datetime) -> Rate:
    parts = []
    for channel, state, attempts, moment in (
        (InboxRow.channel, InboxRow.state, InboxRow.attempts, InboxRow.received_at),
        (OutboxRow.channel, OutboxRow.state, OutboxRow.attempts, OutboxRow.created_at),
    ):
        of_it: list[Any] = [col(channel) == name, col(moment) > since]
        failed = col(state).in_(WRONG) | (col(state).in_(PENDING) & (col(attempts) > 1))
        parts += [session.exec(select(func.count()).where(*of_it)).one()]
        parts += [session.exec(select(func.count()).where(*of_it, failed)).one()]
    return Rate(parts[0] + parts[2], parts[1] + parts[3])


def _last_out(session: Session, name: str, pulled: bool) -> datetime | None:
    """When a provider last took something; of a channel that fetches, when we last said something."""
    if not pulled:
        sent = select(OutboxRow.sent_at).where(col(OutboxRow.channel) == name, col(OutboxRow.sent_at).is_not(None))
        return session.exec(sent.order_by(col(OutboxRow.id).desc()).limit(1)).first()
    said = select(Message.at).join(Ticket, col(Ticket.id) == col(Message.ticket_id))
    said = said.where(col(Ticket.channel) == name, col(Message.direction) == Direction.OUT)
    return session.exec(said.order_by(col(Message.id).desc()).limit(1)).first()


def _oldest(session: Session, name: str, at: datetime) -> datetime | None:
    oldest = [
        session.exec(
            select(func.min(col(table.due_at))).where(
                col(table.state).in_(PENDING), col(table.channel) == name, col(table.due_at) <= at
            )
        ).one()
        for table in (InboxRow, OutboxRow)
    ]
    return min((moment for moment in oldest if moment is not None), default=None)
