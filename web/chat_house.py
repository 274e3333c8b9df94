"""What all connections of the web chat in one process share: who listens, who may come in, and how often."""

import asyncio
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection

from config.settings import Settings
from web.ears import Ears
from web.portal import Portal, Taken, portal_of
from web.problems import Problem
from web.talk import Choose, Hints, Say, hand_in

CONNECTIONS = 5
"""how many one visitor may have open at a time"""


class ChatHouse:
    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.ears = Ears(portal)
        self._item = RateLimitItemPerMinute(portal.settings.questions_per_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._working: set[asyncio.Task[Taken]] = set()

    async def hand_in(self, visitor: str, said: Say | Choose, hints: Hints) -> Taken:
        """Goes on to its end even if the citizen's connection breaks meanwhile: else the answer waits for a lease."""
        task = asyncio.create_task(hand_in(self.portal, visitor, said, hints))
        self._working.add(task)
        task.add_done_callback(self._working.discard)
        taken = await asyncio.shield(task)
        self.ears.ring(visitor)  # a visitor's first message made the contact: nobody could listen for that before
        return taken

    def check_rate(self, connection: HTTPConnection, visitor: str) -> None:
        """Raises Problem 429 where the visitor or the address writes too often."""
        self.portal.rate_limit.check(connection, "chat")
        if not self._limiter.hit(self._item, "visitor", visitor):
            raise Problem(429, "You are writing too fast; please wait a minute.", {"Retry-After": "20"})

    def check_connections(self, visitor: str) -> None:
        """Raises Problem 429 where the visitor has too many open."""
        if self.ears.count(visitor) >= CONNECTIONS:
            raise Problem(429, f"The talk is open in {CONNECTIONS} places already.", {"Retry-After": "60"})

    def check_origin(self, connection: HTTPConnection) -> None:
        """Raises Problem 403 for a page of a site that may not embed the chat. Programs send no origin."""
        origin = connection.headers.get("origin")
        if origin is None or urlsplit(origin).netloc == connection.headers.get("host"):
            return
        allowed = widget_origins(self.portal.settings)
        if "*" not in allowed and origin not in allowed and origin != origin_of(self.portal.settings.link_base):
            raise Problem(403, "Pages of this site may not use the chat.")


def chat_house(connection: HTTPConnection) -> ChatHouse:
    """The application's one; made at first use."""
    state = connection.app.state
    if not hasattr(state, "chat_house"):
        state.chat_house = ChatHouse(portal_of(connection))
    house: ChatHouse = state.chat_house
    return house


def widget_origins(settings: Settings) -> list[str]:
    return [origin.strip().rstrip("/") for origin in settings.widget_origins.split(",") if origin.strip()]


def frame_ancestors(settings: Settings) -> str:
    """Whose pages may show the chat in a frame, in the words of the Content-Security-Policy."""
    allowed = widget_origins(settings)
    return "*" if "*" in allowed else " ".join(["'self'", *allowed])


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
