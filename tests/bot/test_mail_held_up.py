"""One letter, one mailbox or one server that goes wrong holds up nobody else."""

import asyncio
import importlib
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from channels.email import Email
from models.database import Database
from models.moments import now
from models.queue import ENDINGS, LEASE, InboxRow, OutboxRow, State
from models.staff import Notice
from tests.bot.mail_town import UNKNOWN, mail_town
from tests.bot.process import a_minute_passes
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT
from tests.channels.mail import servers
from tests.channels.mail.gate import GREETING, gate
from tests.channels.mail.town_post import DESK, Post, listening, running
from tests.stories.town import town

DESK_PORT = servers.free_ports("desk")["desk"]
DEADLY = """
import os, signal
from channels.email import Email
parse = Email.parse
Email.parse = lambda self, raw: os.kill(os.getpid(), signal.SIGKILL) if b"X-Poison" in raw else parse(self, raw)
"""


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    yield from running(DESK_PORT)


async def until(database: Database, true: Callable[[Session], object]) -> None:
    async with asyncio.timeout(40):
        while not await database.reading(true):  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(0.05)


def states(session: Session) -> list[str]:
    return list(session.exec(select(InboxRow.state).order_by(col(InboxRow.id))))


async def test_a_letter_that_ends_every_process_ends_dead_and_holds_up_no_other(
    post: Post, sqlite_url: str, data_dir: Path
) -> None:
    async with mail_town(post, sqlite_url, data_dir.parent, DESK_PORT, DEADLY) as town:
        await asyncio.to_thread(town.asks, UNKNOWN, "poisoner", by_mailbox=True, X_Poison="yes")
        await town.everybody_asks(0, "U", "U", "U")
        for _ in range(2):
            await town.server.begin()
            assert await town.server.dies() == -signal.SIGKILL
            a_minute_passes(town.database)

        town.database.write(others_ended_too)
        town.database.write(begun_a_moment_ago)
        await town.server.start()
        await until(town.database, lambda session: states(session) == [State.WORKING, *[State.DONE] * 3])
        a_minute_passes(town.database)
        assert await town.server.dies() == -signal.SIGKILL

        a_minute_passes(town.database)
        await town.server.start()
        await town.everybody_asks(3, "U")
        await until(town.database, lambda session: states(session) == [State.DEAD, *[State.DONE] * 4])
        with town.database.read() as session:
            assert "ended" in session.exec(select(InboxRow.error).order_by(col(InboxRow.id))).first()  # type: ignore[operator]


def others_ended_too(session: Session) -> None:
    """As many as leave two more: each start costs seconds."""
    worked = update(InboxRow).where(col(InboxRow.state) == State.WORKING)
    session.execute(worked.values(endings=col(InboxRow.endings) + ENDINGS - 3))


def begun_a_moment_ago(session: Session) -> None:
    """Its process has just ended, and nobody knows yet."""
    held = update(InboxRow).where(col(InboxRow.state) == State.WORKING)
    session.execute(held.values(lease_until=now() + LEASE).where(col(InboxRow.id) == 1))


@pytest.fixture
async def telegram() -> AsyncIterator[BotApi]:
    if not SCHEMA.exists():
        pytest.skip(WHY_ABSENT)
    importlib.import_module("aiogram")  # it takes seconds to load: not while the test waits
    async with BotApi() as served:
        yield served
    assert served.violations == []


@pytest.fixture
def by_mail(monkeypatch: pytest.MonkeyPatch, post: Post) -> Callable[[int], None]:
    """Sets the way in, and the way out by the SMTP server at a port."""
    monkeypatch.setenv("EMAIL_ADDRESS", DESK)
    monkeypatch.setenv("EMAIL_LMTP_LISTEN", f"127.0.0.1:{DESK_PORT}")
    return lambda port: monkeypatch.setenv("EMAIL_SMTP_URL", f"smtp://127.0.0.1:{port}")


async def test_a_mail_server_that_hangs_delays_no_other_channel(
    post: Post,
    telegram: BotApi,
    by_mail: Callable[[int], None],
    sqlite_url: str,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_BASE", telegram.url)
    monkeypatch.setenv("TELEGRAM_POLL_SECONDS", "1")
    async with gate(post.exim.ports["smtp"]) as to_world:
        by_mail(to_world.port)
        to_world.hold(*[GREETING] * 100)
        async with town(sqlite_url, data_dir, "webchat,api,telegram,email") as riga:
            await listening(DESK_PORT)
            for number in range(2 * Email.concurrency):
                await asyncio.to_thread(post.sends, f"hangs{number}@town.test", DESK, f"{UNKNOWN} {number}")
            await until(riga.house.database, lambda _: to_world.held >= Email.concurrency)
            telegram.citizen_writes(UNKNOWN)
            await telegram.until(lambda: any("LV-" in message["text"] for message in telegram.sent))
            async with riga.client() as client:
                asked = await client.post("/api/v1/questions", json={"text": UNKNOWN})
            assert asked.status_code == 201
            assert await riga.house.database.reading(sent_by_mail) == 0, "the server still hangs"


def sent_by_mail(session: Session) -> int:
    done = (
        col(OutboxRow.channel) == "email",
        col(OutboxRow.state) != State.WAITING,
        col(OutboxRow.state) != State.WORKING,
    )
    return session.exec(select(func.count(col(OutboxRow.id))).where(*done)).one()


async def test_a_mailbox_that_takes_no_letter_holds_up_no_other(
    post: Post, by_mail: Callable[[int], None], sqlite_url: str, data_dir: Path
) -> None:
    by_mail(post.exim.ports["smtp"])
    async with town(sqlite_url, data_dir, "webchat,api,email") as riga:
        await listening(DESK_PORT)
        for name in ("full", "nobody", "ilze", "juris"):
            await asyncio.to_thread(post.sends, f"{name}@town.test", DESK, f"{UNKNOWN} {name}")
        for name in ("ilze", "juris"):
            assert len(await post.until(f"{name}@town.test", 1)) == 1
        await until(riga.house.database, lambda session: outcome(session, "nobody") == {State.DEAD})
        await until(riga.house.database, lambda session: "550" in why(session, "nobody"))
        await until(riga.house.database, lambda session: "451" in why(session, "full") or "452" in why(session, "full"))
        assert await riga.house.database.reading(lambda session: outcome(session, "full")) <= {
            State.WAITING,
            State.WORKING,
        }
        assert await riga.house.database.reading(lambda session: session.exec(select(Notice.kind)).all()) == [
            "not sent"
        ]


def outcome(session: Session, name: str) -> set[str]:
    return set(session.exec(select(OutboxRow.state).where(col(OutboxRow.conversation) == f"{name}@town.test")))


def why(session: Session, name: str) -> str:
    return " ".join(session.exec(select(OutboxRow.error).where(col(OutboxRow.conversation) == f"{name}@town.test")))
