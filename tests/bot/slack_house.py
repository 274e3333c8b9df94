"""The desk's side of Slack over a real database and a Slack that listens on this machine; it works when told to."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import update
from sqlmodel import Session, SQLModel, col, select

from bot.brain import Brain
from bot.slack_desk import SlackDesk
from channels.slack import Slack, SlackSettings
from channels.slack_parse import id_of
from models.database import Database
from models.institution import institution_by_code
from models.message import Direction, Message
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.slack import SlackLink
from models.staff import Person, Role
from models.ticket import Ticket
from tests.bot.talk import Talk
from tests.channels.slack_api import BOT_TOKEN, SECRET, SlackApi
from tests.channels.slack_people import CHANNEL, TEAM, Json, pressed, submitted, typed
from web.signing import Signing

Row = TypeVar("Row", bound=SQLModel)
QUESTION = "Kā dzīvnieku patversmei 010190-12345 saņemt līdzfinansējumu <!channel>?"
LINK = "https://atbilde.example"


@dataclass
class SlackHouse:
    database: Database
    brain: Brain
    api: SlackApi
    signing: Signing = field(default_factory=lambda: Signing("a key for tests that is long enough"))
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.desk = self.process("one")

    def process(self, owner: str) -> SlackDesk:
        settings = SlackSettings(
            bot_token=BOT_TOKEN,
            signing_secret=SECRET,
            channel=CHANNEL,
            alerts="C0ALERTS",
            api_base=f"{self.api.url}/api/",
            rate=10_000,
        )
        return SlackDesk(self.database, Slack(settings), owner, self.signing, LINK, lambda: None)

    def employ(self, login: str, role: Role = Role.COORDINATOR, code: str = "VDAA", account: str = "") -> Person:
        def work(session: Session) -> Person:
            institution = institution_by_code(session, code)
            assert institution is not None
            person = Person(
                login=login,
                name=login.capitalize(),
                role=role,
                institution_id=institution.id or 0,
                password_hash="",
                created_at=now(),
            )
            session.add(person)
            session.flush()
            if account:
                session.add(SlackLink(person_id=person.id or 0, team=TEAM, account=account, linked_at=now()))
            return person

        return self.database.write(work)

    def asked(self, suggested: Sequence[str] = ("PMLP",), text: str = QUESTION) -> Ticket:
        """A question that came to people."""
        citizen = Talk(self.database, self.brain, "telegram", f"c{next(self._numbers)}", pulled=False)
        return citizen.asks_people(text, suggested)

    async def works(self, desk: SlackDesk | None = None) -> None:
        """Until there is nothing to do now."""
        desk = desk or self.desk
        while await desk.work() + await desk.courier.deliver():
            pass

    async def carded(self, **more: object) -> tuple[Ticket, Json]:
        """A question with its card."""
        ticket = self.asked(**more)  # type: ignore[arg-type]
        await self.works()
        return ticket, self.api.cards[-1]

    async def arrives(self, payload: Json) -> bool:
        return await self.desk.inbox.receive("slack", id_of(payload), json.dumps(payload).encode())

    async def press(self, message: Json, action: str, account: str) -> Json:
        payload = pressed(message, action, account, self.api.url)
        await self.arrives(payload)
        await self.works()
        return payload

    async def submit(self, account: str, codes: list[str], note: str = "") -> Json:
        payload = submitted(self.api.views[-1], account, codes, note)
        await self.arrives(payload)
        await self.works()
        return payload

    async def types(self, text: str, account: str) -> str:
        """Returns what he alone was answered."""
        await self.arrives(typed(text, account, self.api.url))
        await self.works()
        assert self.api.asides[-1]["account"] == account
        return str(self.api.asides[-1]["text"])

    def aside(self, account: str) -> str:
        """What he was told last."""
        return str([one["text"] for one in self.api.asides if one["account"] == account][-1])

    def now(self, ticket: Ticket) -> Ticket:
        with self.database.read() as session:
            return session.get_one(Ticket, ticket.id)

    def all(self, table: type[Row], **where: object) -> list[Row]:
        with self.database.read() as session:
            return list(session.exec(select(table).filter_by(**where)))

    def said_to_citizens(self) -> list[str]:
        with self.database.read() as session:
            out = select(Message.text).where(
                col(Message.direction) == Direction.OUT, col(Message.ticket_id).is_not(None)
            )
            return list(session.exec(out))

    def everything_is_due(self) -> None:
        """The pauses between tries are over, and leases of who died have run out."""
        over = now()

        def work(session: Session) -> None:
            for table in (InboxRow, OutboxRow):
                session.execute(update(table).where(col(table.state) == State.WAITING).values(due_at=over))
                session.execute(update(table).where(col(table.state) == State.WORKING).values(lease_until=over))

        self.database.write(work)


def shown(message: Json) -> str:
    """All that a message shows."""
    return json.dumps(message["blocks"], ensure_ascii=False) + str(message["text"])
