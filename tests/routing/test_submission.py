"""A formal submission: the terms of Iesniegumu likums, the first promise kept beside them, and an answer put off."""

from collections.abc import Iterator
from datetime import date

import pytest

from models.clock import ClockKind, Outcome
from models.database import Database
from models.ticket import Procedure, Ticket, TicketState
from routing.submission import converted_due, last_day
from routing.triage import NotPossible
from tests.routing.case import Case, employ, riga


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Dates are the same on every database, so one kind will do."""
    opened = Database(sqlite_url)
    employ(opened, "PMLP", "VSAA", "RVP")
    yield opened
    opened.close()


@pytest.fixture
def case(database: Database) -> Case:
    """Received on Monday 23 November 2026; as a submission due on Wednesday 23 December."""
    return Case(database)


NOVEMBER_23 = date(2026, 11, 23)


def test_the_running_clocks_count_anew_and_the_first_promise_stays(case: Case) -> None:
    message = case.converts(NOVEMBER_23, at=riga(24, 9))
    answer, forward = case.clocks
    assert case.ticket.procedure == Procedure.SUBMISSION
    assert (answer.due_on, answer.first_due_on, answer.months) == (date(2026, 12, 23), date(2026, 12, 2), 1)
    assert (forward.due_on, forward.first_due_on) == (date(2026, 12, 2), date(2026, 11, 24)), "7 working days"
    assert (answer.rule, forward.rule) == ("submission answer 1 mo, 2008-01-01", "submission forward 7 wd, 2008-01-01")
    assert "2026. gada 23. decembrim" in message.text
    assert case.ticket.ref in message.text
    assert case.trail[-3:] == ["converted", "due moved", "due moved"]


@pytest.mark.parametrize(
    ("received", "due"),
    [
        (date(2026, 11, 24), "2026-12-28"),  # 24 December is a holiday, and so are the days after it
        (date(2026, 1, 31), "2026-03-02"),  # there is no 31 February; the 28th is a Saturday
        (date(2025, 12, 3), "2026-01-05"),  # 3 January is a Saturday
        (date(2024, 1, 31), "2024-02-29"),
        (date(2024, 2, 29), "2024-04-02"),  # Good Friday, Easter
    ],
)
def test_a_month_ends_on_the_same_date_or_the_next_working_day(database: Database, received: date, due: str) -> None:
    at = riga(received.day, 10, month=received.month, year=received.year)
    case = Case(database, at)
    case.converts(received, at=at)
    assert str(case.clock(ClockKind.ANSWER).due_on) == due


def test_received_formally_on_a_later_day_the_month_counts_from_then(case: Case) -> None:
    case.converts(date(2026, 11, 30), at=riga(1, 9, month=12))
    answer = case.clock(ClockKind.ANSWER)
    assert (answer.started_on, answer.due_on) == (date(2026, 11, 30), date(2026, 12, 30))


def test_the_institution_that_has_it_has_a_month_and_is_shown_the_earlier_date(case: Case) -> None:
    case.forward("PMLP", at=riga(24, 9))
    case.converts(NOVEMBER_23, at=riga(25, 9))
    clock = case.clock(ClockKind.INSTITUTION)
    assert clock.due_on == date(2026, 12, 28), "a month from the 24th, when it was forwarded"
    assert case.forwardings[0].shown_due == case.clock(ClockKind.ANSWER).due_on == date(2026, 12, 23)


def test_what_has_stopped_stays_as_it_came_out(case: Case) -> None:
    case.forward("PMLP", at=riga(26))
    before = case.clock(ClockKind.FORWARD).model_dump()
    case.converts(NOVEMBER_23, at=riga(27))
    assert before["outcome"] == Outcome.LATE
    assert case.clock(ClockKind.FORWARD).model_dump() == before


def test_what_is_forwarded_afterwards_counts_by_the_submissions_terms(case: Case) -> None:
    case.converts(NOVEMBER_23, at=riga(24, 9))
    (sent,) = case.forward("PMLP", at=riga(1, month=12))
    clock = case.clock(ClockKind.INSTITUTION)
    assert (clock.months, clock.due_on, sent.shown_due) == (1, date(2027, 1, 4), date(2026, 12, 23))
    assert clock.provisional, "2027 is not known yet"
    assert not sent.late, "a submission is forwarded within 7 working days"


def test_an_overdue_question_stays_on_the_trail_as_late(case: Case) -> None:
    case.converts(NOVEMBER_23, at=riga(8, month=12))
    converted = next(event for event in case.events if event.kind == "converted")
    assert converted.data["days_late"] == 4
    assert case.clock(ClockKind.ANSWER).first_due_on == date(2026, 12, 2)


def test_while_the_bot_asks_back_people_take_over(case: Case) -> None:
    case.changes(lambda s: setattr(case._ticket(s), "state", TicketState.CLARIFYING))
    case.converts(NOVEMBER_23, at=riga(24, 9))
    assert case.state == TicketState.TRIAGE


def test_a_date_moved_into_a_year_without_an_order_is_provisional(case: Case) -> None:
    case.converts(date(2026, 12, 3), at=riga(3, month=12))
    answer = case.clock(ClockKind.ANSWER)
    assert (answer.due_on, answer.provisional) == (date(2027, 1, 4), True)


@pytest.mark.parametrize("received", [date(2026, 11, 22), date(2026, 11, 25), date(1990, 1, 1)])
def test_a_receipt_before_the_question_or_in_the_future_is_refused(case: Case, received: date) -> None:
    with pytest.raises(NotPossible, match="before the question or in the future"):
        case.converts(received, at=riga(24, 23, 59, second=59))
    assert case.ticket.procedure == Procedure.QUESTION
    assert case.clock(ClockKind.ANSWER).due_on == date(2026, 12, 2)


def test_it_needs_a_reason_and_happens_once_and_only_while_the_question_is_open(case: Case) -> None:
    with pytest.raises(NotPossible, match="say why it is a formal"):
        case.converts(NOVEMBER_23, at=riga(24), reason=" ")
    case.converts(NOVEMBER_23, at=riga(24))
    with pytest.raises(NotPossible, match="already"):
        case.converts(NOVEMBER_23, at=riga(25))
    other = Case(case.database)
    other.composes("Atbilde.", at=riga(24))
    with pytest.raises(NotPossible, match="answered already"):
        other.converts(NOVEMBER_23, at=riga(25))


def test_what_it_will_be_is_known_before_and_nothing_is_changed_by_asking(case: Case) -> None:
    with case.database.read() as session:
        ticket = session.get_one(Ticket, case.id)
        foreseen = [converted_due(ticket, clock, NOVEMBER_23).on for clock in ticket.clocks]
    assert case.ticket.procedure == Procedure.QUESTION
    case.converts(NOVEMBER_23, at=riga(24))
    assert [clock.due_on for clock in case.clocks] == foreseen


def test_put_off_the_answer_and_the_institutions_term_move_and_the_citizen_is_told_why(case: Case) -> None:
    case.forward("PMLP", at=riga(24, 9))
    case.converts(NOVEMBER_23, at=riga(24, 10))
    message = case.extends(date(2027, 2, 1), at=riga(22, month=12))
    answer, institution = case.clock(ClockKind.ANSWER), case.clock(ClockKind.INSTITUTION)
    assert (answer.due_on, answer.extended_to, answer.first_due_on) == (
        date(2027, 2, 1), date(2027, 2, 1), date(2026, 12, 2),
    )  # fmt: skip
    assert answer.provisional
    assert institution.due_on == case.forwardings[0].shown_due == date(2027, 2, 1)
    assert "Jāprasa atzinums." in message.text
    assert "2027. gada 1. februārim" in message.text


def test_the_forward_clock_is_not_put_off(case: Case) -> None:
    case.converts(NOVEMBER_23, at=riga(24))
    case.extends(date(2027, 2, 1), at=riga(25))
    assert case.clock(ClockKind.FORWARD).due_on == date(2026, 12, 2)


def test_four_months_from_receipt_are_the_end(case: Case) -> None:
    case.converts(NOVEMBER_23, at=riga(24))
    with case.database.read() as session:
        assert last_day(session.get_one(Ticket, case.id)) == date(2027, 3, 23)
    with pytest.raises(NotPossible, match="later than the law allows"):
        case.extends(date(2027, 3, 24), at=riga(25))
    case.extends(date(2027, 3, 23), at=riga(25))
    with pytest.raises(NotPossible, match="later than the one before"):
        case.extends(date(2027, 3, 23), at=riga(25))


def test_after_the_term_has_run_out_it_is_too_late_to_put_it_off(case: Case) -> None:
    case.converts(NOVEMBER_23, at=riga(24))
    case.extends(date(2027, 1, 11), at=riga(23, 23, 59, month=12, second=59))
    with pytest.raises(NotPossible, match="the term has run out"):
        case.extends(date(2027, 2, 1), at=riga(12, 0, 0, month=1, year=2027))


@pytest.mark.parametrize("until", [date(2026, 12, 31), date(2027, 1, 2), date(2027, 1, 3)])
def test_it_is_not_put_off_to_a_day_off(case: Case, until: date) -> None:
    case.converts(NOVEMBER_23, at=riga(24))
    with pytest.raises(NotPossible, match="that is a day off"):
        case.extends(until, at=riga(25))


def test_only_a_submission_is_put_off_and_only_with_a_reason(case: Case) -> None:
    with pytest.raises(NotPossible, match="only the answer to a formal submission"):
        case.extends(date(2027, 1, 4), at=riga(24))
    case.converts(NOVEMBER_23, at=riga(24))
    with pytest.raises(NotPossible, match="say why"):
        case.extends(date(2027, 1, 4), at=riga(24), reason="\n")


def test_an_answer_in_the_months_time_is_in_time(case: Case) -> None:
    case.converts(NOVEMBER_23, at=riga(24))
    case.forward("PMLP", at=riga(25))
    case.answers("PMLP", "Lēmums.", at=riga(23, 23, 59, month=12))
    assert {clock.outcome for clock in case.clocks} == {Outcome.IN_TIME}
