"""The starting catalogue's questions: enough of them, each said once, and each for one service only."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import combinations

import numpy as np
import pytest

from catalogue.known import compared
from catalogue.learn import start_competences, start_entries
from catalogue.start import START
from nlu.embed import clean, embedder
from nlu.held_out import questions
from nlu.lexical import fold, normalise, terms, tokens
from nlu.meaning import Entry
from nlu.sense import spelling_of, texts_to_embed
from nlu.vectors import FILE, Vectors

NEARLY_THE_SAME = 0.8
"""share of all words of two questions that both have"""
SAME_MEANING = 0.975
"""Cosine of two embeddings: "sūdzība par aptieku" and "sūdzība par apdrošinātāju" have 0.970."""
HEADER = "# Demonstration content, written for Atbilde; not an official publication."


@cache
def entries() -> list[Entry]:
    return start_entries()


def test_there_are_hundreds_of_services_of_every_institution() -> None:
    owners = Counter(entry.institution for entry in entries())

    assert len(entries()) >= 250
    assert set(owners) == {one.code for one in start_competences()}
    assert len(owners) == 79


@pytest.mark.parametrize(("language", "least"), [("lv", 8), ("en", 3), ("ru", 3)])
def test_every_service_has_enough_questions(language: str, least: int) -> None:
    assert [entry.code for entry in entries() if len(entry.questions.get(language, ())) < least] == []


def test_some_latvian_questions_are_typed_without_diacritics() -> None:
    plain = [any(question.isascii() for question in entry.questions["lv"]) for entry in entries()]

    assert sum(plain) / len(plain) >= 0.95


def test_no_two_services_have_the_same_title() -> None:
    titles = Counter((language, compared(title)) for entry in entries() for language, title in entry.titles.items())

    assert [title for title, times in titles.items() if times > 1] == []


def test_no_question_is_asked_twice_or_nearly_so() -> None:
    """Two questions are nearly the same where they share more than four of five words, with or without diacritics."""
    asked = [(one.text, frozenset(map(fold, tokens(normalise(one.text))))) for one in questions(entries())]

    assert len({compared(text) for text, _ in asked}) == len(asked)
    assert [(asked[one][0], asked[other][0]) for one, other in alike([words for _, words in asked])] == []


def test_no_question_fits_two_services() -> None:
    """A question fits a second service where that one has a question that says the same but for its wording.

    That is where more than four of five of the words that carry a topic are the same, as stems and without those of
    grammar; or where the embeddings are as near as those of a question and its paraphrase. Whether the services
    themselves can be told apart is measured by the held-out questions of tests/nlu/test_quality.py.
    """
    asked, spelling = list(questions(entries())), spelling_of(entries())
    words = [frozenset(term for _, term in terms(normalise(one.text), one.language)) for one in asked]
    said = [
        (asked[one].text, asked[other].text)
        for one, other in alike(words)
        if asked[one].entry.code != asked[other].entry.code
    ]
    assert said == []

    vectors = Vectors.load(FILE).of([spelling.restore(clean(one.text)) for one in asked])
    owner = np.unique([one.entry.code for one in asked], return_inverse=True)[1]
    near = vectors @ vectors.T
    near[owner[:, None] == owner[None, :]] = 0
    assert [(asked[i].text, asked[j].text) for i, j in np.argwhere(np.triu(near) > SAME_MEANING)] == []


def alike(sets: list[frozenset[str]]) -> Iterator[tuple[int, int]]:
    """Pairs that share more than four of five members: they must share one of the rarest fifth (and one more)."""
    seen = Counter(word for words in sets for word in words)
    by_word: dict[str, list[int]] = {}
    for at, words in enumerate(sets):
        rare = sorted(words, key=lambda word: (seen[word], word))[: len(words) // 5 + 1]
        for word in rare:
            by_word.setdefault(word, []).append(at)
    pairs = {pair for places in by_word.values() for pair in combinations(places, 2)}
    for one, other in sorted(pairs):
        if len(sets[one] & sets[other]) > NEARLY_THE_SAME * len(sets[one] | sets[other]):
            yield one, other


def test_the_shipped_embeddings_are_those_of_the_catalogue() -> None:
    """Where this fails, `make model` makes them anew."""
    texts = texts_to_embed(entries(), start_competences())

    assert Vectors.load(FILE).missing(texts) == []
    assert len(Vectors.load(FILE)) == len(texts)


def test_every_file_says_that_it_is_demonstration_content() -> None:
    assert [file.name for file in START.glob("*.yaml") if not file.read_text("utf-8").startswith(HEADER)] == []


def test_the_shipped_embeddings_are_those_of_this_model() -> None:
    texts = texts_to_embed(entries(), start_competences())[::1_500]
    again, shipped = embedder().embed(texts), Vectors.load(FILE).of(texts)

    assert np.sum(again * shipped, axis=1).min() > 0.999
