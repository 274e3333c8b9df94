import pytest

from nlu.understand import Band, Candidate, Competence, Engine, Entry, Intent, Understanding
from tests.nlu.starting_catalogue import engine


def _ask(text: str, hint: str = "", audience: str = "") -> Understanding:
    return engine().understand(text, hint, audience)


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("Kā saņemt vecuma pensiju?", "vecuma-pensija"),
        ("ka sanemt vecuma pensiju", "vecuma-pensija"),
        ("How do I apply for an old-age pension?", "vecuma-pensija"),
        ("Как оформить пенсию по возрасту?", "vecuma-pensija"),
        ("kak oformit pensiyu po vozrastu", "vecuma-pensija"),
        ("Kā pieteikties bezdarbnieka statusam?", "bezdarbnieka-statuss"),
        ("kur registret suni", "suna-cipesana-un-registresana"),
    ],
)
def test_a_clear_question_is_answered_in_each_language(text: str, service: str) -> None:
    understood = _ask(text)
    assert (understood.service, understood.band) == (service, Band.ANSWER)
    assert understood.intent is Intent.QUESTION
    assert understood.confidence == understood.services[0].confidence > 0.7


@pytest.mark.parametrize(
    "text",
    [
        "Kā var pieteikties atbalstam?",
        "Cik tas maksā?",
        "Kādi dokumenti vajadzīgi?",
        "Kādam nolūkam paredzēts šis pabalsts?",
        "Kam šis atbalsts tiek piešķirts – bērnam vai bērna vecākam?",
        "Kas jānorāda iesniegumā?",
        "pabalsts",
        "Vai var elektroniski?",
        "How much does it cost?",
        "What documents do I need?",
        "Where do I go?",
        "Сколько это стоит?",
        "Кто имеет право получить поддержку?",
        "пособие",
    ],
)
def test_a_vague_question_is_never_answered(text: str) -> None:
    assert _ask(text).band is not Band.ANSWER


@pytest.mark.parametrize(
    "text",
    ["Kā uzcept pankūkas?", "Kāds ir bitkoina kurss?", "Tell me a joke", "Какая завтра погода?", "asdf qwer zxcv"],
)
def test_what_the_catalogue_knows_nothing_of_goes_to_people(text: str) -> None:
    assert _ask(text).band is Band.ROUTE


@pytest.mark.parametrize(
    "text",
    [
        "Kāpēc man atteica vecuma pensiju?",
        "Gribu runāt ar cilvēku par vecuma pensiju",
        "Sūdzos par VSAA, vecuma pensija nav piešķirta",
    ],
)
def test_a_case_a_complaint_and_a_wish_for_a_person_go_to_people_with_suggestions(text: str) -> None:
    understood = _ask(text)
    assert understood.band is Band.ROUTE
    assert understood.intent in {Intent.PERSONAL, Intent.HUMAN, Intent.COMPLAINT}
    assert understood.service == "vecuma-pensija"
    assert understood.institutions[0].code == "VSAA"


def test_a_greeting_alone_suggests_nothing() -> None:
    assert _ask("Labdien!") == Understanding("lv", Intent.GREETING, Band.ROUTE, (), (), 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "Kā deklarēt dzīvesvietu?",
        "Kur pieteikt bērna piedzimšanas pabalstu Liepājā?",
        "Vai suns obligāti jāčipē?",
        "Kā nomainīt bojātu vadītāja apliecību?",
    ],
)
def test_a_question_without_diacritics_means_the_same(text: str) -> None:
    plain = text.translate(str.maketrans("āčēģīķļņšūž", "acegiklnsuz"))
    assert _ask(plain).service == _ask(text).service
    assert _ask(plain).institutions[0].code == _ask(text).institutions[0].code


def test_the_place_named_chooses_the_entry_of_that_place() -> None:
    assert _ask("Kā pieteikties GMI pabalstam Valmierā?").service == "gmi-pabalsts-valmiera"
    assert _ask("Kā pieteikties GMI pabalstam?").service == "gmi-pabalsts"
    assert _ask("bernudarzu rinda jurmala").service == "bernudarzu-rindas-jurmala"


@pytest.mark.parametrize("place", ["Cēsīs", "Tukumā", "Rēzeknē", "Liepājā", "Ventspilī"])
def test_the_entry_of_another_place_never_wins(place: str) -> None:
    understood = _ask(f"Kā pieteikt bērnu bērnudārza rindā {place}?")
    assert not {"pii-rinda-ropazi", "bernudarzu-rindas-jurmala"} & {service.code for service in understood.services}
    assert understood.band is not Band.ANSWER


def test_the_states_answer_is_not_given_for_a_municipality_whose_own_we_lack() -> None:
    assert _ask("Kā saņemt Jelgavas pašvaldības bērna piedzimšanas pabalstu?").band is not Band.ANSWER


def test_an_entry_for_every_municipality_answers_wherever_its_own_is_lacking() -> None:
    understood = _ask("Kā pieteikties GMI pabalstam Jelgavā?")
    assert (understood.service, understood.band) == ("gmi-pabalsts", Band.ANSWER)


def test_a_matter_of_the_municipality_is_not_answered_before_the_place_is_known() -> None:
    understood = _ask("Kā pieteikt bērnu bērnudārza rindā?")
    assert understood.band is Band.CLARIFY
    assert {"pii-rinda-ropazi", "bernudarzu-rindas-jurmala"} <= {service.code for service in understood.services}


@pytest.mark.parametrize(
    ("text", "institution"),
    [
        ("vai csdd strādā sestdienās", "CSDD"),
        ("VSAA tālrunis", "VSAA"),
        ("Kā sazināties ar PMLP?", "PMLP"),
        ("Vai UR pieņem klātienē?", "UR"),
        ("Kur sūdzēties par troksni naktī?", "PAŠV-PP"),
        ("Kā reģistrēt preču zīmi?", "PV"),
        ("Kurā datumā notiks vēlēšanas?", "CVK"),
        ("Kā saņemt apdrošināšanas stāža izziņu no Valsts sociālās apdrošināšanas aģentūras?", "VSAA"),
    ],
)
def test_the_institution_is_found_without_a_service_of_its_own(text: str, institution: str) -> None:
    assert _ask(text).institutions[0].code == institution


def test_two_letters_are_an_institution_only_in_capitals() -> None:
    assert "TA" not in {found.code for found in _ask("ta nav mana lieta, ko lai dara").institutions[:1]}


def test_no_more_than_five_are_suggested_best_first() -> None:
    understood = _ask("pabalsts bērnam ģimenei, dokumenti, iesniegums, pašvaldība un apliecība")
    for found in (understood.services, understood.institutions):
        assert 0 < len(found) <= 5
        assert list(found) == sorted(found, key=lambda candidate: -candidate.confidence)
        assert all(0 <= candidate.confidence <= 1 for candidate in found)


def _entry(code: str, audience: str) -> Entry:
    return Entry(code, "UR", (), "", audience, {"lv": "Reģistra izziņa"}, {"lv": ("izziņa",)}, {}, {})


def test_the_audience_tells_two_alike_services_apart() -> None:
    knows_two = Engine.learn([_entry("a", "resident"), _entry("b", "business")], [])
    assert knows_two.understand("Reģistra izziņa", audience="business").service == "b"
    assert knows_two.understand("Reģistra izziņa", audience="resident").service == "a"


def test_two_services_that_fit_alike_are_asked_about() -> None:
    knows_two = Engine.learn([_entry("a", "both"), _entry("b", "both")], [])
    assert knows_two.understand("Reģistra izziņa").band is not Band.ANSWER


def test_an_engine_that_knows_nothing_gives_everything_to_people() -> None:
    understood = Engine.learn([], []).understand("Kā Rīgā saņemt pensiju?")
    assert (understood.band, understood.service, understood.institutions) == (Band.ROUTE, None, ())


def test_an_engine_with_institutions_only_still_routes() -> None:
    only = Engine.learn([], [Competence("VSAA", {"lv": "Apdrošināšanas aģentūra"}, {"lv": ("pensija",)}, False)])
    assert [found.code for found in only.understand("Kad būs pensijas?").institutions] == ["VSAA"]
    assert isinstance(only.understand("Kad būs pensijas?").institutions[0], Candidate)
