"""Four real processes on one PostgreSQL, whose leader is killed again and again: no step is missing, none is twice."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select

from config.settings import CONFIG, ROOT
from models.clock import Clock
from models.contact import Contact
from models.database import Database
from models.institution import Institution
from models.lease import Lease
from models.message import Message
from models.moments import now, riga_date
from models.queue import PENDING, OutboxRow, State
from models.service import Service
from models.staff import Notice, Person, Role
from models.step import StepTaken
from models.ticket import Ticket
from routing.rules import Rules, calendar_in, read_rules
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.bot_api_citizen import BOT, Json
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)

COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "work"]
PROCESSES = 4
INSTITUTIONS = 60
CROWDED = 40
"""institutions that have many due clocks each: their clerks get digests; the others' get single notices"""
CLOCKS = 3_000
FEW = 2
ESCALATION = """\
quiet: {from: "00:00", until: "00:00"}
digest_from: 4
ladders:
  - clock: forward
    steps: [{day: 0, to: [coordinator]}]
  - clock: institution
    steps:
      - {day: -1, to: [clerk]}
      - {day: 0, to: [clerk, coordinator]}
      - {day: 1, to: [clerk, coordinator], and_each_day_after: true}
  - clock: answer
    steps: [{day: 0, to: [coordinator]}]
"""


class Town(BotApi):
    """Telegram, to which everybody on the staff has written."""

    async def _do_sendMessage(self, parameters: Json) -> Json:  # noqa: N802
        chat = {"id": int(parameters["chat_id"]), "type": "private", "first_name": "Darbinieks"}
        sent = self.message(chat, BOT, **self._checked_content(parameters))
        self.sent.append(sent)
        return sent


class Crew:
    """`atbilde work` as processes of their own."""

    def __init__(self, database: Database, url: str, telegram: str, folder: Path, rules: Path) -> None:
        self.database = database
        self.killed: list[str] = []
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "DATABASE_URL": url,
            "DATA_DIR": str(folder / "var"),
            "RULES_DIR": str(rules),
            "CHANNELS": "webchat,telegram",
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": telegram,
            "TELEGRAM_RATE": "500",
        }
        self._folder = folder
        self._running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        with (self._folder / "work.log").open("ab") as log:
            process = subprocess.Popen(COMMAND, cwd=self._folder, env=self._environment, stdout=log, stderr=log)
        self._running[process.pid] = process

    async def kill_the_leader(self) -> None:
        """Without a word; then what would be waited for comes at once: its leases run out."""
        with self.database.read() as session:
            owner = session.exec(select(Lease.owner).where(col(Lease.name) == "schedule")).one()
        process = self._running.pop(int(owner.split(":")[1]))
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.wait, 20)
        self.killed.append(owner)
        over = now() - timedelta(seconds=1)

        def run_out(session: Session) -> None:
            session.execute(update(Lease).where(col(Lease.owner) == owner).values(until=over))
            held = (col(OutboxRow.state) == State.WORKING, col(OutboxRow.lease_owner) == owner)
            session.execute(update(OutboxRow).where(*held).values(lease_until=over))

        self.database.write(run_out)

    async def until(self, condition: Callable[[Session], bool]) -> None:
        async with asyncio.timeout(100):  # the machine may be busy; alone it takes a tenth
            while not await self.database.reading(condition):
                assert all(one.poll() is None for one in self._running.values()), self._log()
                await asyncio.sleep(0.03)

    async def end(self) -> None:
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            await asyncio.to_thread(process.wait, 20)

    def _log(self) -> str:
        return (self._folder / "work.log").read_text("utf-8")[-3000:]


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town() as serving:
        yield serving
    assert serving.violations == []


@pytest.fixture
def rules_folder(tmp_path: Path) -> Path:
    """Rules by which now is a working hour, whatever the day and the hour of the test."""
    folder = tmp_path / "rules"
    folder.mkdir()
    today = riga_date(now())
    around = [today + timedelta(days=n) for n in range(-1, 3)]
    worked = "".join(f'  - {{calendars: [state], works: {on}, reason: "for the test"}}\n' for on in around)
    (folder / "calendars.yaml").write_text(f"calendars: []\ndays:\n{worked}", "utf-8")
    (folder / "clocks.yaml").write_text((CONFIG / "clocks.yaml").read_text("utf-8"), "utf-8")
    (folder / "escalation.yaml").write_text(ESCALATION, "utf-8")
    return folder


def withdraw_the_catalogue(session: Session) -> None:
    """Nobody asks anything here, and four processes that learn to understand keep the machine busy for a minute."""
    session.execute(update(Service).values(current=False))


def fill(session: Session, rules: Rules) -> None:
    """Institutions with a clerk each, a coordinator, and clocks that have been due for up to four working days."""
    at = now()
    days, today = rules.calendars["state"], riga_date(at)
    session.execute(
        insert(Institution),
        [{"code": f"I{n}", "name": {"lv": f"I{n}"}, "kind": "state", "areas": {}} for n in range(INSTITUTIONS)],
    )
    ids = dict(session.exec(select(Institution.code, Institution.id)).all())
    people = [(f"I{n}", Role.CLERK, 1000 + n) for n in range(INSTITUTIONS)] + [("VDAA", Role.COORDINATOR, 900)]
    for code, role, chat in people:
        contact = Contact(channel="telegram", address=str(chat), created_at=at)
        session.add(contact)
        session.flush()
        session.add(
            Person(
                login=code,
                role=role,
                institution_id=ids[code] or 0,
                password_hash="-",
                contact_id=contact.id,
                created_at=at,
            )
        )
    citizen = Contact(channel="webchat", address="anna", created_at=at)
    session.add(citizen)
    session.flush()
    few = FEW * (INSTITUTIONS - CROWDED)
    owners = [f"I{CROWDED + n // FEW}" for n in range(few)] + [f"I{n % CROWDED}" for n in range(CLOCKS - few)]
    common = {"contact_id": citizen.id, "channel": "webchat", "state": "forwarded", "received_at": at, "changed_at": at}
    session.execute(insert(Ticket), [common | {"ref": f"T-{n}", "suggested": [], "offered": []} for n in range(CLOCKS)])
    tickets = session.exec(select(Ticket.id).order_by(col(Ticket.id))).all()
    clocks = []
    for number, (ticket, owner) in enumerate(zip(tickets, owners, strict=True)):
        due_on = days.shifted(today, -(number % 5))
        start = days.shifted(due_on, -6)
        clocks.append(
            {
                "ticket_id": ticket,
                "kind": "institution",
                "owner": owner,
                "started_on": start,
                "due_on": due_on,
                "first_due_on": due_on,
                "rule": "question/institution",
                "working_days": 6,
                "calendar": "state",
                "calendar_version": rules.calendars.version,
                "climbed_on": start,
                "next_on": days.shifted(due_on, -1),
            }
        )
    session.execute(insert(Clock), clocks)


def steps_expected(database: Database, rules: Rules, today: date) -> Counter[tuple[int, int, str]]:
    """By the plain rule: the day before, and each working day from the due date to today; clerk and coordinator."""
    expected: Counter[tuple[int, int, str]] = Counter()
    with database.read() as session:
        clocks = session.execute(columns(col(Clock.id), col(Clock.due_on), col(Clock.calendar))).all()
    for number, due_on, name in clocks:
        expected[number or 0, -1, "clerk"] += 1
        for day in range(calendar_in(rules, name).between(due_on, today) + 1):
            expected[number or 0, day, "clerk"] += 1
            expected[number or 0, day, "coordinator"] += 1
    return expected


async def test_four_processes_whose_leader_is_killed_miss_no_step_and_take_none_twice(
    postgres_url: str, town: Town, rules_folder: Path, tmp_path: Path
) -> None:
    with closing(Database(postgres_url)) as database:
        database.write(withdraw_the_catalogue)
        rules = read_rules(rules_folder)
        crew = Crew(database, postgres_url, town.url, tmp_path, rules_folder)
        try:
            for _ in range(PROCESSES):
                crew.start()
            await crew.until(lambda session: session.get(Lease, "schedule") is not None)
            before = riga_date(now())
            database.write(lambda session: fill(session, rules))
            await crew.until(lambda session: count(session, StepTaken) > 0)
            await crew.kill_the_leader()
            half = count_of(database, StepTaken)
            await crew.until(lambda session: count(session, StepTaken) > half)
            await crew.kill_the_leader()
            await crew.until(lambda session: count(session, OutboxRow) > 0)
            await crew.kill_the_leader()
            await crew.until(all_is_done)
            today = riga_date(now())
        finally:
            await crew.end()
        assert len(set(crew.killed)) == 3
        if before == today:  # else it became midnight in Riga meanwhile, and some have a day more than others
            no_step_is_missing_and_none_is_twice(database, rules, today)
        everybody_was_told_once(database)
        each_message_arrived_once(database, town)


def all_is_done(session: Session) -> bool:
    untold = session.exec(select(StepTaken.id).where(col(StepTaken.told_at).is_(None)).limit(1)).first()
    due = session.exec(select(Clock.id).where(col(Clock.next_on) <= riga_date(now())).limit(1)).first()
    waiting = session.exec(select(OutboxRow.id).where(col(OutboxRow.state).in_(PENDING)).limit(1)).first()
    return untold is None and due is None and waiting is None and count(session, OutboxRow) > 0


def no_step_is_missing_and_none_is_twice(database: Database, rules: Rules, today: date) -> None:
    with database.read() as session:
        steps = session.exec(select(StepTaken.clock_id, StepTaken.day, StepTaken.role)).all()
    assert Counter(tuple(step) for step in steps) == steps_expected(database, rules, today)


def everybody_was_told_once(database: Database) -> None:
    """Each clerk of a crowded institution by one digest, each of the others of each clock; the coordinator of all."""
    with database.read() as session:
        kinds = Counter(
            session.exec(
                select(Institution.code, Notice.kind).join(
                    Institution, col(Institution.id) == col(Notice.institution_id)
                )
            )
        )
        told = session.exec(select(StepTaken.clock_id, StepTaken.role).where(col(StepTaken.notice_id).is_not(None)))
        twice = [one for one, number in Counter(told).items() if number > 1]
    for number in range(INSTITUTIONS):
        mine = {kind: times for (code, kind), times in kinds.items() if code == f"I{number}"}
        assert mine == {"digest": 1} if number < CROWDED else sum(mine.values()) == FEW, (number, mine)
    assert twice == []


def each_message_arrived_once(database: Database, town: Town) -> None:
    """What a killed process was just sending may have arrived or not: that is known as doubtful, and not repeated."""
    arrived = Counter((sent["chat"]["id"], sent["text"]) for sent in town.sent)
    assert set(arrived.values()) == {1}
    with database.read() as session:
        rows = session.exec(
            select(OutboxRow, Message.text).join(Message, col(Message.id) == col(OutboxRow.message_id))
        ).all()
        notices = count(session, Notice)
    sent = {(int(row.conversation), text) for row, text in rows if row.state == State.DONE}
    doubtful = {(int(row.conversation), text) for row, text in rows if row.state == State.DOUBTFUL}
    assert {row.state for row, _ in rows} <= {State.DONE, State.DOUBTFUL}
    assert len(rows) == notices == len(sent) + len(doubtful)
    assert sent <= arrived.keys() <= sent | doubtful
    assert len(doubtful) < 30, "not more than one process has in its hands at a time"


def count(session: Session, table: type[StepTaken] | type[OutboxRow] | type[Notice]) -> int:
    return session.exec(select(func.count()).select_from(table)).one()


def count_of(database: Database, table: type[StepTaken]) -> int:
    with database.read() as session:
        return count(session, table)
