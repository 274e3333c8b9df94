"""Letters on their way out: what was said in one turn is one letter, and what does not arrive is known."""

from collections.abc import Callable
from typing import ClassVar

import pytest
from sqlmodel import Session, col, select

from bot.brain import Brain
from bot.institution_letters import mail_forwarding
from bot.outbox import Courier
from channels.base import Channel, Inbound, Outbound, SendError
from models.clock import ClockKind, Outcome
from models.database import Database
from models.forwarding import Forwarding, ForwardingState
from models.message import Attachment
from models.queue import OutboxRow, State
from models.ticket import Ticket
from tests.bot.post import Post
from tests.bot.talk import clocks, ticket
from tests.bot.test_letters import ANNA, PMLP, UNKNOWN

KNOWN = "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?"


class Mail(Channel):
    """Takes letters, or says what it was told to say."""

    name: ClassVar[str] = "email"
    letters: ClassVar[bool] = True
    rate = 10_000.0

    def __init__(self, *errors: SendError) -> None:
        self.errors = list(errors)
        self.sent: list[Outbound] = []

    async def send(self, message: Outbound) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(message)
        return f"{message.id}@desk.test"

    def parse(self, raw: bytes) -> list[Inbound]:
        raise NotImplementedError


@pytest.fixture
def post(database: Database, brain: Brain) -> Post:
    office = Post(database, brain)
    office.has_address("PMLP", PMLP, "pmlp.gov.lv")
    return office


def courier(post: Post, mail: Mail, file: Callable[[str], bytes] | None = None) -> Courier:
    return Courier(post.database, mail, "me", file)


def states(post: Post) -> list[str]:
    with post.database.read() as session:
        return list(session.exec(select(OutboxRow.state).order_by(col(OutboxRow.id))))


def written(post: Post, forwarding: Forwarding) -> None:
    """The letter to the institution waits to be sent."""
    number = forwarding.id or 0

    def write(session: Session) -> None:
        mail_forwarding(session, number, post.at, lambda _: "https://x.test/a")

    post.database.write(write)


async def test_what_was_said_in_one_turn_is_one_letter_in_its_thread(post: Post) -> None:
    turn = post.brings(ANNA, UNKNOWN, subject="Raķete")
    assert len(turn.said) > 1
    mail = Mail()
    await courier(post, mail).deliver()
    [letter] = mail.sent
    assert [message.text for message in turn.said] == letter.text.split("\n\n")
    assert letter.thread is not None
    assert (letter.thread.party, letter.thread.ref) == (f"t{turn.on.id}", turn.on.ref)
    assert letter.thread.answers == (turn.inbound.external_id,)
    assert letter.thread.quoted == UNKNOWN
    assert letter.thread.automatic
    assert set(states(post)) == {State.DONE}


async def test_a_letter_that_may_have_been_sent_is_doubtful_as_a_whole(post: Post) -> None:
    """A part of it that went out again would be said twice."""
    turn = post.brings(ANNA, UNKNOWN)
    mail = Mail(SendError("the line broke", doubtful=True))
    for _ in turn.said:
        await courier(post, mail).deliver()
    assert mail.sent == []
    assert set(states(post)) == {State.DOUBTFUL}
    assert ticket(post.database, turn.on.ref).attention == "sent or not"


async def test_a_letter_that_is_tried_again_is_whole_again(post: Post) -> None:
    turn = post.brings(ANNA, UNKNOWN)
    mail = Mail(SendError("busy", retry_after=0.001))
    for _ in range(3):
        await courier(post, mail).deliver()
    [letter] = mail.sent
    assert len(letter.text.split("\n\n")) == len(turn.said)


async def test_the_server_of_the_institution_takes_the_letter_and_that_is_evidence(post: Post) -> None:
    turn = post.brings(ANNA, UNKNOWN)
    [forwarding] = post.forwards(turn.on, "PMLP")
    written(post, forwarding)
    mail = Mail()
    while await courier(post, mail).deliver():
        pass
    [_, letter] = sorted(mail.sent, key=lambda one: one.id)
    assert letter.conversation == PMLP
    assert letter.thread is not None
    assert (letter.thread.party, letter.thread.automatic) == (f"f{forwarding.id}", False)
    assert post.forwardings(turn.on)[0].delivered_by == "mail"
    assert clocks(post.database, turn.on.ref)[ClockKind.FORWARD].outcome == Outcome.IN_TIME


async def test_files_are_read_while_others_may_write(post: Post) -> None:
    """From a storage far away that takes seconds: nobody's message may wait for it."""
    turn = post.brings(ANNA, UNKNOWN)

    def attached(session: Session) -> None:
        said = turn.said[-1].id or 0
        session.add(Attachment(message_id=said, name="a.pdf", media_type="application/pdf", size=3, sha256="ab"))

    post.database.write(attached)

    def file(sha256: str) -> bytes:
        post.database.write(lambda session: session.get_one(Ticket, turn.on.id).subject)
        return sha256.encode()

    mail = Mail()
    await courier(post, mail, file).deliver()
    assert [(one.name, one.content) for one in mail.sent[0].files] == [("a.pdf", b"ab")]


async def test_a_forwarding_that_its_server_refuses_is_not_delivered(post: Post) -> None:
    turn = post.brings(ANNA, UNKNOWN)
    while await courier(post, Mail()).deliver():
        pass
    [forwarding] = post.forwards(turn.on, "PMLP")
    written(post, forwarding)
    await courier(post, Mail(SendError("550 no such user", permanent=True))).deliver()
    assert post.forwardings(turn.on)[0].state == ForwardingState.UNDELIVERED
    assert clocks(post.database, turn.on.ref)[ClockKind.FORWARD].outcome == Outcome.RUNNING
    assert ticket(post.database, turn.on.ref).attention == "not delivered"
