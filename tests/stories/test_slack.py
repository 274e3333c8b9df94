"""A question comes to people, and they deal with it in Slack: the whole product, over HTTP and by Socket Mode."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from slack_sdk.signature import SignatureVerifier
from sqlmodel import select

from models.forwarding import Forwarding
from models.ticket import Event
from tests.bot.slack_house import shown
from tests.channels.slack_api import APP_TOKEN, SECRET, SlackApi
from tests.channels.slack_people import Json, pressed, submitted, typed
from tests.stories.town import Town, town

UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"


@pytest.fixture
async def api() -> AsyncIterator[SlackApi]:
    async with SlackApi() as served:
        yield served
    assert served.violations == []


@pytest.fixture
async def riga(
    request: pytest.FixtureRequest, api: SlackApi, sqlite_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator["Riga"]:
    door = {"SLACK_SIGNING_SECRET": SECRET} if request.param == "http" else {"SLACK_APP_TOKEN": APP_TOKEN}
    for name, value in (api.settings | door).items():
        monkeypatch.setenv(name, value)
    async with town(sqlite_url, data_dir) as opened:
        yield Riga(opened, api, request.param)


class Riga:
    """The town with its Slack, by one of its two doors."""

    def __init__(self, opened: Town, api: SlackApi, door: str) -> None:
        self.town, self.api, self.door = opened, api, door

    async def asks(self) -> str:
        async with self.town.client() as client:
            answer = await client.post("/api/v1/questions", json={"text": UNKNOWN, "client_id": "app-1"})
            assert answer.status_code == 201
            return str(answer.json()["ticket"])

    async def does(self, payload: Json) -> None:
        if self.door == "socket":
            kind = "slash_commands" if "command" in payload else "interactive"
            envelope = await self.api.sends(payload, kind, f"env-{payload['trigger_id']}")
            await self.api.until(lambda: {"envelope_id": envelope} in self.api.acknowledged)
            return
        path = "commands" if "command" in payload else "interactions"
        body = urlencode(payload if "command" in payload else {"payload": json.dumps(payload)})
        stamp = str(int(time.time()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body)
        headers = {
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": str(signature),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        async with self.town.client() as client:
            answer = await client.post(f"/channels/slack/{path}", content=body, headers=headers)
            assert (answer.status_code, answer.content) == (200, b"")

    async def told(self, account: str, words: str) -> str:
        """Until he alone has read the words."""

        def found() -> list[str]:
            return [one["text"] for one in self.api.asides if one["account"] == account and words in one["text"]]

        await self.api.until(found)
        return found()[-1]

    async def until(self, card: Json, so: Callable[[str], bool]) -> None:
        await self.api.until(lambda: so(shown(card)))


@pytest.mark.parametrize("riga", ["socket"], indirect=True)
async def test_a_question_is_taken_and_forwarded_in_slack_by_who_has_linked_himself(riga: Riga) -> None:
    ref = await riga.asks()
    await riga.api.until(lambda: riga.api.cards)
    (card,) = riga.api.cards
    assert ref in shown(card)

    await riga.does(pressed(card, "take", "U0VD", riga.api.url))
    link = (await riga.told("U0VD", "nav sasaistīts")).split("http://town")[1]
    async with riga.town.at_the_desk("vdaa") as anna:
        page = await anna.opens(link)
        assert "u0vd" in page.text
        done = await anna.submits(link, "/desk/slack/link")
        assert "ir sasaistīts" in done.text

    await riga.does(pressed(card, "take", "U0VD", riga.api.url))
    await riga.until(card, lambda text: "uzņēmās" in text)
    await riga.does(pressed(card, "choose", "U0VD", riga.api.url))
    await riga.api.until(lambda: riga.api.views)
    await riga.does(submitted(riga.api.views[0], "U0VD", ["PVD", "LDC"], "Lūdzu, atbildiet."))
    await riga.until(card, lambda text: "Lauksaimniecības datu centrs" in text and "pie iestādes" in text)
    assert len(riga.api.cards) == 1

    await riga.does(typed(ref, "U0VD", riga.api.url))
    assert f"http://town/desk/tickets/{ref}" in await riga.told("U0VD", "pie iestādes")
    with riga.town.house.database.read() as session:
        assert {one.note for one in session.exec(select(Forwarding))} == {"Lūdzu, atbildiet."}
        by_people = [one for one in session.exec(select(Event)) if one.kind in ("taken", "forwarded")]
    assert {(one.actor, one.data["by_way_of"]) for one in by_people} == {("vdaa", "slack")}
    async with riga.town.at_the_desk("vdaa") as anna:
        assert "caur" in (await anna.opens(f"/desk/tickets/{ref}")).text


@pytest.mark.parametrize("riga", ["http"], indirect=True)
async def test_a_card_that_was_refused_is_sent_again_by_a_person_and_shows_what_is_done_at_the_desk(riga: Riga) -> None:
    riga.api.fails_next("chat.postMessage", "not_in_channel")
    ref = await riga.asks()
    page = f"/desk/tickets/{ref}"
    async with riga.town.at_the_desk("vdaa") as anna:
        await riga.api.until(lambda: riga.api.calls)
        while "not_in_channel" not in (problems := (await anna.opens("/desk/problems")).text):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        again = re.search(r"/desk/problems/outbox/\d+/again", problems)
        assert again
        await anna.submits("/desk/problems", again[0])
        await riga.api.until(lambda: riga.api.cards)
        (card,) = riga.api.cards
        await anna.submits(page, f"{page}/answer", text="Raķetes nopērkamas nav.")
    await riga.until(card, lambda text: "atbildēts" in text)
    await riga.does(typed(ref, "U0VD", riga.api.url))
    await riga.told("U0VD", "nav sasaistīts")
    await asyncio.gather(*(forged(riga, headers) for headers in ({}, {"X-Slack-Signature": "v0=0"})))


async def forged(riga: Riga, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(riga.town.app), base_url="http://town") as client:
        answer = await client.post("/channels/slack/interactions", content=b"payload={}", headers=headers)
        assert answer.status_code == 401
