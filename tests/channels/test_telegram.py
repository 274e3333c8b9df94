"""Telegram: what is sent, and what Telegram's failures mean for it."""

import json
from collections.abc import AsyncIterator

import pytest

from channels.base import Choice, FileRef, Outbound, SendError
from channels.telegram import Telegram, TelegramSettings
from channels.telegram_text import clean, split
from tests.channels.bot_api import TOKEN, BotApi, bot_api
from tests.channels.bot_api_citizen import CITIZEN, everything_a_citizen_does
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT
from tests.channels.contract import ChannelContract

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)


def settings_for(url: str = "http://127.0.0.1:1", **given: object) -> TelegramSettings:
    return TelegramSettings.model_validate({"token": TOKEN, "api_base": url, "poll_seconds": 1, **given})


def to_citizen(text: str, **more: object) -> Outbound:
    return Outbound(**{"id": "1", "conversation": str(CITIZEN), "text": text, **more})  # type: ignore[arg-type]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as serving:
        yield serving


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Telegram]:
    channel = Telegram(settings_for(api.url))
    yield channel
    await channel.close()


class Phone:
    """The citizen's end, as the contract asks for it."""

    address = str(CITIZEN)

    def __init__(self, api: BotApi) -> None:
        self.api = api

    def texts(self) -> list[str]:
        return [message["text"] for message in self.api.sent]

    def buttons(self) -> list[Choice]:
        rows = self.api.sent[-1]["reply_markup"]["inline_keyboard"]
        return [Choice(button["callback_data"], button["text"]) for row in rows for button in row]

    def refuse_next(self) -> None:
        self.api.fail_next(500, "Internal Server Error")


class TestContract(ChannelContract):
    @pytest.fixture
    def citizen(self, api: BotApi) -> Phone:
        return Phone(api)

    @pytest.fixture
    def channel(self, telegram: Telegram) -> Telegram:
        return telegram

    @pytest.fixture
    def payloads(self) -> list[bytes]:
        return [json.dumps(update).encode() for update in everything_a_citizen_does().updates]

    @pytest.fixture
    def parser(self) -> Telegram:
        return Telegram(settings_for())


async def test_a_message_is_plain_text_without_link_preview(telegram: Telegram, api: BotApi) -> None:
    await telegram.send(to_citizen("<b>_Skat._</b> https://latvija.gov.lv"))

    (call,) = api.called("sendMessage")
    assert call["text"] == "<b>_Skat._</b> https://latvija.gov.lv"
    assert json.loads(call["link_preview_options"]) == {"is_disabled": True}
    assert "parse_mode" not in call


async def test_a_text_too_long_goes_in_parts_and_the_buttons_stand_under_the_last(
    telegram: Telegram, api: BotApi
) -> None:
    ids = await telegram.send(to_citizen("vārds " * 1500, choices=(Choice("yes", "Jā"),)))

    assert ids == ",".join(str(message["message_id"]) for message in api.sent)
    assert ["reply_markup" in message for message in api.sent] == [False, False, True]


async def test_emoji_count_twice_as_telegram_counts_them(telegram: Telegram, api: BotApi) -> None:
    await telegram.send(to_citizen("🏠" * 2048))
    assert len(api.sent) == 1

    await telegram.send(to_citizen("a" + "🏠" * 2048))
    assert [len(message["text"]) for message in api.sent] == [2048, 2048, 1]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("aaa bbb ccc", ["aaa bbb", "ccc"]),
        ("aaaa bb\n\nccc", ["aaaa bb", "ccc"]),
        ("aaaaa\n\nbb cc", ["aaaaa", "bb cc"]),
        ("aaaaa\nb ccccc", ["aaaaa", "b ccccc"]),
        ("a\n\nbbbb ccccc", ["a\n\nbbbb", "ccccc"]),
        ("aaaaaaaaaaaa", ["aaaaaaaa", "aaaa"]),
        ("aaaaaaa🏠b", ["aaaaaaa", "🏠b"]),
        ("aaaaaaaa bb", ["aaaaaaaa", "bb"]),
        ("  \n ", []),
    ],
)
def test_a_text_is_cut_where_it_hurts_least(text: str, parts: list[str]) -> None:
    assert split(text, limit=8) == parts


def test_nul_is_dropped_and_half_an_emoji_replaced() -> None:
    assert clean("a\x00b\ud83d") == "ab\N{REPLACEMENT CHARACTER}"


async def test_a_button_may_hold_64_bytes_and_no_more(telegram: Telegram, api: BotApi) -> None:
    await telegram.send(to_citizen("?", choices=(Choice("ā" * 32, "Der"),)))
    with pytest.raises(SendError, match="64 bytes") as caught:
        await telegram.send(to_citizen("?", choices=(Choice("ā" * 32 + "x", "Par garu"),)))

    assert caught.value.permanent
    assert len(api.calls) == 1


async def test_nothing_to_say_is_not_tried(telegram: Telegram, api: BotApi) -> None:
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen(" \n"))
    assert caught.value.permanent
    assert not api.calls


async def test_flood_control_tells_how_long_to_wait(telegram: Telegram, api: BotApi) -> None:
    api.fail_next(429, "Too Many Requests: retry after 17", retry_after=17)
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert caught.value.retry_after == 17
    assert not caught.value.permanent


async def test_a_citizen_who_blocked_us_is_not_tried_again(telegram: Telegram, api: BotApi) -> None:
    api.citizen_blocks()
    with pytest.raises(SendError, match="blocked by the user") as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("status", "description"),
    [
        (403, "Forbidden: user is deactivated"),
        (400, "Bad Request: chat not found"),
        (400, "Bad Request: BUTTON_DATA_INVALID"),
        (413, "Request Entity Too Large"),
    ],
)
async def test_what_would_fail_again_is_permanent(
    telegram: Telegram, api: BotApi, status: int, description: str
) -> None:
    api.fail_next(status, description)
    with pytest.raises(SendError, match=description) as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert caught.value.permanent


@pytest.mark.parametrize("page", ["", "<h1>502 Bad Gateway</h1>"])
async def test_trouble_at_telegram_is_tried_again(telegram: Telegram, api: BotApi, page: str) -> None:
    api.fail_next(502, "Bad Gateway", page=page)
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert (caught.value.permanent, caught.value.doubtful, caught.value.retry_after) == (False, False, None)


async def test_a_wrong_token_is_named_and_may_be_mended(api: BotApi) -> None:
    telegram = Telegram(settings_for(api.url, token="1:wrong"))
    with pytest.raises(SendError, match="TELEGRAM_TOKEN") as caught:
        await telegram.send(to_citizen("Labdien!"))
    await telegram.close()
    assert not caught.value.permanent
    assert "1:wrong" not in str(caught.value)


async def test_a_server_that_was_never_reached_is_simply_tried_again() -> None:
    telegram = Telegram(settings_for())
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen("Labdien!"))
    await telegram.close()
    assert (caught.value.permanent, caught.value.doubtful) == (False, False)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "http://256.256.256.256.invalid", "http://[::1"])
async def test_the_token_never_stands_in_an_error(address: str) -> None:
    telegram = Telegram(settings_for(address))
    for attempt in (telegram.send(to_citizen("Labdien!")), telegram.fetch(FileRef("1", "a"), 10)):
        with pytest.raises(SendError) as caught:
            await attempt
        assert TOKEN not in str(caught.value)
        assert caught.value.__suppress_context__, "a logged context would show the address with the token"
        assert caught.value.__cause__ is None
    await telegram.close()


async def test_a_line_that_breaks_after_the_message_went_out_leaves_doubt(telegram: Telegram, api: BotApi) -> None:
    api.drop_connection_after_taking_next()
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert caught.value.doubtful
    assert len(api.sent) == 1


async def test_an_answer_that_cannot_be_read_leaves_doubt(telegram: Telegram, api: BotApi) -> None:
    api.fail_next(200, page="<h1>Hotel Wi-Fi</h1>")
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert caught.value.doubtful


async def test_an_answer_in_another_alphabet_leaves_doubt(telegram: Telegram, api: BotApi) -> None:
    api.fail_next(200, page="\udcff")
    with pytest.raises(SendError) as caught:
        await telegram.send(to_citizen("Labdien!"))
    assert caught.value.doubtful


async def test_a_retry_goes_on_behind_the_parts_that_arrived(telegram: Telegram, api: BotApi) -> None:
    message = to_citizen("vārds " * 1500)
    api.fail_next(500, after=1)
    with pytest.raises(SendError) as caught:
        await telegram.send(message)
    assert len(caught.value.sent_parts) == 1

    ids = await telegram.send(to_citizen(message.text, sent_parts=caught.value.sent_parts))
    assert ids == ",".join(str(sent["message_id"]) for sent in api.sent)
    assert " ".join(sent["text"] for sent in api.sent) == message.text.strip()
