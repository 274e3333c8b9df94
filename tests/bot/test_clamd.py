"""ClamAV's daemon is asked: a fake one that speaks its protocol over a real socket, and a real one if it is here."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clamd import Found, ScannerDown, scanner

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 1_000_000


def told(content: bytes) -> bytes:
    if len(content) > LIMIT:
        return b"INSTREAM size limit exceeded. ERROR\0"
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, say: Callable[[bytes], bytes]) -> None:
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    content = b""
    while (length := int.from_bytes(await reader.readexactly(4), "big")) and len(content) <= LIMIT:
        content += await reader.readexactly(length)
    writer.write(say(content))
    await writer.drain()
    writer.close()


@asynccontextmanager
async def daemon(where: Path | None = None, say: Callable[[bytes], bytes] = told) -> AsyncIterator[str]:
    """Its address: a port of this machine, or the path of a socket."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(reader, writer, say)

    if where is None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server, address = await asyncio.start_unix_server(serve, where), str(where)
    async with server:
        yield address


@pytest.mark.parametrize("unix", [False, True], ids=["port", "socket"])
@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", Found.NOTHING),
        (b"x" * 300_000, Found.NOTHING),
        (EICAR, Found.VIRUS),
        (bytes(200_000) + EICAR, Found.VIRUS),
    ],
)
async def test_the_daemons_word_is_understood(tmp_path: Path, unix: bool, content: bytes, found: Found) -> None:
    async with daemon(tmp_path / "clamd.ctl" if unix else None) as address:
        assert await scanner(address)(content) == found


async def test_what_is_too_large_for_the_daemon_was_not_scanned() -> None:
    async with daemon() as address:
        assert await scanner(address)(bytes(20 * LIMIT)) == Found.NOT_SCANNED


@pytest.mark.parametrize("said", [b"", b"UNKNOWN COMMAND\0", b"stream: Can't allocate memory ERROR\0", b"\xff\0"])
async def test_a_daemon_that_does_not_say_what_it_found_lets_nothing_through(said: bytes) -> None:
    async with daemon(say=lambda _content: said) as address:
        with pytest.raises(ScannerDown):
            await scanner(address)(b"x")


async def test_a_daemon_that_is_not_there_lets_nothing_through(tmp_path: Path) -> None:
    async with daemon() as address:
        pass
    for gone in (address, str(tmp_path / "none.ctl")):
        with pytest.raises(ScannerDown, match="does not answer"):
            await scanner(gone)(b"x")


async def test_a_daemon_that_says_nothing_for_long_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.clamd.PATIENCE", 0.05)
    silent = asyncio.Event()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        with pytest.raises(ScannerDown):
            await scanner(f"127.0.0.1:{server.sockets[0].getsockname()[1]}")(b"x")
        silent.set()


async def test_without_a_daemon_nothing_is_asked() -> None:
    assert await scanner("")(EICAR) == Found.NOTHING


@pytest.mark.parametrize("address", ["clamd", "localhost:", "localhost:x", ":3310", "localhost:99999", "run/clamd.ctl"])
def test_what_is_no_address_is_said_at_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        scanner(address)


@pytest.fixture
def real_daemon(tmp_path: Path) -> Iterator[str]:
    """Debian's clamd over a list of one signature, our own."""
    if not (program := shutil.which("clamd", path="/usr/sbin:/usr/bin")):
        pytest.skip("needs clamd (Debian's clamav-daemon)")
    signatures = tmp_path / "signatures"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Eicar-Test-Signature:0:*:{EICAR.hex()}\n")
    socket = tmp_path / "clamd.ctl"
    configuration = tmp_path / "clamd.conf"
    configuration.write_text(
        f"LocalSocket {socket}\nDatabaseDirectory {signatures}\nForeground yes\nStreamMaxLength 1M\n"
    )
    with subprocess.Popen([program, f"--config-file={configuration}"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Self checking" in line or socket.exists():
                break
        yield str(socket)
        process.terminate()


async def test_a_real_daemon_finds_the_test_virus(real_daemon: str) -> None:
    scan = scanner(real_daemon)
    assert [await scan(content) for content in (b"x", EICAR, bytes(3_000_000))] == list(Found)
