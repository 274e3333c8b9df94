"""A real process that is killed while Slack has a card and has not said so, and just when it has taken a button."""

import asyncio
import json
import time
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from sqlmodel import col, select

from models.database import Database
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.slack import SlackLink
from models.staff import Person
from models.ticket import Event
from tests.bot.process import Server, a_minute_passes
from tests.bot.slack_house import shown
from tests.channels.slack_api import SECRET, SlackApi
from tests.channels.slack_people import TEAM, Json, pressed

pytestmark = pytest.mark.usefixtures("data_dir")


async def test_a_server_that_is_killed_posts_no_card_twice_and_loses_no_button(sqlite_url: str, tmp_path: Path) -> None:
    async with SlackApi() as api:
        server = Server(sqlite_url, tmp_path, {**api.settings, "SLACK_SIGNING_SECRET": SECRET})
        database = Database(sqlite_url)
        try:
            await server.start()
            api.holds_next("chat.postMessage")
            await ask(server)
            await asyncio.wait_for(api.holding.wait(), 30)
            database.write(lambda session: session.add(link(session.exec(select(Person)).first())))
            await press(server, pressed(api.cards[0], "take", "U0VD", api.url))
            await server.end()
            assert rows(database)[0] == (State.WORKING, True)
            a_minute_passes(database)
            await server.start()
            await done(database)
            await api.until(lambda: "uzņēmās" in shown(api.cards[0]))
        finally:
            await server.end()
            with database.read() as session:
                taken = session.exec(select(Event).where(col(Event.kind) == "taken")).all()
            database.close()
        assert len(taken) == 1
        assert len(api.cards) == 1, "the card that Slack had was found again"
        assert any(method == "conversations.history" for method, _ in api.calls)
        assert api.violations == []


def link(person: Person | None) -> SlackLink:
    assert person is not None
    return SlackLink(person_id=person.id or 0, team=TEAM, account="U0VD", linked_at=now())


async def ask(server: Server) -> None:
    question = {"text": "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?", "client_id": "app-1"}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.address}/api/v1/questions", json=question, timeout=20)
        assert answer.status_code == 201


async def press(server: Server, payload: Json) -> None:
    body = urlencode({"payload": json.dumps(payload)})
    stamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
    headers = {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(signature),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    async with httpx.AsyncClient() as client:
        answer = await client.post(
            f"{server.address}/channels/slack/interactions", content=body, headers=headers, timeout=20
        )
        assert answer.status_code == 200


def rows(database: Database) -> list[tuple[str, bool]]:
    with database.read() as session:
        found = session.exec(select(OutboxRow).where(col(OutboxRow.channel) == "slack")).all()
        return [(row.state, row.begun) for row in found]


async def done(database: Database) -> None:
    """Until nothing of Slack's is left to work on or to send."""

    def left() -> bool:
        with database.read() as session:
            inbox = session.exec(select(InboxRow.state).where(col(InboxRow.channel) == "slack")).all()
        return {*inbox, *(state for state, _ in rows(database))} != {State.DONE} and bool(rows(database))

    async with asyncio.timeout(30):
        while left():  # noqa: ASYNC110 - the server is another process
            await asyncio.sleep(0.05)
