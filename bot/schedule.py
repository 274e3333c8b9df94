"""Time-driven work. APScheduler only ticks; what is to be done stands in rows, and only the leader does it."""

from collections.abc import Callable
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session

from bot.act import NO_CHOICE
from bot.status import answer_by
from config.replies import reply
from models.contact import Contact
from models.database import Database
from models.lease import hold
from models.message import say
from models.moments import now, riga_date
from models.queue import Timer, any_due, claim, finish, retry
from models.ticket import TicketState, locked
from routing.escalation import BATCH, tick
from routing.triage import hand_to_people

log = structlog.get_logger()
BEAT = 5
"""seconds between two ticks"""


class Schedule:
    """Ticks in every process, acts in the one that holds the leader's lease."""

    def __init__(self, database: Database, owner: str, pulled: frozenset[str], wake_outbox: Callable[[], None]) -> None:
        self._database = database
        self._owner = owner
        self._pulled = pulled
        self._wake_outbox = wake_outbox
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )

    def start(self) -> None:
        self._scheduler.add_job(self.beat, "interval", seconds=BEAT, next_run_time=datetime.now().astimezone())
        self._scheduler.start()

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def beat(self) -> None:
        """One tick: the law's clocks, then the timers."""
        try:
            if await self._database.writing(lambda session: hold(session, "schedule", self._owner, now())):
                await self._clocks()
                await self._timers()
        except Exception:
            log.exception("the schedule stumbled")

    async def _clocks(self) -> None:
        at = now()
        while await self._database.writing(lambda session: tick(session, riga_date(at), at)) == BATCH:
            pass

    async def _timers(self) -> None:
        at = now()
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
