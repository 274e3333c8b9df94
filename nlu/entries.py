"""The services as the engine sees them: their words, their weights, their places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nlu.arrays import Bools, Doubles
from nlu.index import Examples, Index
from nlu.meaning import Entry
from nlu.municipalities import named_in
from nlu.question import Question
from nlu.vocabulary import Vocabulary

TITLE, KEYWORD, QUESTION, SUMMARY = 3.0, 3.0, 1.0, 0.7
"""How much a word counts for its service each time; a summary mentions much that is beside the point."""
OTHER_AUDIENCE = 0.8
INSTITUTION_NAMED = 1.15
PLACE_NAMED = 1.6
NO_PLACE_NAMED = 0.97
"""Where no place is named a municipality's own entry gives way to the state's that fits as well."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well each service fits by its words, all in the order of the entries."""

    cover: Doubles  # share of the question, by weight, found in the service's texts
    likeness: Doubles  # cosine with the nearest text we know
    score: Doubles
    meant: Bools  # of no other place than the one named
    weight: float  # how much the question says, in natural logarithms
    words: int  # content words of the question
    vague: bool  # too little is said, however well it fits


class Services:
    """All entries by their words; immutable."""

    def __init__(self, entries: Iterable[Entry], vocabulary: Vocabulary, everywhere: frozenset[str]) -> None:
        """`everywhere` are the institutions that each municipality has: an entry of theirs is for every place."""
        self.entries = list(entries)
        self.everywhere = everywhere
        self.texts = [_read(entry, vocabulary) for entry in self.entries]
        for entry, (field, examples) in zip(self.entries, self.texts, strict=True):
            learn_asked(entry.asked, field, examples, vocabulary)
        self._index = Index(
            [entry.code for entry in self.entries], [field for field, _ in self.texts], [text for _, text in self.texts]
        )
        self._places = [named_in(entry.municipality) for entry in self.entries]
        self._of_one_place = np.array([bool(entry.municipality) for entry in self.entries], bool)
        self._only_for = {
            audience: np.array([entry.audience == other for entry in self.entries], bool)
            for audience, other in (("resident", "business"), ("business", "resident"))
        }

    def fit(self, question: Question, audience: str) -> Fit:
        query, places, named = question.topic, question.places, question.named
        weights = self._index.weigh(query)
        cover = np.array(self._index.cover(query, weights))
        likeness = np.array(self._index.resemble(query, weights))
        return Fit(
            cover=cover,
            likeness=likeness,
            score=(cover + likeness) / 2 * self._favour(places, named, audience),
            meant=self.meant(places),
            weight=sum(weights.values()),
            words=len(weights),
            vague=question.vague,
        )

    def meant(self, places: frozenset[str]) -> Bools:
        """Which entries are of no other place than these; all where none is known."""
        if not places:
            return np.ones(len(self.entries), bool)
        there = np.array([bool(its & places) for its in self._places], bool)
        return np.asarray(there | ~self._of_one_place, bool)

    def _favour(self, places: frozenset[str], named: frozenset[str], audience: str) -> Doubles:
        """What the question says beside its topic, as a factor of the score."""
        factor = np.where(self._of_one_place, PLACE_NAMED if places else NO_PLACE_NAMED, 1.0)
        if named:
            factor[[bool(named & {entry.institution, *entry.also}) for entry in self.entries]] *= INSTITUTION_NAMED
        if audience in self._only_for:
            factor[self._only_for[audience]] *= OTHER_AUDIENCE
        return factor


def learn_asked(
    asked: Mapping[str, tuple[str, ...]], field: dict[str, float], examples: Examples, vocabulary: Vocabulary
) -> None:
    """Citizens' own questions beside the texts of the catalogue, which the vocabulary must know by now."""
    for language, text in _texts(asked):
        if terms := vocabulary.add_asked(text, language):
            examples.append(terms)
            for term in terms:
                field[term] = field.get(term, 0.0) + QUESTION


def _read(entry: Entry, vocabulary: Vocabulary) -> tuple[dict[str, float], Examples]:
    """The weighted words of an entry, and its texts that may be met as a whole: titles, keywords and questions."""
    field: dict[str, float] = {}
    examples: Examples = []
    fields = ((entry.titles, TITLE), (entry.keywords, KEYWORD), (entry.questions, QUESTION), (entry.summaries, SUMMARY))
    for by_language, weight in fields:
        for language, text in _texts(by_language):
            terms = vocabulary.add(text, language)
            for term in terms:
                field[term] = field.get(term, 0.0) + weight
            if terms and by_language is not entry.summaries:
                examples.append(terms)
    return field, examples


def _texts(by_language: Mapping[str, str] | Mapping[str, tuple[str, ...]]) -> Iterable[tuple[str, str]]:
    for language, texts in by_language.items():
        for text in (texts,) if isinstance(texts, str) else texts:
            yield language, text
