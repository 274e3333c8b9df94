"""Letters in tests: handed to the real conversation as the channel hands them over, over a real database."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlmodel import Session, col, select

from bot.brain import Brain
from bot.converse import converse
from bot.institution_letters import mail_forwarding
from bot.turn import Turn, Ways
from channels.base import Inbound, Kind, Letter, MailKind, Returned
from models.database import Database
from models.forwarding import Forwarding, forwardings_of
from models.institution import Institution
from models.message import Message
from models.moments import now
from models.queue import OutboxRow
from models.ticket import Ticket
from routing import triage
from routing.answering import mark_sent
from tests.bot.talk import institution

WAYS = Ways(pulled=frozenset({"webchat", "api"}))


def letter(sender: str, **more: object) -> Letter:
    plain = Letter(
        sender=sender, subject="", kind=MailKind.MESSAGE, absent=False, party="", answers=(), whole="", doubtful=""
    )
    return replace(plain, **more)  # type: ignore[arg-type]


@dataclass
class Post:
    """The letters that arrive, and the desk that forwards; time stands still unless the test moves `at`."""

    database: Database
    brain: Brain
    ways: Ways = WAYS
    at: datetime = field(default_factory=now)
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def brings(self, sender: str, text: str, verdict: str = "", **more: object) -> Turn:
        """Raises Held."""
        inbound = Inbound(
            conversation=sender,
            external_id=f"{next(self._ids)}@{sender.rpartition('@')[2]}",
            kind=Kind.LETTER,
            text=text,
            letter=letter(sender, **more),
        )
        meaning = self.brain.understand(inbound.words, "", "")

        def work(session: Session) -> Turn:
            turn = converse(
                session,
                "email",
                inbound,
                inbound.words,
                meaning,
                at=self.at,
                received_at=self.at,
                pulled=False,
                published=self.brain.published(),
                ways=self.ways,
                verdict=verdict,
            )
            session.flush()
            return turn

        return self.database.write(work)

    def comes_back(self, party: str, *, permanent: bool = True, kind: str = MailKind.BOUNCE) -> Turn:
        report = Returned(party, ("x@example.lv",), permanent, "550 no such user")
        return self.brings("mailer-daemon@example.lv", "", kind=kind, returned=report)

    def forwards(self, ticket: Ticket, *codes: str) -> list[Forwarding]:
        def work(session: Session) -> list[Forwarding]:
            there = session.get_one(Ticket, ticket.id)
            institutions = [institution(session, code) for code in codes]
            return triage.forward(session, there, institutions, "", self.at, "anna")

        return self.database.write(work)

    def mails(self, forwarding: Forwarding) -> Message:
        """The letter to the institution is written and its server takes it."""
        write = partial(mail_forwarding, link_to=lambda number: f"https://atbilde.example/answer/{number}")

        def work(session: Session) -> Message:
            message = write(session, forwarding.id or 0, self.at)
            assert message is not None
            row = session.exec(select(OutboxRow).where(col(OutboxRow.message_id) == message.id)).one()
            mark_sent(session, row, self.at)
            return message

        return self.database.write(work)

    def has_address(self, code: str, address: str = "", domain: str = "") -> None:
        def work(session: Session) -> None:
            body: Institution = institution(session, code)
            body.email, body.email_domain = address or None, domain

        self.database.write(work)

    def forwardings(self, ticket: Ticket) -> list[Forwarding]:
        with self.database.read() as session:
            return forwardings_of(session, ticket.id or 0)
