"""The one way out: each message is sent once, and what cannot be sent is seen by people."""

import asyncio
import itertools
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import ClassVar

import pytest
from sqlmodel import Session, col, select

from bot.outbox import Courier
from channels.base import Channel, Inbound, Outbound, SendError
from models.clock import Clock, ClockKind, Outcome
from models.contact import contact_of
from models.database import Database
from models.message import Message, say
from models.moments import now
from models.queue import LEASE, TRIES, OutboxRow, State, revive
from models.staff import Notice
from models.ticket import Event, Ticket, TicketState, open_ticket
from routing.clocks import due, start_clock

Outcomes = str | Exception | asyncio.Event


class Post(Channel):
    """A channel that does what it was told to: give an id, fail, or hang until an event is set."""

    name: ClassVar[str] = "telegram"
    concurrency: ClassVar[int] = 4
    rate = 10_000.0

    def __init__(self, *script: Outcomes) -> None:
        self.script = list(script)
        self.asked: list[Outbound] = []
        self.sent: list[str] = []
        self._ids = itertools.count(1)

    async def send(self, message: Outbound) -> str:
        self.asked.append(message)
        told = self.script.pop(0) if self.script else ""
        if isinstance(told, asyncio.Event):
            await told.wait()
        elif isinstance(told, Exception):
            raise told
        self.sent.append(message.text)
        return told if isinstance(told, str) and told else f"p{next(self._ids)}"

    def parse(self, raw: bytes) -> list[Inbound]:
        return []


class Repeatable(Post):
    repeatable: ClassVar[bool] = True


class OneByOne(Post):
    concurrency: ClassVar[int] = 1


class Other(Post):
    name: ClassVar[str] = "other"


class Moving:
    """Time that passes when the test says so."""

    def __init__(self) -> None:
        self.at = now() + timedelta(minutes=1)
        self._began = self.at

    def __call__(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - self._began).total_seconds()

    def passes(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Moving:
    moving = Moving()
    monkeypatch.setattr("bot.outbox.now", moving)
    monkeypatch.setattr("bot.outbox.time", SimpleNamespace(monotonic=moving.monotonic))
    return moving


def owed(
    database: Database, text: str, to: str = "anna", *, channel: str = "telegram", answers: bool = False
) -> tuple[int, int]:
    """A message that a citizen with a running clock is to get; returns the ids of its row and its ticket."""

    def work(session: Session) -> tuple[int, int]:
        at = now()
        contact = contact_of(session, channel, to, at, name="Anna", language="lv")
        session.flush()
        ticket = session.exec(select(Ticket).where(col(Ticket.contact_id) == contact.id)).first()
        if ticket is None:
            ticket = open_ticket(session, contact, at, state=TicketState.ANSWERED)
            start_clock(
                session, ticket, ClockKind.ANSWER, due(ClockKind.ANSWER, ticket.received_on), "VDAA", ticket.received_at
            )
            session.flush()
        message = say(session, contact, ticket, text, at, pulled=False, answers=answers)
        session.flush()
        row = session.exec(select(OutboxRow).where(col(OutboxRow.message_id) == message.id)).one()
        return row.id or 0, ticket.id or 0

    return database.write(work)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the writer is a thread, nothing here could be awaited
            await asyncio.sleep(0.005)


def row_of(database: Database, row_id: int) -> OutboxRow:
    with database.read() as session:
        return session.get_one(OutboxRow, row_id)


def message_of(database: Database, row_id: int) -> Message:
    with database.read() as session:
        return session.get_one(Message, session.get_one(OutboxRow, row_id).message_id)


def ticket_of(database: Database, ticket_id: int) -> Ticket:
    with database.read() as session:
        return session.get_one(Ticket, ticket_id)


def clock(database: Database, ticket_id: int) -> Clock:
    with database.read() as session:
        return session.exec(select(Clock).where(col(Clock.ticket_id) == ticket_id)).one()


def notices(database: Database, ticket_id: int) -> list[str]:
    with database.read() as session:
        return list(session.exec(select(Notice.kind).where(col(Notice.ticket_id) == ticket_id)))


def change(database: Database, row_id: int, work: Callable[[OutboxRow], None]) -> None:
    database.write(lambda session: work(session.get_one(OutboxRow, row_id)))


def begun_by_the_dead(row: OutboxRow) -> None:
    row.state, row.begun, row.attempts = State.WORKING, True, 1
    row.lease_owner, row.lease_until = "a dead process", now() - timedelta(seconds=1)


async def test_a_message_is_sent_once_and_the_providers_id_is_kept(database: Database) -> None:
    row_id, _ = owed(database, "Labdien!")
    post = Post("4711")
    courier = Courier(database, post, "us")
    assert await courier.deliver() == 1
    assert await courier.deliver() == 0
    row = row_of(database, row_id)
    assert (post.sent, row.state, row.provider_id) == (["Labdien!"], State.DONE, "4711")
    assert row.sent_at is not None
    assert message_of(database, row_id).sent_at == row.sent_at


async def test_what_failed_for_now_is_sent_again_after_growing_pauses(database: Database, time: Moving) -> None:
    row_id, _ = owed(database, "Labdien!")
    post = Post(*(SendError("503") for _ in range(4)))
    courier = Courier(database, post, "us")
    for least in (0.75, 1.5, 3, 6):
        assert await courier.deliver() == 1
        row = row_of(database, row_id)
        assert row.state == State.WAITING
        pause = (row.due_at - time.at).total_seconds()
        assert least <= pause <= least / 0.75 * 1.25
        time.passes(seconds=pause - 0.1)
        assert await courier.deliver() == 0
        time.passes(seconds=0.2)
    assert await courier.deliver() == 1
    assert post.sent == ["Labdien!"]
    assert [asked.id for asked in post.asked] == [post.asked[0].id] * 5


async def test_after_the_last_try_people_see_it_and_may_send_it_again(database: Database, time: Moving) -> None:
    row_id, ticket_id = owed(database, "Labdien!")
    post = Post(*(SendError("503") for _ in range(TRIES)))
    courier = Courier(database, post, "us")
    for _ in range(TRIES):
        time.passes(hours=2)
        assert await courier.deliver() == 1
    assert row_of(database, row_id).state == State.DEAD
    assert ticket_of(database, ticket_id).attention == "not sent"
    time.passes(days=2)
    assert await courier.deliver() == 0
    change(database, row_id, lambda row: revive(row, time.at))
    assert await courier.deliver() == 1
    assert row_of(database, row_id).state == State.DONE


async def test_while_a_channel_asked_us_to_wait_nothing_of_it_is_sent(database: Database, time: Moving) -> None:
    first, _ = owed(database, "viens", "anna")
    post = Post(SendError("429", retry_after=40))
    courier = Courier(database, post, "us")
    await courier.deliver()
    second, _ = owed(database, "divi", "berta")
    time.passes(seconds=39)
    assert await courier.deliver() == 0
    assert post.sent == []
    time.passes(seconds=1.1)
    await courier.deliver()
    assert sorted(post.sent) == ["divi", "viens"]
    assert (row_of(database, first).state, row_of(database, second).state) == (State.DONE, State.DONE)


async def test_to_be_asked_to_wait_is_no_failed_try(database: Database, time: Moving) -> None:
    row_id, ticket_id = owed(database, "Labdien!")
    post = Post(*(SendError("429", retry_after=5) for _ in range(TRIES + 3)))
    courier = Courier(database, post, "us")
    for _ in range(TRIES + 3):
        time.passes(seconds=6)
        assert await courier.deliver() == 1
    assert row_of(database, row_id).state == State.WAITING
    assert ticket_of(database, ticket_id).attention == ""


async def test_messages_taken_up_together_wait_too_when_the_first_is_told_to(database: Database) -> None:
    rows = [owed(database, to, to)[0] for to in ("anna", "berta", "centis")]
    post = Post(SendError("429", retry_after=40))
    post.rate = 10.0
    courier = Courier(database, post, "us")
    assert await courier.deliver() == 3
    assert len(post.asked) == 1
    for row in (row_of(database, row_id) for row_id in rows):
        assert (row.state, row.begun) == (State.WAITING, False)
        assert row.due_at > now() + timedelta(seconds=30)


async def test_a_permanent_failure_is_seen_by_the_coordinator(database: Database) -> None:
    row_id, ticket_id = owed(database, "Labdien!")
    await Courier(database, Post(SendError("bot was blocked by the user", permanent=True)), "us").deliver()
    row = row_of(database, row_id)
    assert (row.state, row.error) == (State.DEAD, "bot was blocked by the user")
    assert ticket_of(database, ticket_id).attention == "not sent"
    assert notices(database, ticket_id) == ["not sent"]
    with database.read() as session:
        event = session.exec(
            select(Event).where(col(Event.ticket_id) == ticket_id, col(Event.kind) == "not sent")
        ).one()
    assert event.data["reason"] == "bot was blocked by the user"


@pytest.mark.parametrize(
    "broken", [SendError("the line broke", doubtful=True), ValueError("an answer no library understands")]
)
async def test_what_may_have_been_sent_is_never_sent_again_by_itself(
    database: Database, time: Moving, broken: Exception
) -> None:
    row_id, ticket_id = owed(database, "Labdien!")
    post = Post(broken)
    courier = Courier(database, post, "us")
    await courier.deliver()
    for _ in range(5):
        time.passes(days=1)
        assert await courier.deliver() == 0
    assert len(post.asked) == 1
    assert row_of(database, row_id).state == State.DOUBTFUL
    assert ticket_of(database, ticket_id).attention == "sent or not"
    assert notices(database, ticket_id) == ["sent or not"]


async def test_where_sending_twice_shows_once_a_doubtful_message_is_sent_again(
    database: Database, time: Moving
) -> None:
    row_id, ticket_id = owed(database, "Labdien!")
    post = Repeatable(SendError("the line broke", doubtful=True))
    courier = Courier(database, post, "us")
    await courier.deliver()
    time.passes(seconds=5)
    await courier.deliver()
    assert row_of(database, row_id).state == State.DONE
    assert post.asked[0].id == post.asked[1].id
    assert ticket_of(database, ticket_id).attention == ""


async def test_what_a_dead_process_had_begun_is_doubtful(database: Database) -> None:
    row_id, ticket_id = owed(database, "Labdien!")
    change(database, row_id, begun_by_the_dead)
    post = Post()
    assert await Courier(database, post, "us").deliver() == 1
    assert post.asked == []
    assert row_of(database, row_id).state == State.DOUBTFUL
    assert ticket_of(database, ticket_id).attention == "sent or not"


async def test_what_a_dead_process_had_begun_is_sent_again_where_that_shows_once(database: Database) -> None:
    row_id, _ = owed(database, "Labdien!")
    change(database, row_id, begun_by_the_dead)
    post = Repeatable()
    await Courier(database, post, "us").deliver()
    assert post.sent == ["Labdien!"]
    assert row_of(database, row_id).state == State.DONE


async def test_what_a_dead_process_had_taken_but_not_begun_is_sent(database: Database) -> None:
    row_id, _ = owed(database, "Labdien!")

    def taken(row: OutboxRow) -> None:
        begun_by_the_dead(row)
        row.begun = False

    change(database, row_id, taken)
    post = Post()
    await Courier(database, post, "us").deliver()
    assert post.sent == ["Labdien!"]


async def test_a_row_that_is_being_sent_is_left_alone_until_its_lease_ends(database: Database, time: Moving) -> None:
    owed(database, "Labdien!")
    held = asyncio.Event()
    ours, theirs = Post(held), Post()
    sending = asyncio.create_task(Courier(database, ours, "us").deliver())
    await until(lambda: bool(ours.asked))
    assert await Courier(database, theirs, "they").deliver() == 0
    held.set()
    await sending
    assert (ours.sent, theirs.asked) == (["Labdien!"], [])


async def test_a_late_word_of_a_process_that_lost_its_lease_changes_nothing(database: Database, time: Moving) -> None:
    row_id, _ = owed(database, "Labdien!")
    held = asyncio.Event()
    ours = Post(held)
    sending = asyncio.create_task(Courier(database, ours, "us").deliver())
    await until(lambda: bool(ours.asked))
    time.passes(seconds=LEASE.total_seconds() + 1)
    assert await Courier(database, Post(), "they").deliver() == 1
    held.set()
    await sending
    assert row_of(database, row_id).state == State.DOUBTFUL


async def test_a_process_that_is_stopped_while_sending_leaves_the_doubt_to_people(
    database: Database, time: Moving
) -> None:
    row_id, _ = owed(database, "Labdien!")
    ours = Post(asyncio.Event())
    sending = asyncio.create_task(Courier(database, ours, "us").deliver())
    await until(lambda: bool(ours.asked))
    sending.cancel()
    with suppress(asyncio.CancelledError):
        await sending
    time.passes(seconds=LEASE.total_seconds() + 1)
    post = Post()
    await Courier(database, post, "they").deliver()
    assert post.asked == []
    assert row_of(database, row_id).state == State.DOUBTFUL


async def test_within_a_conversation_the_order_is_kept_and_others_do_not_wait(database: Database, time: Moving) -> None:
    for text, to in (("1", "anna"), ("2", "anna"), ("3", "anna"), ("b", "berta")):
        owed(database, text, to)
    post = OneByOne(SendError("503"))
    courier = Courier(database, post, "us")
    while await courier.deliver():
        pass
    assert post.sent == ["b"]
    time.passes(seconds=2)
    while await courier.deliver():
        pass
    assert post.sent == ["b", "1", "2", "3"]


async def test_a_message_given_up_does_not_hold_up_the_next_of_its_conversation(database: Database) -> None:
    owed(database, "1")
    owed(database, "2")
    post = Post(SendError("cannot be said", permanent=True))
    courier = Courier(database, post, "us")
    while await courier.deliver():
        pass
    assert post.sent == ["2"]


async def test_parts_that_went_out_are_not_sent_again(database: Database, time: Moving) -> None:
    row_id, _ = owed(database, "garš teksts")
    post = Post(SendError("503", sent_parts=("11",)), SendError("503", sent_parts=("11", "12")), "11,12,13")
    courier = Courier(database, post, "us")
    for _ in range(3):
        time.passes(hours=1)
        await courier.deliver()
    assert [asked.sent_parts for asked in post.asked] == [(), ("11",), ("11", "12")]
    assert row_of(database, row_id).provider_id == "11,12,13"


async def test_parts_of_a_doubtful_message_are_remembered_for_whoever_decides(database: Database, time: Moving) -> None:
    row_id, _ = owed(database, "garš teksts")
    post = Post(SendError("the line broke", doubtful=True, sent_parts=("11",)))
    courier = Courier(database, post, "us")
    await courier.deliver()
    change(database, row_id, lambda row: revive(row, time.at))
    await courier.deliver()
    assert post.asked[1].sent_parts == ("11",)


async def test_a_channel_that_hangs_holds_up_no_other(database: Database) -> None:
    hanging, quick = Post(asyncio.Event()), Other()
    couriers = [Courier(database, hanging, "us"), Courier(database, quick, "us")]
    running = [asyncio.create_task(courier.run()) for courier in couriers]
    owed(database, "nekad")
    for number in range(5):
        owed(database, f"{number}", f"c{number}", channel="other")
    for courier in couriers:
        courier.wake()
    await until(lambda: len(quick.sent) == 5 and bool(hanging.asked))
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert hanging.sent == []


async def test_a_channel_without_an_answer_is_given_up_in_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox.PATIENCE", 0.02)
    row_id, ticket_id = owed(database, "Labdien!")
    await Courier(database, Post(asyncio.Event()), "us").deliver()
    assert row_of(database, row_id).state == State.DOUBTFUL
    assert ticket_of(database, ticket_id).attention == "sent or not"


async def test_a_repeatable_channel_without_an_answer_is_asked_again(
    database: Database, monkeypatch: pytest.MonkeyPatch, time: Moving
) -> None:
    monkeypatch.setattr("bot.outbox.PATIENCE", 0.02)
    row_id, _ = owed(database, "Labdien!")
    post = Repeatable(asyncio.Event())
    courier = Courier(database, post, "us")
    await courier.deliver()
    assert row_of(database, row_id).state == State.WAITING
    time.passes(seconds=5)
    await courier.deliver()
    assert row_of(database, row_id).state == State.DONE


async def test_the_citizens_clock_stops_exactly_when_the_answer_was_taken(database: Database, time: Moving) -> None:
    row_id, ticket_id = owed(database, "Atbilde", answers=True)
    post = Post(SendError("503"))
    courier = Courier(database, post, "us")
    await courier.deliver()
    assert clock(database, ticket_id).outcome == Outcome.RUNNING
    time.passes(seconds=90)
    await courier.deliver()
    stopped = clock(database, ticket_id)
    assert stopped.outcome == Outcome.IN_TIME
    assert stopped.stopped_at == time.at == row_of(database, row_id).sent_at


async def test_an_answer_that_goes_out_after_its_day_is_late(database: Database, time: Moving) -> None:
    _, ticket_id = owed(database, "Atbilde", answers=True)
    time.passes(days=30)
    await Courier(database, Post(), "us").deliver()
    assert clock(database, ticket_id).outcome == Outcome.LATE
    assert clock(database, ticket_id).days_late > 10


@pytest.mark.parametrize("failure", [SendError("gone", permanent=True), SendError("the line broke", doubtful=True)])
async def test_the_clock_runs_on_where_nobody_knows_of_an_answer(database: Database, failure: SendError) -> None:
    _, ticket_id = owed(database, "Atbilde", answers=True)
    await Courier(database, Post(failure), "us").deliver()
    assert clock(database, ticket_id).outcome == Outcome.RUNNING


async def test_words_that_are_no_answer_stop_no_clock(database: Database) -> None:
    _, ticket_id = owed(database, "Es esmu robots.")
    await Courier(database, Post(), "us").deliver()
    assert clock(database, ticket_id).outcome == Outcome.RUNNING


async def test_many_processes_send_each_message_once(database: Database) -> None:
    expected = sorted(owed(database, f"teksts {number}", f"c{number % 7}")[0] for number in range(30))
    posts = [Post() for _ in range(3)]
    couriers = [Courier(database, post, f"process {number}") for number, post in enumerate(posts)]
    while sum(await asyncio.gather(*(courier.deliver() for courier in couriers))):
        pass
    texts = sorted(text for post in posts for text in post.sent)
    assert texts == sorted(f"teksts {number}" for number in range(30))
    assert {row_of(database, row_id).state for row_id in expected} == {State.DONE}
