"""The methods of the Bot API that we call or may come to call, and the delivery of updates to a webhook."""

import asyncio
import re
from contextlib import suppress
from dataclasses import dataclass

from aiohttp import ClientError, ClientSession

from tests.channels.bot_api_citizen import BOT, CITIZEN, PRIVATE, Citizen, Json
from tests.channels.bot_api_schema import read

DOWNLOAD_BYTES = 20 * 1024 * 1024
GETS_WEBHOOK = (
    "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
OLD_QUERY = "Bad Request: query is too old and response timeout expired or query ID is invalid"


@dataclass
class ApiError(Exception):
    status: int
    description: str
    retry_after: int | None = None
    page: str = ""
    """What a proxy says in Telegram's stead, in HTML."""


class BotApiMethods(Citizen):
    """Each `_do_…` takes parameters that the schema allows, and returns the result or raises ApiError."""

    def __init__(self) -> None:
        super().__init__()
        self.webhook: Json = {}
        self.deliveries: list[int] = []
        self._poll = 0
        self._wake = asyncio.Event()
        self._delivery: asyncio.Task[None] | None = None

    def changed(self) -> None:
        self._wake.set()
        self._wake = asyncio.Event()

    async def _do_getMe(self, _: Json) -> Json:  # noqa: N802
        return BOT | {"can_join_groups": False, "can_read_all_group_messages": False, "supports_inline_queries": False}

    async def _do_getUpdates(self, parameters: Json) -> list[Json]:  # noqa: N802
        if self.webhook:
            raise ApiError(409, GETS_WEBHOOK)
        self._poll += 1
        mine = self._poll
        self.changed()
        self.allowed = read("Array of String", parameters.get("allowed_updates", self.allowed))
        offset = int(parameters.get("offset", 0))
        self.pending = [update for update in self.pending if update["update_id"] >= offset]
        with suppress(TimeoutError):
            async with asyncio.timeout(int(parameters.get("timeout", 0))):
                while not self.pending and self._poll == mine:
                    await self._wake.wait()
        if self._poll != mine:
            raise ApiError(409, OTHER_POLLER)
        return self.pending[: int(parameters.get("limit", 100))]

    async def _do_setWebhook(self, parameters: Json) -> bool:  # noqa: N802
        secret = parameters.get("secret_token", "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            self.violations.append(f"secret_token {secret!r}")
            raise ApiError(400, "Bad Request: secret token contains unallowed characters")
        await self._stop_delivery()
        self.allowed = read("Array of String", parameters.get("allowed_updates", self.allowed))
        self.webhook = parameters
        self._delivery = asyncio.create_task(self._deliver(parameters["url"], secret))
        return True

    async def _do_deleteWebhook(self, parameters: Json) -> bool:  # noqa: N802
        await self._stop_delivery()
        self.webhook = {}
        if read("Boolean", parameters.get("drop_pending_updates", False)):
            self.pending.clear()
        return True

    async def _do_getWebhookInfo(self, _: Json) -> Json:  # noqa: N802
        url = self.webhook.get("url", "")
        return {"url": url, "has_custom_certificate": False, "pending_update_count": len(self.pending)}

    async def _do_sendMessage(self, parameters: Json) -> Json:  # noqa: N802
        content = self._checked_content(parameters)
        if str(parameters["chat_id"]) != str(CITIZEN):
            raise ApiError(400, "Bad Request: chat not found")
        if CITIZEN in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        self.sent.append(self.message(PRIVATE, BOT, **content))
        return self.sent[-1]

    async def _do_editMessageText(self, parameters: Json) -> Json:  # noqa: N802
        content = self._checked_content(parameters)
        for message in self.sent:
            if str(message["message_id"]) == str(parameters["message_id"]):
                message |= content
                return message
        raise ApiError(400, "Bad Request: message to edit not found")

    async def _do_answerCallbackQuery(self, parameters: Json) -> bool:  # noqa: N802
        if parameters["callback_query_id"] not in self.open_queries:
            raise ApiError(400, OLD_QUERY)
        self.open_queries.discard(parameters["callback_query_id"])
        return True

    async def _do_getFile(self, parameters: Json) -> Json:  # noqa: N802
        file_id = parameters["file_id"]
        if file_id not in self.files:
            raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        path, content = self.files[file_id]
        if len(content) > DOWNLOAD_BYTES:
            raise ApiError(400, "Bad Request: file is too big")
        return {"file_id": file_id, "file_unique_id": f"unique-{file_id}", "file_path": path}

    async def _do_sendChatAction(self, _: Json) -> bool:  # noqa: N802
        return True

    async def _do_setMyCommands(self, _: Json) -> bool:  # noqa: N802
        return True

    def _checked_content(self, parameters: Json) -> Json:
        text = parameters["text"].strip()
        units = len(text.encode("utf-16-le")) // 2
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        if units > 4096:
            raise ApiError(400, "Bad Request: message is too long")
        content = {"text": text}
        for name, kind in (("reply_markup", "InlineKeyboardMarkup"), ("link_preview_options", "LinkPreviewOptions")):
            if name in parameters:
                content[name] = read(kind, parameters[name])
        for row in content.get("reply_markup", {}).get("inline_keyboard", []):
            if any(not 1 <= len(button.get("callback_data", "-").encode()) <= 64 for button in row):
                raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
        return content

    async def _deliver(self, url: str, secret: str) -> None:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        async with ClientSession(headers=headers) as session:
            while True:
                wake = self._wake
                if not self.pending:
                    await wake.wait()
                    continue
                update = self.pending[0]
                if await self._delivered(session, url, update):
                    self.pending.remove(update)
                else:
                    await asyncio.sleep(0.02)  # Telegram waits longer before it tries again
                self.changed()

    async def _delivered(self, session: ClientSession, url: str, update: Json) -> bool:
        try:
            async with session.post(url, json=update) as response:
                self.deliveries.append(response.status)
                return response.ok
        except ClientError:
            return False

    async def _stop_delivery(self) -> None:
        if self._delivery:
            self._delivery.cancel()
            await asyncio.wait([self._delivery])
