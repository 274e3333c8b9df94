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
from routing.clocks import (
    due,
    reopen_clock,
    source_of,
    span_of,
    start_clock,
    start_forward_clock,
    stop_clock,
)
from routing.rules import TERMS, Rules, calendar, in_force, put_in_force, rules_from
from routing.shown import institution_due
from tests.routing.case import MONDAY, Case, employ, riga

moments = st.integers(0, 30 * 365 * 24 * 60).map(
    lambda minutes: datetime(2001, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Dates are the same on every database, so one kind will do."""
    opened = Database(sqlite_url)
    employ(opened, "PMLP", "RVP", "VSAA")
    yield opened
    opened.close()


@pytest.fixture
def rules() -> Iterator[Rules]:
    """The rules that were in force before the test, and are again after it."""
    before = in_force()
    yield before
    put_in_force(before)


def amended(rules: Rules, row: str) -> Rules:
    """The same rules with another row among the terms."""
    return rules_from({**rules.texts, TERMS: f"{rules.texts[TERMS].rstrip()}\n  - {row}\n"})


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


FIVE_DAYS = '{procedure: question, clock: answer, working_days: 5, valid_from: 2027-03-01, source: "an amendment"}'
SIX_DAYS = '{procedure: question, clock: answer, working_days: 6, valid_from: 2026-11-24, source: "an amendment"}'


def test_the_term_in_force_on_the_day_of_receipt_applies(rules: Rules) -> None:
    old = due("answer", date(2027, 2, 28)).term
    put_in_force(amended(rules, FIVE_DAYS))
    assert due("answer", date(2027, 2, 28)).term == old
    new = due("answer", date(2027, 3, 1))
    assert (new.term.working_days, new.term.source) == (5, "an amendment")
    assert new.on == calendar("state").after(date(2027, 3, 1), 5)
    assert due("answer", date(2016, 1, 4)).term == old, "the first also counts dates before it"
    assert due("answer", date(2027, 2, 26)).on > due("answer", date(2027, 3, 1)).on, "and a new term may overtake"


def test_a_case_keeps_the_rule_it_started_under_whatever_comes_into_force(database: Database, rules: Rules) -> None:
    case = Case(database, MONDAY)
    before = case.clock(ClockKind.ANSWER)
    put_in_force(amended(rules, SIX_DAYS))
    later = Case(database, riga(24))
    assert (later.clock(ClockKind.ANSWER).working_days, later.clock(ClockKind.ANSWER).due_on) == (6, date(2026, 12, 2))
    case.composes("Atbilde.", at=riga(24))
    case.changes(lambda s: reopen_clock(s, case._ticket(s), s.get_one(Clock, before.id), riga(26), "citizen"))
    kept = case.clock(ClockKind.ANSWER)
    assert (kept.rule, kept.due_on) == ("answer 7 wd, 2017-07-18", date(2026, 12, 2))
    assert span_of(kept).end(calendar("state"), kept.started_on) == kept.due_on, "a recount comes to the same date"
    assert "MK 400" in source_of(kept)


def test_what_is_forwarded_later_also_counts_by_the_rules_of_the_day_of_receipt(
    database: Database, rules: Rules
) -> None:
    case = Case(database, MONDAY)
    shorter = SIX_DAYS.replace("answer", "institution").replace("working_days: 6", "working_days: 2")
    put_in_force(amended(rules, shorter))
    case.forward("PMLP", at=riga(24))
    assert case.clock(ClockKind.INSTITUTION).working_days == 6
    later = Case(database, riga(24))
    later.forward("PMLP", at=riga(24))
    assert later.clock(ClockKind.INSTITUTION).due_on == date(2026, 11, 26)


def test_a_rule_that_an_editor_took_out_of_the_file_leaves_the_clock_its_date(database: Database, rules: Rules) -> None:
    clock = Case(database, MONDAY).clock(ClockKind.ANSWER)
    put_in_force(rules_from({**rules.texts, TERMS: rules.texts[TERMS].replace("2017-07-18", "2026-01-01")}))
    assert source_of(clock) == ""
    assert span_of(clock).end(calendar("state"), clock.started_on) == clock.due_on


@pytest.mark.parametrize("on", [date(2026, 11, 24), date(2027, 1, 4), date(2099, 1, 1)])
def test_a_receipt_that_is_still_to_come_is_refused(database: Database, on: date) -> None:
    case = Case(database, MONDAY)
    with pytest.raises(ValueError, match=f"cannot begin on {on}: that is still to come"):
        case.changes(
            lambda s: start_clock(s, case._ticket(s), ClockKind.ANSWER, due("answer", on), "VDAA", riga(23, 23, 59))
        )
    assert len(case.clocks) == 2


def test_by_the_clock_on_the_wall_in_riga_today_is_not_to_come(database: Database) -> None:
    """22:00 UTC is midnight in Riga: the next day has begun there."""
    case = Case(database, datetime(2026, 11, 23, 22, 0, tzinfo=UTC))
    assert case.clock(ClockKind.ANSWER).started_on == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("received", "forward", "answer"),
    [
        ("2024-02-28", "2024-02-29", "2024-03-08"),  # a leap day is a day like others
        ("2024-02-29", "2024-03-01", "2024-03-11"),
        ("2023-02-28", "2023-03-01", "2023-03-09"),
        ("2025-12-31", "2026-01-05", "2026-01-13"),
        ("2024-12-31", "2025-01-02", "2025-01-10"),
        ("2026-03-27", "2026-03-30", "2026-04-09"),  # over the change to summer time and Easter
        ("2026-10-23", "2026-10-26", "2026-11-03"),  # over the change back
    ],
)
def test_leap_days_year_ends_and_nights_of_changed_clocks(received: str, forward: str, answer: str) -> None:
    day = date.fromisoformat(received)
    assert (str(due("forward", day).on), str(due("answer", day).on)) == (forward, answer)


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
    answer = calendar("state").after(riga_date(received), 7)
    ticket.clocks = [
        Clock(
            kind="answer", owner="VDAA", started_on=riga_date(received), due_on=answer, first_due_on=answer,
            rule="", calendar="state", calendar_version="", climbed_on=answer,
        )
    ]  # fmt: skip
    own, shown = institution_due(ticket, received + timedelta(days=days), name)
    assert own.on == calendar(name).after(riga_date(received + timedelta(days=days)), 6)
    assert shown == min(own.on, answer)


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
    assert stopped.data == {
        "clock": "forward", "due": "2026-11-24", "outcome": "late", "days_late": 1, "owner": "VDAA",
        "delayed_by": "VDAA", "forwarding": None,
    }  # fmt: skip
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
    clock = case.clock(ClockKind.ANSWER)
    assert (clock.due_on, clock.opening) == (date(2026, 12, 2), 2)
    assert clock.next_on is not None
    assert clock.next_on <= date(2026, 12, 9)


def test_reopening_a_clock_that_runs_changes_nothing(database: Database) -> None:
    case = Case(database)
    before = case.clock(ClockKind.ANSWER)
    case.changes(lambda s: reopen_clock(s, case._ticket(s), s.get_one(Clock, before.id), riga(30), "citizen"))
    assert case.clock(ClockKind.ANSWER).model_dump() == before.model_dump()
    assert "clock reopened" not in case.trail


def test_a_second_handing_over_starts_no_second_forward_clock(database: Database) -> None:
    case = Case(database)
    case.changes(lambda s: start_forward_clock(s, case._ticket(s), case._ticket(s).received_on, riga(24)))
    assert [clock.kind for clock in case.clocks] == [ClockKind.ANSWER, ClockKind.FORWARD]
    assert case.state == TicketState.TRIAGE
