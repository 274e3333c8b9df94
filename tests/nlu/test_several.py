import random

import pytest

from nlu.meaning import Band, Intent
from nlu.several import split
from tests.nlu.starting_catalogue import asked, engine

_JOINED_BY = {
    "lv": (" un vēl ", "\n", " Otrs jautājums: ", " Un vēl viens jautājums: ", " ", "\n2. ", " Kā arī "),
    "en": (" and also ", "\n", " Another question: ", " ", "\n2) "),
    "ru": (" и ещё ", "\n", " Второй вопрос: ", " ", "\n2. "),
}


def test_a_question_of_the_catalogue_is_one_whatever_story_stands_before_it() -> None:
    texts = [question.text for question in asked()]
    long = [text for text in texts if len(text) >= 80]
    assert sum(len(split(text)) > 1 for text in texts) < 0.002 * len(texts)
    assert sum(len(split(text)) > 1 for text in long) < 0.005 * len(long)


@pytest.mark.parametrize(
    ("language", "joint"), [(one, joint) for one, joints in _JOINED_BY.items() for joint in joints]
)
def test_two_questions_are_told_apart_however_they_are_joined(language: str, joint: str) -> None:
    chance = random.Random(7)
    questions = [question for question in asked() if question.language == language and question.text.endswith("?")]
    pairs = [pair for pair in (chance.sample(questions, 2) for _ in range(100)) if pair[0].service != pair[1].service]
    right = sum(len(split(_join(one.text, joint, other.text))) == 2 for one, other in pairs)
    assert right >= 0.9 * len(pairs)


def _join(one: str, joint: str, other: str) -> str:
    spoken = len(joint) > 1 and joint.startswith(" ")
    return f"{one.rstrip('?')}{joint}{other[0].lower()}{other[1:]}" if spoken else one + joint + other


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Labdien! Vai varat palīdzēt? Kā saņemt pasi?",
        "Kā saņemt vecuma pensiju? Cik ilgi tas jāgaida?",
        "Kā saņemt vecuma pensiju? Kādi dokumenti vajadzīgi un cik maksā?",
        "Pazaudēju pasi. Policijā jau biju. Ko darīt?",
        "Ģimenē ir bērns un vēl viens gaidāms, kā saņemt pabalstu?",
        "Kā saņemt pasi? " * 300,
    ],
)
def test_what_only_goes_on_is_no_second_question(text: str) -> None:
    assert split(text) == [text]


def test_each_part_keeps_its_story() -> None:
    assert split("Pazaudēju pasi. Kā dabūt jaunu pasi? Man ir suns. Kur reģistrēt suni?") == [
        "Pazaudēju pasi. Kā dabūt jaunu pasi?",
        "Man ir suns. Kur reģistrēt suni?",
    ]


def test_many_questions_are_at_most_four_parts() -> None:
    places = ("pasi", "suni", "pensiju", "auto", "SIA", "preču zīmi")
    assert len(split(" ".join(f"Kur reģistrēt {one} Latvijā?" for one in places))) == 4


def test_each_of_two_questions_is_understood_and_the_whole_is_for_people() -> None:
    meaning = engine().understand("Kā saņemt vecuma pensiju? Un vēl viens jautājums: vai suns obligāti jāčipē?")
    assert [part.service for part in meaning.parts] == ["vecuma-pensija", "suna-cipesana-un-registresana"]
    assert meaning.band is Band.ROUTE
    assert meaning.intent is Intent.QUESTION
    assert {"vecuma-pensija", "suna-cipesana-un-registresana"} <= {one.code for one in meaning.services[:2]}


def test_one_question_asked_twice_is_one() -> None:
    assert not engine().understand("Kā saņemt vecuma pensiju? Kur noformēt vecuma pensiju Latvijā?").parts
