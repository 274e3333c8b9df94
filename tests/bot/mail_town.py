"""Citizens and institutions on real mail servers, and the product between them as a process that is killed."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

from sqlmodel import Session, col, select

from models.database import Database
from models.forwarding import Forwarding
from models.institution import Institution
from models.moments import now
from models.queue import InboxRow, State, Timer
from models.staff import Person
from models.ticket import Ticket, TicketState, locked
from routing.triage import forward
from tests.bot.process import Server, a_minute_passes, pending
from tests.channels.mail.gate import Gate, gate
from tests.channels.mail.servers import PASSWORD, free_ports
from tests.channels.mail.town_post import DESK, Post

KNOWN = "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?"
UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti? Numur"
TOWNS = itertools.count(1)


@dataclass
class MailTown:
    post: Post
    server: Server
    database: Database
    name: str
    to_desk: Gate
    """between our mail server and us"""
    to_world: Gate
    """between us and our mail server"""
    to_mailbox: Gate
    """between us and the mailbox that we read"""
    asked: dict[str, str] = field(default_factory=dict)
    """words by the Message-ID of the letter"""
    firsts: dict[str, str] = field(default_factory=dict)
    """Message-ID of somebody's first letter"""

    def asks(self, words: str, sender: str, *, by_mailbox: bool = False, **headers: str) -> EmailMessage:
        """Through the mailbox that the desk reads, else our mail server hands it in."""
        mailbox = f"desk.{self.name}@town.test" if by_mailbox else ""
        letter = self.post.sends(self.address(sender), DESK, words, mailbox, Subject="Raķete", **headers)
        self.asked[number := str(letter["Message-ID"]).strip("<>")] = words
        self.firsts.setdefault(self.address(sender), number)
        return letter

    async def everybody_asks(self, first: int, *kinds: str) -> None:
        """A `k` asks what the catalogue knows; capitals come by the mailbox."""
        for number, kind in enumerate(kinds, first):
            words = KNOWN if kind.casefold() == "k" else f"{UNKNOWN} {number}"
            await asyncio.to_thread(self.asks, words, f"citizen{number}", by_mailbox=kind.isupper())

    def answers(self, letter: EmailMessage, office: str) -> None:
        """By pressing Reply."""
        words = f"Atbild {office}."
        reply = self.post.answers(letter, office, words)
        self.asked[str(reply["Message-ID"]).strip("<>")] = words

    def got_it(self, forwarding: Forwarding) -> bool:
        return bool(self.post.mailbox(self.address(f"office{forwarding.institution_id}")))

    def first_of(self, person: str) -> str:
        """The id of that person's first letter."""
        return f"<{self.firsts[self.address(person)]}>"

    def address(self, person: str) -> str:
        return f"{person}.{self.name}@town.test"

    def forwards(self, most: int) -> list[str]:
        """Each ticket in triage to an institution of its own; returns their addresses."""

        def work(session: Session) -> list[str]:
            staffed = select(Person.institution_id)
            given = col(Institution.email) == "", col(Institution.email).is_(None)
            free = select(Institution).where(given[0] | given[1], col(Institution.id).not_in(staffed))
            bodies = iter(session.exec(free.order_by(col(Institution.id))).all())
            asked = select(Ticket.id).where(col(Ticket.state) == TicketState.TRIAGE).order_by(col(Ticket.id))
            return [self._forward(session, number or 0, next(bodies)) for number in session.exec(asked.limit(most))]

        return self.database.write(work)

    def _forward(self, session: Session, number: int, body: Institution) -> str:
        body.email = self.address(f"office{body.id}")
        forward(session, locked(session, number), [body], "", now(), "vdaa")
        return body.email

    async def killed(self) -> None:
        """Without a word, and a minute goes by."""
        await self.server.end()
        a_minute_passes(self.database)

    async def held(self, *gates: Gate) -> None:
        """Each has stopped what it was to stop; meanwhile our mail server brings what it could not hand in before."""
        async with asyncio.timeout(40):
            while not all(one.has_held for one in gates):
                await asyncio.to_thread(self._hand_in)
                await asyncio.sleep(0.1)

    async def all_is_done(self) -> None:
        """Nothing waits: not in the servers, not in the mailbox, not with us."""
        async with asyncio.timeout(60):
            while await asyncio.to_thread(self._waiting):  # noqa: ASYNC110 - others must tell
                await asyncio.sleep(0.2)

    def _hand_in(self) -> None:
        if self.post.exim.waiting():
            self.post.exim.run_the_queue()

    def _waiting(self) -> bool:
        self._hand_in()
        with self.database.read() as session:
            stored = {row.external_id for row in session.exec(select(InboxRow))}
            timers = session.exec(select(Timer.id).where(col(Timer.state) == State.WAITING, col(Timer.due_at) <= now()))
            unwritten = timers.first() is not None
        return len(stored) < len(self.asked) or unwritten or pending(self.database) > 0 or self._unmarked() > 0

    def _unmarked(self) -> int:
        client = self.post.dovecot.imap(f"desk.{self.name}")
        try:
            return len(client.search(None, "UNKEYWORD AtbildeStored")[1][0].split())
        finally:
            client.logout()


@asynccontextmanager
async def mail_town(post: Post, url: str, folder: Path, desk_port: int, before: str = "") -> AsyncIterator[MailTown]:
    """The process is not started yet. Our mail server hands letters in at `desk_port`."""
    lmtp, name = free_ports("lmtp")["lmtp"], f"town{next(TOWNS)}"
    database = Database(url)
    async with AsyncExitStack() as open_gates:
        to_desk = await open_gates.enter_async_context(gate(lmtp, desk_port))
        to_world = await open_gates.enter_async_context(gate(post.exim.ports["smtp"]))
        to_mailbox = await open_gates.enter_async_context(gate(post.dovecot.ports["imap"]))
        settings = {
            "CHANNELS": "webchat,api,email",
            "EMAIL_ADDRESS": DESK,
            "EMAIL_LMTP_LISTEN": f"127.0.0.1:{lmtp}",
            "EMAIL_SMTP_URL": f"smtp://127.0.0.1:{to_world.port}",
            "EMAIL_IMAP_URL": f"imap://desk.{name}@127.0.0.1:{to_mailbox.port}/INBOX",
            "EMAIL_IMAP_PASSWORD": PASSWORD,
        }
        server = Server(url, folder, settings, before)
        try:
            yield MailTown(post, server, database, name, to_desk, to_world, to_mailbox)
        finally:
            await server.end()
            database.close()
