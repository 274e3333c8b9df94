"""A citizen and the desk in tests: says things to the real conversation, over a real database, without a network."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from bot.brain import Brain
from bot.converse import converse
from bot.places import to_understand
from bot.turn import Turn
from channels.base import FileRef, Inbound, Kind
from models.clock import Clock
from models.contact import Contact
from models.database import Database
from models.institution import Institution, institution_by_code
from models.message import Message
from models.moments import now
from models.ticket import Event, Ticket, ticket_by_ref


@dataclass
class Talk:
    """One citizen's conversation on a channel; time stands still unless the test moves `at`."""

    database: Database
    brain: Brain
    channel: str = "webchat"
    address: str = "anna"
    pulled: bool = True
    at: datetime = field(default_factory=now)
    _ids: "itertools.count[int]" = field(default_factory=itertools.count)

    def says(self, text: str, *, kind: Kind = Kind.TEXT, **more: object) -> Turn:
        fields = {"external_id": f"{self.address}:{next(self._ids)}", "name": "Anna", **more}
        return self.does(Inbound(conversation=self.address, kind=kind, text=text, **fields))  # type: ignore[arg-type]

    def chooses(self, value: str) -> Turn:
        return self.does(
            Inbound(
                conversation=self.address,
                external_id=f"{self.address}:{next(self._ids)}",
                kind=Kind.CHOICE,
                choice=value,
            )
        )

    def asks_people(self, text: str, suggested: Sequence[str], **more: object) -> Ticket:
        """A question that people have to answer, whatever the bot made of it."""
        turn = self.says(text, kind=Kind.QUESTION, **more)
        assert turn.ticket is not None
        ref = turn.ticket.ref
        if turn.ticket.state != "triage":
            self.chooses(f"s:{ref}:none" if turn.ticket.state == "clarifying" else f"h:{ref}:no")

        def work(session: Session) -> Ticket:
            found = ticket_by_ref(session, ref)
            assert found is not None
            found.suggested = list(suggested)
            return found

        return self.database.write(work)

    def sends_file(self, name: str = "foto.jpg") -> Turn:
        return self.says("", files=(FileRef("f1", name),))

    def does(self, inbound: Inbound) -> Turn:
        with self.database.read() as session:
            words, place = to_understand(session, self.channel, inbound)
        meaning = self.brain.understand(words, inbound.language, inbound.audience, place)

        def work(session: Session) -> Turn:
            turn = converse(
                session,
                self.channel,
                inbound,
                words,
                meaning,
                at=self.at,
                received_at=inbound.at or self.at,
                pulled=self.pulled,
                published=self.brain.published(),
            )
            session.flush()
            return turn

        return self.database.write(work)


def ticket(database: Database, ref: str) -> Ticket:
    with database.read() as session:
        found = ticket_by_ref(session, ref)
    assert found is not None
    return found


def clocks(database: Database, ref: str) -> dict[str, Clock]:
    """By kind; of several of a kind the newest."""
    with database.read() as session:
        of = ticket_by_ref(session, ref)
        assert of is not None
        return {
            c.kind: c for c in session.exec(select(Clock).where(col(Clock.ticket_id) == of.id).order_by(col(Clock.id)))
        }


def trail(database: Database, ref: str) -> list[str]:
    with database.read() as session:
        of = ticket_by_ref(session, ref)
        assert of is not None
        return list(session.exec(select(Event.kind).where(col(Event.ticket_id) == of.id).order_by(col(Event.id))))


def said(database: Database, ref: str) -> list[Message]:
    with database.read() as session:
        of = ticket_by_ref(session, ref)
        assert of is not None
        return list(session.exec(select(Message).where(col(Message.ticket_id) == of.id).order_by(col(Message.id))))


def institution(session: Session, code: str) -> Institution:
    found = institution_by_code(session, code)
    assert found is not None
    return found


def contact_of_ticket(session: Session, of: Ticket) -> Contact:
    return session.get_one(Contact, of.contact_id)


def as_json(**values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()
