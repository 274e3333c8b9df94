"""The dashboard over very many tickets: how long a page takes on the server, for a month's span and for a year's.

    python -m bench.bench_dashboard [--tickets 100000] [--tries 40] [--keep FOLDER]

Makes a database of a year's tickets in every state. Prints a JSON line for each page, on SQLite.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, text
from sqlmodel import Session, select

from bot.app import create_app
from bot.migrate import migrate
from catalogue.start import load_start
from config.settings import Settings
from models.clock import Clock, ClockKind, Outcome
from models.contact import Contact
from models.database import Database
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.message import Author, Direction, Message
from models.moments import now, riga_date
from models.service import Receipt
from models.staff import Person, Role
from models.ticket import Event, Ticket, TicketState
from routing.rules import calendar
from web.session_rows import open_session
from web.sessions import COOKIE

CHANNELS = ("webchat", "telegram", "email", "api")
SHARES = (5, 2, 2, 1)
CHUNK = 5000
PAGES = (
    "/desk/dashboard?span=week",
    "/desk/dashboard?span=month",
    "/desk/dashboard?span=quarter",
    "/desk/dashboard?span=year",
    "/desk/dashboard?span=month&channel=telegram&audience=resident",
    "/desk/statistics?span=month",
)
LIMIT_MS = 300
"""at p95, for a month's span"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--tries", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for the database, which is used again where it is there")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        there = (folder / "atbilde.db").exists()
        database = Database(f"sqlite:///{folder / 'atbilde.db'}")
        if not there:
            migrate(database)
            database.write(lambda session: load_start(session, now()))
            fill(database, given.tickets)
        database.close()
        asyncio.run(_measure(folder, given.tickets, given.tries))


async def _measure(folder: Path, tickets: int, tries: int) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{folder / 'atbilde.db'}", data_dir=folder, channels="api"))
    portal = app.state.portal
    secrets = portal.database.write(_log_in)
    transport = httpx.ASGITransport(app)
    headers = {"Accept": "text/html", "Accept-Language": "lv"}
    async with httpx.AsyncClient(transport=transport, base_url="http://desk", headers=headers) as client:
        for page in PAGES:
            client.cookies.clear()
            client.cookies.set(COOKIE, secrets["clerk" if "statistics" in page else "lead"])
            await _timed(client, page)  # the first opening makes templates and statements ready
            took = [await _timed(client, page) for _ in range(tries)]
            wall, cpu = (sorted(column) for column in zip(*took, strict=True))
            figures = {
                "p50_ms": wall[tries // 2],
                "p95_ms": wall[int(tries * 0.95)],
                "cpu_p95_ms": cpu[int(tries * 0.95)],
            }
            print(json.dumps({"bench": "dashboard", "page": page, "tickets": tickets, **figures}))
    portal.database.close()


async def _timed(client: httpx.AsyncClient, page: str) -> tuple[float, float]:
    """Milliseconds by the clock on the wall, and of the processor: the latter says more on a busy machine."""
    began, used = time.perf_counter(), time.process_time()
    response = await client.get(page)
    assert response.status_code == 200, (page, response.status_code)
    return round((time.perf_counter() - began) * 1000, 1), round((time.process_time() - used) * 1000, 1)


def _log_in(session: Session) -> dict[str, str]:
    """Secrets of a coordinator's lead and of a clerk."""
    found = {}
    for role, code in ((Role.LEAD, "VDAA"), (Role.CLERK, "PMLP")):
        at = session.exec(select(Institution).where(Institution.code == code)).one()
        login = f"bench-{role}"
        person = session.exec(select(Person).where(Person.login == login)).first() or Person(
            login=login, role=role, institution_id=at.id or 0, password_hash="", created_at=now()
        )
        session.add(person)
        session.flush()
        found[str(role)] = open_session(session, person, now())
    return found


def fill(database: Database, number: int) -> None:
    """A year's tickets up to now; older ones are finished, those of the last days stand in every state."""
    chance = random.Random(7)
    with database.read() as session:
        institutions = session.exec(select(Institution)).all()
    ids = {one.code: one.id or 0 for one in institutions}
    moments = sorted(now() - timedelta(minutes=chance.randint(1, 365 * 24 * 60)) for _ in range(number))
    for first in range(0, number, CHUNK):
        rows = Rows(chance, ids)
        for n, at in enumerate(moments[first : first + CHUNK], first + 1):
            rows.ticket(n, at)
        database.write(rows.store)
    database.write(lambda session: session.execute(text("ANALYZE")) and None)


class Rows:
    """Some tickets with all that hangs on them, ready to be inserted."""

    def __init__(self, chance: random.Random, institutions: dict[str, int]) -> None:
        self._chance = chance
        self._institutions = institutions
        self._days = calendar("state")
        self._rows: dict[Any, list[dict[str, Any]]] = {
            table: [] for table in (Contact, Ticket, Message, Receipt, Forwarding, Clock, Event)
        }

    def store(self, session: Session) -> None:
        for table, rows in self._rows.items():
            session.execute(insert(table), rows)

    def ticket(self, n: int, at: datetime) -> None:
        by_bot = self._chance.random() < 0.55
        old = now() - at > timedelta(days=9)
        channel = self._chance.choices(CHANNELS, SHARES)[0]
        state = TicketState.ANSWERED if by_bot or old else self._chance.choice(
            (TicketState.TRIAGE, TicketState.FORWARDED, TicketState.ANSWERED)
        )  # fmt: skip
        self._add(Contact, id=n, channel=channel, address=f"bench-{n}", created_at=at)
        self._add(
            Ticket, id=n, ref=f"LV-{at.year}-{n:06d}", contact_id=n, channel=channel, received_at=at, changed_at=at,
            audience="resident", coordinator="VDAA" if self._chance.random() < 0.8 else "LIAA", state=state,
            subject="Kā saņemt jaunu pasi, ja vecā ir nozaudēta ārzemēs?", suggested=["PMLP"], offered=[],
            service_code=self._chance.choice(("pase", "vecuma-pensija", "dzivesvietas-deklaresana", "")),
            rating=self._chance.choice(("yes", "", "")) if by_bot else "",
        )  # fmt: skip
        self._add(Message, id=n, ticket_id=n, contact_id=n, direction=Direction.OUT, author=Author.BOT, at=at,
                  text="Atbilde. " * 30, choices=[], source={}, earlier=[])  # fmt: skip
        for kind in ("received", "clock started", "answered", *(("complaint",) if n % 500 == 0 else ())):
            self._add(Event, ticket_id=n, at=at, kind=kind, actor="bot", data={})
        if by_bot:
            self._add(Receipt, ticket_id=n, message_id=n, service_code="pase", service_version=1, institution="PMLP",
                      language="lv", url="", published_on=riga_date(at), text="Pase. " * 30, at=at)  # fmt: skip
            self._clock(n, ClockKind.ANSWER, "VDAA", at, 7, at)
        else:
            self._handed_over(n, at, state)

    def _handed_over(self, n: int, at: datetime, state: str) -> None:
        out = at + timedelta(hours=self._chance.choice((1, 4, 20, 30)))
        back = out + timedelta(days=self._chance.choice((1, 2, 4, 6, 7, 8, 11)))
        forwarded = state != TicketState.TRIAGE and out < now()
        answered = state == TicketState.ANSWERED and back < now()
        self._clock(n, ClockKind.FORWARD, "VDAA", at, 1, out if forwarded else None)
        self._clock(n, ClockKind.ANSWER, "VDAA", at, 7, back if answered else None)
        if forwarded:
            code = self._chance.choice([*self._institutions][:30])
            returned = answered and self._chance.random() < 0.05
            ended = ForwardingState.RETURNED if returned else ForwardingState.ANSWERED
            self._add(
                Forwarding, id=n, ticket_id=n, institution_id=self._institutions[code], note="", forwarded_at=out,
                forwarded_by="anna", shown_due=riga_date(out), ended_at=back if answered else None,
                state=ended if answered else ForwardingState.WAITING,
            )  # fmt: skip
            self._clock(n, ClockKind.INSTITUTION, code, out, 6, back if answered else None, forwarding=n)

    def _clock(
        self,
        n: int,
        kind: str,
        owner: str,
        start: datetime,
        days: int,
        stop: datetime | None,
        forwarding: int | None = None,
    ) -> None:
        first = riga_date(start)
        due = self._due(first, days)
        late = self._days.between(due, riga_date(stop)) if stop else 0
        passed = stop is not None and riga_date(stop) > due
        self._add(
            Clock, ticket_id=n, forwarding_id=forwarding, kind=kind, owner=owner, started_on=first, due_on=due,
            first_due_on=due, rule="bench", working_days=days, calendar="state", calendar_version="bench",
            outcome=Outcome.RUNNING if stop is None else Outcome.LATE if passed else Outcome.IN_TIME, stopped_at=stop,
            days_late=late, delayed_by=owner if passed else "", climbed_on=first, next_on=due if stop is None else None,
        )  # fmt: skip

    def _due(self, first: date, days: int) -> date:
        return self._days.after(first, days)

    def _add(self, table: Any, **values: Any) -> None:
        self._rows[table].append(values)


if __name__ == "__main__":
    main()
