"""The coordinators' inbox over very many tickets: how long each queue, filter and search takes on the server.

    python -m bench.bench_desk [--tickets 100000] [--tries 40] [--keep FOLDER]

Makes a database of tickets in every state with three messages each, on SQLite and never analysed, and asks the whole
application for pages as a coordinator does. Prints a JSON line for each kind of page.
"""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert
from sqlmodel import Session, col, select

from bot.app import create_app
from bot.memory import keep_for_good
from bot.migrate import migrate
from catalogue.start import load_start
from config.settings import Settings
from models.clock import Clock, ClockKind, Outcome
from models.contact import Contact
from models.database import Database
from models.forwarding import Answer, Forwarding, ForwardingState
from models.institution import Institution
from models.message import Author, Direction, Message
from models.moments import now, riga_date
from models.service import Service
from models.staff import Person, Role
from models.ticket import Ticket, TicketState
from web.desk.queues import Queue
from web.session_rows import open_session
from web.sessions import COOKIE

CHUNK = 5000
STATES = {
    TicketState.CLARIFYING: 1, TicketState.TRIAGE: 4, TicketState.FORWARDED: 14, TicketState.COMPOSING: 3,
    TicketState.ANSWERED: 30, TicketState.CLOSED: 48,
}  # fmt: skip
NAMES = ("Anna", "Jānis", "Ilze", "Kārlis", "Līga", "Pēteris", "Zane", "Ģirts", "Šarlote", "Ņina")
SURNAMES = ("Bērziņa", "Kalniņš", "Ozola", "Liepiņa", "Krūmiņš", "Žagare", "Ķirsons", "Vītola", "Čakste", "Ābele")
WORDS = (
    "pase", "pensija", "pabalsts", "kada", "dzīvesvietas", "nodoklis", "bērna kopšanas", "nozaudēta", "pmlp", "lūdzu",
    "transportlīdzekļa reģistrācija", "Anna Kalniņš", "iesniegums pensija", "valsts sociālās apdrošināšanas aģentūra",
)  # fmt: skip
NUMBERS = ("123", "4711", "99999", "LV-2026-000123", "026-0001", "12", "20000001")
FILTERS = (
    "institution=PMLP", "channel=telegram", "in_language=ru", "queue=waiting&institution=VSAA", "holder=-&queue=triage",
    "municipality=R%C4%ABga&state=closed", "received_from=2026-11-01&received_to=2026-11-20",
    "queue=waiting&channel=email",
    "audience=business&in_language=en", "due_from=2026-01-01&due_to=2027-12-31", "q=pase&channel=email&in_language=en",
    "q=pensija&queue=waiting", "service=pase&order=due", "channel=sms",
)  # fmt: skip
LIMIT_MS = 100
"""at p95"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=100_000)
    parser.add_argument("--tries", type=int, default=40)
    parser.add_argument("--keep", type=Path, help="a folder for the database, which is used again where it is there")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if not (folder / "atbilde.db").exists():
            database = Database(f"sqlite:///{folder / 'atbilde.db'}")
            migrate(database)
            database.write(lambda session: load_start(session, now()))
            _fill(database, given.tickets)
            database.close()
        asyncio.run(_measure(folder, given.tickets, given.tries))


async def _measure(folder: Path, tickets: int, tries: int) -> None:
    app = create_app(Settings(database_url=f"sqlite:///{folder / 'atbilde.db'}", data_dir=folder, channels="api"))
    secrets = app.state.portal.database.write(_log_in)
    keep_for_good()  # as `serve` does
    headers = {"Accept": "text/html", "Accept-Language": "lv"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk", headers=headers) as client:
        for who, secret in secrets.items():
            client.cookies.clear()
            client.cookies.set(COOKIE, secret)
            for kind, addresses in _asked(who).items():
                await _time(client, kind, addresses, tickets, tries)
    app.state.portal.database.close()


def _asked(who: str) -> dict[str, Sequence[str]]:
    if who == "clerk":
        return {"tray": ["/desk"], "tray, search": [f"/desk?q={one}" for one in WORDS]}
    if who == "auditor":
        return {"inbox, auditor": ["/desk"], "search, auditor": [f"/desk?q={one}" for one in WORDS]}
    return {
        "inbox": ["/desk"],
        **{f"queue {one}": [f"/desk?queue={one}"] for one in Queue},
        "part of the page": ["/desk?part=list"],
        "search by word": [f"/desk?q={one}" for one in WORDS],
        "search by number": [f"/desk?q={one}" for one in NUMBERS],
        "with filters": [f"/desk?{one}" for one in FILTERS],
    }


async def _time(client: httpx.AsyncClient, kind: str, addresses: Sequence[str], tickets: int, tries: int) -> None:
    took: list[tuple[float, float, str]] = []
    for n in range(tries + 2):
        address = addresses[n % len(addresses)]
        began, worked = time.perf_counter(), time.process_time()
        response = await client.get(address)
        seconds, work = time.perf_counter() - began, time.process_time() - worked
        assert response.status_code == 200, (address, response.status_code)
        if n >= 2:  # the first are for the caches
            took.append((round(seconds * 1000, 1), round(work * 1000, 1), address))
    took.sort()
    cpu = sorted(work for _, work, _ in took)
    half, most = len(took) // 2, int(len(took) * 0.95)
    figures: dict[str, object] = {
        "p50_ms": took[half][0],
        "p95_ms": took[most][0],
        "cpu_p50_ms": cpu[half],
        "cpu_p95_ms": cpu[most],
    }
    figures |= {"worst": took[-1][2], "ok": took[most][0] < LIMIT_MS}  # on a busy machine its own work counts: cpu
    print(json.dumps({"bench": "desk", "page": kind, "tickets": tickets} | figures, ensure_ascii=False), flush=True)


def _log_in(session: Session) -> dict[str, str]:
    found = {}
    for role, code in ((Role.COORDINATOR, "VDAA"), (Role.AUDITOR, "VDAA"), (Role.CLERK, "PMLP")):
        person = session.exec(select(Person).where(col(Person.login) == f"bench-{role}")).first()
        if person is None:
            at = session.exec(select(Institution).where(col(Institution.code) == code)).one()
            login = f"bench-{role}"
            person = Person(login=login, role=role, institution_id=at.id or 0, password_hash="", created_at=now())
            session.add(person)
            session.flush()
        found[str(role)] = open_session(session, person, now())
    return found


def _fill(database: Database, number: int) -> None:
    database.write(_log_in)
    with database.read() as session:
        rows = Rows(session, number)
    for first in range(1, number + 1, CHUNK):
        made = [rows.ticket(n) for n in range(first, min(first + CHUNK, number + 1))]
        database.write(lambda session: _store(session, made))  # noqa: B023 - run before the next round


def _store(session: Session, made: Sequence[list[tuple[Any, dict[str, Any]]]]) -> None:
    for table in (Contact, Ticket, Forwarding, Message, Clock, Answer):
        session.execute(insert(table), [row for rows in made for of, row in rows if of is table])


class Rows:
    """A ticket with all that hangs on it; the words are those of the catalogue."""

    def __init__(self, session: Session, number: int) -> None:
        self._chance = random.Random(7)
        self._number = number
        self._at = now()
        self._today = riga_date(self._at)
        self._institutions = {one.code: one.id or 0 for one in session.exec(select(Institution)).all()}
        self._person = session.exec(select(Person.id)).first()
        services = session.exec(select(Service).where(col(Service.current))).all()
        self._services = [one.code for one in services]
        self._words = [
            word for one in services for said in one.texts.values() for text in said.values() for word in text.split()
        ]

    def ticket(self, n: int) -> list[tuple[Any, dict[str, Any]]]:
        chance = self._chance
        state = chance.choices(list(STATES), list(STATES.values()))[0]
        done = state in (TicketState.ANSWERED, TicketState.CLOSED)
        ago = (
            timedelta(minutes=(self._number - n) * 365 * 1440 / self._number)
            if done
            else timedelta(days=chance.random() * 9)
        )
        at = self._at - ago
        channel = chance.choice(("telegram", "webchat", "email", "api"))
        owner = "VDAA" if chance.random() < 0.8 else "LIAA"
        question = self._said(24)
        codes = chance.sample([*self._institutions][:40], chance.choice((1, 1, 1, 2)))
        rows: list[tuple[Any, dict[str, Any]]] = [
            (Contact, {
                "id": n, "channel": channel, "address": f"vards.{n}@pasts.lv" if channel == "email" else str(n * 7919),
                "name": f"{chance.choice(NAMES)} {chance.choice(SURNAMES)}", "created_at": at,
            }),
            (Ticket, {
                "id": n, "ref": f"LV-2026-{n:06d}", "contact_id": n, "channel": channel, "received_at": at,
                "state": state, "coordinator": owner, "subject": question[:100], "suggested": codes, "offered": [],
                "audience": chance.choice(("resident", "resident", "business")), "changed_at": at,
                "language": chance.choice(("lv", "lv", "lv", "ru", "en")),
                "municipality": chance.choice(("", "", "Rīga", "Ogres novads", "Liepāja")),
                "band": chance.choice(("route", "route", "clarify", "answer")),
                "service_code": chance.choice(self._services),
                "taken_by": self._person if chance.random() < 0.05 else None,
                "attention": "citizen wrote" if chance.random() < 0.01 else "",
            }),
        ]  # fmt: skip
        for number in range(3):
            author = (Author.CITIZEN, Author.BOT, Author.CITIZEN)[number]
            direction = Direction.OUT if author == Author.BOT else Direction.IN
            rows.append((Message, {
                "id": n * 4 + number, "ticket_id": n, "contact_id": n, "direction": direction, "author": author,
                "text": self._said(30) if number else question, "at": at, "choices": [], "source": {}, "earlier": [],
            }))  # fmt: skip
        return rows + self._terms(n, at, state, owner, codes, done)

    def _terms(self, n: int, at: Any, state: str, owner: str, codes: Sequence[str], done: bool) -> list[Any]:
        chance = self._chance
        rows: list[tuple[Any, dict[str, Any]]] = []
        out = at + timedelta(hours=3)
        due = self._today + timedelta(days=chance.choice((-1, 0, *range(1, 9))))

        def clock(kind: str, who: str, running: bool, forwarding: int | None = None) -> None:
            rows.append((Clock, {
                "ticket_id": n, "forwarding_id": forwarding, "kind": kind, "owner": who, "started_on": riga_date(at),
                "due_on": due if running else riga_date(at) + timedelta(days=9), "first_due_on": due, "rule": "r",
                "calendar": "state", "calendar_version": "1", "climbed_on": riga_date(at),
                "next_on": due if running else None,
                "outcome": Outcome.RUNNING if running else Outcome.IN_TIME, "stopped_at": None if running else out,
            }))  # fmt: skip

        clock(ClockKind.FORWARD, owner, state == TicketState.TRIAGE)
        clock(ClockKind.ANSWER, owner, not done)
        if state in (TicketState.TRIAGE, TicketState.CLARIFYING):
            return rows
        for place, code in enumerate(codes):
            waits = state == TicketState.FORWARDED and place == 0
            ended = ForwardingState.RETURNED if chance.random() < 0.05 else ForwardingState.ANSWERED
            number = n * 2 + place
            rows.append((Forwarding, {
                "id": number, "ticket_id": n, "institution_id": self._institutions[code], "forwarded_at": out,
                "forwarded_by": "anna", "shown_due": due, "state": ForwardingState.WAITING if waits else ended,
                "delivered_at": out, "ended_at": None if waits else out + timedelta(days=2),
            }))  # fmt: skip
            clock(ClockKind.INSTITUTION, code, waits, number)
        if done:
            rows.append(
                (
                    Answer,
                    {"ticket_id": n, "author": "anna", "text": "Atbilde.", "at": at + timedelta(days=3), "sources": []},
                )
            )
        return rows

    def _said(self, words: int) -> str:
        first = self._chance.randrange(len(self._words) - words)
        return " ".join(self._words[first : first + words])


if __name__ == "__main__":
    main()
