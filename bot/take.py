"""Takes a message in for the web and says what became of it, however often it is handed in."""

import asyncio

from sqlmodel import Session, col, select

from bot.inbox import Inbox
from bot.turn import Turn
from bot.worker import Worker
from models.clock import ClockKind
from models.database import Database
from models.message import Direction, Message
from models.queue import PENDING, InboxRow, State
from models.ticket import Ticket
from web.portal import Taken


class Taker:
    def __init__(self, database: Database, inbox: Inbox, worker: Worker) -> None:
        self._database = database
        self._inbox = inbox
        self._worker = worker

    async def take(self, channel: str, external_id: str, raw: bytes, conversation: str) -> Taken:
        """Stores it durably, works it at once unless something of its conversation waits. Raises inbox.Refused."""
        row, new = await self._inbox.store(channel, external_id, raw, conversation, take=True)
        if new and row.state == State.WORKING:
            turns = await self._worker.work_row(row)
            if turns:
                return _fresh(row, turns)
        else:
            self._worker.wake()
        return await self._worked(row, new)

    async def _worked(self, row: InboxRow, new: bool) -> Taken:
        """Waits for whoever works it, then reads what came of it."""
        for pause in (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 1.0, 1.1):
            await asyncio.sleep(pause)
            taken = await self._database.reading(lambda session: _read(session, row.id or 0, new))
            if taken.worked or taken.given_up:
                return taken
        return taken


def _fresh(row: InboxRow, turns: list[Turn]) -> Taken:
    return Taken(
        new=True,
        worked=True,
        inbox_id=row.id or 0,
        raw=row.raw,
        ticket=turns[-1].ticket,
        said=tuple(message for turn in turns for message in turn.said),
        due=turns[-1].due,
    )


def _read(session: Session, inbox_id: int, new: bool) -> Taken:
    row = session.get_one(InboxRow, inbox_id, populate_existing=True)
    if row.state != State.DONE:
        return Taken(new, worked=False, inbox_id=inbox_id, raw=row.raw, given_up=row.state not in PENDING)
    ticket = session.get(Ticket, row.ticket_id) if row.ticket_id else None
    said = session.exec(
        select(Message)
        .where(col(Message.inbox_id) == row.id, col(Message.direction) == Direction.OUT)
        .order_by(col(Message.id))
    ).all()
    clock = ticket.clock(ClockKind.ANSWER) if ticket else None
    return Taken(
        new,
        worked=True,
        inbox_id=inbox_id,
        raw=row.raw,
        ticket=ticket,
        said=tuple(said),
        due=clock.due_on if clock else None,
    )
