"""Time-driven work. APScheduler only ticks; what is to be done stands in rows, and only the leader does it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session

from bot.act import NO_CHOICE
from bot.rulebook import RulebookKeeper
from bot.status import answer_by
from config.replies import reply
from models.contact import Contact
from models.database import Database
from models.lease import hold, time_of
from models.message import say
from models.queue import Timer, any_due, claim, finish, retry
from models.ticket import TicketState, locked
from routing.anew import BATCH as COUNTED
from routing.escalation import BATCH as CLIMBED
from routing.escalation import tick
from routing.joining import answer_too
from routing.merged import ANSWER_TOO
from routing.notices import tell_of
from routing.recompute import recompute, tell_moved
from routing.telling import MOST as TOLD
from routing.telling import Also, tell
from routing.telling_institution import TELL_IT
from routing.triage import MAIL_IT, hand_to_people

log = structlog.get_logger()
MailInstitution = Callable[[Session, Mapping[str, Any], datetime], object]
"""(session, the timer's data, now): writes the letter to the institution that the timer asks for"""
Clean = Callable[[datetime], Awaitable[None]]
"""deletes some of what has had its time, if any has"""
BEAT = 5
"""seconds between two ticks"""


class Schedule:
    """Ticks in every process, acts in the one that holds the leader's lease."""

    def __init__(
        self,
        database: Database,
        owner: str,
        pulled: frozenset[str],
        wake_outbox: Callable[[], None],
        rulebook: RulebookKeeper,
        desk: str,
        mail_institution: MailInstitution | None = None,
        tell_also: Also | None = None,
        clock: Callable[[Session], datetime] = time_of,
        clean: Clean | None = None,
    ) -> None:
        self._database = database
        self._owner = owner
        self._pulled = pulled
        self._wake_outbox = wake_outbox
        self._rulebook = rulebook
        self._desk = desk
        """the address that notices link to"""
        self._mail_institution = mail_institution
        self._tell_also = tell_also
        self._clock = clock
        self._clean = clean
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        self._scheduler.add_job(self.beat, "interval", seconds=BEAT, next_run_time=datetime.now(UTC))
        self._scheduler.start()
        self._watching = asyncio.create_task(self._watch())

    def stop(self) -> None:
        if self._scheduler.running:
            self._watching.cancel()
            self._scheduler.shutdown(wait=False)

    async def _watch(self) -> None:
        """The scheduler goes by the wall clock: set back by hours, that would leave it waiting for hours."""
        while True:
            await asyncio.sleep(BEAT)
            for job in self._scheduler.get_jobs():
                if job.next_run_time > datetime.now(UTC) + timedelta(seconds=2 * BEAT):
                    log.warning("the clock was set back; the schedule goes on at once")
                    job.modify(next_run_time=datetime.now(UTC))

    async def beat(self) -> None:
        """One tick: every process follows the rules; the leader looks after rules, clocks and timers."""
        with self._stumbling("leading"):
            await asyncio.to_thread(self._rulebook.follow)
            if at := await self._leads():
                await self._act(at)

    async def _act(self, at: datetime) -> None:
        """Each by itself, so that whatever fails holds up nothing else."""
        with self._stumbling("the rules"):
            await asyncio.to_thread(self._rulebook.look, at)
        with self._stumbling("counting anew"):
            await self._all(recompute, COUNTED)
            await self._database.writing(lambda session: tell_moved(session, self._clock(session)))
        with self._stumbling("the ladder"):
            await self._all(tick, CLIMBED)
        with self._stumbling("telling"):
            if await self._all(lambda session, now: tell(session, now, self._desk, self._tell_also), TOLD):
                self._wake_outbox()
        with self._stumbling("the timers"):
            await self._timers(at)
        with self._stumbling("cleaning"):
            if self._clean:
                await self._clean(at)

    async def _leads(self) -> datetime | None:
        """The time by the clock that all share, if this process leads."""

        def take(session: Session) -> datetime | None:
            at = self._clock(session)
            return at if hold(session, "schedule", self._owner, at) else None

        return await self._database.writing(take)

    async def _all(self, work: Callable[[Session, datetime], int], most: int) -> int:
        """Batch after batch while there may be more and this process leads; returns how many rows there were.

        Each at the time of its own transaction: the machine may have slept for days between two.
        """
        number = 0
        while True:
            done = await self._database.writing(lambda session: work(session, self._clock(session)))
            number += done
            if done < most or not await self._leads():
                return number

    @contextmanager
    def _stumbling(self, over: str) -> Iterator[None]:
        """What goes wrong is logged, and tried again at the next tick."""
        try:
            yield
        except Exception:
            log.exception("the schedule stumbled", over=over)

    async def _timers(self, at: datetime) -> None:
        if not await self._database.reading(lambda session: any_due(session, Timer, at)):
            return
        await self._database.writing(lambda session: self._fire(session, at))
        self._wake_outbox()

    def _fire(self, session: Session, at: datetime) -> None:
        """Claims the due timers and does what they ask, in one transaction: a crash leaves them to be done again."""
        for timer in claim(session, Timer, owner=self._owner, at=at):
            try:
                with session.begin_nested():
                    if timer.kind == NO_CHOICE:
                        no_choice_made(session, timer.ticket_id, at, self._pulled)
                    elif timer.kind == MAIL_IT and self._mail_institution:
                        self._mail_institution(session, timer.data, at)
                    elif timer.kind == ANSWER_TOO:
                        answer_too(session, timer.ticket_id or 0, timer.data["message"], at, self._pulled)
                    elif timer.kind == TELL_IT:
                        tell_of(session, timer.data["notice"], self._desk, at)
            except Exception as error:  # one that fails must not hold up the others for ever
                log.exception("a timer failed", timer=timer.id)
                retry(timer, at, f"{type(error).__name__}: {error}")
            else:
                finish(timer)


def no_choice_made(session: Session, ticket_id: int, at: datetime, pulled: frozenset[str]) -> None:
    """The citizen was asked which service is meant and did not say: people take over, the clocks run on."""
    ticket = locked(session, ticket_id)
    if ticket.state != TicketState.CLARIFYING:
        return
    contact = session.get_one(Contact, ticket.contact_id)
    hand_to_people(session, ticket, at, "clock", NO_CHOICE)
    told = reply(ticket.language, "routed", ref=ticket.ref, date=answer_by(ticket))
    say(session, contact, ticket, told, at, pulled=ticket.channel in pulled)
