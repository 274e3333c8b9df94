"""The one way out: claim, send, store the provider's id, or try again later. What cannot be sent is shown to people."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import structlog
from sqlmodel import Session

from bot.deliveries import name_parts
from bot.letter_out import ReadFile, Written, letter_of, plain, said_with
from channels.base import Channel, Outbound, SendError
from models.database import Database
from models.forwarding import Forwarding
from models.message import Message
from models.moments import now
from models.queue import OutboxRow, State, any_due, bury, claim, held, retry
from models.ticket import locked, record
from routing.answering import mark_sent
from routing.by_letter import did_not_arrive
from routing.triage import tell_coordinator

log = structlog.get_logger()
IDLE = 1.0
PATIENCE = 45.0
"""seconds a provider may take; shorter than the lease, so that nobody takes a row over that is being sent"""
LOCKED_OUT = 60.0
"""seconds until a provider is asked again that does not accept our credentials"""


Write = Callable[[Session, OutboxRow, Message], Written]
"""what goes out for a row and its message"""


class Courier:
    """Delivers for one channel; a provider that hangs holds up no other channel's messages."""

    def __init__(
        self,
        database: Database,
        channel: Channel,
        owner: str,
        file: ReadFile | None = None,
        write: Write | None = None,
    ) -> None:
        """`file` gives the bytes that are kept under a hash; letters carry files along. `write` says what goes out."""
        self._database = database
        self._file = file
        self._write: Write = write or (letter_of if channel.letters else plain)
        self._channel = channel
        self._owner = owner
        self._awake = asyncio.Event()
        self._next_at = 0.0
        self._held_until = 0.0

    def wake(self) -> None:
        self._awake.set()

    async def run(self) -> None:
        """Delivers until cancelled."""
        while True:
            try:
                if await self.deliver():
                    continue
            except Exception:
                log.exception("the courier stumbled", channel=self._channel.name)
                await asyncio.sleep(IDLE)
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE):  # not wait_for: before Python 3.12 that may swallow a cancellation
                    await self._awake.wait()
            self._awake.clear()

    async def deliver(self) -> int:
        """Sends what is due; returns how many rows were taken up."""
        at = now()
        if time.monotonic() < self._held_until:
            return 0
        mine = (self._channel.name,)
        if not await self._database.reading(lambda session: any_due(session, OutboxRow, at, mine)):
            return 0
        take = partial(claim, table=OutboxRow, owner=self._owner, at=at, limit=self._channel.concurrency, channels=mine)
        rows = await self._database.writing(take)
        await asyncio.gather(*(self._deliver(row) for row in rows))
        return len(rows)

    async def _deliver(self, row: OutboxRow) -> None:
        if row.begun and not (self._channel.repeatable or self._channel.looks):
            await self._fail(row, "a process ended while sending: it may have been sent or not", State.DOUBTFUL)
            return
        await self._pace()
        if (wait := self._held_until - time.monotonic()) > 0:  # another message was told to wait while this one did
            await self._later(row, "waits for the channel", wait, ())
            return
        try:
            written = await self._database.writing(partial(_begin, row=row, owner=self._owner, write=self._write))
            if written is None:
                return
            message = written.message
            if self._file and written.along:
                message = await asyncio.to_thread(written.with_files, self._file)
        except Exception as error:  # e.g. a file that goes along cannot be read: nothing has gone out
            await self._later(row, f"{type(error).__name__}: {error}", None, ())
            return
        try:
            async with asyncio.timeout(PATIENCE):
                provider_id = await self._sent_before(row, message) or await self._channel.send(message)
        except SendError as error:
            await self._refused(row, error)
        except TimeoutError:
            await self._unknown(row, f"no answer within {PATIENCE:.0f} s")
        except Exception as error:
            log.exception("the channel failed", channel=self._channel.name, outbox=row.id)
            await self._unknown(row, f"{type(error).__name__}: {error}")
        else:
            letters, tells = self._channel.letters, self._channel.tells_delivery
            sent = partial(_sent, row=row, owner=self._owner, provider_id=provider_id, letters=letters, tells=tells)
            await self._database.writing(sent)

    async def _sent_before(self, row: OutboxRow, message: Outbound) -> str:
        """Of a try that nobody saw the end of: what it brought. Empty where it brought nothing."""
        if not row.begun or not self._channel.looks:
            return ""
        found = await self._channel.sent_before(message)
        row.begun = False  # now it is known
        return found

    async def _pace(self) -> None:
        """Keeps to the account's messages a second."""
        wait = self._next_at - time.monotonic()
        self._next_at = max(self._next_at, time.monotonic()) + 1 / self._channel.rate
        if wait > 0:
            await asyncio.sleep(wait)

    async def _refused(self, row: OutboxRow, error: SendError) -> None:
        if error.locked_out:  # nothing is wrong with the message: it waits until the credentials are mended
            self._held_until = time.monotonic() + LOCKED_OUT
            await self._later(row, str(error), error.retry_after or LOCKED_OUT, error.sent_parts)
        elif error.doubtful:
            await self._unknown(row, str(error), error.sent_parts)
        elif error.permanent:
            await self._fail(row, str(error), State.DEAD, error.sent_parts)
        else:
            if error.retry_after:
                self._held_until = time.monotonic() + error.retry_after
            await self._later(row, str(error), error.retry_after, error.sent_parts)

    async def _unknown(self, row: OutboxRow, reason: str, sent_parts: tuple[str, ...] = ()) -> None:
        """It may have gone out or not: again where that shows once or can be looked up, else a person decides."""
        if self._channel.repeatable or (self._channel.looks and not row.begun):
            row.begun = self._channel.looks
            await self._later(row, reason, None, sent_parts)
        else:
            await self._fail(row, reason, State.DOUBTFUL, sent_parts)

    async def _later(self, row: OutboxRow, reason: str, after: float | None, parts: tuple[str, ...]) -> None:
        log.warning("will be sent again", channel=self._channel.name, outbox=row.id, reason=reason)
        letters = self._channel.letters
        looks = self._channel.looks
        work = partial(
            _again, row=row, owner=self._owner, reason=reason, after=after, parts=parts, letters=letters, looks=looks
        )
        await self._database.writing(work)

    async def _fail(self, row: OutboxRow, reason: str, state: State, parts: tuple[str, ...] = ()) -> None:
        log.error("not sent", channel=self._channel.name, outbox=row.id, state=state, reason=reason)
        letters = self._channel.letters
        work = partial(_not_sent, row=row, owner=self._owner, reason=reason, state=state, parts=parts, letters=letters)
        await self._database.writing(work)


def _begin(session: Session, row: OutboxRow, owner: str, write: Write) -> Written | None:
    mine = held(session, row, owner)
    if mine is None:
        return None
    mine.begun = True
    return write(session, mine, session.get_one(Message, mine.message_id))


def _sent(session: Session, row: OutboxRow, owner: str, provider_id: str, letters: bool, tells: bool) -> None:
    if mine := held(session, row, owner):
        for one in _gone_with(session, mine, letters):
            one.provider_id = provider_id
            mark_sent(session, one, now())
            if tells:
                name_parts(session, one, provider_id, now())


def _again(
    session: Session,
    row: OutboxRow,
    owner: str,
    reason: str,
    after: float | None,
    parts: tuple[str, ...],
    letters: bool,
    looks: bool,
) -> None:
    """What was in doubt before stays so where the channel could not look yet."""
    if mine := held(session, row, owner):
        mine.begun, mine.sent_parts = row.begun and looks, list(parts or mine.sent_parts)
        if after is not None:  # the provider asked us to wait: that is no failed try of ours
            mine.attempts -= 1
        if not retry(mine, now(), reason, after=after):
            _give_up(session, mine, reason, State.DEAD, letters)


def _not_sent(
    session: Session,
    row: OutboxRow,
    owner: str,
    reason: str,
    state: State,
    parts: tuple[str, ...],
    letters: bool,
) -> None:
    if mine := held(session, row, owner):
        mine.sent_parts = list(parts or mine.sent_parts)
        _give_up(session, mine, reason, state, letters)


def _give_up(session: Session, row: OutboxRow, reason: str, state: State, letters: bool) -> None:
    for one in _gone_with(session, row, letters):
        bury(one, reason, state)
    _tell(session, row, reason)


def _gone_with(session: Session, row: OutboxRow, letters: bool) -> list[OutboxRow]:
    """The rows that went out as one: what is true of the letter is true of each."""
    return [row, *(said_with(session, row) if letters else [])]


def _tell(session: Session, row: OutboxRow, reason: str) -> None:
    """People must know that somebody did not get something."""
    at = now()
    message = session.get_one(Message, row.message_id)
    forwarding = session.get_one(Forwarding, message.forwarding_id) if message.forwarding_id else None
    ticket_id = forwarding.ticket_id if forwarding else row.ticket_id
    if ticket_id is None:
        return
    ticket = locked(session, ticket_id)
    if forwarding and row.state == State.DEAD:
        did_not_arrive(session, ticket, forwarding, reason, at)
        return
    ticket.attention = "not sent" if row.state == State.DEAD else "sent or not"
    record(session, ticket, ticket.attention, "bot", at, reason=reason, message=row.message_id)
    tell_coordinator(session, ticket, ticket.attention, f"outbox:{row.id}:{row.state}", at)
