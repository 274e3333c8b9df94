"""Limits: how large a request may be, how often an address may ask, and whose word on addresses is believed."""

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
    """Refuses bodies over the limit, declared or not, before anything reads them whole."""

    def __init__(self, app: ASGIApp, largest: int = LARGEST_BODY) -> None:
        self._app = app
        self._largest = largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if declared.isdigit() and int(declared[:18]) > self._largest:
            await problem(413, self._said())(scope, receive, send)
            return
        read = 0

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
