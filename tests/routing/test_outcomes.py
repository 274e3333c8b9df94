"""What indicators ask: how terms came out between two dates, and what is overdue now."""

from datetime import date

import pytest
from sqlalchemy import event

from models.clock import ClockKind, Outcome
from models.database import Database
from routing.outcomes import Overdue, Record, Stopped, Whose, overdue_on, records, stopped_between
from tests.routing.case import Case, employ, riga

YEAR = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def database(database: Database) -> Database:
    employ(database, "PMLP", "VSAA")
    return database


def stopped(database: Database, first: date = YEAR[0], last: date = YEAR[1], **whose: str) -> list[Stopped]:
    with database.read() as session:
        return stopped_between(session, first, last, Whose(**whose))


def overdue(database: Database, today: date, **whose: str) -> list[Overdue]:
    with database.read() as session:
        return overdue_on(session, today, Whose(**whose))


def test_terms_that_came_out_alike_are_counted_and_summed(database: Database) -> None:
    for day in (7, 9):
        case = Case(database)
        case.forward("PMLP", at=riga(24))
        case.answers("PMLP", "Beidzot.", at=riga(day, month=12))
    in_time = Case(database)
    in_time.forward("PMLP", at=riga(24))
    in_time.answers("PMLP", "Laikā.", at=riga(25))
    assert stopped(database) == [
        Stopped("answer", "VDAA", "", Outcome.IN_TIME, 1, 0, 0),
        Stopped("answer", "VDAA", "PMLP", Outcome.LATE, 2, 3 + 5, 5),
        Stopped("forward", "VDAA", "", Outcome.IN_TIME, 3, 0, 0),
        Stopped("institution", "PMLP", "", Outcome.IN_TIME, 1, 0, 0),
        Stopped("institution", "PMLP", "PMLP", Outcome.LATE, 2, 3 + 5, 5),
    ]


def test_who_was_late_together_stands_together(database: Database) -> None:
    case = Case(database)
    case.forward("PMLP", at=riga(27))
    case.answers("PMLP", "Vēlu.", at=riga(9, month=12))
    assert {(one.kind, one.delayed_by) for one in stopped(database)} == {
        ("answer", "PMLP,VDAA"), ("forward", "VDAA"), ("institution", "PMLP"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (date(2026, 11, 24), date(2026, 11, 24), True),
        (date(2026, 11, 25), date(2026, 12, 31), False),
        (date(2026, 1, 1), date(2026, 11, 23), False),
    ],
)
@pytest.mark.parametrize("at", [riga(24, 0, 0), riga(24, 23, 59, second=59)])
def test_both_dates_belong_to_the_period_and_are_dates_in_riga(
    database: Database, at: object, first: date, last: date, found: bool
) -> None:
    Case(database).composes("Atbilde.", at=at)  # type: ignore[arg-type]
    assert bool(stopped(database, first, last)) is found


def test_what_runs_after_its_due_date_is_overdue_from_the_next_day(database: Database) -> None:
    Case(database).forward("PMLP", at=riga(24))
    Case(database, riga(24))
    assert overdue(database, date(2026, 11, 25)) == []
    assert overdue(database, date(2026, 11, 26)) == [Overdue("forward", "VDAA", 1, date(2026, 11, 25))]
    assert overdue(database, date(2026, 12, 3)) == [
        Overdue("answer", "VDAA", 1, date(2026, 12, 2)),
        Overdue("forward", "VDAA", 1, date(2026, 11, 25)),
        Overdue("institution", "PMLP", 1, date(2026, 12, 2)),
    ]


def test_each_asks_for_his_own(database: Database) -> None:
    Case(database).forward("PMLP", "VSAA", at=riga(24))
    Case(database, coordinator="LIAA")
    late = date(2026, 12, 31)
    assert {one.owner for one in overdue(database, late, owner="PMLP")} == {"PMLP"}
    assert {one.owner for one in overdue(database, late, coordinator="VDAA")} == {"VDAA", "PMLP", "VSAA"}
    assert {one.owner for one in overdue(database, late, coordinator="LIAA")} == {"LIAA"}
    assert {one.owner for one in stopped(database, coordinator="VDAA")} == {"VDAA"}
    assert stopped(database, owner="PMLP") == []


def test_a_reopened_clock_has_no_outcome(database: Database) -> None:
    case = Case(database)
    case.forward("PMLP", at=riga(24))
    assert [one.kind for one in stopped(database)] == [ClockKind.FORWARD]
    case.take_back("PMLP", at=riga(25))
    assert [one.kind for one in stopped(database)] == [ClockKind.INSTITUTION]


def test_each_question_is_one_query_however_many_clocks_there_are(database: Database) -> None:
    for _ in range(3):
        Case(database).forward("PMLP", "VSAA", at=riga(24))
    asked: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", count)
    stopped(database)
    overdue(database, date(2026, 12, 31))
    event.remove(database.engine, "before_cursor_execute", count)
    assert len(asked) == 2


def test_records_put_both_together_by_institution() -> None:
    assert records(
        [
            Stopped("answer", "VDAA", "", "in time", 3, 0, 0),
            Stopped("answer", "VDAA", "PMLP", "late", 1, 4, 4),
            Stopped("answer", "VDAA", "VDAA", "late", 2, 3, 2),
            Stopped("forward", "VDAA", "", "not needed", 5, 0, 0),
        ],
        [Overdue("answer", "VDAA", 2, date(2026, 11, 2)), Overdue("institution", "PMLP", 1, date(2026, 11, 3))],
    ) == [
        Record("answer", "VDAA", 3, 3, 0, 7, 4, 2, date(2026, 11, 2)),
        Record("forward", "VDAA", not_needed=5),
        Record("institution", "PMLP", overdue=1, oldest=date(2026, 11, 3)),
    ]


def test_what_was_not_needed_does_not_count_as_met() -> None:
    assert Record("answer", "VDAA", in_time=3, late=1, not_needed=96).met == 0.75
    assert Record("answer", "VDAA", not_needed=96).met == 0.0
