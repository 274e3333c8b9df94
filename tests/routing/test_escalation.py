"""The ladder: a reminder the working day before, overdue only on the next day, each once, the coordinator told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models.clock import Clock, ClockKind
from models.database import Database
from models.moments import riga_date
from models.staff import Notice
from models.ticket import Event
from routing import escalation
from routing.escalation import tick
from tests.routing.case import Case, riga


@pytest.fixture
def case(database: Database) -> Case:
    """Received on Monday 23 November and forwarded the same day: PMLP by 1 December, the citizen by the 2nd."""
    case = Case(database)
    case.forward("PMLP", at=riga(23, 15))
    return case


def look(case: Case, day: int, month: int = 11, hour: int = 9) -> int:
    at = riga(day, hour, month=month)
    return case.changes(lambda session: tick(session, riga_date(at), at))


def test_nothing_happens_before_the_working_day_before(case: Case) -> None:
    assert [look(case, day) for day in (23, 24, 25, 26, 27, 28, 29)] == [0] * 7
    assert case.notices == []


def test_the_owner_is_reminded_on_the_working_day_before(case: Case) -> None:
    assert look(case, 30) == 1
    assert case.notices == [("PMLP", "due soon")]
    assert look(case, 1, 12) == 1
    assert case.notices == [("PMLP", "due soon"), ("VDAA", "due soon")]


def test_on_the_day_itself_nothing_is_overdue(case: Case) -> None:
    look(case, 30)
    look(case, 1, 12, hour=23)
    assert case.clock(ClockKind.INSTITUTION).overdue_since is None
    assert ("PMLP", "overdue") not in case.notices


def test_overdue_on_the_next_day_and_the_coordinator_is_told_of_the_institutions(case: Case) -> None:
    for day, month in ((30, 11), (1, 12), (2, 12), (3, 12)):
        look(case, day, month)
    assert case.clock(ClockKind.INSTITUTION).overdue_since == date(2026, 12, 2)
    assert case.clock(ClockKind.ANSWER).overdue_since == date(2026, 12, 3)
    assert case.notices == [
        ("PMLP", "due soon"),
        ("VDAA", "due soon"),
        ("PMLP", "overdue"),
        ("VDAA", "institution overdue"),
        ("VDAA", "overdue"),
    ]


def test_each_step_is_taken_once_however_often_the_clocks_are_looked_at(case: Case) -> None:
    steps = 0
    for hour in range(24 * 14):
        at = riga(27, 0) + timedelta(hours=hour)
        steps += case.changes(lambda session: tick(session, riga_date(at), at))  # noqa: B023
    assert steps == 4
    assert [kind for kind in case.trail if kind in ("reminded", "overdue")] == [
        "reminded",
        "reminded",
        "overdue",
        "overdue",
    ]
    assert len(case.notices) == 5


def test_after_a_long_stop_only_the_last_step_is_taken(case: Case) -> None:
    assert look(case, 20, 12) == 2
    assert look(case, 20, 12) == 0
    assert case.notices == [("PMLP", "overdue"), ("VDAA", "institution overdue"), ("VDAA", "overdue")]
    assert "reminded" not in case.trail
    assert case.clock(ClockKind.INSTITUTION).overdue_since == date(2026, 12, 2), "since when it is, not since we looked"


def test_after_a_stop_until_the_day_itself_the_reminder_still_comes(case: Case) -> None:
    assert look(case, 1, 12) == 2
    assert case.notices == [("PMLP", "due soon"), ("VDAA", "due soon")]
    assert look(case, 2, 12) == 1


def test_a_term_of_one_day_is_reminded_of_on_that_day(database: Database) -> None:
    case = Case(database)
    assert look(case, 23) == 0
    assert look(case, 24) == 1
    assert case.notices == [("VDAA", "due soon")]
    assert look(case, 24) == 0
    assert look(case, 25) == 1
    assert case.notices == [("VDAA", "due soon"), ("VDAA", "overdue")]


def test_a_clock_that_stopped_is_looked_at_no_more(case: Case) -> None:
    look(case, 30)
    case.answers("PMLP", "Jā.", at=riga(1, month=12))
    assert look(case, 20, 12) == 0
    assert case.notices == [("PMLP", "due soon"), ("VDAA", "institution answered")]


def test_a_friday_deadline_is_overdue_on_saturday(database: Database) -> None:
    case = Case(database, riga(26))
    assert look(case, 27) == 1, "the reminder, on the one day there is"
    assert look(case, 28) == 1
    assert case.clock(ClockKind.FORWARD).overdue_since == date(2026, 11, 28)


def test_more_clocks_than_a_batch_are_worked_off_in_several(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [Case(database) for _ in range(5)]
    monkeypatch.setattr(escalation, "BATCH", 2)
    assert [look(cases[0], 24) for _ in range(4)] == [2, 2, 1, 0]
    assert all(case.notices == [("VDAA", "due soon")] for case in cases)


def test_the_most_urgent_comes_first(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    later, earlier = Case(database, riga(25)), Case(database, riga(23))
    monkeypatch.setattr(escalation, "BATCH", 1)
    look(later, 25)
    assert earlier.notices == [("VDAA", "overdue")]
    assert later.notices == []


def test_two_that_believe_to_lead_take_each_step_once(database_url: str) -> None:
    databases = [Database(database_url), Database(database_url)]
    cases = [Case(databases[0]) for _ in range(12)]
    together = threading.Barrier(2)
    at = riga(10, month=12)

    def work_off(mine: Database) -> int:
        together.wait(20)
        steps = 0
        while taken := mine.write(lambda session: tick(session, riga_date(at), at)):
            steps += taken
        return steps

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(work_off, databases))
    assert sum(done) == 24, "the forward and the answer clock of each"
    with databases[0].read() as session:
        assert len(session.exec(select(Notice)).all()) == 24
        assert len(session.exec(select(Event).where(col(Event.kind) == "overdue")).all()) == 24
        assert session.exec(select(Clock).where(col(Clock.next_on).is_not(None))).first() is None
    assert all(case.notices == [("VDAA", "overdue")] * 2 for case in cases)
    for database in databases:
        database.close()


def test_an_institution_overdue_after_an_answer_came_is_not_told_again(case: Case) -> None:
    look(case, 20, 12)
    before = case.notices
    case.answers("PMLP", "Beidzot.", at=riga(21, month=12))
    look(case, 22, 12)
    assert case.notices == [*before, ("VDAA", "institution answered")]
