"""A wire between two programs that hears every line, and lets nothing more through from the one it waits for."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress

BEFORE, AFTER = "before", "after"
VERDICT = (AFTER, rb"\.\r\n")
"""the server has taken the letter, and its 250 does not come back"""
OFFER = (BEFORE, rb"MAIL FROM.*")
"""the letter is about to be offered"""
MARK = (BEFORE, rb".* STORE .*")
"""the letter is about to be marked in its mailbox"""
GREETING = (BEFORE, rb"(EHLO|LHLO).*")


class Gate:
    """Each of `holds` holds one connection, the first on which the client says such a line."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.port = 0
        self._holds: list[tuple[str, bytes]] = []
        self._silent: set[object] = set()
        self._unanswered: set[object] = set()
        self._left = 0
        self._refusal: tuple[bytes, bytes] | None = None
        self._all_held = asyncio.Event()

    def hold(self, *lines: tuple[str, bytes]) -> None:
        self._holds, self._left = list(lines), len(lines)
        self._all_held.clear()

    def refuse(self, line: bytes, answer: bytes) -> None:
        """Whoever says such a line gets that answer, and the server does not hear of it."""
        self._refusal = line, answer

    async def held(self) -> None:
        """Returns as soon as each has its connection."""
        async with asyncio.timeout(30):
            await self._all_held.wait()

    async def talk(self, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        ways: list[asyncio.Task[None]] = []
        writers = [to_client]
        with suppress(OSError):
            try:
                server, to_server = await asyncio.open_connection("127.0.0.1", self.to, limit=2**22)
                writers.append(to_server)
                heard = self._asks(client, to_server, to_client), self._answers(server, to_client)
                ways = [asyncio.ensure_future(one) for one in heard]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                _end(ways, writers)
                self._silent.discard(to_client)

    async def _asks(self, client: asyncio.StreamReader, on: asyncio.StreamWriter, whose: asyncio.StreamWriter) -> None:
        async for line in client:
            if self._refusal and re.fullmatch(self._refusal[0], line, re.DOTALL):
                whose.write(re.sub(*self._refusal, line, flags=re.DOTALL))
                continue
            if whose not in self._silent and (found := self._fitting(line)):
                self._holds.remove(found)
                self._silent.add(whose)
                if found[0] == BEFORE:
                    self._one_held()
                    continue
                self._unanswered.add(whose)
            on.write(line)

    async def _answers(self, server: asyncio.StreamReader, on: asyncio.StreamWriter) -> None:
        async for line in server:
            if on not in self._silent:
                on.write(line)
            elif on in self._unanswered:
                self._unanswered.discard(on)
                self._one_held()

    def _fitting(self, line: bytes) -> tuple[str, bytes] | None:
        return next((one for one in self._holds if re.fullmatch(one[1], line, re.DOTALL | re.IGNORECASE)), None)

    def _one_held(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._all_held.set()


@asynccontextmanager
async def gate(to: int, port: int = 0) -> AsyncIterator[Gate]:
    """Leads to the port `to`."""
    opened, talking = Gate(to), set[asyncio.Task[None] | None]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.add(asyncio.current_task())
        await opened.talk(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", port, limit=2**22)
    opened.port = server.sockets[0].getsockname()[1]
    try:
        yield opened
    finally:
        server.close()
        for one in talking:
            if one and not one.done():
                one.cancel()
        await asyncio.gather(*(one for one in talking if one), return_exceptions=True)


def _end(ways: Iterable[asyncio.Task[None]], writers: Iterable[asyncio.StreamWriter]) -> None:
    for way in ways:
        way.cancel()
    for writer in writers:
        writer.close()
