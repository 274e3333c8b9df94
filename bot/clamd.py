"""ClamAV's daemon asked about a file: what it says is what is known; where it does not answer, nothing is known."""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

PATIENCE = 40.0
"""seconds for one file; shorter than a row's lease"""
PIECE = 65_536


class Found(StrEnum):
    NOTHING = ""
    VIRUS = "infected"
    NOT_SCANNED = "not scanned"
    """larger than the daemon takes"""


Scan = Callable[[bytes], Awaitable[Found]]
"""what a scanner says of a file. Raises ScannerDown"""


class ScannerDown(Exception):
    """The daemon is not there or does not say what it found; the file may be asked about again later."""


async def nothing_found(_content: bytes) -> Found:
    """Where no scanner is set."""
    return Found.NOTHING


def scanner(address: str) -> Scan:
    """Asks the daemon at `host:port` or at the path of its socket. Raises ValueError for what is neither."""
    if not address:
        return nothing_found
    host, _, port = address.rpartition(":")
    if not address.startswith("/") and not (host and port.isdecimal() and 0 < int(port) < 65_536):
        raise ValueError(f"CLAMD={address} is neither host:port nor the path of a socket")

    async def scan(content: bytes) -> Found:
        try:
            async with asyncio.timeout(PATIENCE):
                if address.startswith("/"):
                    streams = await asyncio.open_unix_connection(address)
                else:
                    streams = await asyncio.open_connection(host.strip("[]"), int(port))
                return _meaning(await _asked(*streams, content))
        except OSError as error:  # a time-out is one too
            raise ScannerDown(f"clamd at {address} does not answer: {error or type(error).__name__}") from error

    return scan


async def _asked(reader: StreamReader, writer: StreamWriter, content: bytes) -> str:
    """INSTREAM: pieces with their length before them, an empty one at the end; one line comes back."""
    answer = asyncio.ensure_future(reader.read(PIECE))  # from now on: at what is too large it says so and hangs up
    try:
        with suppress(ConnectionError):
            writer.write(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
            writer.write(bytes(4))
            await writer.drain()
        return (await answer).decode("utf-8", "replace").strip("\0\r\n ")
    finally:
        answer.cancel()
        writer.close()


def _meaning(said: str) -> Found:
    if said.endswith(" FOUND"):
        return Found.VIRUS
    if said.endswith(" OK"):
        return Found.NOTHING
    if "size limit exceeded" in said:
        return Found.NOT_SCANNED
    raise ScannerDown(f"clamd says {said[:200]!r}")
