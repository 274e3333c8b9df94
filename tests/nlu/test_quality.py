"""The figures that the engine is chosen for, measured again on a part of the questions: they must not fall.

bench/bench_understanding.py measures them in full, with limits that were fitted without the tested questions.
"""

import json
import statistics
import time
from functools import cache

import numpy as np
import pytest

from nlu import decide
from nlu.held_out import Asked, find, judge
from nlu.meaning import Band
from nlu.topics import Found
from nlu.understand import Engine
from tests.nlu.starting_catalogue import (
    DEV_QUESTIONS,
    asked,
    engine,
    engine_without,
    entry,
    learn,
    services,
    vectors,
)

FOLDS = 9
"""every ninth question of each service is asked, of an engine that has not seen it; one fold is measured here"""
STRANGERS = 5
"""a fifth of the institutions is unknown to each of the other engines"""


@cache
def _in_catalogue() -> list[tuple[Asked, Found, Band]]:
    known = {service["code"]: entry(service) for service in services()}
    questions = [Asked(one.text, one.language, known[one.service]) for one in asked(lambda at: at % FOLDS == 1)]
    stranger = engine_without(1, FOLDS)
    nothing = np.zeros(len(known), bool)
    return [(question, *_decided(stranger, question, nothing)) for question in questions]


@cache
def _out_of_catalogue() -> list[Band]:
    """A sixth of all questions, each asked of an engine that knows nothing of its institution and life situation."""
    institutions = sorted({service["institution"] for service in services()})
    every = [entry(service) for service in services()]
    bands = []
    for fold in range(STRANGERS):
        gone = institutions[fold::STRANGERS]
        known = [one for one in every if one.institution not in gone]
        stranger = learn(known)
        for one in every:
            if one.institution in gone:
                its = one.life_situation
                hidden = np.array([bool(its) and its == other.life_situation for other in known])
                questions = [Asked(text, language, one) for language, q in one.questions.items() for text in q[1::6]]
                bands += [_decided(stranger, question, hidden)[1] for question in questions]
    return bands


def _decided(stranger: Engine, question: Asked, hidden: "np.typing.NDArray[np.bool_]") -> tuple[Found, Band]:
    """As `understand` does, with the embeddings that are shipped."""
    found, _, band = judge(decide.shipped(), find(stranger, vectors().one, question, hidden))
    return found, band


def _share(hits: list[bool]) -> float:
    return sum(hits) / len(hits)


def _code(found: Found, place: int = 0) -> str:
    return str(services()[int(found.order[place])]["code"])


@pytest.mark.parametrize(("language", "first", "third"), [("lv", 0.78, 0.88), ("en", 0.92, 0.96), ("ru", 0.91, 0.96)])
def test_the_right_service_is_first_or_among_the_three_that_are_offered(
    language: str, first: float, third: float
) -> None:
    mine = [(one, found) for one, found, _ in _in_catalogue() if one.language == language]
    assert _share([_code(found) == one.entry.code for one, found in mine]) >= first
    assert _share([one.entry.code in [_code(found, at) for at in range(3)] for one, found in mine]) >= third


def test_most_questions_of_the_catalogue_are_answered_and_at_most_two_in_a_hundred_wrongly() -> None:
    answered = [(one, found) for one, found, band in _in_catalogue() if band is Band.ANSWER]
    assert len(answered) / len(_in_catalogue()) >= 0.57
    assert _share([_code(found) != one.entry.code for one, found in answered]) <= 0.025  # of 350: 2 % and chance


def test_at_most_two_in_a_hundred_questions_outside_the_catalogue_are_answered() -> None:
    assert len(_out_of_catalogue()) > 1_000
    assert _share([band is Band.ANSWER for band in _out_of_catalogue()]) <= 0.025  # 2 % and chance


def test_the_shipped_limits_were_fitted_for_two_in_a_hundred() -> None:
    figures = decide.shipped().figures
    assert figures["wrong of answered"] <= 0.02
    assert figures["answered of outside"] <= 0.02
    assert figures["answered"] >= 0.6


@pytest.mark.parametrize(
    "text",
    [
        *("pensija", "pabalsts", "pase", "auto", "sertifikāts", "invaliditāte", "deklarācija", "licence", "Nodokļi?"),
        *("Kā var pieteikties atbalstam?", "Kas jānorāda iesniegumā?", "Kā iesniegt iesniegumu?", "Cik tas maksā?"),
        *("Kādi dokumenti ir vajadzīgi?", "Kāds ir termiņš?", "Kā saņemt pabalstu?", "Vai var pieteikties internetā?"),
        *("пенсия", "паспорт", "Как подать заявление?", "Кто имеет право получить поддержку?", "Сколько это стоит?"),
        *("pension", "passport", "How do I apply?", "What documents do I need?", "Who can get support?", "tax"),
    ],
)
def test_who_says_too_little_is_asked_back_or_goes_to_people(text: str) -> None:
    assert engine().understand(text).band is not Band.ANSWER


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("vecuma pensija", "vecuma-pensija"),
        ("tehniskā apskate", "tehniska-apskate"),
        ("bezdarbnieka statuss", "bezdarbnieka-statuss"),
    ],
)
def test_two_words_are_enough_where_they_say_what_is_wanted(text: str, service: str) -> None:
    found = engine().understand(text)
    assert (found.band, found.services[0].code) == (Band.ANSWER, service)


@pytest.mark.skipif(not DEV_QUESTIONS.exists(), reason="the real questions are not part of the checkout")
def test_real_questions_find_their_institution() -> None:
    rows = [json.loads(line) for line in DEV_QUESTIONS.read_text("utf-8").splitlines()]
    found = [[i.code for i in engine().understand(row["text"]).institutions] for row in rows]
    assert _share([row["institution"] == codes[0] for row, codes in zip(rows, found, strict=True) if codes]) >= 0.78
    assert _share([row["institution"] in codes[:3] for row, codes in zip(rows, found, strict=True)]) >= 0.88


def test_a_question_that_words_alone_decide_takes_about_a_millisecond() -> None:
    """Others are embedded, which takes some 20 ms."""
    texts = [question.text for question in asked(lambda at: at == 0)]
    times = []
    for text in texts:
        began = time.process_time()
        engine().understand(text)
        times.append(time.process_time() - began)
    assert statistics.quantiles(times, n=10)[1] < 0.006  # 0.001 measured; the machine may be busy with other tests
