"""Evidence that an institution has it: only that stops the coordinator's clock, and a bounce opens it again."""

from datetime import date

import pytest

from models.clock import ClockKind, Outcome
from models.database import Database
from models.forwarding import ForwardingState
from models.staff import Role
from models.ticket import TicketState
from routing.triage import NotPossible
from tests.routing.case import Case, employ, riga


@pytest.fixture
def case(database: Database) -> Case:
    """Received on Monday 23 November; to be forwarded by the 24th. VSAA has a clerk, PMLP and CSDD have nobody."""
    employ(database, "VSAA")
    return Case(database)


def forward_clock(case: Case) -> tuple[str, int]:
    clock = case.clock(ClockKind.FORWARD)
    return clock.outcome, clock.days_late


def test_in_the_tray_of_people_who_work_at_the_desk_is_delivered(case: Case) -> None:
    (sent,) = case.forward("VSAA", at=riga(23, 15))
    assert (sent.delivered_at, sent.delivered_by) == (riga(23, 15), "desk")
    assert forward_clock(case) == (Outcome.IN_TIME, 0)


@pytest.mark.parametrize(("role", "counts"), [(Role.HEAD, True), (Role.CLERK, True), (Role.ADMINISTRATOR, False)])
def test_an_administrator_answers_for_nobody_so_his_tray_is_none(database: Database, role: Role, counts: bool) -> None:
    employ(database, "PMLP", role=role)
    (sent,) = Case(database).forward("PMLP", at=riga(23, 15))
    assert (sent.delivered_at is not None) is counts


def test_sent_to_an_institution_without_people_is_not_delivered_yet(case: Case) -> None:
    (sent,) = case.forward("PMLP", at=riga(23, 15))
    assert (sent.delivered_at, sent.delivered_by) == (None, "")
    assert case.state == TicketState.FORWARDED
    assert forward_clock(case) == (Outcome.RUNNING, 0)


def test_the_coordinators_word_that_it_was_passed_on_stops_the_clock(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(24, 9))
    (sent,) = case.forwardings
    assert (sent.delivered_at, sent.delivered_by, sent.late) == (riga(24, 9), "anna", False)
    assert forward_clock(case) == (Outcome.IN_TIME, 0)
    assert case.clock(ClockKind.FORWARD).stopped_at == riga(24, 9)
    assert case.events[-1].data["outcome"] == Outcome.IN_TIME
    delivered = next(event for event in case.events if event.kind == "delivered")
    assert delivered.data == {"institution": "PMLP", "evidence": "anna", "late": False}


def test_evidence_that_comes_late_makes_the_forwarding_late(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(26))
    assert case.forwardings[0].late
    assert forward_clock(case) == (Outcome.LATE, 2)
    assert case.clock(ClockKind.FORWARD).delayed_by == "VDAA"


def test_the_institutions_term_counts_from_the_day_it_got_the_question(case: Case) -> None:
    (sent,) = case.forward("PMLP", at=riga(23, 15))
    before = case.clock(ClockKind.INSTITUTION)
    case.arrives("PMLP", at=riga(26))
    clock = case.clock(ClockKind.INSTITUTION)
    assert (before.due_on, clock.due_on, clock.first_due_on) == (date(2026, 12, 1), date(2026, 12, 4), before.due_on)
    assert clock.started_on == date(2026, 11, 26)
    assert (sent.shown_due, case.forwardings[0].shown_due) == (date(2026, 12, 1), date(2026, 12, 2)), "never later"
    assert "due moved" in case.trail


def test_the_same_evidence_twice_changes_nothing(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(24))
    before = case.trail
    case.arrives("PMLP", at=riga(27), by="link")
    assert case.trail == before
    assert case.forwardings[0].delivered_by == "anna"


def test_of_several_the_last_one_that_gets_it_stops_the_clock(case: Case) -> None:
    case.forward("VSAA", "PMLP", "CSDD", at=riga(23, 15))
    case.arrives("PMLP", at=riga(24, 9))
    assert forward_clock(case) == (Outcome.RUNNING, 0)
    case.arrives("CSDD", at=riga(25, 9))
    assert forward_clock(case) == (Outcome.LATE, 1)
    assert [forwarding.late for forwarding in case.forwardings] == [False, False, True]


@pytest.mark.parametrize("by", ["link PMLP", "clerk of PMLP"])
def test_an_institution_that_answers_has_got_it(case: Case, by: str) -> None:
    from routing.answering import institution_answers
    from tests.bot.talk import institution

    case.forward("PMLP", at=riga(23, 15))
    case.changes(
        lambda s: institution_answers(
            s, case._ticket(s).contact, case._ticket(s), case._last_at(s, "PMLP"), institution(s, "PMLP"), "Jā.",
            riga(24, 9), by, pulled=True,
        )
    )  # fmt: skip
    (sent,) = case.forwardings
    assert (sent.state, sent.delivered_by) == (ForwardingState.ANSWERED, "link" if by.startswith("link") else "desk")
    assert {clock.outcome for clock in case.clocks} == {Outcome.IN_TIME}


def test_an_institution_that_returns_it_has_got_it(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24, 9))
    first, second = (clock for clock in case.clocks if clock.kind == ClockKind.FORWARD)
    assert case.forwardings[0].delivered_at == riga(24, 9)
    assert first.outcome == Outcome.IN_TIME
    assert (second.outcome, second.due_on) == (Outcome.RUNNING, date(2026, 11, 25)), "a term of its own from that day"


def test_forwarding_again_after_not_ours_does_not_restart_the_citizens_term(case: Case) -> None:
    case.forward("VSAA", at=riga(23, 15))
    answer = case.clock(ClockKind.ANSWER).model_dump()
    for day in (25, 26, 27):
        case.give_back("VSAA", "Nav mūsu.", at=riga(day, 9))
        case.forward("VSAA", at=riga(day, 15))
    assert case.clock(ClockKind.ANSWER).model_dump() == answer
    assert [clock.kind for clock in case.clocks].count(ClockKind.ANSWER) == 1
    assert all(forwarding.shown_due <= date(2026, 12, 2) for forwarding in case.forwardings)


def test_a_bounce_opens_the_clock_again_with_the_old_date(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(23, 16))
    case.bounces("PMLP", at=riga(24, 9))
    clock = case.clock(ClockKind.FORWARD)
    assert (clock.outcome, clock.due_on, clock.opening) == (Outcome.RUNNING, date(2026, 11, 24), 2)
    assert (case.state, case.forwardings[0].state) == (TicketState.TRIAGE, ForwardingState.UNDELIVERED)
    assert (case.ticket.attention, case.notices[-1]) == ("not delivered", ("VDAA", "not delivered"))
    case.forward("VSAA", at=riga(24, 10))
    assert forward_clock(case) == (Outcome.IN_TIME, 0)
    assert case.ticket.attention == ""


def test_a_bounce_can_make_late_what_was_in_time(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(23, 16))
    assert forward_clock(case) == (Outcome.IN_TIME, 0)
    case.bounces("PMLP", at=riga(26))
    (_, again) = [*case.forwardings, *case.forward("VSAA", at=riga(27))]
    assert again.late
    assert forward_clock(case) == (Outcome.LATE, 3)


def test_what_never_came_is_not_the_institutions_delay(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.bounces("PMLP", at=riga(9, month=12))
    clock = case.clock(ClockKind.INSTITUTION)
    assert (clock.outcome, clock.days_late, clock.delayed_by) == (Outcome.NOT_NEEDED, 0, "")


def test_nor_is_it_where_the_coordinator_takes_it_back(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.take_back("PMLP", at=riga(9, month=12))
    clock = case.clock(ClockKind.INSTITUTION)
    assert (clock.outcome, clock.delayed_by) == (Outcome.NOT_NEEDED, "")
    assert case.clock(ClockKind.FORWARD).outcome == Outcome.RUNNING


def test_that_it_did_not_arrive_needs_a_reason(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    with pytest.raises(NotPossible, match="say why it did not arrive"):
        case.bounces("PMLP", at=riga(24), reason=" \n")
    assert case.forwardings[0].state == ForwardingState.WAITING


def test_what_an_institution_has_by_its_own_evidence_has_arrived(case: Case) -> None:
    case.forward("VSAA", "PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(23, 16), by="link")
    for code in ("VSAA", "PMLP"):
        with pytest.raises(NotPossible, match="has it at the desk"):
            case.bounces(code, at=riga(24))


def test_one_of_several_that_did_not_arrive_has_to_be_forwarded_again_while_the_others_work(case: Case) -> None:
    case.forward("VSAA", "PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(23, 16))
    case.bounces("PMLP", at=riga(24, 9))
    assert case.state == TicketState.FORWARDED
    assert forward_clock(case) == (Outcome.RUNNING, 0)
    case.forward("CSDD", at=riga(24, 10))
    case.arrives("CSDD", at=riga(24, 11))
    assert forward_clock(case) == (Outcome.IN_TIME, 0)


def test_where_the_others_had_answered_their_parts_are_there_and_nothing_need_be_forwarded(case: Case) -> None:
    case.forward("VSAA", "PMLP", at=riga(23, 15))
    case.arrives("PMLP", at=riga(23, 16))
    case.answers("VSAA", "Mūsu daļa.", at=riga(25))
    case.bounces("PMLP", at=riga(26))
    assert case.state == TicketState.COMPOSING
    assert forward_clock(case) == (Outcome.IN_TIME, 0), "frozen as it came out"


def test_what_still_waits_to_be_passed_on_and_is_taken_back_leaves_the_others_in_time(case: Case) -> None:
    case.forward("VSAA", "PMLP", at=riga(23, 15))
    assert forward_clock(case) == (Outcome.RUNNING, 0)
    case.take_back("PMLP", at=riga(27))
    clock = case.clock(ClockKind.FORWARD)
    assert (clock.outcome, clock.days_late, clock.stopped_at) == (Outcome.IN_TIME, 0, riga(23, 15)), "VSAA had it then"
    assert case.events[-1].at == riga(27), "though it is found only now"


def test_when_the_citizen_has_the_answer_nothing_has_to_be_forwarded(case: Case) -> None:
    case.forward("VSAA", "PMLP", at=riga(23, 15))
    case.bounces("PMLP", at=riga(24))
    case.answers("VSAA", "Viss.", at=riga(25))
    assert case.state == TicketState.ANSWERED
    assert not any(clock.is_running for clock in case.clocks)


def test_evidence_for_what_has_ended_comes_too_late(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.take_back("PMLP", at=riga(24))
    before = case.trail
    case.arrives("PMLP", at=riga(25))
    assert (case.trail, case.forwardings[0].delivered_at) == (before, None)


def test_waiting_for_the_citizen_pauses_nothing(case: Case) -> None:
    """The coordinator asks back in a message; every due date stays, and the clocks run."""
    case.forward("VSAA", at=riga(23, 15))
    before = [clock.model_dump() for clock in case.clocks]
    case.changes(lambda s: setattr(case._ticket(s), "attention", "citizen wrote"))
    assert [clock.model_dump() for clock in case.clocks] == before
    assert {clock.outcome for clock in case.clocks if clock.kind != ClockKind.FORWARD} == {Outcome.RUNNING}
