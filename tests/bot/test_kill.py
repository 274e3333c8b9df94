"""Real processes that are killed in the middle of their work: nothing acknowledged is lost, nothing is said twice."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import col, select

from models.database import Database
from models.message import Direction, Message
from models.queue import InboxRow, OutboxRow, State
from models.staff import Notice
from models.ticket import Ticket
from tests.bot.process import Server, a_minute_passes, pending
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.bot_api_citizen import BOT, Json
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT

pytestmark = [
    pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT),
    pytest.mark.usefixtures("data_dir"),  # what a server learns has no part in this
]

UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti? Numur"


class Town(BotApi):
    """Telegram with many citizens, whose answers to us can be held back after it has taken a message."""

    def __init__(self) -> None:
        super().__init__()
        self.hold_from: int | None = None
        """answers are held back from the message of that number on"""
        self.holding = asyncio.Event()

    @property
    def settings(self) -> dict[str, str]:
        return {"TELEGRAM_TOKEN": TOKEN, "TELEGRAM_API_BASE": self.url, "TELEGRAM_RATE": "60"}

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

    async def all_is_done(self) -> None:
        """Every update confirmed, and no row left to work on."""
        async with asyncio.timeout(40):
            while self.town.pending or pending(self.database):  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.1)


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
            a_minute_passes(case.database)
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
    case = Case(Server(sqlite_url, tmp_path, town.settings), town)
    cases.append(case)
    moments = [None, chance.uniform(0.0, 0.1), chance.uniform(0.1, 0.6)]
    await killed_again_and_again(case, moments, chance)
    nothing_is_lost_and_nothing_is_said_twice(case)


async def test_on_postgresql_a_server_that_is_killed_loses_nothing_and_repeats_nothing(
    postgres_url: str, town: Town, cases: list[Case], tmp_path: Path
) -> None:
    chance = random.Random(21)
    case = Case(Server(postgres_url, tmp_path, town.settings), town)
    cases.append(case)
    await killed_again_and_again(case, [None, chance.uniform(0.05, 0.5)], chance)
    nothing_is_lost_and_nothing_is_said_twice(case)
