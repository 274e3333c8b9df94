"""The application, wired by hand: what is made here, in which order it starts and stops."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from bot.brain import Brain
from bot.channels import letters_are_approved, make_channels, make_slack, open_letter, why_off
from bot.clamd import scanner
from bot.cleaning import Cleaner
from bot.files import files_of
from bot.first_start import prepare
from bot.inbox import Inbox
from bot.institution_told import mail_institution
from bot.letter_out import plain
from bot.listening import Listening
from bot.memory import give_back_what_is_large
from bot.migrate import migrate
from bot.outbox import Courier
from bot.rulebook import RulebookKeeper
from bot.schedule import Schedule
from bot.second_engine import chosen
from bot.slack_desk import SlackDesk
from bot.take import Taker
from bot.turn import Turn, Ways
from bot.worker import Worker
from config.settings import Settings
from models.database import Database
from models.lease import time_of
from models.moments import now
from models.setting import APPROVE_LETTERS
from models.staff import Role
from routing.by_letter import CHANNEL
from web import api, chat, deadlines, health
from web.desk.routes import router as desk
from web.desk.view import link_to
from web.headers import Headers
from web.limits import BodyLimit, RateLimit
from web.pages import STATIC
from web.portal import Listeners, Portal
from web.problems import add_problems
from web.question_page import question_link
from web.signing import Signing, secret_key

log = structlog.get_logger()
CLOCK_OFF = timedelta(seconds=30)
"""how far this machine's clock may be from the one that all share"""


class House:
    """Everything that runs in one process. `serve` adds the web to it; `work` runs it alone."""

    def __init__(self, settings: Settings) -> None:
        give_back_what_is_large()
        self.settings = settings
        for role in settings.totp_roles:
            Role(role)  # a slip there would let them in with a password alone: ValueError names it
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.database = Database(settings.database_url)
        key = settings.secret_key.get_secret_value() if settings.secret_key else None
        self.signing = Signing(secret_key(key, settings.data_dir))
        self.channels = make_channels(settings, self.signing.derive("letters"))
        self.pulled = frozenset(name for name, channel in self.channels.items() if channel.pulled)
        self.windows = {name: one.reply_window for name, one in self.channels.items() if one.reply_window}
        self.brain = Brain(self.database, settings.data_dir, chosen(settings))
        self.store = files_of(settings, scanner(settings.clamd))
        self.listeners = Listeners()
        write = partial(plain, link=partial(question_link, self.signing, settings.link_base))
        self.couriers = [
            Courier(self.database, channel, self.owner, self.store.read, None if channel.letters else write)
            for channel in self.channels.values()
            if not channel.pulled
        ]
        self.worker = Worker(
            self.database,
            self.channels,
            self.brain.understand,
            self.brain.published,
            self.store,
            self.owner,
            stored=self._stored,
            ways=Ways(self.pulled, letters_are_approved(), self.windows),
        )
        largest = {name: channel.largest for name, channel in self.channels.items()}
        self.inbox = Inbox(self.database, self.owner, wake=self.worker.wake, largest=largest)
        self.listenings = [
            Listening(self.database, channel, self.inbox, self.owner)
            for channel in self.channels.values()
            if not channel.pulled
        ]
        slack = make_slack()
        self.slack = (
            SlackDesk(self.database, slack, self.owner, self.signing, settings.link_base, self._acted)
            if slack
            else None
        )
        self.rulebook = RulebookKeeper(self.database, settings.rules_dir)
        self.schedule = Schedule(
            self.database,
            self.owner,
            self.pulled,
            self.wake_outbox,
            self.rulebook,
            f"{settings.link_base}/desk",
            partial(mail_institution, link_to=partial(link_to, self.signing, settings.link_base))
            if CHANNEL in self.channels
            else None,
            self.slack.board.alert if self.slack else None,
            clean=Cleaner(self.database, self.store).clean,
        )
        self._tasks: list[asyncio.Task[None]] = []

    def portal(self) -> Portal:
        """What the pages are handed."""
        return Portal(
            settings=self.settings,
            database=self.database,
            signing=self.signing,
            take=Taker(self.database, self.inbox, self.worker).take,
            pulled=self.pulled,
            windows=self.windows,
            sends=frozenset(self.channels) - self.pulled,
            wake_outbox=self.wake_outbox,
            said=self.listeners,
            rate_limit=RateLimit(self.settings),
            file=self.store.pieces,
            open_letter=open_letter,
            understand=self.brain.understand,
            why_off=partial(why_off, self.settings, self.channels),
            from_environment={APPROVE_LETTERS: int(letters_are_approved())},
            ready=self.ready,
            slack=self.slack is not None,
        )

    async def start(self) -> None:
        await asyncio.to_thread(self._prepare)
        self._run(self.worker.run(), self.brain.run(), *(courier.run() for courier in self.couriers))
        self._run(*(listening.run() for listening in self.listenings))
        if slack := self.slack:
            self._run(*slack.runs())
        self.schedule.start()

    async def work_off(self) -> int:
        """Works what is due, and nothing else: no listening, sending or ticking. Returns how many rows it took up."""
        await asyncio.to_thread(self._prepare)
        rows = 0
        while taken := await self.worker.work():
            rows += taken
        return rows

    async def stop(self) -> None:
        self.schedule.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for channel in self.channels.values():
            await channel.close()
        await asyncio.to_thread(self.database.close)

    def wake_outbox(self) -> None:
        for courier in self.couriers:
            courier.wake()
        if self.slack:
            self.slack.wake()

    def ready(self) -> str:
        """Empty when everything works, else what is wrong. Asks the database, so call it in a thread."""
        try:
            with self.database.read() as session:
                off = abs(time_of(session) - now())
        except Exception as error:
            return f"the database does not answer: {type(error).__name__}"
        if off > CLOCK_OFF:  # what is received here would get a wrong date
            return f"the clock of this machine is {off.total_seconds():.0f} s off the database server's"
        dead = [str(task.get_coro()) for task in self._tasks if task.done()]
        return f"stopped: {', '.join(dead)}" if dead else ""

    def _prepare(self) -> None:
        migrate(self.database)
        prepare(self.database, self.settings.data_dir)
        self.rulebook.begin()
        self.brain.learn()

    def _stored(self, turn: Turn) -> None:
        of_ticket = turn.ticket.contact_id if turn.ticket else None  # an institution's letter is about somebody else's
        for contact_id in {turn.contact.id, of_ticket}:
            if contact_id is not None:
                self.listeners.tell(contact_id)
        if not turn.pulled:
            self.wake_outbox()

    def _acted(self) -> None:
        """Somebody has done something in Slack."""
        self.listeners.of_all()
        self.wake_outbox()

    def _run(self, *coroutines: Coroutine[Any, Any, None]) -> None:
        self._tasks += [asyncio.create_task(coroutine) for coroutine in coroutines]


def create_app(settings: Settings) -> FastAPI:
    """The web application with its workers; everything starts and stops with its lifespan."""
    house = House(settings)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await house.start()
        yield
        await house.stop()

    app = FastAPI(
        title="Atbilde",
        version="1",
        description="Questions to public services: asked, answered from the catalogue or by the competent institution.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.portal = house.portal()
    app.state.house = house
    app.add_middleware(BodyLimit)
    app.add_middleware(Headers, secure=settings.secure_cookies)
    add_problems(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in (chat.router, api.router, deadlines.router, desk, health.router):
        app.include_router(router)
    for channel in house.channels.values():
        if (webhooks := channel.router(partial(house.inbox.receive, channel.name))) is not None:
            app.include_router(webhooks, prefix=f"/channels/{channel.name}", include_in_schema=False)
    if house.slack and (webhooks := house.slack.router()) is not None:
        app.include_router(webhooks, prefix="/channels/slack", include_in_schema=False)
    return app
