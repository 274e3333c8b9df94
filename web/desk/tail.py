"""All open pages of the desk in this process, and one look at the database a second for all of them.

The database is the truth: what another process stores is found by the look. What this one stores wakes it at once.
Nobody looks while nobody listens.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby

import structlog
from fastapi import FastAPI
from sqlmodel import Session

from models.moments import now
from models.presence import Looker, leaves, lookers, still_look
from web.desk.changes import SLACK, Change, changes_after, newest, numbers_after
from web.desk.watch import Watch
from web.portal import Portal
from web.session_rows import living

log = structlog.get_logger()
LOOK_EVERY = 1.0
"""seconds"""
PAUSE = 0.1
"""seconds between looks while much is happening"""
BEAT_EVERY = 20.0
"""seconds between signs of life: of ours to the pages, and of who looks to everybody"""
ASK_EVERY = 5.0
"""seconds between looks whether log-ins have ended"""


class Tail:
    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._watches: set[Watch] = set()
        self._left: set[tuple[str, int]] = set()
        self._highest: int | None = None
        self._known: set[int] = set()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._beat_at = self._asked_at = 0.0
        portal.said.of_all = self.wake

    def wake(self) -> None:
        """Something has been stored in this process. From the event loop's thread."""
        if self._watches:
            self._woken.set()

    def count(self, secret: str) -> int:
        """How many pages are open with that log-in."""
        return sum(watch.secret == secret for watch in self._watches)

    def end(self) -> None:
        """The process stops: the pages come back to another one."""
        for watch in self._watches:
            watch.end()

    @contextmanager
    def watching(self, watch: Watch) -> Iterator[None]:
        self._watches.add(watch)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run(), name="desk tail")
        self._woken.set()
        try:
            yield
        finally:
            self._watches.discard(watch)
            if watch.shown:
                self._left.add((watch.place, watch.person_id))
            self._woken.set()

    async def _run(self) -> None:
        self._highest, self._known, self._beat_at = None, set(), time.monotonic()
        while self._watches or self._left:
            self._woken.clear()
            try:
                await self._look_once()
            except Exception:
                log.exception("the desk cannot look for what is new")
            await asyncio.sleep(PAUSE)
            if self._watches:
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY - PAUSE):
                        await self._woken.wait()

    async def _look_once(self) -> None:
        if gone := self._left - {(watch.place, watch.person_id) for watch in self._watches}:
            await self._portal.database.writing(partial(_leave, gone=gone))
        self._left.clear()
        if self._highest is None:
            await self._portal.database.reading(self._begin)
        new, people = await self._portal.database.reading(self._look)
        there = {place: list(ones) for place, ones in groupby(people, key=lambda one: one.place)}
        for watch in self._watches:
            watch.tell(new, self._highest or 0)
            watch.tell_of(there.get(watch.place, ()))
        await self._now_and_then()

    def _begin(self, session: Session) -> None:
        self._known = set(numbers_after(session, newest(session) - SLACK))
        self._highest = max(self._known, default=0)

    def _look(self, session: Session) -> tuple[list[Change], list[Looker]]:
        """What came since the last look, and who looks at what."""
        highest = self._highest or 0
        new = changes_after(session, highest - SLACK, known=self._known)
        self._highest = max([highest, *(change.number for change in new)])
        self._known |= {change.number for change in new}
        self._known = {number for number in self._known if number > self._highest - SLACK}
        return new, lookers(session, now())

    async def _now_and_then(self) -> None:
        at, open_now = time.monotonic(), tuple(self._watches)
        if at - self._asked_at > ASK_EVERY and open_now:
            self._asked_at, hashes = at, {watch.secret for watch in open_now}
            alive = await self._portal.database.reading(lambda session: living(session, hashes, now()))
            for watch in open_now:
                if watch.secret not in alive:
                    watch.end("over")
        if at - self._beat_at > BEAT_EVERY:
            self._beat_at, shown = at, [(watch.place, watch.person_id) for watch in open_now if watch.shown]
            await self._portal.database.writing(lambda session: still_look(session, shown, now()))
            for watch in open_now:
                watch.beat()


def tail_of(app: FastAPI, portal: Portal) -> Tail:
    """One for the application, made when first asked for."""
    if not hasattr(app.state, "desk_tail"):
        app.state.desk_tail = Tail(portal)
    tail: Tail = app.state.desk_tail
    return tail


def end_live(app: FastAPI) -> None:
    """Before the server stops."""
    if hasattr(app.state, "desk_tail"):
        app.state.desk_tail.end()


def _leave(session: Session, gone: set[tuple[str, int]]) -> None:
    for place, person_id in sorted(gone):
        leaves(session, place, person_id)
