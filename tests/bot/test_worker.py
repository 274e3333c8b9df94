"""The inbox worked off: nothing is lost, whatever fails, and nothing is done twice."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest
from sqlmodel import col, select

from bot.brain import Brain
from bot.files import Store
from bot.inbox import Inbox
from bot.turn import Turn
from bot.worker import Worker
from channels.base import Channel, Inbound, Kind, Outbound, ParseError
from models.database import Database
from models.message import Direction, Message
from models.moments import now
from models.queue import LEASE, TRIES, InboxRow, State, revive
from models.ticket import Ticket
from nlu.understand import Band, Candidate, Understanding

UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"


class Pigeon(Channel):
    """Its raw payload is the citizen's address, a colon and the words; `?` stands for what nobody can read."""

    name: ClassVar[str] = "pigeon"

    def __init__(self) -> None:
        self.acknowledged: list[str] = []

    async def send(self, message: Outbound) -> str:
        return message.id

    def parse(self, raw: bytes) -> list[Inbound]:
        if raw == b"?":
            raise ParseError("a question mark is no letter")
        conversation, _, text = raw.decode().partition(":")
        return [Inbound(conversation, text, Kind.TEXT, text=text, language="lv", acknowledge=text)]

    async def acknowledge(self, inbound: Inbound) -> None:
        self.acknowledged.append(inbound.acknowledge)


class Moving:
    def __init__(self) -> None:
        self.at = now() + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.at

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Moving:
    moving = Moving()
    monkeypatch.setattr("bot.worker.now", moving)
    return moving


class Office:
    """Workers of several processes over one database."""

    def __init__(self, database: Database, brain: Brain, folder: Path) -> None:
        self.database = database
        self.brain = brain
        self.pigeon = Pigeon()
        self.store = Store(folder / "files", 1_000)
        self.stored: list[Turn] = []
        self.inbox = Inbox(database, "us", wake=lambda: None)
        self.failing = 0
        self.hold: threading.Event | None = None
        self.holding = threading.Event()

    def worker(self, owner: str = "us") -> Worker:
        channels = {"pigeon": self.pigeon}
        return Worker(
            self.database,
            channels,
            self._understand,
            self.brain.published,
            self.store,
            owner,
            stored=self.stored.append,
        )

    def _understand(self, text: str, hint: str, audience: str, place: str) -> Understanding:
        if self.failing:
            self.failing -= 1
            raise RuntimeError("the engine broke")
        if (hold := self.hold) is not None:
            self.hold = None
            self.holding.set()
            assert hold.wait(10)
        return self.brain.understand(text, hint, audience, place)

    async def hands_in(self, raw: str, number: int = 0, conversation: str = "anna") -> None:
        await self.inbox.receive("pigeon", str(number), raw.encode(), conversation)

    def row(self) -> InboxRow:
        with self.database.read() as session:
            return session.exec(select(InboxRow)).one()

    def heard(self) -> list[str]:
        with self.database.read() as session:
            looked = select(Message.text).where(col(Message.direction) == Direction.IN).order_by(col(Message.id))
            return list(session.exec(looked))

    def tickets(self) -> int:
        with self.database.read() as session:
            return len(session.exec(select(Ticket.id)).all())


@pytest.fixture
def office(database: Database, brain: Brain, tmp_path: Path) -> Iterator[Office]:
    opened = Office(database, brain, tmp_path)
    yield opened
    if opened.hold:
        opened.hold.set()


async def test_a_row_becomes_a_ticket_and_its_reply_is_remembered(office: Office) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    assert await office.worker().work() == 1
    row = office.row()
    assert row.state == State.DONE
    assert row.ticket_id == office.stored[0].on.id
    assert {message.inbox_id for message in office.stored[0].said} == {row.id}
    assert office.pigeon.acknowledged == [UNKNOWN]


async def test_what_cannot_be_parsed_stays_as_it_came_for_people_to_see(office: Office) -> None:
    await office.hands_in("?")
    await office.worker().work()
    row = office.row()
    assert (row.state, row.raw, row.error) == (State.DEAD, b"?", "cannot be parsed: a question mark is no letter")
    assert row.attempts == 1


async def test_a_row_of_a_channel_that_is_off_waits_for_a_process_that_has_it(office: Office) -> None:
    await office.inbox.receive("owl", "1", b"raw")
    assert await office.worker().work() == 0
    assert office.row().state == State.WAITING


async def test_what_cannot_be_parsed_holds_up_nobody(office: Office) -> None:
    await office.hands_in("?", 0)
    await office.hands_in(f"anna:{UNKNOWN}", 1)
    while await office.worker().work():
        pass
    assert office.heard() == [UNKNOWN]


async def test_a_failure_is_tried_again_after_growing_pauses(office: Office, time: Moving) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    office.failing = 3
    worker = office.worker()
    for least in (0.75, 1.5, 3):
        assert await worker.work() == 1
        row = office.row()
        assert (row.state, row.error) == (State.WAITING, "RuntimeError: the engine broke")
        pause = (row.due_at - time.at).total_seconds()
        assert least <= pause <= least / 0.75 * 1.25
        assert await worker.work() == 0
        time.passes(seconds=pause)
    await worker.work()
    assert office.row().state == State.DONE
    assert (office.heard(), office.tickets()) == ([UNKNOWN], 1)


async def test_after_the_last_try_it_is_dead_and_a_person_may_run_it_again(office: Office, time: Moving) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    office.failing = TRIES
    worker = office.worker()
    for _ in range(TRIES):
        time.passes(hours=2)
        assert await worker.work() == 1
    assert office.row().state == State.DEAD
    time.passes(days=3)
    assert await worker.work() == 0
    office.database.write(lambda session: revive(session.exec(select(InboxRow)).one(), time.at))
    await worker.work()
    assert office.heard() == [UNKNOWN]


async def test_a_crash_in_the_middle_of_the_conversation_leaves_nothing_half_done(
    office: Office, time: Moving, monkeypatch: pytest.MonkeyPatch
) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    with monkeypatch.context() as broken:
        broken.setattr("bot.turn.Turn.hand_over", lambda *_: 1 / 0)
        await office.worker().work()
    assert (office.heard(), office.tickets()) == ([], 0)
    assert office.row().state == State.WAITING
    time.passes(seconds=5)
    await office.worker().work()
    assert (office.heard(), office.tickets()) == ([UNKNOWN], 1)


async def test_a_dead_workers_row_is_taken_over_when_its_lease_has_run_out(office: Office, time: Moving) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")

    def taken(row: InboxRow) -> None:
        row.state, row.lease_owner, row.lease_until, row.attempts = State.WORKING, "dead", time.at + LEASE, 1

    office.database.write(lambda session: taken(session.exec(select(InboxRow)).one()))
    assert await office.worker().work() == 0
    time.passes(seconds=LEASE.total_seconds() + 1)
    assert await office.worker().work() == 1
    assert (office.heard(), office.row().attempts) == ([UNKNOWN], 2)


async def test_the_late_write_of_a_worker_that_lost_its_lease_does_nothing(office: Office, time: Moving) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    office.hold = held = threading.Event()
    slow = asyncio.create_task(office.worker("slow").work())
    assert await asyncio.to_thread(office.holding.wait, 10)
    assert await office.worker("quick").work() == 0
    time.passes(seconds=LEASE.total_seconds() + 1)
    assert await office.worker("quick").work() == 1
    held.set()
    await slow
    assert (office.heard(), office.tickets()) == ([UNKNOWN], 1)
    assert len(office.stored) == 1
    assert office.row().lease_owner == "quick"


async def test_the_late_failure_of_a_worker_that_lost_its_lease_does_nothing(office: Office, time: Moving) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    stale = office.row()
    stale.lease_owner = "slow"
    await office.worker("quick").work()
    office.failing = 1
    assert await office.worker("slow").work_row(stale) == []
    assert office.row().state == State.DONE


async def test_a_worker_that_is_stopped_leaves_its_row_to_the_next(office: Office, time: Moving) -> None:
    await office.hands_in(f"anna:{UNKNOWN}")
    office.hold = held = threading.Event()
    stopped = asyncio.create_task(office.worker("stopped").work())
    assert await asyncio.to_thread(office.holding.wait, 10)
    stopped.cancel()
    held.set()
    with suppress(asyncio.CancelledError):
        await stopped
    time.passes(seconds=LEASE.total_seconds() + 1)
    await office.worker("next").work()
    assert office.heard() == [UNKNOWN]


async def test_many_workers_share_the_rows_and_do_each_once(office: Office) -> None:
    expected = [(f"c{number % 9}", f"{UNKNOWN} {number}") for number in range(36)]
    for number, (conversation, text) in enumerate(expected):
        await office.hands_in(f"{conversation}:{text}", number, conversation)
    workers = [office.worker(f"process {number}") for number in range(4)]
    while sum(await asyncio.gather(*(worker.work() for worker in workers))):
        pass
    assert sorted(office.heard()) == sorted(text for _, text in expected)
    assert office.tickets() == 9
    for conversation in {conversation for conversation, _ in expected}:
        mine = [text for owner, text in expected if owner == conversation]
        assert [text for text in office.heard() if text in mine] == mine


async def test_what_comes_while_the_worker_idles_is_worked_when_it_is_woken(office: Office) -> None:
    worker = office.worker()
    inbox = Inbox(office.database, "us", wake=worker.wake)
    running = asyncio.create_task(worker.run())
    await inbox.receive("pigeon", "1", f"anna:{UNKNOWN}".encode(), "anna")
    async with asyncio.timeout(10):
        while not office.stored:  # noqa: ASYNC110 - the work ends in a thread
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert office.heard() == [UNKNOWN]


async def test_an_engine_that_is_out_of_its_mind_costs_no_message(office: Office, time: Moving) -> None:
    """What it says names services and institutions that do not exist."""
    await office.hands_in(f"anna:{UNKNOWN}")
    sane = office.brain.understand(UNKNOWN, "lv", "")
    none = (Candidate("nav-tāda", 0.99),)
    mad = replace(sane, band=Band.ANSWER, services=none, institutions=none, confidence=0.99)
    worker = Worker(
        office.database,
        {"pigeon": office.pigeon},
        lambda *_: mad,
        office.brain.published,
        office.store,
        "us",
        stored=office.stored.append,
    )
    await worker.work()
    assert office.row().state == State.DONE
    assert office.tickets() == 1
