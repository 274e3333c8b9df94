"""Whose is it: forwarded, returned, withdrawn, and whose clock runs meanwhile."""

import pytest

from models.clock import ClockKind, Outcome
from models.database import Database
from models.forwarding import ForwardingState
from models.ticket import TicketState
from routing.triage import NotPossible
from tests.routing.case import Case, employ, riga


@pytest.fixture
def case(database: Database) -> Case:
    """Received on Monday 23 November; to be forwarded by the 24th, answered by 2 December. Institutions have clerks."""
    employ(database, "PMLP", "VSAA", "RVP")
    return Case(database)


def states(case: Case) -> list[str]:
    return [forwarding.state for forwarding in case.forwardings]


def test_a_question_for_people_waits_for_a_coordinator_with_both_clocks(case: Case) -> None:
    assert case.state == TicketState.TRIAGE
    assert [(clock.kind, clock.owner) for clock in case.clocks] == [("answer", "VDAA"), ("forward", "VDAA")]
    assert case.trail == ["clock started", "clock started", "handed to people"]


def test_forwarded_to_one_its_clock_runs_and_the_coordinators_has_stopped(case: Case) -> None:
    (sent,) = case.forward("PMLP", at=riga(23, 15), note="  Lūdzu, atbildiet. ")
    clock = case.clock(ClockKind.INSTITUTION)
    assert (case.state, sent.note, sent.forwarded_by) == (TicketState.FORWARDED, "Lūdzu, atbildiet.", "anna")
    assert (clock.forwarding_id, clock.owner, clock.outcome) == (sent.id, "PMLP", Outcome.RUNNING)
    assert case.clock(ClockKind.FORWARD).outcome == Outcome.IN_TIME
    assert case.clock(ClockKind.ANSWER).outcome == Outcome.RUNNING
    assert case.trail[3:] == ["clock started", "forwarded", "delivered", "clock stopped"]


def test_forwarded_to_several_each_has_a_clock_of_its_own(case: Case) -> None:
    sent = case.forward("PMLP", "VSAA", "RVP", at=riga(24))
    running = [clock for clock in case.clocks if clock.kind == ClockKind.INSTITUTION]
    assert [clock.forwarding_id for clock in running] == [forwarding.id for forwarding in sent]
    assert [clock.owner for clock in running] == ["PMLP", "VSAA", "RVP"]
    assert case.trail.count("forwarded") == 3
    assert case.trail.count("clock stopped") == 1


def test_an_institution_that_has_it_does_not_get_it_twice(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    assert case.forward("PMLP", at=riga(23, 16)) == []
    made = case.forward("VSAA", "PMLP", at=riga(23, 17))
    assert len(made) == 1
    assert len(case.forwardings) == 2
    assert case.state == TicketState.FORWARDED


def test_an_institution_named_twice_at_once_gets_it_once(case: Case) -> None:
    assert len(case.forward("PMLP", "PMLP", at=riga(23, 15))) == 1
    assert len([clock for clock in case.clocks if clock.kind == ClockKind.INSTITUTION]) == 1


def test_to_forward_it_needs_an_institution(case: Case) -> None:
    with pytest.raises(NotPossible, match="at least one"):
        case.forward(at=riga(23, 15))
    assert case.state == TicketState.TRIAGE
    assert case.clock(ClockKind.FORWARD).outcome == Outcome.RUNNING


def test_what_is_answered_is_not_forwarded(case: Case) -> None:
    case.composes("Atbilde.", at=riga(23, 15))
    with pytest.raises(NotPossible, match="answered already"):
        case.forward("PMLP", at=riga(23, 16))
    assert case.forwardings == []


def test_not_ours_needs_a_reason(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    for reason in ("", "  \n "):
        with pytest.raises(NotPossible, match="say why"):
            case.give_back("PMLP", reason, at=riga(24))
    assert states(case) == [ForwardingState.WAITING]


def test_not_ours_brings_it_back_to_triage_and_the_citizens_clock_runs_on(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    before = case.clock(ClockKind.ANSWER).model_dump()
    case.give_back("PMLP", " Tas ir VSAA jautājums. ", at=riga(25))
    (returned,) = case.forwardings
    assert (case.state, returned.state, returned.reason) == (
        TicketState.TRIAGE, ForwardingState.RETURNED, "Tas ir VSAA jautājums.",
    )  # fmt: skip
    assert (returned.ended_at, returned.ended_by) == (riga(25), "clerk of PMLP")
    assert case.clock(ClockKind.ANSWER).model_dump() == before
    assert case.clock(ClockKind.INSTITUTION).outcome == Outcome.NOT_NEEDED
    assert case.notices == [("VDAA", "returned")]
    assert case.trail[-3:] == ["clock stopped", "returned", "clock started"]


def test_what_was_returned_goes_to_another_within_the_same_seven_days(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(25))
    (again,) = case.forward("VSAA", at=riga(25, 16))
    answer = case.clock(ClockKind.ANSWER)
    assert case.state == TicketState.FORWARDED
    assert again.shown_due == answer.due_on == answer.first_due_on
    assert case.clock(ClockKind.INSTITUTION).due_on > answer.due_on


def test_forwarding_again_what_came_back_is_no_delay_of_the_coordinators(case: Case) -> None:
    case.forward("PMLP", at=riga(24))
    case.give_back("PMLP", "Nav mūsu.", at=riga(26))
    (again,) = case.forward("VSAA", at=riga(26, 16))
    assert not again.late


def test_it_may_come_back_to_the_institution_that_returned_it(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    assert len(case.forward("PMLP", at=riga(24, 16))) == 1
    case.give_back("PMLP", "Tiešām nav.", at=riga(25))
    assert states(case) == [ForwardingState.RETURNED, ForwardingState.RETURNED]
    assert case.notices == [("VDAA", "returned"), ("VDAA", "returned")]


def test_returned_by_one_of_several_it_stays_with_the_others(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    assert case.state == TicketState.FORWARDED
    assert states(case) == [ForwardingState.RETURNED, ForwardingState.WAITING]
    case.give_back("VSAA", "Arī ne.", at=riga(25))
    assert case.state == TicketState.TRIAGE


def test_returned_by_the_last_when_another_has_answered_the_coordinator_composes(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("VSAA", "Mūsu daļa.", at=riga(24))
    assert case.state == TicketState.FORWARDED
    case.give_back("PMLP", "Nav mūsu.", at=riga(25))
    assert case.state == TicketState.COMPOSING


@pytest.mark.parametrize("first", ["return", "withdrawal"])
def test_what_has_ended_does_not_end_again(case: Case, first: str) -> None:
    case.forward("PMLP", at=riga(23, 15))
    if first == "return":
        case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    else:
        case.take_back("PMLP", at=riga(24))
    before = case.trail
    with pytest.raises(NotPossible, match="ended already"):
        case.give_back("PMLP", "Nav mūsu.", at=riga(25))
    with pytest.raises(NotPossible, match="ended already"):
        case.take_back("PMLP", at=riga(25))
    assert case.trail == before


def test_withdrawn_it_is_back_with_the_coordinator_without_a_notice_to_himself(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.take_back("PMLP", at=riga(24))
    assert (case.state, states(case)) == (TicketState.TRIAGE, [ForwardingState.WITHDRAWN])
    assert case.clock(ClockKind.INSTITUTION).outcome == Outcome.NOT_NEEDED
    assert case.notices == []
    assert case.trail[-2:] == ["withdrawn", "clock reopened"]


def test_withdrawn_when_the_others_have_answered_the_coordinator_composes(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("PMLP", "Mūsu daļa.", at=riga(24))
    case.take_back("VSAA", at=riga(25))
    assert case.state == TicketState.COMPOSING


def test_notices_go_to_the_tickets_own_coordinator(database: Database) -> None:
    employ(database, "UR")
    case = Case(database, coordinator="LIAA")
    case.forward("UR", at=riga(23, 15))
    case.give_back("UR", "Nav mūsu.", at=riga(24))
    assert case.notices == [("LIAA", "returned")]
