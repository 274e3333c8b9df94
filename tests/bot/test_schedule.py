"""Who leads, and what the leader's tick does: clocks and timers."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from bot import schedule
from bot.act import NO_CHOICE
from bot.brain import Brain
from bot.rulebook import RulebookKeeper
from bot.schedule import BEAT, Schedule
from config.settings import CONFIG
from models import lease, moments
from models.clock import ClockKind
from models.database import Database
from models.lease import LEADER, Lease, hold, time_of
from models.moments import RIGA, now
from models.queue import OutboxRow, State, Timer
from models.setting import CHOICE_HOURS, THRESHOLDS
from models.staff import Role
from models.step import StepTaken
from models.ticket import TicketState
from routing import escalation, telling
from routing.rules import calendar
from tests.bot.talk import Talk, clocks, said, ticket, trail
from tests.routing.case import Case, riga
from tests.routing.people import days_taken, employ, messages, taken, told

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
DESK = "http://desk"
DOUBTFUL = "Kā saņemt bērna pabalstu?"
SECOND = timedelta(seconds=1)
PATIENCE = timedelta(hours=THRESHOLDS[CHOICE_HOURS].default)


class Time:
    """The clock that all share, which the test moves."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self, _session: Session) -> datetime:
        return self.at


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def woken() -> list[str]:
    return []


def schedule_of(
    database: Database, owner: str, clock: Callable[[Session], datetime], woken: list[str] | None = None
) -> Schedule:
    """That of one process."""
    wake = partial((woken if woken is not None else []).append, "outbox")
    keeper = RulebookKeeper(database, CONFIG)
    keeper.begin()
    return Schedule(database, owner, frozenset({"webchat"}), wake, keeper, DESK, clock=clock)


@pytest.fixture
def one(database: Database, time: Time, woken: list[str]) -> Iterator[Schedule]:
    made = schedule_of(database, "one", time, woken)
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


async def test_a_beat_climbs_the_ladder_and_tells_people(
    database: Database, brain: Brain, one: Schedule, time: Time, woken: list[str]
) -> None:
    employ(database, Role.COORDINATOR, "VDAA", chat="1")
    ref = Talk(database, brain, at=AT).says("Kāds rīt būs laiks Marsā un kur nopirkt raķeti?").on.ref
    time.at = AT + timedelta(days=1)
    for _ in range(2):
        await one.beat()
    assert trail(database, ref).count("reminded") == 1
    assert told(database) == [("VDAA", "coordinator", "due today")]
    assert messages(database) == [("1", f"{ref}: termiņš beidzas šodien.\n{DESK}")]
    assert woken == ["outbox"]
    time.at = AT + timedelta(days=30)
    for _ in range(2):
        await one.beat()
    assert trail(database, ref).count("overdue") == 2, "the forward and the answer clock, each once"


async def test_every_batch_is_worked_off_in_one_beat(
    database: Database, one: Schedule, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(escalation, "BATCH", 2)
    monkeypatch.setattr(schedule, "CLIMBED", 2)
    monkeypatch.setattr(telling, "MOST", 1)
    monkeypatch.setattr(schedule, "TOLD", 1)
    for coordinator in ("VDAA", "VDAA", "VDAA", "LIAA", "LIAA"):
        Case(database, coordinator=coordinator)
    time.at = riga(24)
    await one.beat()
    assert len(taken(database)) == len(told(database)) == 5


async def test_a_leader_that_slept_over_the_weekend_goes_by_the_time_at_which_it_wakes(
    database: Database, one: Schedule, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It believes that it leads on Friday evening and goes on on Saturday night: nothing is sent there."""
    Case(database, riga(26))
    time.at = riga(27, 17, 59, second=59)
    leading = one._leads

    async def leads_and_sleeps() -> datetime | None:
        led = await leading()
        time.at = riga(28, 3)
        return led

    monkeypatch.setattr(one, "_leads", leads_and_sleeps)
    await one.beat()
    assert (taken(database), told(database)) == ([], [])


async def test_asleep_over_a_weekend_it_catches_up_and_takes_each_step_once(
    database: Database, one: Schedule, time: Time
) -> None:
    """Due on Friday 27 November and on Friday 4 December; the machine sleeps from Friday noon on."""
    employ(database, Role.CLERK, "PMLP", chat="1")
    employ(database, Role.COORDINATOR, "VDAA", chat="2")
    Case(database, riga(25)).forward("PMLP", at=riga(26, 10))
    for at in (riga(3, 12, month=12), riga(7, 9, month=12), riga(7, 9, 5, month=12), riga(8, 9, month=12)):
        time.at = at
        await one.beat()
    assert [on for _, on in days_taken(database, "answer")] == [
        date(2026, 12, 3),
        date(2026, 12, 4),
        date(2026, 12, 7),
        date(2026, 12, 8),
    ]
    steps = taken(database)
    assert len(steps) == len(set(steps))
    assert len(messages(database)) == len(told(database)) == len(set(messages(database)))


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)])
async def test_the_nights_in_which_the_clocks_are_put_forward_or_back_are_harmless(
    database: Database, one: Schedule, time: Time, sunday: date
) -> None:
    """Beats every hour from Friday on: each working day has its step once, at eight by the clock on the wall."""
    thursday = datetime(sunday.year, sunday.month, sunday.day, 12, tzinfo=RIGA) - timedelta(days=3)
    Case(database, thursday.astimezone(UTC))
    time.at = (thursday + timedelta(hours=12, minutes=5)).astimezone(UTC)
    end = time.at + timedelta(days=5, hours=12)
    while time.at < end:
        await one.beat()
        time.at += timedelta(hours=1)
    days = calendar("state")
    falls = days_taken(database, "forward")
    assert [number for number, _ in falls] == list(range(len(falls)))
    expected = [thursday.date() + timedelta(days=n) for n in range(1, 7)]
    assert [on for _, on in falls] == [on for on in expected if days.works(on)]
    with database.read() as session:
        for step in session.exec(select(StepTaken)):
            moment = step.at.astimezone(RIGA)
            assert (moment.date(), moment.hour) == (step.falls_on, 8)


async def test_a_killed_leader_is_replaced_within_a_minute(database: Database, one: Schedule, time: Time) -> None:
    """Nothing tells the others; they beat on, each at its own pace."""
    others = [schedule_of(database, name, time) for name in ("two", "three", "four")]
    Case(database)
    time.at = riga(24, 9)
    await one.beat()
    assert days_taken(database, "forward") == [(0, date(2026, 11, 24))]
    time.at = riga(25, 9)
    killed_at = time.at
    leads(database, "one", killed_at)
    while days_taken(database, "forward")[-1][0] == 0:
        time.at += timedelta(seconds=BEAT)
        for other in others:
            await other.beat()
        assert time.at - killed_at < timedelta(minutes=1)
    assert len(taken(database)) == 2


async def test_a_process_whose_own_clock_is_wrong_does_no_harm(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All go by the database's clock: one that is a day ahead and one that is a day behind neither steal nor hurry."""
    database = Database(postgres_url)
    real = now()
    processes = [schedule_of(database, name, time_of) for name in ("ahead", "right", "behind")]
    for hours, process in zip((24, 0, -24, 24, -24), [*processes, *processes[:2]], strict=True):
        wrong = real + timedelta(hours=hours)
        for module in (moments, lease):
            monkeypatch.setattr(module, "now", lambda wrong=wrong: wrong)
        await process.beat()
        with database.read() as session:
            row = session.exec(select(Lease)).one()
        assert row.owner == "ahead"
        assert real <= row.until - LEADER < real + timedelta(minutes=2)
    database.close()


def test_a_lease_from_before_the_clock_was_set_back_is_worth_nothing(database: Database) -> None:
    assert leads(database, "one", AT + timedelta(hours=5))
    assert leads(database, "two", AT)
    assert not leads(database, "one", AT + SECOND)


def test_a_clock_that_goes_back_by_seconds_changes_no_leader(database: Database) -> None:
    assert leads(database, "one", AT)
    assert not leads(database, "two", AT - LEADER)


async def test_what_fails_holds_up_nothing_else(
    database: Database, brain: Brain, one: Schedule, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> int:
        raise RuntimeError("it is broken")

    ref = Talk(database, brain, at=AT).says(DOUBTFUL).on.ref
    Case(database)
    time.at = riga(24)
    for part in ("recompute", "tell"):
        monkeypatch.setattr(schedule, part, broken)
    await one.beat()
    assert taken(database) != []
    monkeypatch.setattr(schedule, "tick", broken)
    time.at += PATIENCE
    await one.beat()
    assert ticket(database, ref).state == TicketState.TRIAGE, "the timers go on"
    monkeypatch.undo()
    await one.beat()
    assert told(database) != []


async def test_without_a_database_a_beat_does_nothing_and_the_next_one_goes_on(
    database: Database, one: Schedule, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> bool:
        raise RuntimeError("no database")

    Case(database)
    time.at = riga(24)
    monkeypatch.setattr(schedule, "hold", gone)
    await one.beat()
    assert taken(database) == []
    monkeypatch.undo()
    await one.beat()
    assert taken(database) != []


async def test_started_it_beats_and_stops_more_than_once(one: Schedule) -> None:
    one.start()
    one.stop()
    one.stop()


async def test_after_the_machines_clock_was_set_back_it_beats_on(
    one: Schedule, monkeypatch: pytest.MonkeyPatch
) -> None:
    """APScheduler goes by the wall clock: its next tick lies hours ahead then."""
    beats = asyncio.Event()

    async def beat() -> None:
        beats.set()

    monkeypatch.setattr(schedule, "BEAT", 0.05)
    monkeypatch.setattr(one, "beat", beat)
    one.start()
    async with asyncio.timeout(5):
        await beats.wait()
        (job,) = one._scheduler.get_jobs()
        job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=3))
        beats.clear()
        await beats.wait()
    one.stop()
