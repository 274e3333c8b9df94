"""Life-like tickets in every state, made by the same code that real ones go through."""

import itertools
import random
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.brain import Brain
from bot.converse import converse
from bot.turn import Turn
from channels.base import Inbound, Kind
from config.settings import CONFIG
from models.contact import Contact
from models.database import Database
from models.forwarding import Forwarding, ForwardingState, forwardings_of
from models.institution import Institution, institution_by_code
from models.moments import now, riga_date
from models.ticket import Ticket, TicketState
from routing.answering import coordinator_answers, institution_answers
from routing.escalation import BATCH, tick
from routing.rules import calendar, in_force
from routing.telling import tell
from routing.triage import forward, give_back

SEED = 7
NAMES = ("Anna", "Jānis", "Ilze", "Pēteris", "Olga", "Māris", "Līga", "Sergejs", "Inese", "Kārlis")
PULLED = "webchat"


class Stage:
    """Plays the citizens and the staff; the dates lie in the past two weeks, so every clock has a story."""

    def __init__(self, database: Database, brain: Brain) -> None:
        self._database = database
        self._brain = brain
        self._random = random.Random(SEED)  # noqa: S311 - sample tickets, not secrets
        self._numbers = itertools.count(1)
        self._run = now().strftime("%Y%m%d%H%M%S")

    def play(self, tickets: int, questions: list[str]) -> int:
        """Makes the tickets and goes through the scenes in turn."""
        scenes = itertools.cycle((self._only_asked, self._forwarded, self._answered, self._returned, self._several))
        for number, scene in zip(range(tickets), scenes, strict=False):
            at = now() - timedelta(days=self._random.randint(0, 13), minutes=self._random.randint(0, 600))
            turn = self._ask(questions[number % len(questions)], at)
            if turn.ticket is not None and turn.ticket.state == TicketState.TRIAGE:
                scene(turn.ticket.id or 0, min(at + timedelta(hours=5), now()))
        at = _last_awake(now())
        while self._database.write(lambda session: tick(session, at)) == BATCH:
            pass
        self._database.write(lambda session: tell(session, at, "/desk"))
        return tickets

    def _ask(self, question: str, at: datetime) -> Turn:
        number = next(self._numbers)
        inbound = Inbound(
            conversation=f"demo-{self._run}-{number}",
            external_id=f"demo-{self._run}-{number}",
            kind=Kind.QUESTION,
            text=question,
            name=NAMES[number % len(NAMES)],
        )
        meaning = self._brain.understand(question, "", "")

        def work(session: Session) -> Turn:
            turn = converse(
                session,
                PULLED,
                inbound,
                question,
                meaning,
                at=at,
                received_at=at,
                pulled=True,
                published=self._brain.published(),
            )
            session.flush()
            return turn

        return self._database.write(work)

    def _only_asked(self, _ticket_id: int, _at: datetime) -> None:
        """Waits for a coordinator."""

    def _forwarded(self, ticket_id: int, at: datetime) -> None:
        self._database.write(lambda session: self._forward(session, ticket_id, 1, at))

    def _answered(self, ticket_id: int, at: datetime) -> None:
        def work(session: Session) -> None:
            ticket, forwarding = self._forward(session, ticket_id, 1, at)
            institution = session.get_one(Institution, forwarding.institution_id)
            contact = session.get_one(Contact, ticket.contact_id)
            text = "Labdien! Lūdzu, iesniedziet iesniegumu mūsu klientu centrā vai ar e-adresi; atbildēsim rakstiski."
            later = min(at + timedelta(days=2), now())
            institution_answers(session, contact, ticket, forwarding, institution, text, later, "demo", pulled=True)

        self._database.write(work)

    def _returned(self, ticket_id: int, at: datetime) -> None:
        def work(session: Session) -> None:
            ticket, forwarding = self._forward(session, ticket_id, 1, at)
            give_back(session, ticket, forwarding, "Jautājums nav mūsu kompetencē.", at, "demo")

        self._database.write(work)

    def _several(self, ticket_id: int, at: datetime) -> None:
        """Two institutions; every other time both have answered and the coordinator wrote the one answer."""
        finished = self._random.random() < 0.5

        def work(session: Session) -> None:
            ticket, _ = self._forward(session, ticket_id, 2, at)
            contact = session.get_one(Contact, ticket.contact_id)
            for forwarding in forwardings_of(session, ticket_id):
                if forwarding.state == ForwardingState.WAITING:
                    institution = session.get_one(Institution, forwarding.institution_id)
                    part = f"{institution.called('lv')}: mūsu daļa ir izskatīta, iebildumu nav."
                    institution_answers(
                        session, contact, ticket, forwarding, institution, part, at, "demo", pulled=True
                    )
            if finished:
                coordinator_answers(session, contact, ticket, "Abas iestādes piekrīt.", at, "demo", pulled=True)

        self._database.write(work)

    def _forward(self, session: Session, ticket_id: int, number: int, at: datetime) -> tuple[Ticket, Forwarding]:
        ticket = session.get_one(Ticket, ticket_id)
        codes = [*ticket.suggested, "PMLP", "VSAA"][:number]
        to = [found for code in dict.fromkeys(codes) if (found := institution_by_code(session, code))]
        return ticket, forward(session, ticket, to, "Lūdzu, atbildiet iedzīvotājam.", at, "demo")[0]


def _last_awake(at: datetime) -> datetime:
    """The last moment in which reminders go out: made at night or on a Sunday, the notices are of the day before."""
    while in_force().ladder.quiet.holds(at) or not calendar("state").works(riga_date(at)):
        at -= timedelta(hours=1)
    return at


def fill(database: Database, tickets: int) -> int:
    """Makes that many tickets in a database that has the catalogue; returns how many."""
    brain = Brain(database)
    brain.learn()
    questions = (CONFIG / "demo-questions.txt").read_text("utf-8").splitlines()
    return Stage(database, brain).play(tickets, [question for question in questions if question.strip()])
