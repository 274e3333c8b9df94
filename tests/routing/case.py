"""A question with people, for tests of what the law asks: opened, forwarded, answered when the test says."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from models.clock import Clock, ClockKind, clocks_of
from models.contact import contact_of
from models.database import Database, T, Work
from models.forwarding import Answer, Forwarding, answers_of, forwardings_of
from models.institution import Institution, institution_by_code
from models.message import Message
from models.moments import RIGA
from models.queue import OutboxRow
from models.staff import Notice, Person, Role
from models.ticket import Event, Ticket, open_ticket
from routing import answering, delivery, submission, triage
from routing.answering import mark_sent
from routing.clocks import due, start_clock

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""an ordinary Monday; +1 is Tuesday the 24th, +6 Tuesday 1 December, +7 Wednesday 2 December"""


def riga(day: int, hour: int = 12, minute: int = 0, *, month: int = 11, year: int = 2026, second: int = 0) -> datetime:
    """A moment by the clock on the wall in Riga; November 2026 where nothing else is said."""
    return datetime(year, month, day, hour, minute, second, tzinfo=RIGA).astimezone(UTC)


def employ(database: Database, *codes: str, role: Role = Role.CLERK) -> None:
    """Somebody of each institution works at the desk: what is forwarded to it is delivered at once."""

    def work(session: Session) -> None:
        for code in codes:
            at = _institution(session, code).id or 0
            session.add(
                Person(login=f"{role} of {code}", role=role, institution_id=at, password_hash="", created_at=MONDAY)
            )

    database.write(work)


@dataclass
class Case:
    """One ticket of one citizen; each verb is one transaction."""

    database: Database
    received_at: datetime = MONDAY
    channel: str = "webchat"
    coordinator: str = "VDAA"
    id: int = field(init=False)

    def __post_init__(self) -> None:
        def work(session: Session) -> int:
            number = len(session.exec(select(Ticket.id)).all())
            contact = contact_of(session, self.channel, f"c{number}", self.received_at, name="Anna", language="lv")
            ticket = open_ticket(session, contact, self.received_at, coordinator=self.coordinator)
            session.flush()
            start_clock(
                session,
                ticket,
                ClockKind.ANSWER,
                due("answer", ticket.received_on),
                ticket.coordinator,
                self.received_at,
            )
            triage.hand_to_people(session, ticket, self.received_at, "bot", "routed")
            return ticket.id or 0

        self.id = self.database.write(work)

    @property
    def pulled(self) -> bool:
        return self.channel == "webchat"

    def forward(self, *codes: str, at: datetime, note: str = "") -> list[Forwarding]:
        def work(session: Session) -> list[Forwarding]:
            institutions = [_institution(session, code) for code in codes]
            return triage.forward(session, self._ticket(session), institutions, note, at, "anna")

        return self.database.write(work)

    def give_back(self, code: str, reason: str, *, at: datetime) -> None:
        self.database.write(
            lambda s: triage.give_back(s, self._ticket(s), self._last_at(s, code), reason, at, f"clerk of {code}")
        )

    def take_back(self, code: str, *, at: datetime) -> None:
        self.database.write(lambda s: triage.take_back(s, self._ticket(s), self._last_at(s, code), at, "anna"))

    def arrives(self, code: str, *, at: datetime, by: str = "anna") -> None:
        """There is evidence that the institution has it: by default the coordinator's word."""
        self.database.write(lambda s: delivery.delivered(s, self._ticket(s), self._last_at(s, code), at, by, by))

    def bounces(self, code: str, *, at: datetime, reason: str = "Adrese nepastāv.") -> None:
        self.database.write(
            lambda s: triage.not_delivered(s, self._ticket(s), self._last_at(s, code), reason, at, "anna")
        )

    def converts(self, received_on: date, *, at: datetime, reason: str = "Parakstīts .edoc") -> Message:
        """It turns out to be a formal submission."""

        def work(session: Session) -> Message:
            ticket = self._ticket(session)
            return submission.convert(
                session, ticket.contact, ticket, received_on, reason, at, "anna", pulled=self.pulled
            )

        return self.database.write(work)

    def extends(self, until: date, *, at: datetime, reason: str = "Jāprasa atzinums.") -> Message:
        """The answer is put off."""

        def work(session: Session) -> Message:
            ticket = self._ticket(session)
            return submission.extend(session, ticket.contact, ticket, until, reason, at, "anna", pulled=self.pulled)

        return self.database.write(work)

    def answers(self, code: str, text: str, *, at: datetime) -> Message | None:
        """The institution answers."""

        def work(session: Session) -> Message | None:
            ticket = self._ticket(session)
            return answering.institution_answers(
                session, ticket.contact, ticket, self._last_at(session, code), _institution(session, code), text, at,
                f"clerk of {code}", pulled=self.pulled,
            )  # fmt: skip

        return self.database.write(work)

    def composes(self, text: str, *, at: datetime) -> Message:
        """The coordinator gives the one answer."""

        def work(session: Session) -> Message:
            ticket = self._ticket(session)
            return answering.coordinator_answers(session, ticket.contact, ticket, text, at, "anna", pulled=self.pulled)

        return self.database.write(work)

    def sent(self, at: datetime) -> None:
        """The channel took everything that waited."""

        def work(session: Session) -> None:
            for row in session.exec(select(OutboxRow).where(col(OutboxRow.ticket_id) == self.id)):
                mark_sent(session, row, at)

        self.database.write(work)

    def changes(self, work: Work[T]) -> T:
        return self.database.write(work)

    @property
    def ticket(self) -> Ticket:
        with self.database.read() as session:
            return self._ticket(session)

    @property
    def state(self) -> str:
        return self.ticket.state

    @property
    def clocks(self) -> list[Clock]:
        with self.database.read() as session:
            return clocks_of(session, self.id)

    def clock(self, kind: ClockKind) -> Clock:
        """The newest of the kind."""
        with self.database.read() as session:
            return [clock for clock in clocks_of(session, self.id) if clock.kind == kind][-1]

    @property
    def forwardings(self) -> list[Forwarding]:
        with self.database.read() as session:
            return forwardings_of(session, self.id)

    @property
    def parts(self) -> list[Answer]:
        with self.database.read() as session:
            return answers_of(session, self.id)

    @property
    def messages(self) -> list[Message]:
        with self.database.read() as session:
            return list(
                session.exec(select(Message).where(col(Message.ticket_id) == self.id).order_by(col(Message.id)))
            )

    @property
    def trail(self) -> list[str]:
        return [event.kind for event in self.events]

    @property
    def events(self) -> list[Event]:
        with self.database.read() as session:
            return list(session.exec(select(Event).where(col(Event.ticket_id) == self.id).order_by(col(Event.id))))

    @property
    def notices(self) -> list[tuple[str, str]]:
        """(institution, kind) in the order they were left."""
        with self.database.read() as session:
            rows = session.exec(select(Notice).where(col(Notice.ticket_id) == self.id).order_by(col(Notice.id)))
            return [(session.get_one(Institution, row.institution_id).code, row.kind) for row in rows]

    def _ticket(self, session: Session) -> Ticket:
        return session.get_one(Ticket, self.id)

    def _last_at(self, session: Session, code: str) -> Forwarding:
        of = _institution(session, code).id
        return [row for row in forwardings_of(session, self.id) if row.institution_id == of][-1]


def _institution(session: Session, code: str) -> Institution:
    found = institution_by_code(session, code)
    assert found is not None
    return found
