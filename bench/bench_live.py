"""Open pages of the desk: what 500 live connections cost in memory, and how soon they hear of a change.

The server is a process of its own; the changes are stored by this one, so that the server finds them by its look.
"""

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import uvicorn
from sqlmodel import Session

from bot.app import create_app
from bot.migrate import migrate
from catalogue.start import load_start
from config.settings import Settings
from models.contact import contact_of
from models.database import Database
from models.institution import institution_by_code
from models.moments import now
from models.staff import Person, Role
from models.ticket import Ticket, open_ticket, record
from web.passwords import hash_password
from web.session_rows import open_session
from web.sessions import COOKIE, STREAM

PAGES = 500
PEOPLE = 50
CHANGES = 10


def main() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/atbilde.db")
        cookies, tickets = furnish(database)
        command = [sys.executable, "-m", "bench.bench_live", folder]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            port = next(int(line.split()[1]) for line in server.stdout if line.startswith("port "))
            print(json.dumps(asyncio.run(measured(server.pid, port, database, cookies, tickets))))
        finally:
            server.terminate()
            server.wait(20)
            database.close()


async def measured(
    pid: int, port: int, database: Database, cookies: list[str], tickets: list[Ticket]
) -> dict[str, object]:
    """Half of the pages are inboxes, which hear of every change; half are pages of one ticket."""
    warm = await opened(port, cookies[0], "/desk")
    before, began = rss(pid), time.perf_counter()
    places = ["/desk" if i % 2 else f"/desk/tickets/{tickets[i % len(tickets)].ref}" for i in range(PAGES)]
    pages = [await opened(port, cookies[i % len(cookies)], place) for i, place in enumerate(places)]
    opening, after = time.perf_counter() - began, rss(pid)
    inboxes = [page for page, place in zip(pages, places, strict=True) if place == "/desk"]
    waits: list[float] = []
    cpu = cpu_of(pid)
    for _ in range(CHANGES):
        stored = await changed(database, tickets[0])
        waits += [at - stored for at in await asyncio.gather(*(heard(page) for page in inboxes))]
    waits.sort()
    idle_from, idle_cpu = time.perf_counter(), cpu_of(pid)
    await asyncio.sleep(5)
    idle = (cpu_of(pid) - idle_cpu) / (time.perf_counter() - idle_from)
    for _, writer in [warm, *pages]:
        writer.close()
    return {
        "bench": "live",
        "connections": PAGES,
        "server_mb_before": round(before, 1),
        "server_mb": round(rss(pid) if rss(pid) > after else after, 1),
        "kb_each": round((after - before) * 1024 / PAGES, 1),
        "opened_per_second": round(PAGES / opening),
        "change_to_event_ms": {"p50": ms(waits, 0.5), "p95": ms(waits, 0.95), "max": ms(waits, 1)},
        "cpu_ms_for_a_change_to_all": round((idle_cpu - cpu) * 1000 / CHANGES, 1),
        "cpu_idle_percent": round(idle * 100, 1),
    }


Page = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def opened(port: int, cookie: str, place: str) -> Page:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines = (
        f"GET /desk/live?place={quote(place)} HTTP/1.1",
        "Host: localhost",
        f"Accept: {STREAM}",
        f"Cookie: {COOKIE}={cookie}",
    )
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    await reader.readuntil(b"retry: 4000\n\n")
    return reader, writer


async def heard(page: Page) -> float:
    await page[0].readuntil(b"event: changed")
    return time.time()


async def changed(database: Database, ticket: Ticket) -> float:
    """When it was stored."""
    await database.writing(lambda s: record(s, s.get_one(Ticket, ticket.id), "citizen wrote", "citizen", now()))
    return time.time()


def furnish(database: Database) -> tuple[list[str], list[Ticket]]:
    migrate(database)
    database.write(lambda session: load_start(session, now()))
    hashed = hash_password("ozolzīle pie upes")

    def work(session: Session) -> tuple[list[str], list[Ticket]]:
        institution = institution_by_code(session, "VDAA")
        assert institution is not None
        cookies = []
        for i in range(PEOPLE):
            person = Person(
                login=f"c{i}",
                role=Role.COORDINATOR,
                institution_id=institution.id or 0,
                password_hash=hashed,
                created_at=now(),
            )
            session.add(person)
            session.flush()
            cookies.append(open_session(session, person, now()))
        contact = contact_of(session, "webchat", "bench", now(), name="", language="lv")
        tickets = [open_ticket(session, contact, now(), subject="Kā deklarēt dzīvesvietu?") for _ in range(50)]
        session.flush()
        return cookies, tickets

    return database.write(work)


def rss(pid: int) -> float:
    """Megabytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_048_576


def cpu_of(pid: int) -> float:
    """Seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def ms(waits: list[float], share: float) -> int:
    return round(waits[min(len(waits) - 1, int(len(waits) * share))] * 1000)


def serve(folder: str) -> None:
    """The whole application but its workers."""
    settings = Settings(
        database_url=f"sqlite:///{folder}/atbilde.db",
        data_dir=Path(folder),
        secret_key="a key for measuring that is long enough",
        channels="webchat,api",
    )
    sock = socket.create_server(("127.0.0.1", 0), backlog=PAGES)
    server = uvicorn.Server(uvicorn.Config(create_app(settings), lifespan="off", log_config=None))
    print("port", sock.getsockname()[1], flush=True)
    server.run(sockets=[sock])


if __name__ == "__main__":
    serve(sys.argv[1]) if len(sys.argv) > 1 else main()
