"""Who listens to which talk in this process: each gets every message of its talk once, soon after it is stored."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial

import structlog
from sqlmodel import Session, col, select

from models.contact import Contact
from models.message import Message
from web.portal import Portal
from web.talk import CHANNEL, Json, contact_id_of, messages_after

log = structlog.get_logger()
LOOK_EVERY = 2.0
"""seconds between looks for messages that another process has stored"""
SLACK = 200
"""On PostgreSQL a message may be committed after one with a higher id; we look so many ids back for such."""


class Ear:
    """One listener to one talk."""

    def __init__(self, portal: Portal, visitor: str, after: int) -> None:
        self.visitor = visitor
        self.contact_id: int | None = None
        self._portal = portal
        self._first = self._last = after
        self._given: set[int] = set()
        self._bell = asyncio.Event()

    def ring(self) -> None:
        """There may be something new."""
        self._bell.set()

    async def rung(self) -> None:
        await self._bell.wait()

    async def news(self) -> list[Json]:
        """What was not given before, in order."""
        self._bell.clear()
        since = max(self._first, self._last - SLACK)
        knew = self.contact_id
        self.contact_id, found = await self._portal.database.reading(
            partial(_look, visitor=self.visitor, contact_id=knew, after=since)
        )
        if knew is None and self.contact_id is not None:
            self._portal.said.add(self.contact_id, self.ring)
            self.ring()  # something may have been said before we listened
        new = [message for message in found if message["id"] not in self._given]
        self._given = {message["id"] for message in found}
        self._last = max([self._last, *self._given])
        return new

    def close(self) -> None:
        if self.contact_id is not None:
            self._portal.said.remove(self.contact_id, self.ring)


class Ears:
    """All listeners of this process, and one look at the database for all of them."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._open: dict[str, set[Ear]] = {}
        self._known: set[int] = set()
        self._highest: int | None = None
        self._tail: asyncio.Task[None] | None = None

    def count(self, visitor: str) -> int:
        return len(self._open.get(visitor, ()))

    def ring(self, visitor: str) -> None:
        """There may be something new in the visitor's talk."""
        for ear in self._open.get(visitor, ()):
            ear.ring()

    @contextmanager
    def listening(self, visitor: str, after: int) -> Iterator[Ear]:
        ear = Ear(self._portal, visitor, after)
        self._open.setdefault(visitor, set()).add(ear)
        if self._tail is None:
            self._tail = asyncio.create_task(self._look_now_and_then(), name="chat tail")
        try:
            yield ear
        finally:
            ear.close()
            self._leave(ear)

    def _leave(self, ear: Ear) -> None:
        with suppress(KeyError):
            self._open[ear.visitor].remove(ear)
            if not self._open[ear.visitor]:
                del self._open[ear.visitor]
        if not self._open and self._tail is not None:
            self._tail.cancel()
            self._tail, self._highest, self._known = None, None, set()

    async def _look_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                latest = await self._portal.database.reading(partial(_latest, highest=self._highest))
            except Exception:
                log.exception("the chat cannot look for new messages")
                continue
            for message_id, visitor in latest:
                if message_id not in self._known:
                    self.ring(visitor)
            self._known = {message_id for message_id, _ in latest}
            self._highest = max(self._known, default=self._highest)


def _look(session: Session, visitor: str, contact_id: int | None, after: int) -> tuple[int | None, list[Json]]:
    contact_id = contact_id or contact_id_of(session, visitor)
    return contact_id, messages_after(session, contact_id, after) if contact_id else []


def _latest(session: Session, highest: int | None) -> list[tuple[int, str]]:
    """The web chat's messages since the last look, and whose they are."""
    if highest is None:
        highest = session.exec(select(Message.id).order_by(col(Message.id).desc()).limit(1)).first() or 0
    return [
        (message_id or 0, address)
        for message_id, address in session.exec(
            select(Message.id, Contact.address)
            .join(Contact, col(Contact.id) == col(Message.contact_id))
            .where(col(Message.id) > highest - SLACK, col(Contact.channel) == CHANNEL)
        ).all()
    ]
