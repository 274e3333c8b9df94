"""Slack's wire: signatures, both ways in, what is anything to us, and how refusals of its Web API come back."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI
from slack_sdk.signature import SignatureVerifier

from channels.base import ParseError, SendError
from channels.slack import Slack, SlackSettings
from channels.slack_blocks import blocks_of, view_of
from channels.slack_card import CHOOSE, FORWARD, OPEN, TAKE, Button, Card, Form, Post
from channels.slack_http import is_signed
from channels.slack_parse import Filled, Mentioned, Pressed, Typed, id_of, read
from tests.channels.slack_api import APP_TOKEN, SECRET, SlackApi
from tests.channels.slack_people import (
    CHANNEL,
    SAMPLES,
    WHY_ABSENT,
    Json,
    event_samples,
    happened,
    mention,
    pressed,
    strays,
    submitted,
    typed,
)

CARD = Card(
    "LV-2026-000001",
    "jāizlemj",
    "Kā <@U1> saņemt & kur?",
    (("Kanāls", "Telegram"),),
    (
        Button(TAKE, "Uzņemties", "LV-2026-000001|triage||"),
        Button(FORWARD, "Pārsūtīt", "x", confirm="Tiešām?"),
        Button(CHOOSE, "Izvēlēties", "x"),
        Button(OPEN, "Atvērt", url="https://atbilde.example/desk"),
    ),
    "Jā",
    "Nē",
)
SINCE = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


@dataclass
class Kept:
    """Stands for the inbox."""

    rows: dict[str, bytes] = field(default_factory=dict)
    broken: bool = False

    async def receive(self, external_id: str, raw: bytes, conversation: str = "") -> bool:
        if self.broken:
            raise OSError("the disk is full")
        return self.rows.setdefault(external_id, raw) is raw


@pytest.fixture
async def api() -> AsyncIterator[SlackApi]:
    async with SlackApi() as served:
        yield served
    assert served.violations == []


@pytest.fixture
def slack(api: SlackApi, monkeypatch: pytest.MonkeyPatch) -> Slack:
    for name, value in {**api.settings, "SLACK_SIGNING_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)
    return Slack(SlackSettings())


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
async def web(slack: Slack, kept: Kept) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    router = slack.router(kept.receive)
    assert router is not None
    app.include_router(router, prefix="/channels/slack")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://desk/channels/slack") as client:
        yield client


def signed(body: str, at: float | None = None, secret: str = SECRET) -> dict[str, str]:
    """As slack_sdk signs it, which is not how we check it."""
    stamp = str(int(time.time() if at is None else at))
    signature = SignatureVerifier(secret).generate_signature(timestamp=stamp, body=body)
    assert signature
    media_type = "application/json" if body.startswith("{") else "application/x-www-form-urlencoded"
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signature, "Content-Type": media_type}


def test_the_signature_of_slacks_own_documentation_is_right_and_any_other_is_not() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name="
        b"foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2F"
        b"hooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id="
        b"398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    stamp, signature = "1531420618", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    at = 1531420618 + 299.0
    assert is_signed(SECRET.encode(), stamp, signature, body, at)
    assert SignatureVerifier(SECRET).generate_signature(timestamp=stamp, body=body) == signature
    assert not is_signed(SECRET.encode(), stamp, signature, body + b" ", at)
    assert not is_signed(SECRET.encode(), stamp, signature, body, at + 2)
    assert not is_signed(SECRET.encode(), stamp, signature, body, 1531420618 - 301.0)
    assert not is_signed(b"other", stamp, signature, body, at)
    for stamp_, signature_ in (("", signature), ("soon", signature), ("1e9", signature), (stamp, ""), (stamp, "v0=ā")):
        assert not is_signed(SECRET.encode(), stamp_, signature_, body, at)


async def test_forged_old_and_unsigned_requests_are_refused_before_anything_is_kept(
    web: httpx.AsyncClient, kept: Kept
) -> None:
    body = json.dumps(happened(mention("U1")))
    right = signed(body)
    for headers in (
        {},
        signed(body, secret="another"),
        signed(body, at=time.time() - 301),
        {**right, "X-Slack-Signature": "v0=" + "0" * 64},
    ):
        assert (await web.post("/events", content=body, headers=headers)).status_code == 401
    assert (await web.post("/events", content=body.replace("Sveiki", "Ardievu"), headers=right)).status_code == 401
    assert (await web.post("/events", content=b"x" * 2_000_000, headers=right)).status_code == 413
    for junk in ("{", "[]", "payload=%7B", "payload=[]"):
        assert (await web.post("/interactions", content=junk, headers=signed(junk))).status_code in (200, 400)
    assert kept.rows == {}
    assert (await web.post("/events", content=body, headers=right)).status_code == 200
    assert len(kept.rows) == 1


async def test_over_http_slack_is_answered_when_the_payload_is_kept_and_only_then(
    web: httpx.AsyncClient, kept: Kept, api: SlackApi
) -> None:
    message: Json = {"ts": "1.1", "channel": CHANNEL, "text": "x", "blocks": blocks_of(CARD)}
    body = urlencode({"payload": json.dumps(pressed(message, TAKE, "U1", api.url))})
    kept.broken = True
    assert (await web.post("/interactions", content=body, headers=signed(body))).status_code == 503
    kept.broken = False
    answer = await web.post("/interactions", content=body, headers=signed(body))
    assert (answer.status_code, answer.content) == (200, b"")
    command = urlencode(typed("LV-2026-000001", "U1", api.url))
    assert (await web.post("/commands", content=command, headers=signed(command))).status_code == 200
    first, second = (read(raw) for raw in kept.rows.values())
    assert isinstance(first, Pressed)
    assert isinstance(second, Typed)
    assert (first.does, first.value, first.who.account) == (TAKE, "LV-2026-000001|triage||", "U1")
    assert second.text == "LV-2026-000001"
    challenge = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "old"})
    answer = await web.post("/events", content=challenge, headers=signed(challenge))
    assert answer.status_code == 200
    assert "3eZbrw1aB" in answer.text
    assert api.calls == [], "Slack is not asked anything while it waits"


async def test_what_slack_sends_again_is_kept_once(web: httpx.AsyncClient, kept: Kept) -> None:
    body = json.dumps(happened(mention("U1"), "Ev123"))
    for headers in (signed(body), signed(body) | {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}):
        assert (await web.post("/events", content=body, headers=headers)).status_code == 200
    assert list(kept.rows) == ["event:Ev123"]


async def test_socket_mode_acknowledges_what_is_kept_and_connects_again_when_asked(
    api: SlackApi, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {**api.settings, "SLACK_APP_TOKEN": APP_TOKEN}.items():
        monkeypatch.setenv(name, value)
    slack = Slack(SlackSettings())
    assert slack.router(kept.receive) is None
    listening = asyncio.create_task(slack.listen(kept.receive))
    try:
        kept.broken = True
        refused = await api.sends(happened(mention("U1"), "Ev1"), "events_api", "env-0")
        await api.sends(happened({"type": "message", "text": "?", "user": "U1"}), "events_api", "env-1")
        await api.until(lambda: api.acknowledged)
        kept.broken = False
        again = await api.sends(happened(mention("U1"), "Ev1"), "events_api", "env-2")
        await api.until(lambda: len(api.acknowledged) == 2)
        await api.disconnects("refresh_requested")
        await api.until(lambda: api.connections == 2)
        command = await api.sends(typed("", "U1", api.url), "slash_commands", "env-3")
        await api.until(lambda: len(api.acknowledged) == 3)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    assert [one["envelope_id"] for one in api.acknowledged] == ["env-1", again, command]
    assert refused == "env-0"
    assert next(iter(kept.rows)) == "event:Ev1"
    assert len(kept.rows) == 2


def test_what_people_say_to_each_other_is_nothing_to_us() -> None:
    for event in (
        {"type": "message", "user": "U1", "text": "LV-2026-000001 pārsūtīt", "channel": CHANNEL, "ts": "1.1"},
        {"type": "message", "user": "U1", "text": "atbilde", "channel": CHANNEL, "ts": "1.2", "thread_ts": "1.1"},
        {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "message": {"text": "x"}},
        {"type": "message", "subtype": "message_deleted", "channel": CHANNEL},
        {"type": "reaction_added", "user": "U1", "reaction": "+1", "item": {"type": "message", "ts": "1.1"}},
        {**mention("U1"), "bot_id": "B1"},
    ):
        assert id_of(happened(event)) == "", event
    assert id_of(typed("x", "U1", "", command="/cits")) == ""


@pytest.mark.skipif(not SAMPLES.exists(), reason=WHY_ABSENT)
def test_every_published_payload_is_read_or_passed_over_and_ours_are_held_to_them() -> None:
    for path in event_samples():  # the samples name the kind of event, and leave all else empty
        done = read(json.dumps(json.loads(path.read_bytes()) | {"type": "event_callback"}).encode())
        assert isinstance(done, Mentioned) == (path.stem == "AppMentionPayload"), path
    for path in (SAMPLES / "app-backend").rglob("*.json"):
        assert read(path.read_bytes()) is None, path
    message: Json = {"ts": "1.1", "channel": CHANNEL, "text": "x", "blocks": blocks_of(CARD)}
    press = pressed(message, TAKE, "U1", "http://x")
    assert strays(press, "app-backend/interactive-components/BlockActionPayload.json", ("actions",)) == []
    view = {**view_of(form({"PMLP": "PMLP"})), "id": "V1"}
    sent = submitted(view, "U1", ["PMLP"], "Lūdzu")
    assert strays(sent, "app-backend/views/ViewSubmissionPayload.json", ("blocks",)) == []
    assert strays(typed("x", "U1", "http://x"), "app-backend/slash-commands/SlashCommandPayload.json") == []
    assert strays(happened(mention("U1")), "events/AppMentionPayload.json") == []
    filled = read(json.dumps(sent).encode())
    assert isinstance(filled, Filled)
    assert (filled.institutions, filled.note, filled.context) == (("PMLP",), "Lūdzu", "ref")
    assert isinstance(read(json.dumps(happened(mention("U1"))).encode()), Mentioned)


def test_a_payload_that_is_not_as_documented_is_shown_to_people() -> None:
    broken = {"type": "block_actions", "actions": [{"action_id": TAKE}], "trigger_id": "t"}
    for raw in (b"{", b"[]", json.dumps(broken).encode(), b"\xff"):
        with pytest.raises(ParseError):
            read(raw)


def form(offered: dict[str, str], suggested: tuple[str, ...] = ()) -> Form:
    known = tuple((code, offered[code]) for code in suggested)
    groups = (("Ieteiktās", known), ("Visas", tuple(offered.items())))
    return Form("Pārsūtīt", "Jā", "Nē", "Jautājums", "Iestādes", "Meklējiet", "Piezīme", groups, suggested, "ref")


def test_cards_and_windows_keep_within_slacks_limits() -> None:
    long = Card("L" * 400, "s" * 5000, "ā" * 9000, tuple(("f" * 900, "v" * 9000) for _ in range(30)), CARD.buttons)
    blocks = blocks_of(long)
    assert len(blocks[0]["text"]["text"]) == 150
    assert len(blocks[2]["text"]["text"]) == 3000
    assert len(blocks[3]["fields"]) == 10
    assert all(len(one["text"]) <= 2000 for one in blocks[3]["fields"])
    question = blocks_of(CARD)[2]["text"]
    assert (question["type"], question["text"]) == ("plain_text", "Kā <@U1> saņemt & kur?")
    offered = {f"I{number}": f"I{number} – Iestāde {'ļ' * 100}" for number in range(257)}
    view = view_of(form(offered, ("I3", "I200")))
    groups = view["blocks"][1]["element"]["option_groups"]
    assert [len(group["options"]) for group in groups] == [2, 100, 100, 55]
    assert len({option["value"] for group in groups for option in group["options"]}) == 257
    assert [one["value"] for one in view["blocks"][1]["element"]["initial_options"]] == ["I3", "I200"]


def post(**more: object) -> Post:
    return Post("own id", CHANNEL, "LV-2026-000001", card=CARD, since=SINCE, **more)  # type: ignore[arg-type]


async def test_a_card_is_posted_changed_and_found_again(slack: Slack, api: SlackApi) -> None:
    where = await slack.send(post())
    assert where == f"{CHANNEL}/{api.messages[0]['ts']}"
    await slack.send(Post("2", CHANNEL, "cits"))
    await slack.send(Post("3", CHANNEL, "vēl cits"))
    assert await slack.sent_before(post()) == where
    assert await slack.sent_before(Post("none", CHANNEL, "x", since=SINCE)) == ""
    changed = Card(CARD.title, "atbildēts", CARD.question)
    assert await slack.send(Post("4", CHANNEL, "x", card=changed, replaces=where)) == where
    assert "atbildēts" in json.dumps(api.messages[0]["blocks"], ensure_ascii=False)
    assert await slack.send(Post("5", CHANNEL, "x", card=changed, replaces=f"{CHANNEL}/9.9")) == f"{CHANNEL}/9.9"


async def test_refusals_say_whether_to_try_again(slack: Slack, api: SlackApi) -> None:
    async def refused() -> SendError:
        with pytest.raises(SendError) as caught:
            await slack.send(post())
        return caught.value

    api.fails_next("chat.postMessage", "ratelimited", 429, Retry_After="7")
    assert (await refused()).retry_after == 7
    for error in ("invalid_auth", "not_in_channel", "missing_scope"):
        api.fails_next("chat.postMessage", error)
        told = await refused()
        assert (told.permanent, str(told)) == (True, error)
    for status, error in ((200, "internal_error"), (503, "")):
        api.fails_next("chat.postMessage", error, status)
        assert (await refused()).doubtful
    api.drops_next("chat.postMessage")
    assert (await refused()).doubtful
    api.fails_next("chat.postMessage", "service_unavailable", 503)
    told = await refused()
    assert not told.doubtful
    assert not told.permanent
    api.fails_next("conversations.history", "missing_scope")
    with pytest.raises(SendError) as caught:
        await slack.sent_before(post())
    assert caught.value.doubtful
    api.fails_next("conversations.history", "ratelimited", 429, Retry_After="3")
    with pytest.raises(SendError) as caught:
        await slack.sent_before(post())
    assert not caught.value.doubtful
    assert caught.value.retry_after == 3


async def test_an_answer_to_one_person_goes_only_to_slack(slack: Slack, api: SlackApi) -> None:
    now = datetime.now(UTC)
    await slack.send(Post("1", "", "Paldies <b> & co", answer_to=f"{api.url}/hooks/U1/1", since=now))
    await slack.send(Post("2", CHANNEL, "Tikai jums", only_to="U2", since=now))
    await slack.send(Post("3", "", "x", answer_to="https://evil.example/hooks/U1/1", since=now))
    await slack.send(Post("4", "", "par vēlu", answer_to=f"{api.url}/hooks/U1/2", since=SINCE.replace(year=2025)))
    assert [(one["account"], one["text"]) for one in api.asides] == [
        ("U1", "Paldies &lt;b&gt; &amp; co"),
        ("U2", "Tikai jums"),
    ]


def test_slack_says_why_it_is_off(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    assert SlackSettings().missing() == "SLACK_BOT_TOKEN is not set"
    monkeypatch.setenv("SLACK_BOT_TOKEN", "secret")
    assert "SLACK_BOT_TOKEN" in SlackSettings().missing()
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    assert SlackSettings().missing() == "neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set"
    monkeypatch.setenv("SLACK_SIGNING_SECRET", SECRET)
    assert "SLACK_CHANNEL" in SlackSettings().missing()
    monkeypatch.setenv("SLACK_CHANNEL", "#jautajumi")
    assert "SLACK_CHANNEL" in SlackSettings().missing()
    monkeypatch.setenv("SLACK_CHANNEL", CHANNEL)
    assert SlackSettings().missing() == ""
    assert SECRET not in repr(SlackSettings())
