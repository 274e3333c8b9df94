"""Answers: from one institution word for word, from several by the coordinator; the clock stops on evidence."""

import pytest

from models.clock import ClockKind, Outcome
from models.database import Database
from models.forwarding import ForwardingState
from models.message import Author
from models.ticket import TicketState
from routing.answering import LONGEST
from routing.triage import NotPossible
from tests.routing.case import Case, employ, riga


@pytest.fixture
def case(database: Database) -> Case:
    employ(database, "PMLP", "VSAA")
    return Case(database)


def answer_clock(case: Case) -> tuple[str, int]:
    clock = case.clock(ClockKind.ANSWER)
    return clock.outcome, clock.days_late


def test_asked_alone_the_institutions_words_go_to_the_citizen(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    message = case.answers("PMLP", "  Pase ir gatava.\n", at=riga(30))
    assert message is not None
    assert message.text.endswith("\n\nPase ir gatava.")
    assert case.ticket.ref in message.text
    assert (message.author, message.author_name, message.answers) == (
        Author.INSTITUTION, "Pilsonības un migrācijas lietu pārvalde", True,
    )  # fmt: skip
    assert (case.state, case.forwardings[0].state) == (TicketState.ANSWERED, ForwardingState.ANSWERED)
    assert case.clock(ClockKind.INSTITUTION).outcome == Outcome.IN_TIME
    assert answer_clock(case) == (Outcome.IN_TIME, 0)
    (kept,) = case.parts
    assert (kept.text, kept.author, kept.message_id) == ("Pase ir gatava.", "clerk of PMLP", message.id)


def test_of_several_none_speaks_to_the_citizen_alone(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    assert case.answers("PMLP", "Mūsu daļa.", at=riga(25)) is None
    assert case.state == TicketState.FORWARDED
    assert case.answers("VSAA", "Mūsējā.", at=riga(26)) is None
    assert case.state == TicketState.COMPOSING
    assert [part.text for part in case.parts] == ["Mūsu daļa.", "Mūsējā."]
    assert case.messages == []
    assert answer_clock(case) == (Outcome.RUNNING, 0)
    assert case.notices == [("VDAA", "part answered"), ("VDAA", "part answered")]


def test_of_several_the_coordinator_gives_the_one_answer(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("PMLP", "Mūsu daļa.", at=riga(25))
    case.answers("VSAA", "Mūsējā.", at=riga(26))
    message = case.composes("Abas iestādes piekrīt.", at=riga(27))
    assert [sent.id for sent in case.messages] == [message.id]
    assert message.author == Author.COORDINATOR
    assert message.text.endswith("Abas iestādes piekrīt.")
    assert case.state == TicketState.ANSWERED
    assert answer_clock(case) == (Outcome.IN_TIME, 0)
    own = case.parts[-1]
    assert (own.forwarding_id, own.message_id) == (None, message.id)


def test_if_the_others_had_returned_it_the_one_that_is_left_answers_alone(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    assert case.answers("VSAA", "Tas ir mūsu.", at=riga(25)) is not None
    assert case.state == TicketState.ANSWERED


def test_who_answered_while_another_had_it_leaves_the_answer_to_the_coordinator(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("VSAA", "Tas ir mūsu.", at=riga(24))
    case.give_back("PMLP", "Nav mūsu.", at=riga(25))
    assert case.state == TicketState.COMPOSING
    case.composes("VSAA atbild: tas ir mūsu.", at=riga(26))
    assert case.state == TicketState.ANSWERED


def test_the_coordinator_may_answer_without_asking_anybody(case: Case) -> None:
    case.composes("To zinām paši.", at=riga(23, 15))
    assert case.state == TicketState.ANSWERED
    assert case.clock(ClockKind.FORWARD).outcome == Outcome.NOT_NEEDED
    assert answer_clock(case) == (Outcome.IN_TIME, 0)


def test_the_coordinators_answer_takes_back_what_still_waits(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("PMLP", "Mūsu daļa.", at=riga(24))
    case.composes("Pietiek ar PMLP daļu.", at=riga(25))
    assert [f.state for f in case.forwardings] == [ForwardingState.ANSWERED, ForwardingState.WITHDRAWN]
    by_owner = {clock.owner: clock.outcome for clock in case.clocks if clock.kind == ClockKind.INSTITUTION}
    assert by_owner == {"PMLP": Outcome.IN_TIME, "VSAA": Outcome.NOT_NEEDED}
    assert not any(clock.outcome == Outcome.RUNNING for clock in case.clocks)
    with pytest.raises(NotPossible, match="ended already"):
        case.answers("VSAA", "Par vēlu.", at=riga(26))


def test_an_empty_answer_is_refused(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    for text in ("", "   ", "\n\t", "\x00", " \x00 "):
        with pytest.raises(NotPossible, match="empty"):
            case.answers("PMLP", text, at=riga(24))
        with pytest.raises(NotPossible, match="empty"):
            case.composes(text, at=riga(24))
    assert (case.state, case.parts, case.messages) == (TicketState.FORWARDED, [], [])


def test_an_answer_has_an_end(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    with pytest.raises(NotPossible, match="longer than"):
        case.answers("PMLP", "ā" * (LONGEST + 1), at=riga(24))
    with pytest.raises(NotPossible, match="longer than"):
        case.composes("ā" * (LONGEST + 1), at=riga(24))
    message = case.answers("PMLP", "ā" * LONGEST + "\n\x00", at=riga(24))
    assert message is not None
    assert message.text.endswith("ā" * LONGEST)


def test_nobody_answers_twice(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.answers("PMLP", "Pirmā.", at=riga(24))
    with pytest.raises(NotPossible, match="ended already"):
        case.answers("PMLP", "Otrā.", at=riga(24, 16))
    with pytest.raises(NotPossible, match="answered already"):
        case.composes("Trešā.", at=riga(24, 17))
    assert [part.text for part in case.parts] == ["Pirmā."]
    assert len(case.messages) == 1


def test_part_of_an_answer_is_not_given_twice_either(case: Case) -> None:
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("PMLP", "Mūsu daļa.", at=riga(24))
    with pytest.raises(NotPossible, match="ended already"):
        case.answers("PMLP", "Vēl kas.", at=riga(25))
    assert len(case.parts) == 1


@pytest.mark.parametrize("ending", ["returned", "withdrawn"])
def test_who_no_longer_has_it_does_not_answer(case: Case, ending: str) -> None:
    case.forward("PMLP", at=riga(23, 15))
    if ending == "returned":
        case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    else:
        case.take_back("PMLP", at=riga(24))
    with pytest.raises(NotPossible, match="ended already"):
        case.answers("PMLP", "Tomēr.", at=riga(25))
    assert (case.state, case.parts) == (TicketState.TRIAGE, [])


def test_late_by_working_days(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.answers("PMLP", "Beidzot.", at=riga(7, month=12))
    institution = case.clock(ClockKind.INSTITUTION)
    assert (institution.outcome, institution.days_late) == (Outcome.LATE, 4)
    assert answer_clock(case) == (Outcome.LATE, 3)


def test_on_a_channel_that_is_pushed_to_only_the_sending_stops_the_citizens_clock(database: Database) -> None:
    employ(database, "PMLP")
    case = Case(database, channel="telegram")
    case.forward("PMLP", at=riga(23, 15))
    case.answers("PMLP", "Pase ir gatava.", at=riga(2, 23, month=12))
    assert case.state == TicketState.ANSWERED
    assert case.clock(ClockKind.INSTITUTION).outcome == Outcome.LATE, "the institution's stopped when it answered"
    assert answer_clock(case) == (Outcome.RUNNING, 0)
    case.sent(riga(3, 0, 1, month=12))
    assert answer_clock(case) == (Outcome.LATE, 1)
    assert case.clock(ClockKind.ANSWER).stopped_at == riga(3, 0, 1, month=12)
    assert case.messages[0].sent_at == riga(3, 0, 1, month=12)


def test_the_coordinators_answer_too_waits_for_the_evidence(database: Database) -> None:
    case = Case(database, channel="telegram")
    case.composes("Atbilde.", at=riga(24))
    assert answer_clock(case) == (Outcome.RUNNING, 0)
    case.sent(riga(24, 13))
    assert answer_clock(case) == (Outcome.IN_TIME, 0)
    case.sent(riga(9, month=12))
    assert case.clock(ClockKind.ANSWER).stopped_at == riga(24, 13), "a second sending changes nothing"


def test_an_answer_clears_what_called_for_attention(case: Case) -> None:
    def citizen_wrote() -> None:
        def work(session: object) -> None:
            case._ticket(session).attention = "citizen wrote"  # type: ignore[arg-type]

        case.changes(work)

    citizen_wrote()
    case.composes("Atbilde.", at=riga(24))
    assert case.ticket.attention == ""


def test_the_trail_tells_the_whole_story(case: Case) -> None:
    case.forward("PMLP", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    case.forward("VSAA", at=riga(24, 16))
    case.answers("VSAA", "Jā.", at=riga(25))
    assert case.trail == [
        "clock started", "clock started", "handed to people",
        "clock started", "forwarded", "delivered", "clock stopped",
        "clock stopped", "returned", "clock started",
        "clock started", "forwarded", "delivered", "clock stopped",
        "clock stopped", "institution answered", "answered", "clock stopped",
    ]  # fmt: skip
    assert {event.actor for event in case.events} == {"bot", "anna", "clerk of PMLP", "clerk of VSAA", "clock"}
