"""Letters between real mail servers and a real process that is killed between any two steps."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlmodel import col, select

from models.clock import Clock, ClockKind, Outcome
from models.forwarding import Answer, Forwarding
from models.message import Direction, Message
from models.queue import InboxRow, OutboxRow, State
from models.staff import Notice
from models.ticket import Ticket
from tests.bot.mail_town import MailTown, mail_town
from tests.channels.mail import servers
from tests.channels.mail.gate import MARK, OFFER, VERDICT
from tests.channels.mail.town_post import Post, text_of

DESK_PORT = servers.free_ports("desk")["desk"]


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    if not servers.HERE:
        pytest.skip(servers.WHY_ABSENT)
    with servers.dovecot() as dovecot, servers.exim(dovecot.ports["lmtp"], DESK_PORT) as exim:
        yield Post(exim, dovecot)


async def killed_when_letters_are_stored(town: MailTown) -> None:
    """One is stored, and the server has not heard so; another is stored, and not marked in its mailbox."""
    town.to_desk.hold(VERDICT)
    town.to_mailbox.hold(MARK)
    await town.everybody_asks(0, "k", "u", "u", "K", "U", "U")
    await town.to_desk.held()
    await town.to_mailbox.held()
    await town.killed()


async def killed_while_sending(town: MailTown) -> None:
    """One is about to be offered, of another nobody has heard yet that the server has taken it."""
    town.to_world.hold(OFFER, VERDICT)
    await town.server.start()
    await town.everybody_asks(6, "u", "K")
    await town.to_world.held()
    await town.killed()


async def killed_when_forwarded(town: MailTown, chance: random.Random) -> list[str]:
    """Before any letter is written, and at any moment after; then while the first is on its way."""
    await town.server.start()
    await town.all_is_done()
    offices = town.forwards(3)
    follows = next(iter(town.asked))
    await asyncio.to_thread(town.asks, "Un vēl kas.", "citizen0", In_Reply_To=f"<{follows}>")
    await asyncio.sleep(chance.uniform(0, 0.3))
    await town.killed()
    offices += town.forwards(10)
    town.to_world.hold(VERDICT)
    await town.server.start()
    await town.to_world.held()
    await town.killed()
    await town.server.start()
    await town.all_is_done()
    return offices


async def killed_when_answered(town: MailTown, offices: list[str], chance: random.Random) -> None:
    """An institution's answer is stored, and the server has not heard so; others are anywhere."""
    town.to_desk.hold(VERDICT)
    for office in offices:
        for letter in await asyncio.to_thread(town.post.mailbox, office):
            words = f"Atbild {office}."
            assert letter["Reply-To"], letter.as_string()
            answer = await asyncio.to_thread(town.post.answers, letter, office, words)
            town.asked[str(answer["Message-ID"]).strip("<>")] = words
    await town.to_desk.held()
    await asyncio.sleep(chance.uniform(0, 0.3))
    await town.killed()
    await town.server.start()
    await town.all_is_done()


async def killed_again_and_again(town: MailTown, chance: random.Random) -> None:
    await town.server.start()
    await killed_when_letters_are_stored(town)
    await killed_while_sending(town)
    offices = await killed_when_forwarded(town, chance)
    await killed_when_answered(town, offices, chance)
    assert await town.server.end(signal.SIGTERM) in (0, -signal.SIGTERM)


def every_letter_was_taken_in_once(town: MailTown) -> None:
    with town.database.read() as session:
        inbox = list(session.exec(select(InboxRow)))
        heard = Counter(session.exec(select(Message.external_id).where(col(Message.direction) == Direction.IN)))
        tickets = list(session.exec(select(Ticket)))
        forwardings = list(session.exec(select(Forwarding)))
        answered = Counter(session.exec(select(Answer.forwarding_id)))
    assert [row.error for row in inbox if row.state != State.DONE] == []
    assert heard == dict.fromkeys(town.asked, 1)
    assert len(tickets) == 8, "what was written again joined its ticket"
    assert set(answered.values()) == {1}
    assert len(answered) == len(forwardings) == 5


def every_letter_of_ours_is_there_once_or_people_know(town: MailTown) -> None:
    with town.database.read() as session:
        rows = [(row, session.get_one(Message, row.message_id)) for row in session.exec(select(OutboxRow))]
        told = set(session.exec(select(Notice.ticket_id).where(col(Notice.kind) == "sent or not")))
        forwarded = {one.id: one.ticket_id for one in session.exec(select(Forwarding))}
    boxes = {name: town.post.mailbox(name) for name in {row.conversation for row, _ in rows}}
    for letters in boxes.values():
        assert set(Counter(letter["Message-ID"] for letter in letters).values()) <= {1}
    for row, message in rows:
        found = times(message, boxes[row.conversation])
        ticket = forwarded[message.forwarding_id] if message.forwarding_id else row.ticket_id
        assert (row.state, found) in {(State.DONE, 1), (State.DOUBTFUL, 0), (State.DOUBTFUL, 1)}, message.text
        assert row.state == State.DONE or ticket in told, "nobody was told"
    doubtful = {times(message, boxes[row.conversation]) for row, message in rows if row.state == State.DOUBTFUL}
    assert doubtful == {0, 1}, "one had been taken, one had not"
    assert sum(len(letters) for letters in boxes.values()) < len(rows), "what is said together is one letter"


def times(message: Message, letters: list[EmailMessage]) -> int:
    return sum(" ".join(text_of(letter).split()).count(" ".join(message.text.split())) for letter in letters)


def every_clock_knows(town: MailTown) -> None:
    """All in time; the citizen's runs on where nobody knows whether he has the answer."""
    with town.database.read() as session:
        clocks = list(session.exec(select(Clock)))
        answers = select(OutboxRow).join(Message, col(Message.id) == col(OutboxRow.message_id))
        unsure = {
            row.ticket_id for row in session.exec(answers.where(col(Message.answers))) if row.state == State.DOUBTFUL
        }
    for clock in clocks:
        runs_on = clock.kind == ClockKind.ANSWER and clock.ticket_id in unsure
        assert clock.outcome in ({Outcome.RUNNING} if runs_on else {Outcome.IN_TIME, Outcome.NOT_NEEDED}), clock


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_server_that_is_killed_loses_no_letter_and_sends_none_twice(
    post: Post, database_url: str, tmp_path: Path
) -> None:
    chance = random.Random(5)
    async with mail_town(post, database_url, tmp_path, DESK_PORT) as town:
        await killed_again_and_again(town, chance)
        every_letter_was_taken_in_once(town)
        every_letter_of_ours_is_there_once_or_people_know(town)
        every_clock_knows(town)
