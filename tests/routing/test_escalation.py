"""The ladder: each step of each clock once, for the right people, in waking hours of working days, whatever happens."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from config.settings import CONFIG
from models.clock import Clock, ClockKind
from models.database import Database
from models.moments import RIGA, riga_date
from models.staff import Role
from models.step import StepTaken
from models.ticket import Event, Ticket
from routing import escalation, rules
from routing.clocks import move_clock, reopen_clock
from routing.escalation import tick
from routing.rules import CALENDARS, LADDER, in_force, read_rules, rules_from
from tests.routing.case import Case, riga
from tests.routing.people import beat, days_taken, employ, look, notices, taken, told


@pytest.fixture
def case(database: Database) -> Case:
    """Received on Monday 23 November and forwarded the same day: PMLP by 1 December, the citizen by the 2nd."""
    employ(database, Role.CLERK, "PMLP")
    employ(database, Role.COORDINATOR, "VDAA")
    case = Case(database)
    case.forward("PMLP", at=riga(23, 15))
    return case


@pytest.fixture
def alone(database: Database) -> Case:
    """A question that nobody forwards: due on Tuesday 24 November."""
    return Case(database)


def change(monkeypatch: pytest.MonkeyPatch, name: str, old: str, new: str) -> None:
    """Other rules in force, for this test."""
    texts = dict(read_rules(CONFIG).texts)
    assert old in texts[name]
    monkeypatch.setattr(rules._InForce, "rules", rules_from(texts | {name: texts[name].replace(old, new)}))


def add_days(monkeypatch: pytest.MonkeyPatch, *days: str) -> None:
    change(monkeypatch, CALENDARS, "days: []", "days:\n" + "".join(f"  - {day}\n" for day in days))


def test_nothing_happens_before_the_first_step(case: Case) -> None:
    assert [look(case.database, riga(day)) for day in (23, 24, 25, 26, 27)] == [0] * 5
    assert taken(case.database) == []


def test_each_day_has_its_step_for_the_roles_that_it_concerns(case: Case) -> None:
    employ(case.database, Role.HEAD, "PMLP")
    employ(case.database, Role.LEAD, "VDAA")
    for day, month in ((30, 11), (1, 12), (2, 12), (3, 12)):
        look(case.database, riga(day, month=month))
    assert [step for step in taken(case.database) if step[0] == "institution"] == [
        ("institution", -1, "PMLP", "clerk"),
        ("institution", 0, "PMLP", "clerk"),
        ("institution", 0, "PMLP", "head"),
        ("institution", 0, "VDAA", "coordinator"),
        *(
            ("institution", day, code, role)
            for day in (1, 2)
            for code, role in (("PMLP", "clerk"), ("PMLP", "head"), ("VDAA", "coordinator"), ("VDAA", "lead"))
        ),
    ]
    assert [step for step in taken(case.database) if step[0] == "answer"] == [
        ("answer", -1, "VDAA", "coordinator"),
        ("answer", 0, "VDAA", "coordinator"),
        ("answer", 1, "VDAA", "coordinator"),
        ("answer", 1, "VDAA", "lead"),
    ]
    assert [event.data | {"kind": event.kind} for event in case.events][-2:] == [
        {"kind": "overdue", "clock": "answer", "due": "2026-12-02", "owner": "VDAA", "day": 1},
        {"kind": "overdue", "clock": "institution", "due": "2026-12-01", "owner": "PMLP", "day": 2},
    ]


@pytest.mark.parametrize(
    ("there", "people"),
    [
        ((Role.CLERK, Role.HEAD), [("PMLP", "clerk"), ("PMLP", "head"), ("VDAA", "coordinator")]),
        ((Role.CLERK,), [("PMLP", "clerk"), ("VDAA", "coordinator")]),
        ((Role.HEAD,), [("VDAA", "coordinator"), ("PMLP", "head")]),
        ((), [("VDAA", "coordinator")]),
    ],
)
def test_where_nobody_has_a_role_somebody_stands_in_and_is_told_once(
    database: Database, there: tuple[Role, ...], people: list[tuple[str, str]]
) -> None:
    for role in there:
        employ(database, role, "PMLP")
    case = Case(database)
    case.forward("PMLP", at=riga(23, 15))
    look(database, riga(1, month=12))
    on_the_day = [(code, role) for kind, day, code, role in taken(database) if (kind, day) == ("institution", 0)]
    assert on_the_day == people


def test_who_has_left_is_nobody(database: Database) -> None:
    employ(database, Role.CLERK, "PMLP")
    employ(database, Role.HEAD, "PMLP", active=False)
    Case(database).forward("PMLP", at=riga(23, 15))
    look(database, riga(1, month=12))
    assert ("institution", 0, "PMLP", "head") not in taken(database)
    assert ("institution", 0, "PMLP", "clerk") in taken(database)


def test_on_the_day_itself_nothing_is_overdue(case: Case) -> None:
    look(case.database, riga(30))
    look(case.database, riga(1, 17, 59, month=12))
    assert "overdue" not in case.trail
    assert all(day <= 0 for _, day, _, _ in taken(case.database))


def test_each_step_is_taken_once_however_often_the_clocks_are_looked_at(case: Case) -> None:
    for hour in range(24 * 14):
        look(case.database, riga(23, 16) + timedelta(hours=hour))
    steps = taken(case.database)
    assert len(steps) == len(set(steps))
    assert days_taken(case.database, "institution") == [
        (-1, date(2026, 11, 30)),
        (0, date(2026, 12, 1)),
        (1, date(2026, 12, 2)),
        (2, date(2026, 12, 3)),
        (3, date(2026, 12, 4)),
        (4, date(2026, 12, 7)),
    ]


@pytest.mark.parametrize(("hour", "minute", "second"), [(0, 0, 0), (7, 59, 59), (18, 0, 0), (23, 59, 59)])
def test_in_quiet_hours_nothing_is_taken(alone: Case, hour: int, minute: int, second: int) -> None:
    assert look(alone.database, riga(24, hour, minute, second=second)) == 0
    assert taken(alone.database) == []


@pytest.mark.parametrize(("hour", "minute", "second"), [(8, 0, 0), (17, 59, 59)])
def test_in_waking_hours_it_is(alone: Case, hour: int, minute: int, second: int) -> None:
    assert look(alone.database, riga(24, hour, minute, second=second)) == 1
    assert taken(alone.database) == [("forward", 0, "VDAA", "coordinator")]


def test_what_falls_into_the_evening_is_taken_the_next_morning_with_that_days_step(alone: Case) -> None:
    look(alone.database, riga(24, 18))
    look(alone.database, riga(25, 7, 59))
    assert taken(alone.database) == []
    look(alone.database, riga(25, 8))
    assert days_taken(alone.database, "forward") == [(0, date(2026, 11, 24)), (1, date(2026, 11, 25))]


def test_a_ladder_without_quiet_hours_is_climbed_at_night(alone: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, LADDER, 'from: "18:00", until: "08:00"', 'from: "08:00", until: "08:00"')
    assert look(alone.database, riga(24, 0)) == 1


def test_on_days_off_nothing_is_taken(database: Database) -> None:
    """Received on Thursday 12 November 2026: due on Friday, overdue from Monday; Wednesday 18 is the state's day."""
    Case(database, riga(12))
    for day in range(13, 20):
        look(database, riga(day))
    assert days_taken(database, "forward") == [
        (0, date(2026, 11, 13)),
        (1, date(2026, 11, 16)),
        (2, date(2026, 11, 17)),
        (3, date(2026, 11, 19)),
    ]
    with database.read() as session:
        assert {riga_date(step.at) == step.falls_on for step in session.exec(select(StepTaken))} == {True}


def test_what_falls_on_a_day_off_waits_for_the_next_working_day(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two days are declared off when a step of theirs has been planned for the first already."""
    add_days(monkeypatch, "{calendars: [state], off: 2026-11-30, until: 2026-12-01, reason: storm}")
    assert look(case.database, riga(30)) == 1, "looked at once, and put off"
    assert look(case.database, riga(30, 13)) == 0
    assert look(case.database, riga(1, month=12)) == 1, "the other clock's day, put off likewise"
    assert taken(case.database) == []
    look(case.database, riga(2, month=12))
    assert {(kind, day) for kind, day, _, _ in taken(case.database)} >= {("institution", 0), ("institution", 1)}


def test_a_worked_saturday_has_its_step(database: Database) -> None:
    """In 2026 Monday 22 June is off and Saturday 27 June worked: received on the 19th, due on Thursday the 25th."""
    Case(database, riga(19, month=6))
    for day in range(19, 31):
        look(database, riga(day, month=6))
    assert days_taken(database, "forward") == [
        (0, date(2026, 6, 25)),
        (1, date(2026, 6, 26)),
        (2, date(2026, 6, 27)),
        (3, date(2026, 6, 29)),
        (4, date(2026, 6, 30)),
    ]


def test_an_institution_is_told_by_its_own_calendar(database: Database) -> None:
    """A municipality works on the Monday that the state has off, and not on the Saturday that the state works."""

    employ(database, Role.CLERK, "PAŠV-SD")
    case = Case(database, riga(8, month=6))
    case.forward("PAŠV-SD", at=riga(8, 15, month=6))
    assert case.clock(ClockKind.INSTITUTION).due_on == date(2026, 6, 16)
    for day in range(8, 31):
        look(database, riga(day, month=6))
    fell = {on for _, on in days_taken(database, "institution")}
    assert date(2026, 6, 22) in fell
    assert date(2026, 6, 27) not in fell
    state = {on for _, on in days_taken(database, "answer")}
    assert date(2026, 6, 22) not in state
    assert date(2026, 6, 27) in state


def test_after_a_long_stop_every_missed_step_has_its_row_and_each_role_is_told_once_of_the_last(case: Case) -> None:
    beat(case.database, riga(10, month=12))
    assert days_taken(case.database, "institution") == [
        (-1, date(2026, 11, 30)),
        (0, date(2026, 12, 1)),
        *((n, date(2026, 12, day)) for n, day in enumerate((2, 3, 4, 7, 8, 9, 10), 1)),
    ]
    assert look(case.database, riga(10, 13, month=12)) == 0
    assert sorted(
        (*who, notices(case.database)[number].data["days"]) for number, who in enumerate(told(case.database))
    ) == [
        ("PMLP", "clerk", "overdue", 7),
        ("VDAA", "coordinator", "institution overdue", 7),
        ("VDAA", "coordinator", "overdue", 6),
    ]
    assert case.trail.count("overdue") == 2, "one entry for each clock, however many days were missed"


def test_a_clock_that_stopped_is_climbed_no_more(case: Case) -> None:
    look(case.database, riga(30))
    case.answers("PMLP", "Jā.", at=riga(1, 8, month=12))
    before = taken(case.database)
    assert look(case.database, riga(20, month=12)) == 0
    assert taken(case.database) == before == [("institution", -1, "PMLP", "clerk")]


def test_a_reopened_clock_is_climbed_anew(case: Case) -> None:
    look(case.database, riga(2, month=12))
    before = taken(case.database)
    number = case.clock(ClockKind.INSTITUTION).id

    def reopen(session: Session) -> None:
        clock = session.get_one(Clock, number)
        reopen_clock(session, clock.ticket, clock, riga(3, 9, month=12), "bot")

    case.answers("PMLP", "Jā.", at=riga(2, 13, month=12))
    case.changes(reopen)
    look(case.database, riga(3, month=12))
    again = taken(case.database)[len(before) :]
    assert [day for kind, day, _, role in again if (kind, role) == ("institution", "clerk")] == [-1, 0, 1, 2]
    assert case.clock(ClockKind.INSTITUTION).opening == 2


def test_a_moved_clock_is_climbed_towards_its_new_date(case: Case) -> None:
    look(case.database, riga(30))
    number = case.clock(ClockKind.INSTITUTION).id

    def put_off(session: Session) -> None:
        clock = session.get_one(Clock, number)
        move_clock(session, clock.ticket, clock, date(2026, 12, 9), riga(30, 14), "anna", "extended")

    case.changes(put_off)
    for day in range(1, 10):
        look(case.database, riga(day, month=12))
    assert days_taken(case.database, "institution") == [
        (-1, date(2026, 11, 30)),
        (-1, date(2026, 12, 8)),
        (0, date(2026, 12, 9)),
    ]


def test_a_calendar_that_changes_in_arrears_takes_no_step_twice_and_holds_up_nothing(
    alone: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    for day in (24, 25, 26):
        look(alone.database, riga(day))
    add_days(monkeypatch, '{calendars: [state], off: 2026-11-26, reason: "off after all"}')
    other = Case(alone.database, riga(25))
    for day in (27, 30):
        look(alone.database, riga(day))
    assert [(day, on.day) for day, on in days_taken(alone.database, "forward")][:3] == [(0, 24), (1, 25), (2, 26)]
    assert [day for _, day, _, _ in taken(alone.database, alone.id)] == [0, 1, 2, 3], "the second day is told once"
    assert taken(alone.database, other.id) != []


def test_another_ladder_is_climbed_from_where_each_clock_stands(alone: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (24, 25):
        look(alone.database, riga(day))
    before = taken(alone.database)
    change(
        monkeypatch,
        LADDER,
        "      - {day: 0, to: [coordinator]}\n      - {day: 1, to: [coordinator, lead], and_each_day_after: true}\n"
        "  - clock: institution",
        "      - {day: 0, to: [coordinator]}\n      - {day: 3, to: [coordinator]}\n  - clock: institution",
    )

    def look_again(session: Session) -> None:
        for clock in session.exec(select(Clock)):
            clock.next_on = date(2026, 11, 25)

    alone.changes(look_again)
    look(alone.database, riga(25, 13))
    assert taken(alone.database) == before
    for day in (26, 27, 30):
        look(alone.database, riga(day))
    assert taken(alone.database)[len(before) :] == [("forward", 3, "VDAA", "coordinator")]
    assert alone.clock(ClockKind.FORWARD).next_on is None, "the top of the ladder"


def test_a_ticket_of_an_unknown_coordinator_holds_up_no_other(database: Database) -> None:
    lost, good = Case(database), Case(database)

    def lose(session: Session) -> None:
        session.get_one(Ticket, lost.id).coordinator = "NAV"

    database.write(lose)
    assert look(database, riga(24)) == 2
    assert taken(database, lost.id) == []
    assert taken(database, good.id) == [("forward", 0, "VDAA", "coordinator")]
    assert look(database, riga(24)) == 0


def test_more_clocks_than_a_batch_are_worked_off_in_several(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        Case(database)
    monkeypatch.setattr(escalation, "BATCH", 2)
    assert [look(database, riga(24)) for _ in range(4)] == [2, 2, 1, 0]
    assert len(taken(database)) == 5


def test_the_most_urgent_comes_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    later, earlier = Case(database, riga(24)), Case(database, riga(23))
    monkeypatch.setattr(escalation, "BATCH", 1)
    look(database, riga(25))
    assert taken(database, later.id) == []
    assert [day for _, day, _, _ in taken(database, earlier.id)] == [0, 1]


def test_what_somebody_else_is_working_on_is_left_for_the_next_time(postgres_url: str) -> None:
    mine, other = Database(postgres_url), Database(postgres_url)
    case, free = Case(mine), Case(mine)
    with other.read() as session:
        session.exec(select(Ticket).where(col(Ticket.id) == case.id).with_for_update()).one()
        assert look(mine, riga(24)) == 1, "without waiting"
    assert taken(mine, case.id) == []
    assert len(taken(mine, free.id)) == 1
    assert look(mine, riga(24)) == 1
    assert len(taken(mine, case.id)) == 1
    mine.close()
    other.close()


def test_two_that_believe_to_lead_take_each_step_once(database_url: str) -> None:
    databases = [Database(database_url), Database(database_url)]
    for _ in range(12):
        Case(databases[0])
    together = threading.Barrier(2)
    at = riga(10, month=12)

    def work_off(mine: Database) -> int:
        together.wait(20)
        clocks = 0
        for _ in range(50):
            clocks += mine.write(lambda session: tick(session, at))
        return clocks

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(work_off, databases))
    assert sum(done) == 24, "the forward and the answer clock of each"
    steps = taken(databases[0])
    expected = {("forward", day) for day in range(13)} | {("answer", day) for day in range(-1, 7)}
    assert {(kind, day) for kind, day, _, _ in steps} == expected
    assert len(steps) == 12 * len(expected)
    with databases[0].read() as session:
        assert len(session.exec(select(Event).where(col(Event.kind) == "overdue")).all()) == 24
    for database in databases:
        database.close()


@settings(max_examples=15)
@given(
    received=st.dates(date(2026, 3, 1), date(2026, 12, 20)),
    hour=st.integers(0, 23),
    pauses=st.lists(st.integers(1, 80), min_size=1, max_size=25),
)
def test_whenever_somebody_looks_no_step_is_missing_and_none_is_twice(
    sqlite_url: str, received: date, hour: int, pauses: list[int]
) -> None:
    """Against the plain rule: a working day on which, or after which, somebody looked in waking hours has its step."""
    database = Database(sqlite_url)
    start = riga(received.day, hour, month=received.month)
    case = Case(database, start)
    days = in_force().calendars["state"]
    at, awake = start, start.date() - timedelta(days=1)
    for pause in pauses:
        at += timedelta(hours=pause)
        look(database, at)
        if days.works(riga_date(at)) and 8 <= at.astimezone(RIGA).hour < 18:
            awake = riga_date(at)
    due_on = case.clock(ClockKind.FORWARD).due_on
    expected = []
    on, number = due_on, 0
    while on <= awake:
        if days.works(on):
            expected.append((number, on))
            number += 1
        on += timedelta(days=1)
    with database.read() as session:
        found = session.execute(
            columns(col(StepTaken.day), col(StepTaken.falls_on))
            .join(Clock, col(Clock.id) == col(StepTaken.clock_id))
            .where(col(StepTaken.ticket_id) == case.id, col(Clock.kind) == "forward")
            .order_by(col(StepTaken.day))
        ).all()
    assert [tuple(row) for row in found] == expected
    database.close()
