"""What the bot does with what citizens do, from the first word to the ticket."""

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.brain import Brain
from channels.base import Inbound, Kind
from models.clock import ClockKind, Outcome
from models.database import Database
from models.message import Author, Direction
from models.queue import OutboxRow, Timer
from models.service import Receipt, service_by_code
from models.ticket import TicketState
from routing.clocks import due
from tests.bot.talk import Talk, clocks, said, ticket, trail

KNOWN = "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?"
UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"


@pytest.fixture
def anna(database: Database, brain: Brain) -> Talk:
    return Talk(database, brain)


def test_a_question_the_catalogue_answers_is_answered_word_for_word_with_a_receipt(anna: Talk) -> None:
    turn = anna.says(KNOWN)
    reply = turn.said[-1]
    with anna.database.read() as session:
        receipt = session.exec(select(Receipt)).one()
        service = service_by_code(session, receipt.service_code)
    assert service is not None
    assert service.text("summary", "lv") in reply.text
    assert receipt.text in reply.text
    assert reply.source["version"] == service.version
    assert reply.source["url"] == service.url
    assert service.url in reply.text
    assert turn.on.state == TicketState.ANSWERED


def test_the_citizens_clock_stops_in_time_when_the_catalogue_answers(anna: Talk) -> None:
    turn = anna.says(KNOWN)
    found = clocks(anna.database, turn.on.ref)
    assert found[ClockKind.ANSWER].outcome == Outcome.IN_TIME
    assert ClockKind.FORWARD not in found


def test_on_a_channel_that_is_pushed_to_the_clock_waits_for_the_evidence(database: Database, brain: Brain) -> None:
    turn = Talk(database, brain, channel="telegram", pulled=False).says(KNOWN)
    assert clocks(database, turn.on.ref)[ClockKind.ANSWER].outcome == Outcome.RUNNING
    with database.read() as session:
        assert [row.message_id for row in session.exec(select(OutboxRow))] == [message.id for message in turn.said]


def test_no_did_not_help_sends_the_question_on_with_the_first_receipt_time(anna: Talk) -> None:
    turn = anna.says(KNOWN)
    received, ref = anna.at, turn.on.ref
    anna.at += timedelta(days=3)
    again = anna.chooses(f"h:{ref}:no")
    answer = clocks(anna.database, ref)[ClockKind.ANSWER]
    assert again.on.state == TicketState.TRIAGE
    assert answer.outcome == Outcome.RUNNING
    assert answer.due_on == due("answer", turn.on.received_on).on
    assert again.on.received_at == received
    assert clocks(anna.database, ref)[ClockKind.FORWARD].due_on == due("forward", turn.on.received_on).on


def test_yes_it_helped_closes_the_ticket(anna: Talk) -> None:
    ref = anna.says(KNOWN).on.ref
    assert anna.chooses(f"h:{ref}:yes").on.state == TicketState.CLOSED
    assert ticket(anna.database, ref).rating == "yes"


def test_what_the_bot_does_not_know_goes_to_people_with_a_date(anna: Talk) -> None:
    turn = anna.says(UNKNOWN)
    assert turn.on.state == TicketState.TRIAGE
    assert turn.on.ref in turn.said[-1].text
    assert set(clocks(anna.database, turn.on.ref)) == {ClockKind.ANSWER, ClockKind.FORWARD}
    assert trail(anna.database, turn.on.ref) == ["received", "clock started", "clock started", "handed to people"]


def test_a_further_message_joins_the_open_ticket(anna: Talk) -> None:
    first = anna.says(UNKNOWN)
    second = anna.says("Un vēl: tas ir steidzami.")
    assert second.on.ref == first.on.ref
    assert [m.text for m in said(anna.database, first.on.ref) if m.direction == Direction.IN] == [
        UNKNOWN,
        "Un vēl: tas ir steidzami.",
    ]


def test_a_joined_message_can_become_a_question_of_its_own(anna: Talk) -> None:
    first = anna.says(UNKNOWN)
    second = anna.says(KNOWN)
    assert second.on.ref == first.on.ref
    split = anna.chooses(second.said[-1].choices[0]["value"])
    assert split.on.ref != first.on.ref
    assert split.on.state == TicketState.ANSWERED
    assert KNOWN not in [m.text for m in said(anna.database, first.on.ref)]
    assert anna.chooses(second.said[-1].choices[0]["value"]).on.ref == split.on.ref


def test_two_contacts_never_share_a_ticket(database: Database, brain: Brain) -> None:
    anna = Talk(database, brain).says(UNKNOWN)
    other = Talk(database, brain, address="berta").says("Un kas ar manu jautājumu?")
    assert other.ticket is None or other.on.ref != anna.on.ref


def test_a_foreign_button_does_nothing(database: Database, brain: Brain) -> None:
    ref = Talk(database, brain).says(KNOWN).on.ref
    stranger = Talk(database, brain, address="berta").chooses(f"h:{ref}:no")
    assert stranger.ticket is None
    assert ref not in stranger.said[-1].text
    assert ticket(database, ref).state == TicketState.ANSWERED


@pytest.mark.parametrize(
    "value", ["", "x", "s:", "h:LV-2026-000001", "n:", "n:99999999999999999999", "s:LV-2026-000001:9"]
)
def test_a_senseless_button_gets_a_plain_word(anna: Talk, value: str) -> None:
    assert anna.chooses(value).said


def test_middle_confidence_asks_among_at_most_three_and_a_choice_answers(anna: Talk) -> None:
    turn = anna.says("Kā saņemt bērna pabalstu?")
    assert turn.on.state == TicketState.CLARIFYING
    *services, none = turn.said[-1].choices
    assert 1 <= len(services) <= 3
    answered = anna.chooses(services[0]["value"])
    assert answered.on.ref == turn.on.ref
    assert answered.on.state == TicketState.ANSWERED
    assert none["value"].endswith(":none")


def test_a_typed_number_is_the_choice(anna: Talk) -> None:
    turn = anna.says("Kā saņemt bērna pabalstu?")
    assert anna.says("1").on.ref == turn.on.ref
    assert ticket(anna.database, turn.on.ref).state == TicketState.ANSWERED


def test_none_of_these_goes_to_people(anna: Talk) -> None:
    turn = anna.says("Kā saņemt bērna pabalstu?")
    assert anna.chooses(turn.said[-1].choices[-1]["value"]).on.state == TicketState.TRIAGE


def test_asking_back_leaves_a_timer_so_that_nobody_is_forgotten(anna: Talk) -> None:
    turn = anna.says("Kā saņemt bērna pabalstu?")
    with anna.database.read() as session:
        assert session.exec(select(Timer)).one().ticket_id == turn.on.id


def test_a_greeting_makes_no_ticket_but_a_form_always_does(anna: Talk) -> None:
    assert anna.says("Labdien!").ticket is None
    assert anna.says("Labdien!", kind=Kind.QUESTION).on.state == TicketState.TRIAGE


def test_a_person_on_demand(anna: Talk) -> None:
    assert anna.says("Gribu runāt ar cilvēku, lūdzu").on.state == TicketState.TRIAGE


def test_an_emergency_points_to_112_and_still_reaches_people(anna: Talk) -> None:
    turn = anna.says("Palīgā, pie mums deg māja!")
    assert "112" in turn.said[-1].text
    assert turn.on.state == TicketState.TRIAGE


def test_the_reply_comes_in_the_language_of_the_question(anna: Talk) -> None:
    assert anna.says("How can I declare my place of residence online in the portal with eID?").said[-1].language == "en"
    assert "Did this help?" in anna.says("How do I register my dog's microchip?").said[-1].text


def test_status_tells_how_the_last_question_stands(anna: Talk) -> None:
    assert "vēl nav" in anna.says("", kind=Kind.STATUS).said[-1].text
    ref = anna.says(UNKNOWN).on.ref
    assert ref in anna.says("", kind=Kind.STATUS).said[-1].text


def test_an_edit_keeps_the_old_words_and_tells_people(anna: Talk) -> None:
    turn = anna.says(UNKNOWN)
    heard = turn.heard
    assert heard is not None
    anna.does(Inbound("anna", heard.external_id, Kind.EDIT, text="Labots jautājums"))
    message = said(anna.database, turn.on.ref)[0]
    assert (message.text, message.earlier) == ("Labots jautājums", [UNKNOWN])
    assert ticket(anna.database, turn.on.ref).attention == "citizen wrote"


def test_an_edit_that_comes_before_its_message_is_taken_as_one(anna: Talk) -> None:
    assert anna.does(Inbound("anna", "anna:77", Kind.EDIT, text=UNKNOWN)).on.state == TicketState.TRIAGE


def test_who_blocks_us_is_shown_to_people(anna: Talk) -> None:
    ref = anna.says(UNKNOWN).on.ref
    anna.says("", kind=Kind.LEFT)
    assert ticket(anna.database, ref).attention == "citizen unreachable"


def test_a_file_alone_is_a_question_for_people(anna: Talk) -> None:
    assert anna.sends_file().on.state == TicketState.TRIAGE


def test_a_business_question_is_coordinated_by_liaa(anna: Talk) -> None:
    assert anna.says(UNKNOWN, audience="business").on.coordinator == "LIAA"
    assert Talk(anna.database, anna.brain, address="berta").says(UNKNOWN).on.coordinator == "VDAA"


def test_a_personal_code_is_masked_where_lists_show_the_question(anna: Talk) -> None:
    assert "161175-19997" not in anna.says(f"{UNKNOWN} Mans kods ir 161175-19997").on.subject


def test_a_complaint_opens_an_answered_ticket_again(anna: Talk) -> None:
    ref = anna.says(KNOWN).on.ref
    turn = anna.says("Atbilde bija nepieklājīga", kind=Kind.COMPLAINT)
    assert (turn.on.ref, turn.on.state, turn.on.attention) == (ref, TicketState.TRIAGE, "complaint")
    assert clocks(anna.database, ref)[ClockKind.ANSWER].outcome == Outcome.RUNNING


def test_the_first_word_on_a_messenger_says_that_a_bot_answers(database: Database, brain: Brain) -> None:
    talk = Talk(database, brain, channel="telegram", pulled=False)
    assert "robots" in talk.says(KNOWN).said[0].text
    assert len(talk.says("Paldies").said) == 1
    assert all(message.author == Author.BOT for message in talk.says(KNOWN).said)
