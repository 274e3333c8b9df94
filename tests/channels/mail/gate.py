"""A wire between two programs that hears every line, and lets nothing more through from the one it waits for."""

import asyncio
import re
from collections.abc import AsyncIterator
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
        self._asked = 0
        self.held = 0
        """connections"""
        self._refusal: tuple[bytes, bytes] | None = None

    def hold(self, *lines: tuple[str, bytes]) -> None:
        self._holds, self._asked, self.held = list(lines), len(lines), 0

    def refuse(self, line: bytes, answer: bytes) -> None:
        """Whoever says such a line gets that answer, and the server does not hear of it."""
        self._refusal = line, answer

    @property
    def has_held(self) -> bool:
        """Each has its connection."""
        return self.held >= self._asked

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
                self._silent.discard(to_client)
                for writer in writers:
                    writer.close()
                await asyncio.gather(*ways, *(one.wait_closed() for one in writers), return_exceptions=True)

    async def _asks(self, client: asyncio.StreamReader, on: asyncio.StreamWriter, whose: asyncio.StreamWriter) -> None:
        async for line in client:
            if self._refusal and re.fullmatch(self._refusal[0], line, re.DOTALL):
                whose.write(re.sub(*self._refusal, line, flags=re.DOTALL))
                continue
            if whose not in self._silent and (found := self._fitting(line)):
                self._holds.remove(found)
                self._silent.add(whose)
                if found[0] == BEFORE:
                    self.held += 1
                    continue
                self._unanswered.add(whose)
            on.write(line)

    async def _answers(self, server: asyncio.StreamReader, on: asyncio.StreamWriter) -> None:
        async for line in server:
            if on not in self._silent:
                on.write(line)
            elif on in self._unanswered:
                self._unanswered.discard(on)
                self.held += 1

    def _fitting(self, line: bytes) -> tuple[str, bytes] | None:
        return next((one for one in self._holds if re.fullmatch(one[1], line, re.DOTALL | re.IGNORECASE)), None)


@asynccontextmanager
async def gate(to: int, port: int = 0) -> AsyncIterator[Gate]:
    """Leads to the port `to`."""
    opened, talking = Gate(to), dict[asyncio.Task[None] | None, asyncio.StreamWriter]()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking[asyncio.current_task()] = writer
        await opened.talk(reader, writer)

    server = await asyncio.start_server(handle, "127.0.0.1", port, limit=2**22)
    opened.port = server.sockets[0].getsockname()[1]
    try:
        yield opened
    finally:
        server.close()
        for writer in talking.values():
            writer.close()
        await asyncio.gather(*(one for one in talking if one))
