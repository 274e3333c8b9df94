"""Telegram, by long polling or by a webhook: whatever arrives is stored raw before Telegram is told that we have it.

No aiogram here: it takes seconds to import, so it is brought in a thread at first use.
"""

import asyncio
import json
import logging
import random
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from fastapi import APIRouter
from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from channels.base import Channel, FileRef, Inbound, Outbound, Receive, SendError
from channels.telegram_text import chat_of, clean, split
from channels.telegram_webhook import webhook
from config.settings import FromEnvironment

if TYPE_CHECKING:
    from channels.telegram_api import Api

log = logging.getLogger(__name__)

ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
BUTTON_BYTES = 64
LONGEST_BACKOFF = 60.0

Sleep = Callable[[float], Awaitable[Any]]


class TelegramSettings(FromEnvironment):
    """`TELEGRAM_…`; the token is the one BotFather gave."""

    model_config = SettingsConfigDict(env_prefix="TELEGRAM_")

    token: SecretStr | None = None
    api_base: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: SecretStr | None = None
    poll_seconds: int = Field(30, ge=0, le=50)
    rate: float = Field(30.0, gt=0)

    def missing(self) -> str:
        """Why the channel cannot run, in one line; empty where it can."""
        token, secret = _plain(self.token), _plain(self.webhook_secret)
        if not token:
            return "TELEGRAM_TOKEN is not set"
        if not re.fullmatch(r"[0-9]+:[\w-]+", token, re.ASCII):
            return "TELEGRAM_TOKEN is not a bot's token (digits, a colon, letters)"
        if secret and not re.fullmatch(r"[\w-]{1,256}", secret, re.ASCII):
            return "TELEGRAM_WEBHOOK_SECRET may hold only 1-256 of A-Z, a-z, 0-9, _ and -"
        if self.mode == "webhook" and not secret:
            return "TELEGRAM_WEBHOOK_SECRET is not set, and TELEGRAM_MODE=webhook needs it"
        return ""


class Telegram(Channel):
    """One bot. Raises ValueError with the reason where the settings do not suffice."""

    name: ClassVar[str] = "telegram"
    buttons: ClassVar[bool] = True

    def __init__(self, settings: TelegramSettings, webhook_url: str = "", *, sleep: Sleep = asyncio.sleep) -> None:
        if reason := settings.missing():
            raise ValueError(reason)
        if settings.mode == "webhook" and not webhook_url:
            raise ValueError("TELEGRAM_MODE=webhook needs the public address of this server")
        self.settings = settings
        self.rate = settings.rate
        self._webhook_url = webhook_url
        self._sleep = sleep
        self._api: Api | None = None
        self._opening = asyncio.Lock()
        self._offset: int | None = None

    async def listen(self, receive: Receive) -> None:
        if self.settings.mode == "webhook":
            await self._until_done(self._set_webhook)
            return
        await self._until_done(self._remove_webhook)
        while True:
            await self._until_done(lambda: self._poll(receive))

    def router(self, receive: Receive) -> APIRouter | None:
        secret = _plain(self.settings.webhook_secret).encode()
        return webhook(secret, receive) if secret else None

    def parse(self, raw: bytes) -> list[Inbound]:
        """Call it in a thread: the first call may have to import aiogram."""
        from channels.telegram_parse import parse

        return parse(raw)

    async def send(self, message: Outbound) -> str:
        keyboard = _keyboard(message)
        parts = split(message.text)
        if not parts:
            raise SendError("there is no text to send", permanent=True)
        ids = list(message.sent_parts)
        for number, part in enumerate(parts[len(ids) :], len(ids) + 1):
            last = number == len(parts)
            try:
                ids.append(await self._send_part(message.conversation, part, keyboard if last else None))
            except SendError as error:
                error.sent_parts = tuple(ids)
                raise
        return ",".join(ids)

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        if (file.size or 0) > limit:
            raise SendError(f"the file is larger than {limit} bytes", permanent=True)
        api = await self._opened()
        found = await api.call("getFile", file_id=file.id)
        if found.get("file_size", 0) > limit or "file_path" not in found:
            raise SendError(f"the file is larger than {limit} bytes or cannot be downloaded", permanent=True)
        return await api.download(found["file_path"], limit)

    async def acknowledge(self, inbound: Inbound) -> None:
        if not inbound.acknowledge:
            return
        try:
            api = await self._opened()
            await api.call("answerCallbackQuery", callback_query_id=inbound.acknowledge)
        except SendError as error:
            log.info("telegram: a button could not be acknowledged: %s", error)

    async def close(self) -> None:
        if self._api:
            await self._api.close()

    async def _opened(self) -> "Api":
        async with self._opening:
            if self._api is None:
                self._api = await asyncio.to_thread(_open, self.settings)
        return self._api

    async def _send_part(self, chat: str, text: str, keyboard: dict[str, Any] | None) -> str:
        api = await self._opened()
        parameters: dict[str, Any] = {"chat_id": chat, "text": text, "reply_markup": keyboard}
        sent = await api.call("sendMessage", link_preview_options={"is_disabled": True}, **parameters)
        if not isinstance(sent, dict) or "message_id" not in sent:
            raise SendError("Telegram took the message, but gave no id", doubtful=True)
        return str(sent["message_id"])

    async def _set_webhook(self) -> None:
        api = await self._opened()
        secret = _plain(self.settings.webhook_secret)
        await api.call("setWebhook", url=self._webhook_url, secret_token=secret, allowed_updates=ALLOWED_UPDATES)

    async def _remove_webhook(self) -> None:
        api = await self._opened()
        await api.call("deleteWebhook", drop_pending_updates=False)

    async def _poll(self, receive: Receive) -> None:
        api = await self._opened()
        wait = self.settings.poll_seconds
        parameters = {"offset": self._offset, "timeout": wait, "allowed_updates": ALLOWED_UPDATES}
        updates = await api.call("getUpdates", seconds=wait + 15, **parameters)
        for update in updates:
            await receive(str(update["update_id"]), json.dumps(update).encode(), chat_of(update))
            # Only now: the next call tells Telegram to forget all that lies before the offset.
            self._offset = update["update_id"] + 1
        if not updates:
            # All is confirmed. After a quiet week Telegram counts from a random number, perhaps below the old offset.
            self._offset = None

    async def _until_done(self, step: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            asked = None
            try:
                return await step()
            except SendError as error:
                asked = error.retry_after
                log.warning("telegram: %s", error)
            except Exception:
                log.exception("telegram: nothing was acknowledged; the same updates are asked for again")
            failures += 1
            await self._sleep(_backoff(failures, asked))


def _open(settings: TelegramSettings) -> "Api":
    import channels.telegram_parse  # noqa: F401 - with its types built, so that the first parse is as fast as the others
    from channels.telegram_api import Api

    return Api(_plain(settings.token), settings.api_base)


def _backoff(failures: int, asked: float | None) -> float:
    """Never less than what was asked for; otherwise doubling, and not in step with other processes."""
    if asked is not None:
        return asked * random.uniform(1, 1.1)  # noqa: S311 - jitter needs no secrecy
    return min(LONGEST_BACKOFF, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1)  # noqa: S311


def _keyboard(message: Outbound) -> dict[str, Any] | None:
    for choice in message.choices:
        if not 1 <= len(choice.value.encode()) <= BUTTON_BYTES:
            raise SendError(f"a button's value must be 1-{BUTTON_BYTES} bytes: {choice.value!r}", permanent=True)
    rows = [[{"text": clean(choice.label), "callback_data": choice.value}] for choice in message.choices]
    return {"inline_keyboard": rows} if rows else None


def _plain(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
