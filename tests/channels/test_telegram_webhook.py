"""Telegram by webhook: the secret first, and 200 only for what is stored."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from channels.telegram import Telegram, TelegramSettings
from channels.telegram_webhook import BODY_BYTES
from tests.channels.bot_api import BotApi, bot_api
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT
from tests.channels.test_telegram import settings_for

SECRET = "s3cret_-"
PATH = "/channels/telegram"
HEADER = "X-Telegram-Bot-Api-Secret-Token"

kept: list[tuple[str, bytes]] = []


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    kept.clear()
    yield
    kept.clear()


async def keep(external_id: str, raw: bytes, conversation: str = "") -> bool:
    kept.append((external_id, raw))
    return True


async def lose(external_id: str, raw: bytes, conversation: str = "") -> bool:
    raise OSError("disk full")


def application(receive: Any = keep) -> FastAPI:
    router = Telegram(settings_for(webhook_secret=SECRET)).router(receive)
    assert router
    app = FastAPI()
    app.include_router(router, prefix=PATH)
    return app


async def post(content: bytes, secret: str | None = SECRET, receive: Any = keep) -> httpx.Response:
    headers = {} if secret is None else {HEADER.encode(): secret.encode()}
    transport = httpx.ASGITransport(application(receive))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post(PATH, content=content, headers=headers)


async def test_an_update_is_stored_as_it_came_and_then_acknowledged() -> None:
    response = await post(b'{"update_id": 7,  "message": {}}')
    assert response.status_code == 200
    assert kept == [("7", b'{"update_id": 7,  "message": {}}')]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "s3cret_ā"])
async def test_whoever_does_not_know_the_secret_is_turned_away(secret: str | None) -> None:
    response = await post(b'{"update_id": 7}', secret)
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == 401
    assert not kept


async def test_a_stranger_s_body_is_not_even_read() -> None:
    sent: list[MutableMapping[str, Any]] = []

    async def read() -> MutableMapping[str, Any]:
        raise AssertionError("the body was read")

    async def answer(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": PATH, "query_string": b"", "headers": [], "http_version": "1.1"}
    await application()(scope, read, answer)
    assert sent[0]["status"] == 401


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"7", b"{}", b'{"update_id": "7"}', b'{"update_id": true}', b"\xff\xfe", b"[" * 100_000],
)
async def test_what_is_no_update_is_refused(content: bytes) -> None:
    assert (await post(content)).status_code == 400
    assert not kept


async def test_a_huge_body_is_refused() -> None:
    padding = b'{"update_id": 7, "x": "' + b"x" * BODY_BYTES + b'"}'
    assert (await post(padding)).status_code == 413
    assert not kept


async def test_what_cannot_be_stored_is_left_to_be_sent_again() -> None:
    response = await post(b'{"update_id": 7}', receive=lose)
    assert response.status_code == 503


def test_without_a_secret_there_is_no_webhook() -> None:
    assert Telegram(settings_for()).router(keep) is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"token": None}, "TELEGRAM_TOKEN is not set"),
        ({"token": ""}, "TELEGRAM_TOKEN is not set"),
        ({"token": "token from BotFather"}, "TELEGRAM_TOKEN is not a bot's token"),
        ({"mode": "webhook"}, "TELEGRAM_WEBHOOK_SECRET is not set"),
        ({"webhook_secret": "with spaces"}, "TELEGRAM_WEBHOOK_SECRET may hold only"),
    ],
)
def test_settings_that_do_not_suffice_say_why(given: dict[str, Any], reason: str) -> None:
    settings = settings_for(**given)
    assert settings.missing().startswith(reason)
    with pytest.raises(ValueError, match=reason):
        Telegram(settings, "https://atbilde.example")


def test_settings_that_suffice_have_nothing_missing() -> None:
    assert settings_for().missing() == ""
    assert settings_for(mode="webhook", webhook_secret=SECRET).missing() == ""
    assert Telegram(settings_for(rate=5)).rate == 5


def test_a_webhook_needs_an_address() -> None:
    with pytest.raises(ValueError, match="public address"):
        Telegram(settings_for(mode="webhook", webhook_secret=SECRET))


def test_settings_come_from_the_environment_and_secrets_from_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "token").write_text("42:from_file\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TELEGRAM_TOKEN", raising=False)
    monkeypatch.setenv("TELEGRAM_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("TELEGRAM_MODE", "webhook")
    settings = TelegramSettings()
    assert settings.token
    assert settings.token.get_secret_value() == "42:from_file"
    assert settings.mode == "webhook"
    assert "from_file" not in repr(settings)

    monkeypatch.setenv("TELEGRAM_MODE", "pigeon")
    with pytest.raises(ValidationError):
        TelegramSettings()


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, ws="none", lifespan="off", log_config=None))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield f"http://127.0.0.1:{listener.getsockname()[1]}{PATH}"
        server.should_exit = True
        await task


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    if not SCHEMA.exists():
        pytest.skip(WHY_ABSENT)
    async with bot_api() as running:
        yield running


async def test_telegram_delivers_to_the_webhook_until_it_is_stored(api: BotApi) -> None:
    failures = [OSError("disk full")]

    async def fails_once(external_id: str, raw: bytes, conversation: str = "") -> bool:
        if failures:
            raise failures.pop()
        return await keep(external_id, raw)

    update = api.citizen_writes("Labdien! 🏠")
    async with serving(application(fails_once)) as address:
        settings = settings_for(api.url, mode="webhook", webhook_secret=SECRET)
        telegram = Telegram(settings, address)
        await telegram.listen(keep)  # returns: the rest is up to Telegram
        await api.until(lambda: not api.pending)
        await telegram.close()

    assert api.deliveries == [503, 200]
    assert [(external_id, json.loads(raw)) for external_id, raw in kept] == [(str(update["update_id"]), update)]
    (call,) = api.called("setWebhook")
    assert (call["url"], call["secret_token"]) == (address, SECRET)
    assert "my_chat_member" in json.loads(call["allowed_updates"])


async def test_a_webhook_that_telegram_does_not_take_at_once_is_set_again(api: BotApi) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    api.fail_next(429, "Too Many Requests: retry after 1", retry_after=1, method="setWebhook")
    settings = settings_for(api.url, mode="webhook", webhook_secret=SECRET)
    telegram = Telegram(settings, "http://127.0.0.1:1/channels/telegram", sleep=sleep)
    await telegram.listen(keep)
    await telegram.close()
    assert len(api.called("setWebhook")) == 2
    assert slept[0] >= 1
