"""Who leads, and what the leader's tick does: clocks and timers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot import schedule
from bot.act import NO_CHOICE, PATIENCE
from bot.brain import Brain
from bot.schedule import Schedule
from models.clock import ClockKind
from models.database import Database
from models.lease import LEADER, Lease, hold
from models.queue import OutboxRow, State, Timer
from models.ticket import TicketState
from tests.bot.talk import Talk, clocks, said, ticket, trail

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DOUBTFUL = "Vai man pienākas pabalsts par bērna piedzimšanu?"
SECOND = timedelta(seconds=1)


class Time:
    """The clock on the wall, which the test moves."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(schedule, "now", time)
    return time


@pytest.fixture
def woken() -> list[str]:
    return []


@pytest.fixture
def one(database: Database, time: Time, woken: list[str]) -> Iterator[Schedule]:
    made = Schedule(database, "one", frozenset({"webchat"}), lambda: woken.append("outbox"))
    yield made
    made.stop()


def leads(database: Database, owner: str, at: datetime) -> bool:
    return database.write(lambda session: hold(session, "schedule", owner, at))


def timers(database: Database) -> list[Timer]:
    with database.read() as session:
        return list(session.exec(select(Timer).order_by(col(Timer.id))))


def test_there_is_one_leader(database: Database) -> None:
    assert leads(database, "one", AT)
    assert not leads(database, "two", AT)
    assert not leads(database, "two", AT + LEADER)
    with database.read() as session:
        row = session.exec(select(Lease)).one()
    assert (row.owner, row.until) == ("one", AT + LEADER)


def test_a_leader_that_is_not_heard_of_is_followed_by_another(database: Database) -> None:
    leads(database, "one", AT)
    assert leads(database, "two", AT + LEADER + SECOND)
    assert not leads(database, "one", AT + LEADER + 2 * SECOND), "who comes back late finds another"


def test_a_leader_that_beats_stays_one(database: Database) -> None:
    for beat in range(10):
        at = AT + beat * timedelta(seconds=5)
        assert leads(database, "one", at)
        assert not leads(database, "two", at)
    assert not leads(database, "two", AT + 45 * SECOND + LEADER)


async def test_only_the_leader_acts(database: Database, brain: Brain, one: Schedule, time: Time) -> None:
    ref = Talk(database, brain, at=AT).says(DOUBTFUL).on.ref
    leads(database, "another", AT + PATIENCE)
    time.at = AT + PATIENCE
    await one.beat()
    assert ticket(database, ref).state == TicketState.CLARIFYING
    time.at += LEADER + SECOND
    await one.beat()
    assert ticket(database, ref).state == TicketState.TRIAGE


async def test_nobody_chose_so_people_take_over_once(
    database: Database, brain: Brain, one: Schedule, time: Time, woken: list[str]
) -> None:
    ref = Talk(database, brain, at=AT).says(DOUBTFUL).on.ref
    time.at = AT + PATIENCE - SECOND
    await one.beat()
    assert ticket(database, ref).state == TicketState.CLARIFYING
    assert woken == []
    for _ in range(4):
        time.at += SECOND
        await one.beat()
    assert ticket(database, ref).state == TicketState.TRIAGE
    assert trail(database, ref).count("handed to people") == 1
    assert len([m for m in said(database, ref) if ref in m.text and m.direction == "out"]) == 1
    assert [t.state for t in timers(database)] == [State.DONE]
    assert clocks(database, ref)[ClockKind.FORWARD].started_on == AT.date(), "from the first receipt, not from now"
    assert woken == ["outbox"]


async def test_who_chose_already_is_left_alone(database: Database, brain: Brain, one: Schedule, time: Time) -> None:
    anna = Talk(database, brain, at=AT)
    asked = anna.says(DOUBTFUL)
    anna.chooses(asked.said[-1].choices[0]["value"])
    before = trail(database, asked.on.ref)
    time.at = AT + PATIENCE
    await one.beat()
    assert ticket(database, asked.on.ref).state == TicketState.ANSWERED
    assert trail(database, asked.on.ref) == before
    assert [t.state for t in timers(database)] == [State.DONE]


async def test_on_a_messenger_the_word_goes_to_the_outbox(
    database: Database, brain: Brain, one: Schedule, time: Time
) -> None:
    ref = Talk(database, brain, channel="telegram", pulled=False, at=AT).says(DOUBTFUL).on.ref
    time.at = AT + PATIENCE
    await one.beat()
    told = said(database, ref)[-1]
    assert ref in told.text
    assert told.sent_at is None
    with database.read() as session:
        assert session.exec(select(OutboxRow).where(col(OutboxRow.message_id) == told.id)).one().state == State.WAITING


async def test_a_timer_that_fails_holds_up_no_other(
    database: Database, brain: Brain, one: Schedule, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Talk(database, brain, at=AT).says(DOUBTFUL).on
    other = Talk(database, brain, address="berta", at=AT).says(DOUBTFUL).on
    hand_over = schedule.no_choice_made

    def stumbles(session: Session, ticket_id: int, at: datetime, pulled: frozenset[str]) -> None:
        hand_over(session, ticket_id, at, pulled)
        if ticket_id == first.id:
            raise LookupError("something is missing")

    monkeypatch.setattr(schedule, "no_choice_made", stumbles)
    time.at = AT + PATIENCE
    await one.beat()
    assert ticket(database, other.ref).state == TicketState.TRIAGE
    assert ticket(database, first.ref).state == TicketState.CLARIFYING, "undone as a whole"
    failed = timers(database)[0]
    assert (failed.state, failed.error) == (State.WAITING, "LookupError: something is missing")
    monkeypatch.setattr(schedule, "no_choice_made", hand_over)
    time.at = failed.due_at
    await one.beat()
    assert ticket(database, first.ref).state == TicketState.TRIAGE


async def test_a_timer_of_an_unknown_kind_is_put_away(
    database: Database, brain: Brain, one: Schedule, time: Time
) -> None:
    number = Talk(database, brain, at=AT).says(DOUBTFUL).on.id or 0
    database.write(lambda s: s.add(Timer(kind="of old", ticket_id=number, key="old", due_at=AT)))
    await one.beat()
    assert [(t.kind, t.state) for t in timers(database)] == [(NO_CHOICE, State.WAITING), ("of old", State.DONE)]


async def test_a_beat_looks_at_the_laws_clocks(database: Database, brain: Brain, one: Schedule, time: Time) -> None:
    ref = Talk(database, brain, at=AT).says("Kāds rīt būs laiks Marsā un kur nopirkt raķeti?").on.ref
    time.at = AT + timedelta(days=1)
    await one.beat()
    await one.beat()
    assert trail(database, ref).count("reminded") == 1
    time.at = AT + timedelta(days=30)
    await one.beat()
    await one.beat()
    assert trail(database, ref).count("overdue") == 2, "the forward and the answer clock, each once"


async def test_a_beat_that_stumbles_does_not_end_the_schedule(
    database: Database, one: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("no database")

    monkeypatch.setattr(schedule, "tick", broken)
    await one.beat()
    monkeypatch.undo()
    await one.beat()


async def test_started_it_beats_and_stops_more_than_once(one: Schedule) -> None:
    one.start()
    one.stop()
    one.stop()
