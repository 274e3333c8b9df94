"""When the law's terms are due, and how they end: dates in Riga, day of receipt not counted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.clock import Clock, ClockKind, Outcome
from models.database import Database
from models.moments import RIGA, riga_date
from models.ticket import Ticket, TicketState
from routing import clocks
from routing.clocks import Term, due, institution_due, reminder_on, reopen_clock, start_forward_clock, stop_clock
from routing.rules import calendar
from tests.routing.case import Case, riga

moments = st.integers(0, 30 * 365 * 24 * 60).map(
    lambda minutes: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Dates are the same on every database, so one kind will do."""
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("kind", "on"), [("forward", "2026-11-24"), ("institution", "2026-12-01"), ("answer", "2026-12-02")]
)
def test_the_three_terms_of_the_regulation(kind: str, on: str) -> None:
    when = due(kind, date(2026, 11, 23))
    assert str(when.on) == on
    assert when.start == date(2026, 11, 23)
    assert when.calendar == "state"
    assert when.version.startswith("holidays ")
    assert "MK 400" in when.term.source


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (riga(23, 23, 59, second=59), 23),
        (riga(24, 0, 0), 24),
        (datetime(2026, 11, 23, 21, 59, 59, tzinfo=UTC), 23),
        (datetime(2026, 11, 23, 22, 0, tzinfo=UTC), 24),
        (datetime(2026, 11, 24, 0, 0, tzinfo=UTC), 24),
    ],
)
def test_the_day_of_receipt_is_the_date_in_riga(database: Database, moment: datetime, day: int) -> None:
    case = Case(database, moment)
    assert case.ticket.received_on == date(2026, 11, day)
    assert case.clock(ClockKind.ANSWER).started_on == date(2026, 11, day)
    assert case.clock(ClockKind.ANSWER).due_on == due("answer", date(2026, 11, day)).on


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        # 29 March 2026, 03:00 becomes 04:00: midnight in Riga is 22:00 UTC before, 21:00 UTC after
        ("2026-03-28T21:59:59", date(2026, 3, 28)),
        ("2026-03-28T22:00:00", date(2026, 3, 29)),
        ("2026-03-29T20:59:59", date(2026, 3, 29)),
        ("2026-03-29T21:00:00", date(2026, 3, 30)),
        # 25 October 2026, 04:00 becomes 03:00 again: midnight is 21:00 UTC before, 22:00 UTC after
        ("2026-10-24T20:59:59", date(2026, 10, 24)),
        ("2026-10-24T21:00:00", date(2026, 10, 25)),
        ("2026-10-25T21:59:59", date(2026, 10, 25)),
        ("2026-10-25T22:00:00", date(2026, 10, 26)),
        # the turn of the year
        ("2025-12-31T21:59:59", date(2025, 12, 31)),
        ("2025-12-31T22:00:00", date(2026, 1, 1)),
    ],
)
def test_nights_on_which_the_clock_on_the_wall_is_changed(utc: str, day: date) -> None:
    assert riga_date(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == day


def test_the_hour_that_comes_twice_is_one_day() -> None:
    first = datetime(2026, 10, 25, 3, 30, tzinfo=RIGA)
    again = first.replace(fold=1)
    assert (again.astimezone(UTC) - first.astimezone(UTC)) == timedelta(hours=1)
    assert riga_date(first) == riga_date(again) == date(2026, 10, 25)


@given(moments)
def test_a_later_moment_is_never_due_earlier(moment: datetime) -> None:
    later = moment + timedelta(hours=1)
    assert due("answer", riga_date(moment)).on <= due("answer", riga_date(later)).on


def test_questions_of_the_old_year_are_due_in_the_new() -> None:
    assert due("forward", date(2025, 12, 31)).on == date(2026, 1, 5)
    assert due("answer", date(2025, 12, 22)).on == date(2026, 1, 8)
    assert due("institution", date(2025, 12, 31), "municipal").on == date(2026, 1, 9)


@pytest.mark.parametrize(
    ("received", "provisional"),
    [("2025-12-23", False), ("2026-12-16", False), ("2026-12-21", True), ("2026-12-31", True), ("2028-11-16", True)],
)
def test_a_date_in_a_year_without_an_order_on_moved_days_is_provisional(received: str, provisional: bool) -> None:
    when = due("answer", date.fromisoformat(received))
    assert when.provisional == provisional == (when.on.year > 2026)


def test_a_provisional_date_is_marked_on_the_clock(database: Database) -> None:
    case = Case(database, riga(30, month=12))
    assert case.clock(ClockKind.ANSWER).provisional
    assert not Case(database).clock(ClockKind.ANSWER).provisional


def test_the_term_in_force_on_the_day_of_receipt_applies(monkeypatch: pytest.MonkeyPatch) -> None:
    old = Term("answer", 7, date(2017, 7, 18), "MK 400")
    new = Term("answer", 5, date(2027, 3, 1), "a later amendment")
    monkeypatch.setattr(clocks, "_terms", lambda: {"answer": (old, new)})
    due.cache_clear()
    try:
        assert due("answer", date(2027, 2, 28)).term == old
        assert due("answer", date(2027, 3, 1)).term == new
        assert due("answer", date(2027, 3, 1)).on == calendar("state").after(date(2027, 3, 1), 5)
        assert due("answer", date(2016, 1, 4)).term == old, "the first also counts dates before it"
        assert due("answer", date(2027, 2, 26)).on > due("answer", date(2027, 3, 1)).on, "and a new term may overtake"
    finally:
        due.cache_clear()


def test_the_rule_and_the_calendar_are_kept_with_the_clock(database: Database) -> None:
    clock = Case(database).clock(ClockKind.ANSWER)
    assert clock.rule == "answer 7 wd, 2017-07-18"
    assert (clock.calendar, clock.calendar_version) == ("state", calendar("state").version)
    assert clock.first_due_on == clock.due_on


def test_an_unknown_term_and_an_unknown_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="no term 'tomorrow'"):
        due("tomorrow", date(2026, 11, 23))
    with pytest.raises(ValueError, match="no calendar 'private'"):
        due("answer", date(2026, 11, 23), "private")


def test_forwarded_at_once_the_institution_has_its_six_days(database: Database) -> None:
    case = Case(database)
    (sent,) = case.forward("PMLP", at=riga(23, 15))
    assert sent.shown_due == case.clock(ClockKind.INSTITUTION).due_on == date(2026, 12, 1)
    assert not sent.late


def test_forwarded_on_the_next_day_both_terms_end_together(database: Database) -> None:
    case = Case(database)
    (sent,) = case.forward("PMLP", at=riga(24, 23, 59))
    assert sent.shown_due == case.clock(ClockKind.INSTITUTION).due_on == case.clock(ClockKind.ANSWER).due_on
    assert not sent.late
    assert case.clock(ClockKind.FORWARD).outcome == Outcome.IN_TIME


def test_forwarded_late_both_dates_stay_and_the_delay_is_the_coordinators(database: Database) -> None:
    case = Case(database)
    (sent,) = case.forward("PMLP", at=riga(26))
    assert sent.late
    assert sent.shown_due == date(2026, 12, 2), "what the citizen was promised"
    assert case.clock(ClockKind.INSTITUTION).due_on == date(2026, 12, 4), "the institution's own"
    forward = case.clock(ClockKind.FORWARD)
    assert (forward.outcome, forward.days_late, forward.owner) == (Outcome.LATE, 2, "VDAA")
    case.answers("PMLP", "Jā.", at=riga(4, month=12))
    assert case.clock(ClockKind.INSTITUTION).outcome == Outcome.IN_TIME
    assert case.clock(ClockKind.ANSWER).outcome == Outcome.LATE


@given(
    moments,
    st.integers(0, 20),
    st.sampled_from(["state", "municipal"]),
)
def test_an_institution_is_shown_the_earlier_of_the_two(received: datetime, days: int, name: str) -> None:
    ticket = Ticket(ref="x", contact_id=1, channel="webchat", received_at=received, changed_at=received)
    own, shown = institution_due(ticket, received + timedelta(days=days), name)
    assert own.on == calendar(name).after(riga_date(received + timedelta(days=days)), 6)
    assert shown == min(own.on, calendar("state").after(riga_date(received), 7))


def test_a_municipality_counts_by_its_own_calendar(database: Database) -> None:
    case = Case(database, riga(31, month=12, year=2025))
    case.forward("RVP", "PMLP", at=riga(31, 15, month=12, year=2025))
    by_owner = {clock.owner: clock for clock in case.clocks if clock.kind == ClockKind.INSTITUTION}
    assert by_owner["RVP"].calendar == "municipal"
    assert by_owner["RVP"].due_on == date(2026, 1, 9)
    assert by_owner["PMLP"].due_on == date(2026, 1, 12)


@pytest.mark.parametrize(
    ("at", "outcome", "late"),
    [
        (riga(24, 0, 1), Outcome.IN_TIME, 0),
        (riga(24, 23, 59, second=59), Outcome.IN_TIME, 0),
        (riga(25, 0, 0), Outcome.LATE, 1),
        (riga(27), Outcome.LATE, 3),
        (riga(30), Outcome.LATE, 4),
    ],
)
def test_a_term_is_met_until_midnight_and_late_by_working_days(
    database: Database, at: datetime, outcome: Outcome, late: int
) -> None:
    case = Case(database)
    case.forward("PMLP", at=at)
    clock = case.clock(ClockKind.FORWARD)
    assert (clock.outcome, clock.days_late, clock.stopped_at, clock.next_on) == (outcome, late, at, None)


def test_on_the_weekend_after_it_is_late_though_by_no_working_day(database: Database) -> None:
    case = Case(database, riga(26))
    case.forward("PMLP", at=riga(28))
    clock = case.clock(ClockKind.FORWARD)
    assert (clock.due_on, clock.outcome, clock.days_late) == (date(2026, 11, 27), Outcome.LATE, 0)


def test_what_stopped_a_clock_first_stays(database: Database) -> None:
    case = Case(database)
    case.forward("PMLP", at=riga(24))
    number = case.clock(ClockKind.FORWARD).id
    case.changes(lambda s: stop_clock(s, case._ticket(s), s.get_one(Clock, number), riga(30), "anna"))
    clock = case.clock(ClockKind.FORWARD)
    assert (clock.outcome, clock.stopped_at) == (Outcome.IN_TIME, riga(24))
    assert case.trail.count("clock stopped") == 1


def test_a_stop_is_on_the_trail_with_its_outcome(database: Database) -> None:
    case = Case(database)
    case.forward("PMLP", at=riga(25))
    stopped = next(event for event in case.events if event.kind == "clock stopped")
    assert stopped.data == {"clock": "forward", "due": "2026-11-24", "outcome": "late", "days_late": 1, "owner": "VDAA"}
    assert stopped.actor == "anna"


def test_a_duty_that_falls_away_is_neither_in_time_nor_late(database: Database) -> None:
    case = Case(database)
    case.composes("Atbilde.", at=riga(30))
    clock = case.clock(ClockKind.FORWARD)
    assert (clock.outcome, clock.days_late) == (Outcome.NOT_NEEDED, 0)


def test_a_reopened_clock_runs_on_with_the_old_date(database: Database) -> None:
    case = Case(database)
    case.composes("Atbilde.", at=riga(24))
    stopped = case.clock(ClockKind.ANSWER)
    assert stopped.outcome == Outcome.IN_TIME
    case.changes(lambda s: reopen_clock(s, case._ticket(s), s.get_one(Clock, stopped.id), riga(26), "citizen"))
    clock = case.clock(ClockKind.ANSWER)
    assert (clock.outcome, clock.stopped_at, clock.days_late) == (Outcome.RUNNING, None, 0)
    assert clock.due_on == clock.first_due_on == stopped.due_on
    assert clock.next_on == date(2026, 12, 1)
    assert case.trail[-1] == "clock reopened"


def test_a_clock_reopened_after_its_date_is_looked_at_the_same_day(database: Database) -> None:
    case = Case(database)
    case.composes("Atbilde.", at=riga(24))
    number = case.clock(ClockKind.ANSWER).id
    case.changes(lambda s: reopen_clock(s, case._ticket(s), s.get_one(Clock, number), riga(9, month=12), "citizen"))
    assert case.clock(ClockKind.ANSWER).next_on == date(2026, 12, 9)


def test_reopening_a_clock_that_runs_changes_nothing(database: Database) -> None:
    case = Case(database)
    before = case.clock(ClockKind.ANSWER)
    case.changes(lambda s: reopen_clock(s, case._ticket(s), s.get_one(Clock, before.id), riga(30), "citizen"))
    assert case.clock(ClockKind.ANSWER).model_dump() == before.model_dump()
    assert "clock reopened" not in case.trail


def test_a_second_handing_over_starts_no_second_forward_clock(database: Database) -> None:
    case = Case(database)
    case.changes(lambda s: start_forward_clock(s, case._ticket(s)))
    assert [clock.kind for clock in case.clocks] == [ClockKind.ANSWER, ClockKind.FORWARD]
    assert case.state == TicketState.TRIAGE


@pytest.mark.parametrize(
    ("start", "due_on", "name", "on"),
    [
        ("2026-11-23", "2026-12-02", "state", "2026-12-01"),
        ("2026-11-19", "2026-11-30", "state", "2026-11-27"),  # Monday: on the Friday before
        ("2026-11-23", "2026-11-24", "state", "2026-11-24"),  # a single day: on that day
        ("2026-11-20", "2026-11-23", "state", "2026-11-23"),  # no working day between: the day itself
        ("2026-11-21", "2026-11-23", "state", "2026-11-23"),
        ("2026-01-09", "2026-01-19", "state", "2026-01-17"),  # a worked Saturday is a day like others
        ("2026-01-09", "2026-01-19", "municipal", "2026-01-16"),
        ("2025-12-19", "2025-12-29", "state", "2025-12-23"),  # over Christmas
    ],
)
def test_the_reminder_is_on_the_working_day_before(start: str, due_on: str, name: str, on: str) -> None:
    assert str(reminder_on(date.fromisoformat(due_on), date.fromisoformat(start), name)) == on


@given(st.dates(date(2001, 1, 1), date(2030, 1, 1)), st.sampled_from(["forward", "institution", "answer"]))
def test_a_reminder_comes_after_the_start_on_a_working_day_at_most_one_before(start: date, kind: str) -> None:
    when = due(kind, start)
    on = reminder_on(when.on, start, "state")
    assert start < on <= when.on
    assert calendar("state").works(on)
    assert calendar("state").between(on, when.on) <= 1
