"""Our fake of Telegram is read by two libraries that others wrote, and keeps Telegram's rules."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import telegram as other
from aiogram import types
from aiohttp import ClientSession

from tests.channels.bot_api import TOKEN, BotApi, bot_api
from tests.channels.bot_api_citizen import BOT, CITIZEN, Json, everything_a_citizen_does
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT, schema

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as serving:
        yield serving


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def call(http: ClientSession, api: BotApi, method: str, token: str = TOKEN, **parameters: Any) -> Json:
    async with http.post(f"{api.url}/bot{token}/{method}", json=parameters) as response:
        answer: Json = await response.json()
    return answer


def test_every_update_means_the_same_to_aiogram_and_to_python_telegram_bot() -> None:
    citizen = everything_a_citizen_does()
    assert citizen.violations == []
    for update in citizen.updates:
        read, read_by_other = types.Update.model_validate(update), other.Update.de_json(update, None)
        assert read.update_id == read_by_other.update_id == update["update_id"]
        for kind in update.keys() - {"update_id"}:
            compare(kind, getattr(read, kind), getattr(read_by_other, kind), update[kind])


def compare(kind: str, one: Any, two: Any, payload: Json) -> None:
    assert one.from_user.id == two.from_user.id == CITIZEN
    assert one.from_user.full_name == two.from_user.full_name
    assert one.from_user.language_code == two.from_user.language_code == "lv"
    if kind == "callback_query":
        assert (one.id, one.data, one.message.chat.id) == (two.id, two.data, two.message.chat.id)
        return
    assert (one.chat.id, one.chat.type, one.date) == (two.chat.id, two.chat.type, two.date)
    assert int(one.date.timestamp()) == payload["date"]
    if kind == "my_chat_member":
        assert one.new_chat_member.status == two.new_chat_member.status == payload["new_chat_member"]["status"]
        return
    assert (one.message_id, one.text, one.caption) == (two.message_id, two.text, two.caption)
    assert one.text == payload.get("text")
    for name in ("document", "voice"):
        mine, others = getattr(one, name), getattr(two, name)
        assert (mine is None) == (others is None) == (name not in payload)
        if mine:
            assert (mine.file_id, mine.mime_type, mine.file_size) == (
                others.file_id,
                others.mime_type,
                others.file_size,
            )
    assert [(size.file_id, size.width) for size in one.photo or ()] == [
        (size.file_id, size.width) for size in two.photo
    ]


async def test_every_answer_is_read_by_both_libraries(api: BotApi, http: ClientSession) -> None:
    keyboard = {"inline_keyboard": [[{"text": "Jā", "callback_data": "yes"}]]}
    api.files["f"] = ("photos/1.jpg", b"x")
    me = await call(http, api, "getMe")
    sent = await call(http, api, "sendMessage", chat_id=CITIZEN, text="Labdien!", reply_markup=keyboard)
    number = sent["result"]["message_id"]
    edited = await call(http, api, "editMessageText", chat_id=CITIZEN, message_id=number, text="Sveiki!")
    file = await call(http, api, "getFile", file_id="f")
    info = await call(http, api, "getWebhookInfo")
    await call(http, api, "sendChatAction", chat_id=CITIZEN, action="typing")
    await call(http, api, "setMyCommands", commands=[{"command": "start", "description": "Sākt"}])
    api.citizen_presses(number, "yes")
    (update,) = (await call(http, api, "getUpdates"))["result"]

    assert types.User.model_validate(me["result"]).id == other.User.de_json(me["result"]).id == BOT["id"]
    for answer, text in ((sent, "Labdien!"), (edited, "Sveiki!")):
        one, two = types.Message.model_validate(answer["result"]), other.Message.de_json(answer["result"])
        assert (one.message_id, one.text) == (two.message_id, two.text) == (number, text)
        assert one.reply_markup
        assert two.reply_markup
        assert one.reply_markup.inline_keyboard[0][0].callback_data == "yes"
        assert two.reply_markup.inline_keyboard[0][0].callback_data == "yes"
    assert types.File.model_validate(file["result"]).file_path == other.File.de_json(file["result"]).file_path
    assert types.WebhookInfo.model_validate(info["result"]).url == other.WebhookInfo.de_json(info["result"]).url == ""
    pressed, pressed_too = types.Update.model_validate(update), other.Update.de_json(update, None)
    assert pressed.callback_query
    assert pressed_too.callback_query
    assert pressed.callback_query.data == pressed_too.callback_query.data == "yes"


async def test_updates_come_again_until_a_higher_offset_confirms_them(api: BotApi, http: ClientSession) -> None:
    first, second = api.citizen_writes("viens"), api.citizen_writes("divi")
    for _ in range(2):
        assert (await call(http, api, "getUpdates"))["result"] == [first, second]
    assert (await call(http, api, "getUpdates", offset=second["update_id"]))["result"] == [second]
    assert (await call(http, api, "getUpdates"))["result"] == [second]
    assert (await call(http, api, "getUpdates", offset=second["update_id"] + 1))["result"] == []


async def test_mistakes_are_answered_in_telegram_s_words(api: BotApi, http: ClientSession) -> None:
    async def mistake(method: str, **parameters: Any) -> tuple[int, str]:
        answer = await call(http, api, method, **parameters)
        return answer["error_code"], answer["description"]

    assert await mistake("getMe", token="1:wrong") == (401, "Unauthorized")
    assert await mistake("sendMessage", chat_id=5, text="x") == (400, "Bad Request: chat not found")
    assert await mistake("sendMessage", chat_id=CITIZEN, text=" ") == (400, "Bad Request: message text is empty")
    long = "🏠" * 2049
    assert await mistake("sendMessage", chat_id=CITIZEN, text=long) == (400, "Bad Request: message is too long")
    await call(http, api, "setWebhook", url="http://127.0.0.1:1/", secret_token="abc")
    assert (await mistake("getUpdates"))[0] == 409


async def test_what_the_schema_does_not_know_is_noted(api: BotApi, http: ClientSession) -> None:
    await call(http, api, "sendPigeon")
    await call(http, api, "sendMessage", chat_id=CITIZEN, txt="x")
    await call(http, api, "sendMessage", chat_id=CITIZEN, text="x", reply_markup={"inline_keyboard": [[{"txt": "x"}]]})
    assert len(api.violations) >= 4
    api.violations.clear()


def test_the_schema_tells_right_from_wrong() -> None:
    banned = {"status": "kicked", "user": BOT, "until_date": 0}
    assert schema().faults("ChatMember", banned, "") == []
    assert schema().faults("ChatMember", banned | {"status": "kick"}, "")
    assert schema().faults("User", BOT | {"id": "1"}, "")
    assert schema().faults("Array of User", BOT, "")
    assert schema().request_faults("getUpdates", {"offset": "7", "allowed_updates": json.dumps(["message"])}) == []
    assert schema().request_faults("getUpdates", {"offset": "seven"})
