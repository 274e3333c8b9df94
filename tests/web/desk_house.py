"""The desk with its people and some tickets, for tests: the real application over a real database, no workers."""

import html
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import httpx
from fastapi import FastAPI
from sqlmodel import Session, SQLModel, col, select

from bot.app import create_app
from bot.brain import Brain
from config.settings import Settings
from models.database import Database
from models.forwarding import Forwarding
from models.institution import Institution, institution_by_code
from models.message import Attachment, Message
from models.moments import now
from models.staff import Person, Role
from models.ticket import Ticket
from routing.triage import forward
from tests.bot.talk import Talk
from web.desk.view import LINK
from web.passwords import hash_password
from web.portal import Portal
from web.session_rows import open_session
from web.sessions import COOKIE

PASSWORD = "ozolzīle pie upes"
QUESTION = "Kā dzīvnieku patversmei saņemt līdzfinansējumu no pašvaldības un ministrijas?"
Row = TypeVar("Row", bound=SQLModel)


@lru_cache
def password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class DeskHouse:
    database: Database
    portal: Portal
    app: FastAPI
    brain: Brain
    folder: Path
    woken: list[str]
    """each time that the way out was woken"""
    people: dict[str, Person] = field(default_factory=dict)
    _citizens: int = 0

    def employ(self, login: str, role: Role, code: str, name: str = "", language: str = "lv") -> Person:
        def work(session: Session) -> Person:
            institution = institution_by_code(session, code)
            assert institution is not None
            person = Person(
                login=login,
                name=name or login.capitalize(),
                role=role,
                institution_id=institution.id or 0,
                password_hash=password_hash(),
                language=language,
                created_at=now(),
            )
            session.add(person)
            return person

        self.people[login] = self.database.write(work)
        return self.people[login]

    def asked(
        self,
        text: str = QUESTION,
        *,
        channel: str = "telegram",
        at: datetime | None = None,
        audience: str = "",
        name: str = "Anna",
        suggested: Sequence[str] = ("PMLP",),
    ) -> Ticket:
        """A new citizen's question that people have to answer."""
        self._citizens += 1
        citizen = Talk(
            self.database, self.brain, channel, f"c{self._citizens}", pulled=channel == "webchat", at=at or now()
        )
        return citizen.asks_people(text, suggested, name=name, audience=audience)

    def forwarded(self, ticket: Ticket, *codes: str, note: str = "", at: datetime | None = None) -> list[Forwarding]:
        def work(session: Session) -> list[Forwarding]:
            institutions = session.exec(select(Institution).where(col(Institution.code).in_(codes))).all()
            return forward(session, session.get_one(Ticket, ticket.id), institutions, note, at or now(), "anna")

        return self.database.write(work)

    def attached(self, ticket: Ticket, name: str = "pase.pdf", content: bytes = b"%PDF-1.7 abc") -> Attachment:
        """A file that came with the ticket's first message."""
        sha256 = f"{abs(hash(content)):064x}"
        path = self.portal.settings.data_dir / "files" / sha256[:2] / sha256
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

        def work(session: Session) -> Attachment:
            message = session.exec(
                select(Message).where(col(Message.ticket_id) == ticket.id).order_by(col(Message.id))
            ).first()
            assert message is not None
            attachment = Attachment(
                message_id=message.id or 0, name=name, media_type="application/pdf", size=len(content), sha256=sha256
            )
            session.add(attachment)
            return attachment

        return self.database.write(work)

    def link(self, forwarding: Forwarding) -> str:
        return "/answer/" + self.portal.signing.sign_for_a_time(LINK, str(forwarding.id))

    def now(self, ticket: Ticket) -> Ticket:
        """The ticket as it is now."""
        with self.database.read() as session:
            return session.get_one(Ticket, ticket.id)

    def all(self, table: type[Row], **where: object) -> list[Row]:
        with self.database.read() as session:
            return list(session.exec(select(table).filter_by(**where)))

    @asynccontextmanager
    async def visitor(self, login: str = "") -> AsyncIterator["Visitor"]:
        """A browser without JavaScript; logged in where a person is named."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk", headers={"Accept": "text/html", "Accept-Language": "lv"}
        ) as client:
            if login:
                person = self.people[login]
                client.cookies.set(COOKIE, self.database.write(lambda s: open_session(s, person, now())))
            yield Visitor(client)


@dataclass
class Visitor:
    client: httpx.AsyncClient

    async def opens(self, address: str) -> httpx.Response:
        return await self.client.get(address)

    async def csrf(self, page: str) -> str:
        """The token in the page's forms."""
        found = re.search(r'name="csrf" value="([^"]*)"', (await self.opens(page)).text)
        assert found, page
        return found[1]

    async def submits(self, address: str, action: str, **fields: object) -> httpx.Response:
        """Opens the page, finds the form with that action, and sends it filled in; follows where it leads."""
        return await self._submit(address, action, fields, follow=True)

    async def submits_with(self, address: str, action: str, **fields: object) -> httpx.Response:
        """The same, and stays where the form was sent."""
        return await self._submit(address, action, fields, follow=False)

    async def _submit(self, address: str, action: str, fields: dict[str, object], *, follow: bool) -> httpx.Response:
        page = await self.client.get(address)
        assert page.status_code == 200, (address, page.status_code)
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', page.text, re.DOTALL)
        assert found, f"no form {action} on {address}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[1])
        data = {name: html.unescape(value) for name, value in hidden} | fields
        return await self.client.post(action, data=data, follow_redirects=follow)


def open_house(database_url: str, brain: Brain, folder: Path) -> DeskHouse:
    """VDAA's and LIAA's coordinators and a lead, PMLP's clerk and head, VSAA's; who administers, edits or audits."""
    app = create_app(
        Settings(
            database_url=database_url,
            data_dir=folder,
            secret_key="a key for tests that is long enough",
            channels="webchat,api",
            public_url="https://atbilde.example",
        )
    )
    woken: list[str] = []
    portal: Portal = replace(app.state.portal, wake_outbox=lambda: woken.append("outbox"))
    app.state.portal = portal
    house = DeskHouse(portal.database, portal, app, brain, folder, woken)
    house.employ("anna", Role.COORDINATOR, "VDAA", "Anna Ozola")
    house.employ("juris", Role.COORDINATOR, "VDAA", "Juris Kalns")
    house.employ("liene", Role.COORDINATOR, "LIAA", "Liene Bērziņa")
    house.employ("pēteris", Role.CLERK, "PMLP", "Pēteris Liepa")
    house.employ("vita", Role.CLERK, "VSAA", "Vita Krūmiņa")
    house.employ("laima", Role.LEAD, "VDAA", "Laima Vītola")
    house.employ("zigrīda", Role.HEAD, "PMLP", "Zigrīda Priede")
    house.employ("admin", Role.ADMINISTRATOR, "VDAA", "Ada Mins")
    house.employ("elīna", Role.EDITOR, "VDAA", "Elīna Zariņa")
    house.employ("aivars", Role.AUDITOR, "VDAA", "Aivars Siliņš")
    return house
