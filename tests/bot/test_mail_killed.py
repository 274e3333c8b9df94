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
from tests.channels.mail.town_post import Post, running, text_of

DESK_PORT = servers.free_ports("desk")["desk"]


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    yield from running(DESK_PORT)


async def killed_when_letters_are_stored(town: MailTown) -> None:
    """One is stored, and the server has not heard so; another is stored, and not marked in its mailbox."""
    await town.server.start()
    town.to_desk.hold(VERDICT)
    town.to_mailbox.hold(MARK)
    await town.everybody_asks(0, "k", "u", "u", "K", "U", "U")
    await town.held(town.to_desk, town.to_mailbox)
    await town.killed()


async def killed_while_sending(town: MailTown, chance: random.Random) -> list[str]:
    """One is about to be offered, of another nobody has heard yet that the server has taken it.

    What is in triage by then has just been forwarded, and no letter about it written. Returns the offices' addresses.
    """
    town.to_world.hold(*chance.sample([OFFER, VERDICT], 2))
    await town.server.start()
    await town.everybody_asks(6, "u", "K")
    await town.held(town.to_world)
    offices = town.forwards(10)
    await town.killed()
    return offices


async def killed_while_forwarding(town: MailTown) -> list[str]:
    """The server has taken the letter to one institution. Returns the addresses of those asked now."""
    await town.server.start()
    await town.everybody_asks(8, "u")
    await asyncio.to_thread(town.asks, "Un vēl kas.", "citizen1", In_Reply_To=town.first_of("citizen1"))
    await town.all_is_done()
    town.to_world.hold(VERDICT)
    offices = town.forwards(10)
    await town.held(town.to_world)
    await town.killed()
    await town.server.start()
    await town.all_is_done()
    return offices


async def killed_when_answered(town: MailTown, offices: list[str], chance: random.Random) -> None:
    """An institution's answer is stored, and the server has not heard so; others are anywhere."""
    town.to_desk.hold(VERDICT)
    for office in offices:
        for letter in await asyncio.to_thread(town.post.mailbox, office):
            await asyncio.to_thread(town.answers, letter, office)
    await town.held(town.to_desk)
    await asyncio.sleep(chance.uniform(0, 0.3))
    await town.killed()
    await town.server.start()
    await town.all_is_done()


async def killed_again_and_again(town: MailTown, chance: random.Random) -> None:
    await killed_when_letters_are_stored(town)
    offices = await killed_while_sending(town, chance)
    offices += await killed_while_forwarding(town)
    await killed_when_answered(town, offices, chance)
    assert await town.server.end(signal.SIGTERM) in (0, -signal.SIGTERM)


def every_letter_was_taken_in_once(town: MailTown) -> None:
    with town.database.read() as session:
        inbox = list(session.exec(select(InboxRow)))
        heard = Counter(session.exec(select(Message.external_id).where(col(Message.direction) == Direction.IN)))
        tickets = list(session.exec(select(Ticket)))
        forwardings = list(session.exec(select(Forwarding)))
        answers = Counter(session.exec(select(Answer.forwarding_id)))
    assert [row.error for row in inbox if row.state != State.DONE] == []
    assert heard == dict.fromkeys(town.asked, 1)
    assert len(tickets) == 9, "what was written again joined its ticket"
    assert answers == {one.id: 1 for one in forwardings if town.got_it(one)}
    assert len(forwardings) == 6
    assert len(answers) >= 5


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
    assert 1 in doubtful, "the server had taken one, and nobody heard it say so"
    assert sum(len(letters) for letters in boxes.values()) < len(rows), "what is said together is one letter"


def times(message: Message, letters: list[EmailMessage]) -> int:
    return sum(" ".join(text_of(letter).split()).count(" ".join(message.text.split())) for letter in letters)


def every_clock_knows(town: MailTown) -> None:
    """All in time; the citizen's runs on where nobody knows whether he has the answer."""
    with town.database.read() as session:
        clocks = list(session.exec(select(Clock)))
        answers = select(OutboxRow).join(Message, col(Message.id) == col(OutboxRow.message_id))
        sent = answers.where(col(Message.answers), col(OutboxRow.state) == State.DONE)
        has_answer = {row.ticket_id for row in session.exec(sent)}
        unasked = {one.ticket_id for one in session.exec(select(Forwarding)) if not town.got_it(one)}
    for clock in clocks:
        over = clock.ticket_id in has_answer if clock.kind == ClockKind.ANSWER else clock.ticket_id not in unasked
        assert clock.outcome in ({Outcome.IN_TIME, Outcome.NOT_NEEDED} if over else {Outcome.RUNNING}), clock


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_server_that_is_killed_loses_no_letter_and_sends_none_twice(
    post: Post, database_url: str, data_dir: Path
) -> None:
    chance = random.Random(5)
    async with mail_town(post, database_url, data_dir.parent, DESK_PORT) as town:
        await killed_again_and_again(town, chance)
        every_letter_was_taken_in_once(town)
        every_letter_of_ours_is_there_once_or_people_know(town)
        every_clock_knows(town)
