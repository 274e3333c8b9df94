"""Whose delay it was: each day after the due date is charged to whoever had the question that morning."""

from collections.abc import Iterator

import pytest

from models.clock import ClockKind, Outcome
from models.database import Database
from tests.routing.case import Case, employ, riga


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    """Who was late is the same on every database, so one kind will do."""
    opened = Database(sqlite_url)
    employ(opened, "PMLP", "VSAA", "RVP")
    yield opened
    opened.close()


@pytest.fixture
def case(database: Database) -> Case:
    """Received on Monday 23 November: forward by Tuesday the 24th, answer by Wednesday 2 December."""
    return Case(database)


def delays(case: Case) -> dict[str, str]:
    """By clock (the institution's code for an institution's); only those that were late."""
    return {
        clock.owner if clock.kind == ClockKind.INSTITUTION else clock.kind: clock.delayed_by
        for clock in case.clocks
        if clock.outcome == Outcome.LATE
    }


def test_what_is_in_time_is_nobodys_delay(case: Case) -> None:
    case.forward("PMLP", at=riga(24, 23, 59, second=59))
    case.answers("PMLP", "Jā.", at=riga(2, 23, 59, month=12, second=59))
    assert delays(case) == {}
    assert {clock.delayed_by for clock in case.clocks} == {""}


def test_an_institution_that_took_longer_than_its_term_is_late(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.answers("PMLP", "Beidzot.", at=riga(7, month=12))
    assert delays(case) == {"PMLP": "PMLP", "answer": "PMLP"}


def test_what_was_forwarded_late_is_the_coordinators_delay_while_the_institution_keeps_its_term(case: Case) -> None:
    case.forward("PMLP", at=riga(27))
    case.answers("PMLP", "Jā.", at=riga(7, month=12))
    assert delays(case) == {"forward": "VDAA", "answer": "VDAA"}


def test_forwarded_late_and_answered_later_still_it_is_both(case: Case) -> None:
    case.forward("PMLP", at=riga(27))
    case.answers("PMLP", "Jā.", at=riga(9, month=12))
    assert delays(case) == {"forward": "VDAA", "PMLP": "PMLP", "answer": "PMLP,VDAA"}


def test_of_several_institutions_all_that_were_late_and_no_other(case: Case) -> None:
    case.forward("PMLP", "VSAA", "RVP", at=riga(24))
    case.answers("RVP", "Laikā.", at=riga(2, month=12))
    case.answers("VSAA", "Vēlu.", at=riga(3, month=12))
    case.answers("PMLP", "Vēlāk.", at=riga(4, month=12))
    case.composes("Viena atbilde.", at=riga(4, 15, month=12))
    assert delays(case) == {"VSAA": "VSAA", "PMLP": "PMLP", "answer": "PMLP,VSAA"}


def test_a_coordinator_who_sat_on_the_parts_is_late(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("PMLP", "Daļa.", at=riga(26))
    case.answers("VSAA", "Daļa.", at=riga(27))
    case.composes("Viena atbilde.", at=riga(4, month=12))
    assert delays(case) == {"answer": "VDAA"}


def test_a_late_institution_does_not_excuse_a_coordinator_who_then_sat_on_its_part(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(24))
    case.answers("PMLP", "Laikā.", at=riga(27))
    case.answers("VSAA", "Vēlu.", at=riga(3, month=12))
    case.composes("Viena atbilde.", at=riga(4, month=12))
    assert delays(case)["answer"] == "VDAA,VSAA"


def test_who_composes_on_the_very_day_the_late_part_came_is_not_late_himself(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(24))
    case.answers("PMLP", "Laikā.", at=riga(27))
    case.answers("VSAA", "Vēlu.", at=riga(3, 9, month=12))
    case.composes("Viena atbilde.", at=riga(3, 17, month=12))
    assert delays(case)["answer"] == "VSAA"


def test_a_part_that_came_late_on_the_due_date_itself_left_no_time(case: Case) -> None:
    """Forwarded on day 0, due on 1 December, answered on the 2nd: the coordinator's last day."""
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("PMLP", "Laikā.", at=riga(27))
    case.answers("VSAA", "Vēlu.", at=riga(2, 23, month=12))
    case.composes("Viena atbilde.", at=riga(3, 9, month=12))
    assert delays(case)["answer"] == "VDAA,VSAA"


def test_a_question_nobody_forwarded_is_the_coordinators_delay(case: Case) -> None:
    case.composes("Beidzot.", at=riga(3, month=12))
    assert delays(case) == {"answer": "VDAA"}


def test_an_institution_from_which_it_was_taken_after_its_term_stays_late(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.take_back("PMLP", at=riga(4, 9, month=12))
    assert delays(case) == {"PMLP": "PMLP"}
    case.composes("Atbildam paši.", at=riga(4, 15, month=12))
    assert delays(case) == {"PMLP": "PMLP", "answer": "PMLP"}


def test_the_coordinators_answer_takes_it_from_who_is_late_and_that_stays_his_delay(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.composes("Atbildam paši.", at=riga(4, month=12))
    assert delays(case) == {"PMLP": "PMLP", "answer": "PMLP"}


def test_taken_back_within_the_institutions_term_what_follows_is_the_coordinators(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.take_back("PMLP", at=riga(1, month=12))
    case.composes("Atbildam paši.", at=riga(4, month=12))
    assert delays(case) == {"answer": "VDAA"}


def test_an_institution_that_returns_it_after_its_term_is_late_and_the_next_one_is_not(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.give_back("PMLP", "Nav mūsu.", at=riga(4, 9, month=12))
    case.forward("VSAA", at=riga(4, 10, month=12))
    case.answers("VSAA", "Jā.", at=riga(9, month=12))
    assert delays(case) == {"PMLP": "PMLP", "answer": "PMLP"}


def test_the_next_one_is_late_too_where_it_takes_longer_than_its_own_term(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.give_back("PMLP", "Nav mūsu.", at=riga(4, 9, month=12))
    case.forward("VSAA", at=riga(4, 10, month=12))
    case.answers("VSAA", "Jā.", at=riga(15, month=12))
    assert delays(case) == {"PMLP": "PMLP", "VSAA": "VSAA", "answer": "PMLP,VSAA"}


def test_a_coordinator_who_forwards_late_what_came_back_late_is_late_too(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.give_back("PMLP", "Nav mūsu.", at=riga(3, 9, month=12))
    case.forward("VSAA", at=riga(8, 10, month=12))
    case.answers("VSAA", "Jā.", at=riga(9, month=12))
    assert delays(case) == {"PMLP": "PMLP", "forward": "VDAA", "answer": "PMLP,VDAA"}


def test_returned_in_time_by_the_wrong_one_the_rest_is_the_coordinators_who_owes_the_answer(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.give_back("PMLP", "Nav mūsu.", at=riga(30, 9))
    case.forward("VSAA", at=riga(30, 10))
    case.answers("VSAA", "Jā.", at=riga(7, month=12))
    assert delays(case) == {"answer": "VDAA"}


def test_what_never_arrived_is_not_the_institutions_delay(database: Database) -> None:
    case = Case(database)
    case.forward("CSDD", at=riga(23, 15))
    case.bounces("CSDD", at=riga(4, 9, month=12))
    case.forward("PMLP", at=riga(4, 10, month=12))
    case.answers("PMLP", "Jā.", at=riga(7, month=12))
    assert delays(case) == {"forward": "VDAA", "answer": "VDAA"}


def test_a_link_that_nobody_passed_on_is_not_the_institutions_delay(database: Database) -> None:
    case = Case(database)
    case.forward("CSDD", at=riga(23, 15))
    case.composes("Atbildam paši.", at=riga(7, month=12))
    assert delays(case) == {"answer": "VDAA"}


def test_what_arrived_late_gives_the_institution_its_whole_term(database: Database) -> None:
    case = Case(database)
    case.forward("CSDD", at=riga(23, 15))
    case.arrives("CSDD", at=riga(27))
    case.answers("CSDD", "Jā.", at=riga(7, month=12))
    assert delays(case) == {"forward": "VDAA", "answer": "VDAA"}


def test_over_the_weekend_after_its_term_it_is_late_who_has_it(database: Database) -> None:
    case = Case(database, riga(26, 9))  # Thursday; answer by Monday 7 December
    case.forward("PMLP", at=riga(27))  # its own term ends on the same Monday
    case.answers("PMLP", "Jā.", at=riga(12, month=12))  # Saturday
    assert delays(case) == {"PMLP": "PMLP", "answer": "PMLP"}


def test_late_by_a_weekend_only_is_late_by_no_working_day_and_still_somebodys(database: Database) -> None:
    case = Case(database, riga(25, 9))  # answer by Friday 4 December
    case.forward("PMLP", at=riga(26))
    case.answers("PMLP", "Jā.", at=riga(5, month=12))  # Saturday
    clock = case.clock(ClockKind.ANSWER)
    assert (clock.outcome, clock.days_late, clock.delayed_by) == (Outcome.LATE, 0, "PMLP")


def test_an_answer_that_the_channel_took_days_later_is_the_coordinators_delay(database: Database) -> None:
    case = Case(database, channel="telegram")
    case.forward("PMLP", at=riga(24))
    case.answers("PMLP", "Laikā.", at=riga(2, month=12))
    case.sent(riga(4, month=12))
    assert delays(case) == {"answer": "VDAA"}


def test_it_is_frozen_in_the_trail(case: Case) -> None:
    case.forward("PMLP", at=riga(27))
    case.answers("PMLP", "Jā.", at=riga(9, month=12))
    stopped = {event.data["clock"]: event.data for event in case.events if event.kind == "clock stopped"}
    assert (stopped["answer"]["delayed_by"], stopped["answer"]["days_late"]) == ("PMLP,VDAA", 5)
    assert stopped["forward"]["delayed_by"] == "VDAA"
    assert stopped["institution"]["delayed_by"] == "PMLP"


def test_a_submissions_delay_is_judged_by_the_submissions_terms(case: Case) -> None:
    """A month from receipt ends on 23 December, from forwarding on the 28th: until then the coordinator owes."""
    case.forward("PMLP", at=riga(24))
    case.converts(riga(23).date(), at=riga(25))
    case.answers("PMLP", "Jā.", at=riga(29, month=12))
    assert case.clock(ClockKind.INSTITUTION).due_on == riga(28, month=12).date()
    assert delays(case) == {"PMLP": "PMLP", "answer": "PMLP,VDAA"}
