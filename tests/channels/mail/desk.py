"""The desk's end of the ways in: keeps what it is given, or fails when it is told to."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

PATIENCE = 10.0


@dataclass
class Desk:
    letters: list[tuple[str, bytes, str]] = field(default_factory=list)
    """external id, the letter, its sender: each once, in the order in which they came"""
    fails: Callable[[bytes], Exception | None] = lambda raw: None
    holds: asyncio.Event | None = None
    """nothing is stored before it is set"""
    asked: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def receive(self, external_id: str, raw: bytes, conversation: str = "") -> bool:
        self.asked += 1
        self._changed.set()
        if self.holds:
            await self.holds.wait()
        if error := self.fails(raw):
            raise error
        new = external_id not in {one[0] for one in self.letters}
        if new:
            self.letters.append((external_id, raw, conversation))
        self._changed.set()
        return new

    async def has(self, number: int) -> list[bytes]:
        """The letters, as soon as there are so many."""
        await self.until(lambda: len(self.letters) >= number)
        return [raw for _id, raw, _sender in self.letters]

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def running(work: Awaitable[None]) -> AsyncIterator[asyncio.Task[None]]:
    """Does the work beside the test, until it is left."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def eventually(true: Callable[[], bool]) -> None:
    """Looks again and again at what another program does."""
    async with asyncio.timeout(PATIENCE):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110 - it tells us nothing
            await asyncio.sleep(0.02)
