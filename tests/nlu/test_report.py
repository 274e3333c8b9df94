"""The figures of the report: held out, and what each of them says."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from nlu import decide, report, told
from nlu.arrays import Floats
from nlu.drift import mark
from nlu.evaluate import Row
from nlu.fit_decision import WRONG, fit_to
from nlu.held_out import EVERY_STRANGE, chosen, find, inside, judge, learn_without, outside
from nlu.meaning import Band, Competence, Entry
from nlu.sense import texts_to_embed
from nlu.told import Told
from nlu.vectors import Vectors
from tests.nlu.starting_catalogue import competences, entry, services


def said(truth: str, code: str, sure: float, band: Band = Band.ANSWER, **more: Any) -> Told:
    return Told(f"{truth}?", truth, (code, "x", "y"), sure, band, **more)


FOUR = [
    said("a", "a", 0.95, language="lv", institution="VSAA", institutions=("VSAA",)),
    said("a", "b", 0.90, language="lv", institution="VSAA", institutions=("PMLP", "VSAA")),
    said("x", "b", 0.50, Band.CLARIFY, language="en", institution="PMLP", institutions=("PMLP",)),
    said("b", "b", 0.05, Band.ROUTE, language="en", institution="PMLP", institutions=("VSAA",)),
]


def test_shares_are_of_all_questions_and_of_the_answers() -> None:
    assert told.shares(FOUR) == {
        "questions": 4,
        "first": 0.5,
        "in three": 0.75,
        "answered": 0.5,
        "wrong of answered": 0.5,
        "wrong of all": 0.25,
        "asked back": 0.25,
        "routed": 0.25,
        "institution first": 0.5,
        "institution in three": 0.75,
    }
    assert told.shares([])["wrong of answered"] == 0.0


def test_the_curve_goes_down_the_confidence_and_leaves_out_what_is_never_answered() -> None:
    closed = replace(FOUR[0], confidence=0.99, open=False)
    assert told.curve([*FOUR, closed]) == [
        {"confidence": 0.95, "answered": 0.2, "right": 1.0},
        {"confidence": 0.9, "answered": 0.4, "right": 0.5},
        {"confidence": 0.5, "answered": 0.6, "right": 0.3333},
        {"confidence": 0.05, "answered": 0.8, "right": 0.5},
    ]
    assert told.on_curve([*FOUR, closed], 0.9) == {"confidence": 0.9, "answered": 0.4, "right": 0.5}
    assert told.curve([]) == []
    assert len(told.curve([FOUR[0]] * 5_000)) <= told.POINTS


def test_reliability_counts_each_question_once_and_says_how_far_off_it_is() -> None:
    bins = told.reliability([*FOUR, said("a", "a", 1.0), said("a", "a", 0.0)])
    assert [one["questions"] for one in bins] == [2, 0, 0, 0, 0, 1, 0, 0, 0, 3]
    assert bins[9] == {"from": 0.9, "to": 1.0, "questions": 3, "confidence": 0.95, "right": 0.6667}
    assert told.calibration_error(bins) == pytest.approx((2 * 0.975 + 1 * 0.5 + 3 * (0.95 - 0.6667)) / 6, abs=1e-4)


def test_confusions_are_counted_with_the_surest_examples() -> None:
    pairs = told.confusions((one.truth, one.codes[0], one) for one in [*FOUR, said("a", "b", 0.3, Band.CLARIFY)])
    assert pairs == [
        {"right": "a", "said": "b", "questions": 2, "answered": 1, "examples": ["a?", "a?"]},
        {"right": "x", "said": "b", "questions": 1, "answered": 0, "examples": ["x?"]},
    ]


def test_institutions_with_wrong_answers_come_first() -> None:
    first, second = told.by_institution(FOUR)
    assert first == {
        "institution": "VSAA",
        "questions": 2,
        "answered": 1.0,
        "wrong": 1,
        "wrong of answered": 0.5,
    }
    assert (second["institution"], second["answered"], second["wrong"]) == ("PMLP", 0.0, 0)


@pytest.fixture(scope="module")
def few() -> list[Entry]:
    return [entry(service) for service in services()[::40]]


@cache
def owners() -> list[Competence]:
    mine = {service["institution"] for service in services()[::40]}
    return [one for one in competences() if one.code in mine]


@pytest.fixture(scope="module")
def vectors(few: list[Entry]) -> Vectors:
    """Of a small catalogue, by the letters of each text: alike texts have alike vectors, and no model is needed."""

    def embed(texts: Sequence[str]) -> Floats:
        rows = np.zeros((len(texts), 384), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for at in range(len(text) - 2):
                row[crc32(text[at : at + 3].casefold().encode()) % 384] += 1
        return np.asarray(rows / np.maximum(1e-6, np.linalg.norm(rows, axis=1, keepdims=True)), np.float32)

    made = Vectors.empty()
    made.add(texts_to_embed(few, owners()), embed)
    return made


@pytest.fixture(scope="module")
def figures(few: list[Entry], vectors: Vectors) -> dict[str, Any]:
    """With limits that were fitted on the same catalogue."""
    asked = chosen(few, 100_000)
    known = list(inside(few, owners(), vectors, asked))
    strange = list(outside(few, owners(), vectors, asked[::EVERY_STRANGE]))
    decision = fit_to(known, strange, mark(few), 0.05)
    return report.of_catalogue(few, owners(), vectors, decision, enough=100)


def test_no_question_is_asked_of_an_engine_that_has_learnt_it(few: list[Entry], vectors: Vectors) -> None:
    """Whoever has learnt a question has the text itself among what it knows: a likeness of 1."""
    asked = chosen(few, 40)
    likeness = [one.ways[0].evidence[1] for one in inside(few, owners(), vectors, asked)]
    knowing = learn_without(few, owners(), vectors, frozenset())
    known = [find(knowing, vectors.one, one, np.zeros(len(few), bool))[0].evidence[1] for one in asked]
    assert np.mean(np.array(known) > 0.99) > 0.8
    assert np.median(likeness) < 0.8
    assert np.mean(np.array(likeness) > 0.99) < 0.1  # some are a title, too


def test_a_question_outside_never_finds_its_own_service(few: list[Entry], vectors: Vectors) -> None:
    asked = chosen(few, 40)
    found = list(outside(few, owners(), vectors, asked))
    assert len(found) == 40
    assert not [one for one in found if one.asked.entry.code in one.ways[1].codes]


def test_the_figures_agree_with_each_other(figures: dict[str, Any]) -> None:
    every, languages = figures["all"], figures["languages"]
    assert every["questions"] == sum(its["questions"] for its in languages.values()) > 100
    assert set(languages) == {"lv", "en", "ru"}
    assert every["answered"] + every["asked back"] + every["routed"] == pytest.approx(1, abs=1e-3)
    assert sum(one["questions"] for one in figures["institutions"]) == every["questions"]
    wrong = sum(one["wrong"] for one in figures["institutions"])
    assert wrong / every["questions"] == pytest.approx(every["wrong of all"], abs=1e-4)
    counted = sum(one["questions"] for one in figures["reliability"])
    assert counted == every["questions"] + figures["outside"]["questions"]
    sure = [one["confidence"] for one in figures["worst"]]
    assert sure == sorted(sure, reverse=True)
    assert all(one["right"] != one["said"] for one in figures["worst"])
    assert json.loads(json.dumps(figures)) == figures


def test_limits_fitted_on_this_catalogue_are_tried_without_their_own_questions(figures: dict[str, Any]) -> None:
    assert figures["limits"]["own"]
    assert set(figures["limits"]["refitted"]) == {"answered", "wrong of answered", "answered of outside"}


def test_limits_of_another_catalogue_are_taken_as_they_are(few: list[Entry], vectors: Vectors) -> None:
    found = report.of_catalogue(few, owners(), vectors, decide.shipped(), most=20)
    assert not found["limits"]["own"]
    assert found["limits"]["refitted"] == {}
    assert found["all"]["questions"] == 20
    assert found["limits"]["wrong"] == WRONG


def test_each_question_is_one_step(few: list[Entry], vectors: Vectors) -> None:
    steps: list[int] = []
    report.of_catalogue(few, owners(), vectors, decide.shipped(), 30, lambda: steps.append(1))
    assert len(steps) == report.steps_of(few, 30) == 30 + 10


def test_words_alone_decide_where_they_are_enough(few: list[Entry], vectors: Vectors) -> None:
    one = next(inside(few, owners(), vectors, chosen(few, 4)))
    decision = decide.shipped()
    always = replace(decision.words, limits=decide.Limits(0.0, 0.0))
    words, full = (way._replace(margin=1.0, vague=False) for way in one.ways)
    way, _, band = judge(replace(decision, words=always), (words, full))
    assert (way, band) == (words, Band.ANSWER)


def test_labelled_files_are_learnt_and_asked_and_their_texts_masked() -> None:
    train = [Row("kad atiet vilciens", "laiks"), Row("vilciena laiks", "laiks"), Row("kā mainīt paroli", "parole")]
    test = [Row("kad ir vilciens", "laiks"), Row("paroli mainīt, anna@example.lv", "cits")]
    found = report.of_rows(train, test)
    assert (found["kind"], found["unknown"], found["all"]["first"]) == ("intents", ["cits"], 0.5)
    assert found["worst"][0]["text"] == "paroli mainīt, [e-pasts]"
    assert found["confusions"][0]["right"] == "cits"
