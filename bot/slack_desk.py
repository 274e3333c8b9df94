"""Slack wired: what arrives is worked, what has changed is posted. Made only where there is Slack."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from fastapi import APIRouter
from sqlmodel import Session

from bot.inbox import Inbox
from bot.listening import Listening
from bot.outbox import Courier
from bot.slack_acts import Acts
from bot.slack_board import BATCH as MOST
from bot.slack_board import Board
from bot.slack_who import Refused
from channels.base import ParseError, SendError
from channels.slack import Slack
from channels.slack_card import CHOOSE
from channels.slack_parse import Done, Pressed, read
from models.database import Database
from models.moments import now
from models.queue import InboxRow, any_due, bury, claim, finish, held, raw_of, retry
from web.signing import Signing

log = structlog.get_logger()
IDLE = 2.0
"""seconds between looks for what nobody woke us for"""
LOOK = 30.0
"""seconds between looks at all cards while nothing happens"""
LATE = 1_000
"""events that may have been numbered before another and stored after it"""
BATCH = 16
WINDOW = 3.0
"""seconds for which Slack lets a window be opened"""


class SlackDesk:
    def __init__(
        self, database: Database, slack: Slack, owner: str, signing: Signing, link_base: str, acted: Callable[[], None]
    ) -> None:
        """`acted` is called when somebody has done something that others may have to be told of."""
        self.slack = slack
        self.board = Board(slack.settings, link_base)
        self._acts = Acts(self.board, signing)
        self._database = database
        self._owner = owner
        self._acted = acted
        self._awake = asyncio.Event()
        self._followed = -1
        self._look_at = 0.0
        self.inbox = Inbox(database, owner, wake=self.wake, largest={slack.name: slack.largest})
        self.courier = Courier(database, slack, owner, write=self.board.write)
        self.listening = Listening(database, slack, self.inbox, owner)

    def wake(self) -> None:
        self._awake.set()
        self.courier.wake()

    def router(self) -> APIRouter | None:
        return self.slack.router(partial(self.inbox.receive, self.slack.name))

    def runs(self) -> list[Coroutine[Any, Any, None]]:
        """What has to run for it."""
        listening = [self.listening.run()] if self.slack.settings.app_token else []
        return [self.run(), self.courier.run(), *listening]

    async def run(self) -> None:
        """Works until cancelled."""
        opening = asyncio.create_task(self.slack.open())
        try:
            while True:
                try:
                    if await self.work():
                        continue
                except Exception:
                    log.exception("Slack stumbled")
                    await asyncio.sleep(IDLE)
                with suppress(TimeoutError):
                    async with asyncio.timeout(IDLE):
                        await self._awake.wait()
                self._awake.clear()
        finally:
            opening.cancel()

    async def work(self) -> int:
        """What arrived first, since somebody waits for it; then what is to be posted. Returns how much there was."""
        at = now()
        mine = (self.slack.name,)
        rows: list[InboxRow] = []
        if await self._database.reading(lambda session: any_due(session, InboxRow, at, mine)):
            take = partial(claim, table=InboxRow, owner=self._owner, at=at, limit=BATCH, channels=mine)
            rows = await self._database.writing(take)
            await asyncio.gather(*(self._work(row) for row in rows))
        posted = await self._follow()
        if rows or posted:
            self.courier.wake()
        return len(rows) + posted

    async def _follow(self) -> int:
        """Looks at the cards to which something has happened, and now and then at all: events may be stored late."""
        newest = await self._database.reading(self.board.newest)
        whole = time.monotonic() >= self._look_at
        if newest == self._followed and not whole:
            return 0
        since = 0 if whole else max(self._followed - LATE, 0)
        posted = 0
        if await self._database.reading(lambda session: self.board.is_behind(session, now(), since)):
            posted = await self._database.writing(lambda session: self.board.follow(session, now(), since))
        if posted < MOST:
            self._followed = newest
            self._look_at = time.monotonic() + LOOK if whole else self._look_at
        return posted

    async def _work(self, row: InboxRow) -> None:
        try:
            done = read(await self._database.reading(lambda session: raw_of(session, row)))
            if isinstance(done, Pressed) and done.does == CHOOSE:
                await self._ask(row, done)
            else:
                await self._database.writing(partial(self._do, row=row, done=done))
        except ParseError as error:
            log.warning("cannot be parsed", channel=row.channel, inbox=row.id, error=str(error))
            reason = f"cannot be parsed: {error}"
            await self._database.writing(partial(self._end, row=row, reason=reason, hopeless=True))
        except Exception as error:
            log.exception("could not be worked", channel=row.channel, inbox=row.id)
            reason = f"{type(error).__name__}: {error}"
            await self._database.writing(partial(self._end, row=row, reason=reason, hopeless=False))
        else:
            self._acted()

    async def _ask(self, row: InboxRow, pressed: Pressed) -> None:
        """A window can be opened at once or never: whoever comes too late is told to press again."""
        try:
            form = await self._database.reading(lambda session: self._acts.form(session, pressed, now()))
            async with asyncio.timeout(WINDOW):
                await self.slack.ask(pressed.trigger, form)
        except Refused as refused:
            await self._database.writing(partial(self._refuse, row=row, done=pressed, said=str(refused)))
        except (SendError, TimeoutError) as error:
            log.warning("slack: a window was not opened", reason=str(error))
            await self._database.writing(partial(self._refuse, row=row, done=pressed, said=""))
        else:
            await self._database.writing(partial(self._do, row=row, done=None))

    def _do(self, session: Session, row: InboxRow, done: Done | None) -> None:
        mine = held(session, row, self._owner)
        if mine is None:
            return
        if done is not None:
            self._acts.do(session, done, now())
        finish(mine)

    def _refuse(self, session: Session, row: InboxRow, done: Pressed, said: str) -> None:
        if mine := held(session, row, self._owner):
            self._acts.refuse(session, done, said or self._acts.too_slow(session, done, now()), now())
            finish(mine)

    def _end(self, session: Session, row: InboxRow, reason: str, hopeless: bool) -> None:
        if mine := held(session, row, self._owner):
            if hopeless:
                bury(mine, reason)
            else:
                retry(mine, now(), reason)
