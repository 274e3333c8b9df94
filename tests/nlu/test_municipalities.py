"""Which municipality a question is about, and whose the matter is there."""

from itertools import product

import pytest

from nlu.directory import Directory
from nlu.institutions import competent
from nlu.meaning import Candidate, Entry, Understanding
from nlu.municipalities import all_places, at, bodies_at, named_in, told
from nlu.understand import Band
from nlu.vocabulary import Vocabulary
from tests.nlu.starting_catalogue import competences, engine, services


def _ask(text: str, place: str = "") -> Understanding:
    return engine().understand(text, place=place)


@pytest.mark.parametrize(
    ("texts", "place"),
    [
        ("Rīgā, rigas, uz Rīgu, in Riga, Riga's, в Риге, рижская, no Purvciema", "Rīga"),
        (
            "Ikšķilē, ikskile, Ikšķiles pilsētā, в Икшкиле, Ogres novada, Огрский край, в Огре, in Lielvarde",
            "Ogres novads",
        ),
        ("Salaspilī, salaspils, в Саласпилсе", "Salaspils novads"),
        ("Jūrmalā, jurmalas, в Юрмале, юрмальской, Ķemeros", "Jūrmala"),
        ("Liepājā, liepajas, в Лиепае, лиепайская", "Liepāja"),
        ("Cēsīs, cesis, no Cēsīm, в Цесисе, Priekuļos", "Cēsu novads"),
        ("Jelgavas novadā, в Елгавском крае, Jelgava county, Ozolniekos, Cenu pagastā", "Jelgavas novads"),
        ("Jelgavā, jelgavu, в Елгаве", "Jelgava"),
        ("Grobiņā, в Гробине, Dienvidkurzemē, Liepājas rajonā", "Dienvidkurzemes novads"),
        ("Varakļānos, Madonā, Ērgļu pagastā", "Madonas novads"),
        ("Ludzā, Лудзе, Ludzas novadā", "Ludzas novads"),
        ("Rūjienā Valmieras novadā", "Valmieras novads"),
    ],
)
def test_a_place_is_known_in_its_cases_and_languages(texts: str, place: str) -> None:
    for text in texts.split(", "):
        assert named_in(text) == {place}, text


@pytest.mark.parametrize(
    "text",
    [
        "Lūdzu, palīdziet! Ludzu palidziet",
        "Kāda ir cena? Baloži uz jumta, saka, ka balvu nedos",
        "Rīgas iela 5, Liepājas šosejā, улица Валмиерас",
        "Kauguros",  # in Jūrmala, and a parish near Valmiera
        "семьи, огромное, стенд, книга",
        "more code, a sauna",
        "ogresxxxxx talsme maruska",
    ],
)
def test_words_that_only_look_like_a_place_are_none(text: str) -> None:
    assert not named_in(text)


def test_each_municipality_is_known_by_its_own_name_in_three_languages() -> None:
    assert len(all_places()) == 42
    for place, language in product(all_places(), ("lv", "en", "ru")):
        assert named_in(told(place, language)) == {place}, told(place, language)


def test_a_matter_of_the_municipality_goes_to_the_one_that_is_named() -> None:
    understood = _ask("Kā saņemt vienreizēju pabalstu krīzes situācijā Ikšķilē?")
    assert (understood.municipality, understood.municipal) == ("Ogres novads", True)
    assert understood.institutions[0].code == "PAŠV-SD"


def test_a_place_makes_no_matter_of_the_state_municipal() -> None:
    understood = _ask("Kur Ogrē saņemt jaunu pasi?")
    assert (understood.institutions[0].code, understood.municipal) == ("PMLP", False)
    assert understood.municipality == "Ogres novads"


def test_a_place_that_is_known_stands_for_one_that_is_not_named() -> None:
    asked = "Kā pieteikt bērnu bērnudārza rindā?"
    assert _ask(asked).place_lacks
    assert _ask(asked, "Ropažu novads").service == "pii-rinda-ropazi"
    elsewhere = _ask(asked, "Ogres novads")
    assert (elsewhere.municipality, elsewhere.place_lacks) == ("Ogres novads", False)
    assert elsewhere.band is not Band.ANSWER
    assert _ask("Kā pieteikt bērnu bērnudārza rindā Jūrmalā?", "Ropažu novads").municipality == "Jūrmala"


def test_a_matter_of_several_institutions_is_told_from_one_that_is_doubtful() -> None:
    """For held-out questions the figures stand in nlu/institutions.py."""
    of_several, of_one = {True: 0, False: 0}, {True: 0, False: 0}
    for service in services()[::4]:
        found = _ask(service["questions"]["lv"][0], service["municipality"] or "")
        (of_several if service["also"] else of_one)[len(found.competent) > 1] += 1
    assert of_several[True] > 0.8 * sum(of_several.values())
    assert of_one[True] < 0.1 * sum(of_one.values())


def test_of_two_places_none_is_taken() -> None:
    understood = _ask("Pārceļos no Saldus uz Rīgu, kā pieteikt bērnu bērnudārzā?")
    assert (understood.municipality, understood.place_lacks) == ("", False)


def test_riga_has_bodies_of_its_own_and_no_one_else_has_them() -> None:
    assert bodies_at("Rīga", ["PAŠV-BV", "PAŠV-SD", "VZD"]) == ("RDPAD", "PAŠV-SD", "VZD")
    assert bodies_at("Ogres novads", ["RVP", "PAŠV-BV", "RDPAD"]) == ("PAŠV-BV",)
    ranked = (Candidate("PAŠV-BV", 0.5), Candidate("RDPAD", 0.3), Candidate("VZD", 0.1))
    assert at("Rīga", ranked) == (Candidate("RDPAD", 0.5), Candidate("VZD", 0.1))
    assert at("", ranked) == ranked


def test_every_body_of_a_place_is_in_the_directory() -> None:
    codes = {one.code for one in competences()}
    assert set(bodies_at("Rīga", ["PAŠV-BV", "PAŠV-IZGL", "PAŠV-NĪN"])) | {"RS"} <= codes
    assert Directory(competences(), Vocabulary()).named(["vsaa"], "vsaa")


def test_several_are_competent_where_a_near_service_is_of_several() -> None:
    ranked = [Candidate("VSAA", 0.6), Candidate("PMLP", 0.35)]
    of_two, of_one = _entry("VSAA", "VDEĀVK"), _entry("PMLP")
    assert competent(ranked, [], [of_two], certain=False) == ("VSAA", "VDEĀVK")
    assert competent(ranked, [], [of_one], certain=False) == ("VSAA",), "near in probability is doubt, not company"
    assert competent(ranked, ["PMLP"], [of_two], certain=False) == ("PMLP",)
    assert competent(ranked, ["PMLP"], [of_two], certain=True) == ("VSAA", "VDEĀVK")
    assert competent([], [], [], certain=False) == ()


def _entry(institution: str, *also: str) -> Entry:
    return Entry("x", institution, also, "", "both", {}, {}, {}, {})
