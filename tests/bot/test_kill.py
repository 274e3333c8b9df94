"""Real processes that are killed in the middle of their work: nothing acknowledged is lost, nothing is said twice."""

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from config.settings import ROOT
from models.database import Database
from models.message import Direction, Message
from models.moments import now
from models.queue import PENDING, InboxRow, OutboxRow, State
from models.staff import Notice
from models.ticket import Ticket
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.bot_api_citizen import BOT, Json
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)

UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti? Numur"
COMMAND = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
STARTS_WITHIN = 60


class Town(BotApi):
    """Telegram with many citizens, whose answers to us can be held back after it has taken a message."""

    def __init__(self) -> None:
        super().__init__()
        self.hold_from: int | None = None
        """answers are held back from the message of that number on"""
        self.holding = asyncio.Event()

    def hears_from(self, citizen: int, words: str) -> str:
        person = {"id": citizen, "is_bot": False, "first_name": f"Pilsonis {citizen}", "language_code": "lv"}
        chat = {"id": citizen, "type": "private", "first_name": f"Pilsonis {citizen}"}
        update = self.citizen_writes(words, chat=chat, sender=person)
        return str(update["update_id"])

    async def _do_sendMessage(self, parameters: Json) -> Json:  # noqa: N802
        chat = {"id": int(parameters["chat_id"]), "type": "private", "first_name": "Pilsonis"}
        sent = self.message(chat, BOT, **self._checked_content(parameters))
        self.sent.append(sent)
        if self.hold_from is not None and len(self.sent) >= self.hold_from:
            self.holding.set()
            await asyncio.Event().wait()
        return sent

    def hold(self, after: int) -> None:
        self.hold_from = len(self.sent) + after
        self.holding.clear()


class Server:
    """`atbilde serve` as a process of its own."""

    def __init__(self, database_url: str, telegram: str, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.log = folder / "server.log"
        self._folder = folder
        self._telegram = telegram
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self._folder / "var"),
            "PORT": str(self.port),
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_BASE": self._telegram,
            "TELEGRAM_RATE": "60",
        }
        self._process = await asyncio.to_thread(self._begin, environment)
        async with asyncio.timeout(STARTS_WITHIN), httpx.AsyncClient() as client:
            while not await self._ready(client):
                assert self._process.poll() is None, self.log.read_text("utf-8")[-3000:]
                await asyncio.sleep(0.05)

    def _begin(self, environment: dict[str, str]) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            return subprocess.Popen(COMMAND, cwd=self._folder, env=environment, stdout=log, stderr=log)

    async def _ready(self, client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get(f"{self.address}/readyz", timeout=2)).status_code == 200
        except httpx.TransportError:
            return False

    async def end(self, how: signal.Signals = signal.SIGKILL) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(how)
        return await asyncio.to_thread(process.wait, 30)


class Case:
    """What was asked by whom, and what was acknowledged."""

    def __init__(self, server: Server, town: Town) -> None:
        self.server = server
        self.town = town
        self.database = Database(server.database_url)
        self.asked: dict[str, str] = {}
        """words by client_id"""
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.written: dict[str, str] = {}
        """words by Telegram's id of the update"""

    async def ask(self, client: httpx.AsyncClient, name: str) -> bool:
        """Once; a broken connection is what a client sees of a killed server."""
        question = {"text": self.asked[name], "client_id": name}
        try:
            answer = await client.post(f"{self.server.address}/api/v1/questions", json=question, timeout=10)
        except httpx.TransportError:
            return False
        if answer.status_code == 201:
            first = self.acknowledged.setdefault(name, answer.json())
            assert answer.json() == first, "the same question got another answer"
        else:
            assert answer.status_code == 503, answer.text
        return answer.status_code == 201

    async def everybody_asks(self, letters: str) -> None:
        """A `t` is somebody in Telegram, an `a` a program that uses the API; these ask one after another."""
        for letter in letters:
            number = len(self.asked) + len(self.written)
            if letter == "t":
                words = f"{UNKNOWN} {number}"
                self.written[self.town.hears_from(2000 + number, words)] = words
            else:
                self.asked[f"app-{number}"] = f"{UNKNOWN} {number}"
        async with httpx.AsyncClient() as client:
            for name in [name for name in self.asked if name not in self.acknowledged]:
                await self.ask(client, name)

    async def unanswered_ask_again(self) -> None:
        async with asyncio.timeout(30), httpx.AsyncClient() as client:
            for name in self.asked:
                while not await self.ask(client, name):  # noqa: ASYNC110 - the server is another process
                    await asyncio.sleep(0.05)

    def a_minute_passes(self) -> None:
        """So that what the killed process held may be taken over."""
        over = now() - timedelta(seconds=1)

        def work(session: Session) -> None:
            for table in (InboxRow, OutboxRow):
                held = col(table.state) == State.WORKING
                session.execute(update(table).where(held).values(lease_until=over))
            session.execute(text("DELETE FROM lease"))

        self.database.write(work)

    async def all_is_done(self) -> None:
        """Every update confirmed, and no row left to work on."""
        async with asyncio.timeout(40):
            while self.town.pending or self._pending():  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.1)

    def _pending(self) -> int:
        with self.database.read() as session:
            inbox = session.exec(select(InboxRow.id).where(col(InboxRow.state).in_(PENDING))).all()
            outbox = session.exec(select(OutboxRow.id).where(col(OutboxRow.state).in_(PENDING))).all()
        return len(inbox) + len(outbox)


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with Town() as serving:
        yield serving
    assert serving.violations == []


@pytest.fixture
def cases() -> Iterator[list[Case]]:
    """Closes what a test has opened."""
    opened: list[Case] = []
    yield opened
    for case in opened:
        case.database.close()


async def killed_again_and_again(case: Case, moments: list[float | None], chance: random.Random) -> None:
    """At each moment (seconds after the first question, or None: while Telegram has taken a reply and not said so)."""
    server, town = case.server, case.town
    try:
        await server.start()
        for moment in moments:
            town.hold_from = None
            if moment is None:
                town.hold(after=2)
            asking = asyncio.create_task(case.everybody_asks("".join(chance.sample("tttt" + "a" * 10, 14))))
            if moment is None:
                async with asyncio.timeout(30):
                    await town.holding.wait()
            else:
                await asyncio.sleep(moment)
            await server.end()
            town.hold_from = None
            await asking
            case.a_minute_passes()
            await server.start()
            await case.unanswered_ask_again()
        await case.all_is_done()
        assert await server.end(signal.SIGTERM) in (0, -signal.SIGTERM)
    finally:
        await server.end()


def nothing_is_lost_and_nothing_is_said_twice(case: Case) -> None:
    with case.database.read() as session:
        inbox = {(row.channel, row.external_id): row for row in session.exec(select(InboxRow))}
        tickets = {ticket.id: ticket for ticket in session.exec(select(Ticket))}
        heard = Counter(session.exec(select(Message.text).where(col(Message.direction) == Direction.IN)))
        outbox = list(session.exec(select(OutboxRow)))
        messages = {message.id: message for message in session.exec(select(Message))}
        noticed = set(session.exec(select(Notice.ticket_id).where(col(Notice.kind) == "sent or not")))

    assert case.acknowledged.keys() == case.asked.keys()
    for name, answer in case.acknowledged.items():
        assert tickets[inbox["api", f"q:{name}"].ticket_id].ref == answer["ticket"]
    for number in case.written:
        assert inbox["telegram", number].ticket_id in tickets
    assert len(tickets) == len(inbox) == len(case.asked) + len(case.written)
    assert heard == Counter([*case.asked.values(), *case.written.values()])

    taken = Counter((sent["chat"]["id"], sent["text"]) for sent in case.town.sent)
    assert set(taken.values()) <= {1}, "a citizen got the same reply twice"
    ids = {str(sent["message_id"]) for sent in case.town.sent}
    for row in outbox:
        assert row.state in (State.DONE, State.DOUBTFUL), (row.state, row.error)
        if row.state == State.DONE:
            assert row.provider_id in ids
            message = messages[row.message_id]
            assert (int(row.conversation), message.text) in taken
        else:
            assert row.ticket_id in noticed
    assert len({row.conversation for row in outbox}) == len(case.written)
    assert any(row.state == State.DOUBTFUL for row in outbox), "a kill while Telegram held its answer leaves a doubt"


async def test_on_sqlite_a_server_that_is_killed_loses_nothing_and_repeats_nothing(
    sqlite_url: str, town: Town, cases: list[Case], tmp_path: Path
) -> None:
    chance = random.Random(20)
    case = Case(Server(sqlite_url, town.url, tmp_path), town)
    cases.append(case)
    moments = [None, chance.uniform(0.0, 0.1), chance.uniform(0.1, 0.6)]
    await killed_again_and_again(case, moments, chance)
    nothing_is_lost_and_nothing_is_said_twice(case)


async def test_on_postgresql_a_server_that_is_killed_loses_nothing_and_repeats_nothing(
    postgres_url: str, town: Town, cases: list[Case], tmp_path: Path
) -> None:
    chance = random.Random(21)
    case = Case(Server(postgres_url, town.url, tmp_path), town)
    cases.append(case)
    await killed_again_and_again(case, [None, chance.uniform(0.05, 0.5)], chance)
    nothing_is_lost_and_nothing_is_said_twice(case)
