"""Works the inbox off: parse, fetch files, understand, converse. A dead worker's row is taken over by another."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import inspect
from sqlmodel import Session

from bot.attachments import Kept, attach, keep
from bot.brain import Published
from bot.converse import converse
from bot.deliveries import note_delivery
from bot.files import Files
from bot.machines import Held
from bot.places import to_understand
from bot.turn import PLAIN_WAYS, Turn, Ways
from channels.base import Channel, Inbound, ParseError
from models.database import Database
from models.moments import now
from models.queue import InboxRow, State, any_due, bury, claim, finish, held, raw_of, retry
from nlu.understand import Band, Intent, Understanding

log = structlog.get_logger()
BATCH = 32
IDLE = 1.0
"""seconds between looks for rows that nobody woke us for: another process's, or a dead worker's"""

OLDEST = timedelta(days=2)
"""a provider's time further back than this is not believed; Telegram keeps updates for a day"""

Understand = Callable[[str, str, str, str], Understanding]
"""(text, language hint, audience, municipality) -> meaning"""
Read = tuple[Inbound, str, Understanding]
"""what the citizen did, the words in question, and their meaning"""

NOTHING_SAID = Understanding("", Intent.EMPTY, Band.ROUTE, (), (), 0.0)
"""the meaning of what only a provider tells"""
Ready = tuple[Inbound, str, Understanding, list[Kept]]
"""the same with what became of its files"""


class Worker:
    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        understand: Understand,
        published: Callable[[], Published],
        store: Files,
        owner: str,
        stored: Callable[[Turn], None],
        ways: Ways = PLAIN_WAYS,
    ) -> None:
        self._database = database
        self._channels = channels
        self._understand = understand
        self._published = published
        self._store = store
        self._owner = owner
        self._stored = stored
        self._ways = ways
        self._awake = asyncio.Event()

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            try:
                if await self.work():
                    continue
            except Exception:
                log.exception("the worker stumbled")
                await asyncio.sleep(IDLE)
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE):  # not wait_for: before Python 3.12 that may swallow a cancellation
                    await self._awake.wait()
            self._awake.clear()

    async def work(self) -> int:
        """Claims and works what is due; returns how many rows."""
        at = now()
        if not await self._database.reading(lambda session: any_due(session, InboxRow, at, self._channels.keys())):
            return 0
        rows = await self._database.writing(
            lambda session: claim(
                session, InboxRow, owner=self._owner, at=at, limit=BATCH, channels=self._channels.keys()
            )
        )
        await asyncio.gather(*(self.work_row(row) for row in rows))
        return len(rows)

    async def work_row(self, row: InboxRow) -> list[Turn]:
        """Works a row that is leased to this process. Never raises: what fails is tried again, then shown to staff."""
        try:
            channel = self._channels[row.channel]
            read = await asyncio.to_thread(self._read, row, channel)
            ready = [await self._with_files(channel, *one) for one in _one_by_one(read)]
            turns = await self._database.writing(partial(self._converse, row=row, channel=channel, ready=ready))
        except (ParseError, KeyError) as error:
            log.warning("cannot be parsed", channel=row.channel, inbox=row.id, error=str(error))
            await self._database.writing(partial(_give_up, row=row, reason=f"cannot be parsed: {error}"))
            return []
        except Exception as error:
            log.exception("could not be worked", channel=row.channel, inbox=row.id)
            await self._database.writing(partial(_try_again, row=row, reason=f"{type(error).__name__}: {error}"))
            return []
        for turn in turns:
            self._stored(turn)
            if turn.inbound.acknowledge:
                await channel.acknowledge(turn.inbound)
        return turns

    def _read(self, row: InboxRow, channel: Channel) -> list[Read]:
        """Parses and understands; in a thread, with no session open while the engine works."""
        return [self._understood(row.channel, inbound) for inbound in channel.parse(self._raw(row))]

    def _raw(self, row: InboxRow) -> bytes:
        """Of one just handed in it is there; else loaded when its turn has come, so that few are in memory."""
        if "raw" not in inspect(row).unloaded:
            return row.raw
        with self._database.read() as session:
            return raw_of(session, row)

    def _understood(self, name: str, inbound: Inbound) -> Read:
        if inbound.delivery:
            return inbound, "", NOTHING_SAID
        with self._database.read() as session:
            words, place = to_understand(session, name, inbound)
        return inbound, words, self._understand(words, inbound.language, inbound.audience, place)

    async def _with_files(self, channel: Channel, inbound: Inbound, words: str, meaning: Understanding) -> Ready:
        """Keeps the files and lets go of their bytes."""
        kept = await keep(self._store, channel, inbound.files)
        files = tuple(replace(file, content=None) for file in inbound.files)
        return replace(inbound, files=files), words, meaning, kept

    def _converse(
        self,
        session: Session,
        row: InboxRow,
        channel: Channel,
        ready: list[Ready],
    ) -> list[Turn]:
        """Everything that follows from the row, and that it is done, in one transaction."""
        # What a turn looks up was stored before it: flushing at each look would cost more than all the rest.
        with session.no_autoflush:
            mine = held(session, row, self._owner)
            if mine is None:
                return []
            try:
                with session.begin_nested() if channel.letters else nullcontext():
                    turns = [turn for one in ready if (turn := self._turn(session, mine, channel, *one))]
            except Held as held_for:
                bury(mine, str(held_for), State.HELD)
                return []
            for turn in turns:  # with the rest: each change of a row writes its payload anew
                mine.ticket = turn.ticket or mine.ticket
            finish(mine)
            return turns

    def _turn(
        self,
        session: Session,
        row: InboxRow,
        channel: Channel,
        inbound: Inbound,
        words: str,
        meaning: Understanding,
        files: list[Kept],
    ) -> Turn | None:
        if inbound.delivery:
            note_delivery(session, row.channel, inbound.delivery, inbound.at or now())
            return None
        turn = converse(
            session,
            row.channel,
            inbound,
            words,
            meaning,
            at=now(),
            received_at=_received(inbound, row.received_at),
            pulled=channel.pulled,
            published=self._published(),
            ways=self._ways,
            verdict=row.verdict,
        )
        attach(session, turn, files, self._store.limit)
        for message in turn.said if turn.heard is None else (turn.heard, *turn.said):
            message.inbox_id = row.id
        return turn


def _one_by_one(read: list[Read]) -> Iterator[Read]:
    """Forgets each when it has been handed out."""
    while read:
        yield read.pop(0)


def _received(inbound: Inbound, stored_at: datetime) -> datetime:
    """When the citizen's words reached the provider, where it says so: a stop of ours must not cost him a day."""
    if inbound.at is None or not stored_at - OLDEST <= inbound.at <= stored_at:
        return stored_at
    return inbound.at


def _give_up(session: Session, row: InboxRow, reason: str) -> None:
    if mine := held(session, row, row.lease_owner):
        bury(mine, reason)


def _try_again(session: Session, row: InboxRow, reason: str) -> None:
    if mine := held(session, row, row.lease_owner):
        retry(mine, now(), reason)
