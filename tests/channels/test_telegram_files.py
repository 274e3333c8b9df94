"""Telegram: files that citizens send are fetched, and pressed buttons acknowledged."""

import json
from collections.abc import AsyncIterator

import pytest

from channels.base import FileRef, Inbound, Kind, SendError
from channels.telegram import Telegram
from tests.channels.bot_api import BotApi, bot_api
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT
from tests.channels.test_telegram import settings_for

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as serving:
        yield serving


@pytest.fixture
async def telegram(api: BotApi) -> AsyncIterator[Telegram]:
    channel = Telegram(settings_for(api.url))
    yield channel
    await channel.close()


async def test_a_photo_is_brought_in_its_largest_size(telegram: Telegram, api: BotApi) -> None:
    (inbound,) = telegram.parse(json.dumps(api.citizen_sends_photo(b"x" * 1000, "mana māja")).encode())
    (photo,) = inbound.files
    assert (photo.size, photo.media_type, inbound.text) == (1000, "image/jpeg", "mana māja")
    assert await telegram.fetch(photo, 1000) == b"x" * 1000


async def test_a_file_declared_too_large_is_not_asked_for(telegram: Telegram, api: BotApi) -> None:
    with pytest.raises(SendError) as caught:
        await telegram.fetch(FileRef("file1", "a.jpg", size=1001), 1000)
    assert caught.value.permanent
    assert not api.calls


async def test_a_file_larger_than_it_says_is_cut_off(telegram: Telegram, api: BotApi) -> None:
    update = api.citizen_sends_photo(b"x" * 300_000, declared=10)
    (inbound,) = telegram.parse(json.dumps(update).encode())
    with pytest.raises(SendError, match="larger than 1000") as caught:
        await telegram.fetch(inbound.files[0], 1000)
    assert caught.value.permanent


async def test_a_file_that_is_gone_is_permanent(telegram: Telegram, api: BotApi) -> None:
    with pytest.raises(SendError, match="wrong file_id") as caught:
        await telegram.fetch(FileRef("nothing", "a"), 1000)
    assert caught.value.permanent

    api.files["here"] = ("photos/1.jpg", b"x")
    api.fail_download(404)
    with pytest.raises(SendError) as caught:
        await telegram.fetch(FileRef("here", "a"), 1000)
    assert caught.value.permanent

    api.fail_download(502)
    with pytest.raises(SendError) as caught:
        await telegram.fetch(FileRef("here", "a"), 1000)
    assert not caught.value.permanent


async def test_a_pressed_button_stops_spinning(telegram: Telegram, api: BotApi) -> None:
    update = api.citizen_presses(5, "yes")
    (inbound,) = telegram.parse(json.dumps(update).encode())
    assert inbound.kind is Kind.CHOICE

    await telegram.acknowledge(inbound)
    assert not api.open_queries


async def test_a_button_that_cannot_be_acknowledged_harms_nothing(telegram: Telegram, api: BotApi) -> None:
    await telegram.acknowledge(Inbound("1001", "cb1", Kind.CHOICE, acknowledge="long ago"))
    await telegram.acknowledge(Inbound("1001", "1001:5", Kind.TEXT))
    assert len(api.calls) == 1
