"""Polling a channel: by one process at a time, since a provider gives each thing to one poller only."""

import asyncio
from contextlib import suppress
from functools import partial

import structlog

from bot.inbox import Inbox
from channels.base import Channel
from models.database import Database
from models.lease import LEADER, hold
from models.moments import now

log = structlog.get_logger()
BEAT = LEADER.total_seconds() / 4
PAUSE = 10.0
"""seconds after a failure"""


class Listening:
    """Listens to one channel while this process holds its lease."""

    def __init__(self, database: Database, channel: Channel, inbox: Inbox, owner: str) -> None:
        self._database = database
        self._channel = channel
        self._receive = partial(inbox.receive, channel.name)
        self._owner = owner

    async def run(self) -> None:
        """Until cancelled, whatever happens."""
        while True:
            try:
                if await self._holds():
                    await self._listen()
            except Exception:
                log.exception("listening failed", channel=self._channel.name)
                await asyncio.sleep(PAUSE)
            await asyncio.sleep(BEAT)

    async def _listen(self) -> None:
        """Returns when another process has taken over; raises what listening raised."""
        listening = asyncio.create_task(self._channel.listen(self._receive))
        try:
            while await self._holds():
                await asyncio.wait([listening], timeout=BEAT)
                if listening.done():
                    listening.result()
                    await asyncio.sleep(BEAT)  # nothing to poll, or the webhook is set
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _holds(self) -> bool:
        name = f"listen {self._channel.name}"
        return await self._database.writing(lambda session: hold(session, name, self._owner, now()))
