"""Telegram's Bot API through aiogram; every failure is told as a SendError, and never with the token in it.

Importing this module imports aiogram, which takes seconds: import it in a thread, at first use.
"""

from contextlib import aclosing
from typing import Any

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import Response, TelegramMethod
from aiohttp import ClientConnectorError, ClientError, ClientResponseError, ClientTimeout, ConnectionTimeoutError
from aiohttp import InvalidURL as InvalidAddress
from pydantic import Field

from channels.base import SendError

ANSWER_SECONDS = 30
CONNECT_SECONDS = 10
TOKEN_SECONDS = 60.0
"""How long to wait after our token was refused: it may be mended, but asking fast does not help."""
CONFLICT_SECONDS = 30.0
NEVER_REACHED = (ClientConnectorError, ConnectionTimeoutError, InvalidAddress)
GONE = (400, 403, 404, 410)


class Call(TelegramMethod[Any]):
    """Any method, its answer left as Telegram wrote it: what aiogram cannot read must not be lost."""

    __returning__ = Any
    api_method: str = Field(exclude=True)

    @property
    def __api_method__(self) -> str:  # type: ignore[override]
        return self.api_method


class Session(AiohttpSession):
    """aiogram's session, telling "never connected" from "no answer", and 502 pages from answers it cannot read."""

    async def make_request(
        self,
        bot: Bot,
        method: TelegramMethod[Any],
        timeout: int | None = None,  # noqa: ASYNC109 - aiogram's name
    ) -> Any:
        limits = ClientTimeout(total=timeout, connect=CONNECT_SECONDS)
        return await super().make_request(bot, method, limits)  # type: ignore[arg-type]

    def check_response(self, bot: Bot, method: TelegramMethod[Any], status_code: int, content: str) -> Response[Any]:
        try:
            return super().check_response(bot, method, status_code, content)
        except (ClientDecodeError, TypeError):  # TypeError: aiogram looks into a description that is not there
            if status_code < 300:
                raise
            raise TelegramServerError(method, f"HTTP {status_code} without a readable answer") from None

    async def close(self) -> None:
        # Without aiogram's quarter of a second for TLS to close, which aiohttp's connector now sees to.
        if self._session is not None and not self._session.closed:
            await self._session.close()


class Api:
    """One bot's calls. Safe to make in a thread: nothing is opened before the first call."""

    def __init__(self, token: str, base: str) -> None:
        self._token = token
        self._session = Session(api=TelegramAPIServer.from_base(base))
        self._bot = Bot(token, session=self._session)

    async def call(self, method: str, seconds: int = ANSWER_SECONDS, **parameters: Any) -> Any:
        """The `result`, as plain JSON. Raises SendError."""
        try:
            return await self._bot(Call(api_method=method, **parameters), request_timeout=seconds)
        except AiogramError as error:
            raise self._told(error) from None  # the cause holds the address, and the address holds the token
        except UnicodeDecodeError:
            raise SendError("Telegram took the call, but the answer is no text", doubtful=True) from None

    async def download(self, path: str, limit: int) -> bytes:
        """Raises SendError, permanent where the file is larger than `limit` or gone."""
        content = bytearray()
        try:
            async with aclosing(self._session.stream_content(self._session.api.file_url(self._token, path))) as chunks:
                async for chunk in chunks:
                    content += chunk
                    if len(content) > limit:
                        raise SendError(f"the file is larger than {limit} bytes", permanent=True)
        except ClientResponseError as error:
            reason = f"Telegram answered {error.status} to the download"
            raise SendError(reason, permanent=error.status in GONE) from None
        except (ClientError, TimeoutError) as error:
            raise SendError(self._without_token(f"the download broke off: {error!r}")) from None
        return bytes(content)

    async def close(self) -> None:
        await self._session.close()

    def _told(self, error: AiogramError) -> SendError:
        reason = self._without_token(getattr(error, "message", "") or repr(error))
        match error:
            case TelegramRetryAfter():
                return SendError(reason, retry_after=float(error.retry_after))
            case TelegramUnauthorizedError() | TelegramNotFound():
                return SendError(f"Telegram does not accept TELEGRAM_TOKEN: {reason}", retry_after=TOKEN_SECONDS)
            case TelegramConflictError():
                return SendError(reason, retry_after=CONFLICT_SECONDS)
            case TelegramServerError():
                return SendError(reason)
            case TelegramEntityTooLarge():
                return SendError(reason, permanent=True)
            case TelegramNetworkError():
                return SendError(reason, doubtful=not isinstance(error.__cause__, NEVER_REACHED))
            case ClientDecodeError():
                return SendError(f"Telegram took the call, but the answer cannot be read: {reason}", doubtful=True)
            case _:  # blocked, deactivated, no such chat, or a request that will be as wrong the next time
                return SendError(reason, permanent=True)

    def _without_token(self, text: str) -> str:
        return text.replace(self._token, "<token>")
