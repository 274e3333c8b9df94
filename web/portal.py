"""What the pages are handed: the database, signing, and the functions that take a message in and wake its way out."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from channels.base import Opened
from config.settings import Settings
from models.database import Database
from models.message import Message
from models.ticket import Ticket
from nlu.understand import Understanding
from routing.reaching import Windows
from web.limits import RateLimit
from web.signing import Signing

Understand = Callable[[str, str, str, str], Understanding]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message that was handed in: stored for certain, worked perhaps not yet (`worked` False)."""

    new: bool
    worked: bool
    inbox_id: int
    raw: bytes
    """as stored the first time"""
    ticket: Ticket | None = None
    said: tuple[Message, ...] = ()
    """what the bot said to it"""
    due: date | None = None
    """the date promised to the citizen"""
    given_up: bool = False
    """could not be worked: staff see it"""


class Take(Protocol):
    def __call__(self, channel: str, external_id: str, raw: bytes, conversation: str) -> Awaitable[Taken]:
        """Stores the message durably, works it if nothing of its conversation waits, and says what became of it."""


@dataclass(frozen=True, slots=True)
class Portal:
    settings: Settings
    database: Database
    signing: Signing
    take: Take
    pulled: frozenset[str]
    """names of the channels whose citizens' side fetches messages by itself"""
    wake_outbox: Callable[[], None]
    said: "Listeners"
    rate_limit: RateLimit
    file: Callable[[str], Iterator[bytes]]
    """the bytes of an attachment with that hash, piece by piece; call it in a thread. Raises FileNotFoundError"""
    open_letter: Callable[[bytes], Opened]
    """a raw letter as people look at it; takes a while for a large one, so call it in a thread"""
    windows: Windows = field(default_factory=dict)
    """channels that let us write only for a while after the citizen has written"""
    sends: frozenset[str] = frozenset()
    """names of the channels that are on and carry what we say to the citizen"""
    understand: Understand | None = None
    """(text, language, audience, municipality): what the engine of this process makes of a text; none where there is
    none. In any thread. Raises RuntimeError before it has learnt"""
    why_off: Callable[[], Mapping[str, str]] = dict
    """of every channel that there is: why it is off; empty where it is on"""
    from_environment: Mapping[str, int] = field(default_factory=dict)
    """thresholds that the environment sets, where nobody has chosen at the desk"""
    ready: Callable[[], str] = field(default=lambda: "")
    """empty when everything works, else what is wrong"""
    slack: bool = False
    """whether coordinators may work in Slack too"""


class Listeners:
    """Open connections of citizens, by contact; told when there is something new for one. In this process only."""

    def __init__(self) -> None:
        self._calls: dict[int, set[Callable[[], None]]] = {}
        self.of_all: Callable[[], None] = _nobody
        """told of everything, whomever it concerns: the desk"""

    def add(self, contact_id: int, call: Callable[[], None]) -> None:
        self._calls.setdefault(contact_id, set()).add(call)

    def remove(self, contact_id: int, call: Callable[[], None]) -> None:
        calls = self._calls.get(contact_id, set())
        calls.discard(call)
        if not calls:
            self._calls.pop(contact_id, None)

    def tell(self, contact_id: int) -> None:
        """From the event loop's thread."""
        for call in tuple(self._calls.get(contact_id, ())):
            call()
        self.of_all()


def _nobody() -> None:
    """Nobody listens to everything yet."""


def portal_of(connection: HTTPConnection) -> Portal:
    portal: Portal = connection.app.state.portal
    return portal


HasPortal = Annotated[Portal, Depends(portal_of)]
