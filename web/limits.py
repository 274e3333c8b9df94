"""Limits: how large a request may be, how often an address may ask, and whose word on addresses is believed."""

import asyncio
from ipaddress import ip_address

from fastapi import HTTPException
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from config.settings import Settings
from web.problems import Problem, problem

LARGEST_BODY = 1024 * 1024
LARGEST_FORM = 16 * 1024 * 1024
"""of the desk: a text that is far too long is given back to who typed it, and not thrown away"""
FORMS = ("/desk/", "/answer/")
MOST_LARGE = 4
"""forms over LARGEST_BODY that are read at once: so much memory they may take, and not more"""


class RateLimit:
    """So many requests a minute from one address; the machine itself, asking without a proxy, is not counted."""

    def __init__(self, settings: Settings) -> None:
        self._item = RateLimitItemPerMinute(settings.questions_per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._proxies = frozenset(part.strip() for part in settings.trusted_proxies.split(",") if part.strip())

    def check(self, connection: HTTPConnection, what: str) -> None:
        """Raises Problem 429 with Retry-After."""
        address = self.address(connection)
        if is_this_machine(address) or self._limiter.hit(self._item, what, address):
            return
        raise Problem(429, "Too many requests from your address; please wait a minute.", {"Retry-After": "60"})

    def address(self, connection: HTTPConnection) -> str:
        """The asker's address: the last one in X-Forwarded-For that no proxy of ours wrote of another proxy."""
        address = connection.client.host if connection.client else "127.0.0.1"
        forwarded = [part.strip() for part in connection.headers.get("x-forwarded-for", "").split(",") if part.strip()]
        while forwarded and (address in self._proxies or is_this_machine(address)):
            address = forwarded.pop()
        return address


def is_this_machine(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


class BodyLimit:
    """Refuses bodies over the limit, declared or not, before anything reads them whole.

    The desk's forms have a higher one if they say how large they are, as long as only a few are being read.
    """

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY, largest_form: int = LARGEST_FORM) -> None:
        self._app = app
        self._largest = largest
        self._largest_form = largest_form
        self._large = asyncio.Semaphore(MOST_LARGE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        length = int(declared[:18]) if declared.isdigit() else 0
        form = scope["method"] == "POST" and scope["path"].startswith(FORMS)
        if length > self._largest and not form:
            await problem(413, self._said())(scope, receive, send)
        elif self._largest < length <= self._largest_form and not self._large.locked():
            async with self._large:
                await self._app(scope, receive, send)  # the server reads no more than was declared
        else:
            await self._limited(scope, receive, send, length)

    async def _limited(self, scope: Scope, receive: Receive, send: Send, length: int) -> None:
        """A form that is too large is refused when it is read: so the desk says it on a page of its own."""
        read = length if length > self._largest else 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._largest:
                raise HTTPException(413, self._said())  # FastAPI takes any other for a body it cannot parse
            return message

        await self._app(scope, counted, send)

    def _said(self) -> str:
        return f"A request may have at most {self._largest} bytes."
