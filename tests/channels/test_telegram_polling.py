"""Telegram by long polling: nothing is acknowledged that is not stored."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from channels.telegram import LONGEST_BACKOFF, Telegram
from tests.channels.bot_api import BotApi, bot_api
from tests.channels.bot_api_methods import OTHER_POLLER
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT
from tests.channels.test_telegram import settings_for

pytestmark = pytest.mark.skipif(not SCHEMA.exists(), reason=WHY_ABSENT)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with bot_api() as serving:
        yield serving


class Store:
    """Where updates are kept; fails as often as it is told to."""

    def __init__(self, api: BotApi) -> None:
        self.api = api
        self.kept: list[tuple[str, bytes]] = []
        self.failures = 0
        self.unconfirmed: list[int] = []
        """How many updates Telegram still held each time when one was kept."""

    async def receive(self, external_id: str, raw: bytes, conversation: str = "") -> bool:
        if self.failures:
            self.failures -= 1
            raise OSError("disk full")
        new = external_id not in self.ids
        self.kept.append((external_id, raw))
        self.unconfirmed.append(len(self.api.pending))
        self.api.changed()
        return new

    @property
    def ids(self) -> list[str]:
        return [external_id for external_id, _ in self.kept]


class Clock:
    """Sleeps in no time, and remembers for how long."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._slept = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._slept.set()
        await asyncio.sleep(0)

    async def until_slept(self, times: int) -> None:
        async with asyncio.timeout(10):
            while len(self.slept) < times:
                self._slept.clear()
                await self._slept.wait()


@pytest.fixture
def store(api: BotApi) -> Store:
    return Store(api)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@asynccontextmanager
async def listening(api: BotApi, store: Store, clock: Clock, **given: object) -> AsyncIterator[Telegram]:
    telegram = Telegram(settings_for(api.url, **given), sleep=clock.sleep)
    task = asyncio.create_task(telegram.listen(store.receive))
    try:
        yield telegram
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await telegram.close()


def all_confirmed(api: BotApi) -> Callable[[], bool]:
    return lambda: not api.pending


async def test_an_update_is_stored_before_telegram_is_told(api: BotApi, store: Store, clock: Clock) -> None:
    first, second = api.citizen_writes("Labdien! 🏠"), api.citizen_presses(5, "yes")
    async with listening(api, store, clock):
        await api.until(all_confirmed(api))

    assert store.kept == [(str(update["update_id"]), json.dumps(update).encode()) for update in (first, second)]
    assert store.unconfirmed == [2, 2]


async def test_what_arrives_while_waiting_comes_at_once(api: BotApi, store: Store, clock: Clock) -> None:
    async with listening(api, store, clock, poll_seconds=50):
        await api.until(lambda: bool(api.called("getUpdates")))
        api.citizen_writes("Labdien!")
        await api.until(lambda: len(store.kept) == 1)


async def test_an_update_that_could_not_be_stored_comes_again(api: BotApi, store: Store, clock: Clock) -> None:
    first, second = api.citizen_writes("viens"), api.citizen_writes("divi")
    store.failures = 2
    async with listening(api, store, clock):
        await api.until(all_confirmed(api))

    assert store.ids == [str(first["update_id"]), str(second["update_id"])]
    assert len(clock.slept) == 2


async def test_what_was_stored_before_a_failure_is_not_lost_with_it(api: BotApi, store: Store, clock: Clock) -> None:
    first, second = api.citizen_writes("viens"), api.citizen_writes("divi")

    async def fails_at_second(external_id: str, raw: bytes, conversation: str = "") -> bool:
        if external_id == str(second["update_id"]) and not clock.slept:
            raise OSError("disk full")
        return await Store.receive(store, external_id, raw, conversation)

    store.receive = fails_at_second  # type: ignore[method-assign]
    async with listening(api, store, clock):
        await api.until(all_confirmed(api))
    assert store.ids == [str(first["update_id"]), str(second["update_id"])]


async def test_a_repeated_update_is_acknowledged_all_the_same(api: BotApi, store: Store, clock: Clock) -> None:
    update = api.citizen_writes("Labdien!")
    await store.receive(str(update["update_id"]), b"")
    async with listening(api, store, clock):
        await api.until(all_confirmed(api))
    assert len(store.ids) == 2


async def test_an_update_no_library_understands_is_stored(api: BotApi, store: Store, clock: Clock) -> None:
    update = {"update_id": 900_500, "telepathy": {"thought": "\ud83d"}}
    api.pending.append(update)
    async with listening(api, store, clock):
        await api.until(all_confirmed(api))
        api.violations.clear()  # the fake rightly notes that this is no update of the published schema
    assert json.loads(store.kept[0][1]) == update


async def test_only_what_we_understand_is_asked_for(api: BotApi, store: Store, clock: Clock) -> None:
    async with listening(api, store, clock):
        await api.until(lambda: bool(api.called("getUpdates")))
    (call, *_) = api.called("getUpdates")
    asked = ["message", "edited_message", "callback_query", "my_chat_member"]
    assert json.loads(call["allowed_updates"]) == asked


async def test_a_webhook_left_behind_is_removed_and_what_waits_is_kept(api: BotApi, store: Store, clock: Clock) -> None:
    api.webhook = {"url": "https://elsewhere.example"}
    api.citizen_writes("Labdien!")
    async with listening(api, store, clock):
        await api.until(lambda: len(store.kept) == 1)
    assert [name for name, _ in api.calls][:2] == ["deleteWebhook", "getUpdates"]


async def test_after_all_is_confirmed_numbers_may_start_anew(api: BotApi, store: Store, clock: Clock) -> None:
    api.citizen_writes("pirms klusas nedēļas")
    async with listening(api, store, clock, poll_seconds=0):
        await api.until(all_confirmed(api))
        await api.until(lambda: "offset" not in api.called("getUpdates")[-1])
        update = api.citizen_writes("pēc tās")
        update["update_id"] = 17
        await api.until(lambda: "17" in store.ids)


@pytest.mark.parametrize(
    ("status", "description", "retry_after", "least", "most"),
    [
        (429, "Too Many Requests: retry after 40", 40, 40, 44),
        (401, "Unauthorized", None, 60, 66),
        (404, "Not Found", None, 60, 66),
        (409, OTHER_POLLER, None, 30, 33),
        (500, "Internal Server Error", None, 1, 2),
        (400, "Bad Request: whatever", None, 1, 2),
    ],
)
async def test_a_refused_poll_is_repeated_after_a_fitting_pause(
    api: BotApi,
    store: Store,
    clock: Clock,
    status: int,
    description: str,
    retry_after: int | None,
    least: float,
    most: float,
) -> None:
    api.fail_next(status, description, retry_after=retry_after, method="getUpdates")
    api.citizen_writes("Labdien!")
    async with listening(api, store, clock):
        await api.until(all_confirmed(api))
    (pause,) = clock.slept
    assert least <= pause <= most


async def test_pauses_grow_to_a_minute_and_shrink_after_success(api: BotApi, store: Store, clock: Clock) -> None:
    for _ in range(9):
        api.fail_next(502, page="<h1>Bad Gateway</h1>", method="getUpdates")
    api.fail_next(502, method="getUpdates", after=1)
    api.citizen_writes("Labdien!")
    async with listening(api, store, clock):
        await api.until(lambda: len(clock.slept) == 10)

    assert clock.slept[0] <= 2
    assert LONGEST_BACKOFF / 2 <= clock.slept[8] <= LONGEST_BACKOFF
    assert clock.slept[9] <= 2


async def test_a_refused_token_is_named_in_the_log(
    api: BotApi, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "channels.telegram"):
        async with listening(api, store, clock, token="1:wrong"):
            await clock.until_slept(1)
    assert "TELEGRAM_TOKEN" in caplog.text
    assert "1:wrong" not in caplog.text


async def test_telegram_out_of_reach_is_tried_again(store: Store, clock: Clock) -> None:
    async with listening(BotApi(), store, clock, api_base="http://127.0.0.1:1"):
        await clock.until_slept(3)
