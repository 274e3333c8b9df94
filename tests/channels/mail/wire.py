"""Small servers that misbehave, or take what no real server here takes; each notes what it heard."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Answer = Callable[[str], str | None]
"""the answer to a line, several lines where need be; None: hang up"""


@dataclass
class Wire:
    port: int = 0
    heard: list[str] = field(default_factory=list)


@asynccontextmanager
async def wire(greeting: str, answer: Answer) -> AsyncIterator[Wire]:
    """At `port` on loopback. An empty answer says nothing."""
    seen = Wire()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"{greeting}\r\n".encode())
        while raw := await reader.readline():
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            seen.heard.append(line)
            said = answer(line)
            if said is None:
                return
            writer.write(f"{said}\r\n".encode() if said else b"")

    async with _serving(talk) as seen.port:
        yield seen


@asynccontextmanager
async def token_server(*tokens: str) -> AsyncIterator[tuple[str, list[str]]]:
    """Gives one token after the other over HTTP; its address, and the forms that it was sent."""
    forms: list[str] = []
    left = list(tokens)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.startswith("content-length"))
        forms.append((await reader.readexactly(length)).decode())
        given = {"access_token": left.pop(0), "expires_in": 3600} if left else {"error": "invalid_client"}
        body = json.dumps(given).encode()
        status = "200 OK" if "access_token" in given else "401 Unauthorized"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)

    async with _serving(talk) as port:
        yield f"http://127.0.0.1:{port}/token", forms


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def _serving(talk: Talk) -> AsyncIterator[int]:
    """Until the test is done and its clients have hung up."""
    talking: set[asyncio.Task[None] | None] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talking.add(asyncio.current_task())
        with suppress(OSError):
            try:
                await talk(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, limit=2**22)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.gather(*(one for one in talking if one))
