"""A municipal matter goes to the municipality it is about: named, told when asked, or known from before."""

import pytest

from bot.brain import Brain
from models.database import Database
from models.ticket import TicketState
from tests.bot.talk import Talk, ticket

KINDERGARTEN = "Kā pieteikt bērnu bērnudārza rindā?"


@pytest.fixture
def anna(database: Database, brain: Brain) -> Talk:
    return Talk(database, brain)


def test_a_municipal_matter_without_a_place_is_asked_back_once(anna: Talk) -> None:
    asked = anna.says(KINDERGARTEN)
    assert asked.on.state == TicketState.CLARIFYING
    assert "Kurā pašvaldībā?" in asked.said[-1].text
    assert [choice["label"] for choice in asked.said[-1].choices][:2] == ["Rīga", "Daugavpils"]
    again = anna.says("Nu, parasti tajā tuvākajā")
    assert (again.on.ref, again.on.state) == (asked.on.ref, TicketState.TRIAGE)


def test_the_place_typed_gets_the_answer_of_that_place(anna: Talk) -> None:
    ref = anna.says(KINDERGARTEN).on.ref
    told = anna.says("ropazos")
    assert (told.on.ref, told.on.state, told.on.municipality) == (ref, TicketState.ANSWERED, "Ropažu novads")
    assert "ropazi.lv" in told.said[-1].text


def test_where_we_know_no_answer_of_the_place_people_get_it_with_the_place(anna: Talk) -> None:
    anna.says(KINDERGARTEN)
    told = anna.says("Dzīvoju Ikšķilē")
    assert (told.on.state, told.on.municipality) == (TicketState.TRIAGE, "Ogres novads")
    assert "Pašvaldība: Ogres novads." in told.said[-1].text
    assert told.on.suggested[0] == "PAŠV-IZGL"


@pytest.mark.parametrize("press", [True, False])
def test_the_place_may_be_pressed_or_its_number_typed(anna: Talk, press: bool) -> None:
    asked = anna.says("Kā saņemt bērna piedzimšanas pabalstu no pašvaldības?")
    if asked.on.state != TicketState.CLARIFYING or asked.on.offered:
        asked = Talk(anna.database, anna.brain, address="berta").says(KINDERGARTEN)
        anna.address = "berta"
    told = anna.chooses(asked.said[-1].choices[1]["value"]) if press else anna.says("2")
    assert (told.on.state, told.on.municipality) == (TicketState.TRIAGE, "Daugavpils")


def test_who_does_not_know_the_place_gets_to_people(anna: Talk) -> None:
    asked = anna.says(KINDERGARTEN)
    told = anna.chooses(asked.said[-1].choices[-1]["value"])
    assert (told.on.state, told.on.municipality) == (TicketState.TRIAGE, "")


@pytest.mark.parametrize("value", ["p:{ref}:Atlantīda", "p:{ref}:", "p:LV-2026-999999:Rīga", "p::"])
def test_a_senseless_place_is_no_place(anna: Talk, value: str) -> None:
    ref = anna.says(KINDERGARTEN).on.ref
    assert anna.chooses(value.format(ref=ref)).said
    assert ticket(anna.database, ref).municipality == ""


def test_the_place_is_remembered_for_the_next_municipal_matter_of_the_same_person(
    database: Database, brain: Brain, anna: Talk
) -> None:
    ref = anna.says("Kā pieteikt bērnu bērnudārza rindā Ropažos?").on.ref
    anna.chooses(f"h:{ref}:yes")
    assert anna.says(KINDERGARTEN).on.municipality == "Ropažu novads"
    assert Talk(database, brain, address="berta").says(KINDERGARTEN).on.state == TicketState.CLARIFYING


def test_the_place_where_one_fetches_a_passport_is_not_remembered(anna: Talk) -> None:
    passport = anna.says("Kur Ogrē saņemt jaunu pasi?")
    assert passport.on.municipality == "Ogres novads"
    assert passport.contact.municipality == ""
    assert "Pašvaldība" not in passport.said[-1].text
