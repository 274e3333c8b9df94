"""The services as the engine sees them: their words, their weights, their places."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nlu import phrases
from nlu.decide import NOTHING, Evidence
from nlu.index import Index, Weighted
from nlu.lexical import fold, normalise, tokens
from nlu.meaning import Entry
from nlu.vocabulary import Vocabulary

TITLE, KEYWORD, QUESTION, SUMMARY = 3.0, 3.0, 1.0, 0.7
"""How much a word counts for its service each time; a summary mentions much that is beside the point."""
OTHER_AUDIENCE = 0.8
INSTITUTION_NAMED = 1.15
PLACE_NAMED = 1.6
NO_PLACE_NAMED = 0.97
"""Where no place is named a municipality's own entry gives way to the state's that fits as well."""
ELSEWHERE_FITS = 0.8
"""Where the entry of another place fits this much of the best, the best is not the answer for the place named."""


@dataclass(frozen=True, slots=True)
class Match:
    """A service and how well it fits, before any decision."""

    entry: Entry
    score: float
    cover: float
    likeness: float


@dataclass(frozen=True, slots=True)
class Found:
    """Services that share a word with a question, best first, none of a place that was not meant."""

    matches: list[Match]
    evidence: Evidence  # for the first of them
    local: bool  # only a municipality can say: its place was not named, or we have no entry of that place


class Services:
    """All entries by their words; immutable."""

    def __init__(self, entries: Iterable[Entry], vocabulary: Vocabulary, everywhere: frozenset[str]) -> None:
        """`everywhere` are the institutions that each municipality has: an entry of theirs is for every place."""
        self._everywhere = everywhere
        self._entries = list(entries)
        self._places = [_places(entry.municipality) for entry in self._entries]
        read = [_read(entry, vocabulary) for entry in self._entries]
        self._index = Index([entry.code for entry in self._entries], [f for f, _ in read], [e for _, e in read])

    def find(self, query: Weighted, places: frozenset[str], named: frozenset[str], audience: str) -> Found:
        """The services for the terms of a question that names these places and institutions."""
        weights = self._index.weigh(query)
        covered, alike = self._index.cover(query, weights), self._index.resemble(query, weights)
        meant: list[Match] = []
        elsewhere = 0.0
        for at, entry in enumerate(self._entries):
            if not covered[at]:
                continue
            score = (covered[at] + alike[at]) / 2
            if self._may_be_meant(at, places):
                score *= _favour(entry, places, named, audience)
                meant.append(Match(entry, score, covered[at], alike[at]))
            else:
                elsewhere = max(elsewhere, score)
        meant.sort(key=lambda match: (-match.score, match.entry.code))
        return Found(meant, _evidence(meant, weights), self._is_local(meant, places, elsewhere))

    def _may_be_meant(self, at: int, places: frozenset[str]) -> bool:
        return not places or not self._entries[at].municipality or bool(self._places[at] & places)

    def _is_local(self, meant: list[Match], places: frozenset[str], elsewhere: float) -> bool:
        if not meant:
            return False
        best = meant[0]
        if best.entry.municipality:
            return not places
        return elsewhere > ELSEWHERE_FITS * best.score and best.entry.institution not in self._everywhere


def _evidence(matches: list[Match], weights: Weighted) -> Evidence:
    if not matches:
        return NOTHING
    first, second = matches[0], matches[1].score if len(matches) > 1 else 0.0
    return Evidence(
        cover=first.cover,
        likeness=first.likeness,
        margin=1 - second / first.score,
        weight=first.cover * sum(weights.values()),
        words=len(weights),
    )


def _favour(entry: Entry, places: frozenset[str], named: frozenset[str], audience: str) -> float:
    """What the question says beside its topic, as a factor of the score."""
    factor = 1.0
    if entry.municipality:
        factor *= PLACE_NAMED if places else NO_PLACE_NAMED
    if named & {entry.institution, *entry.also}:
        factor *= INSTITUTION_NAMED
    if audience and entry.audience in {"resident", "business"} and entry.audience != audience:
        factor *= OTHER_AUDIENCE
    return factor


def _places(municipality: str) -> frozenset[str]:
    """The places an entry is for, by the names of config/phrases.yaml."""
    return frozenset(phrases.places(map(fold, tokens(normalise(municipality)))).values())


def _read(entry: Entry, vocabulary: Vocabulary) -> tuple[dict[str, float], list[tuple[str, ...]]]:
    """The weighted words of an entry, and its texts that may be met as a whole: titles, keywords and questions."""
    field: dict[str, float] = {}
    examples: list[tuple[str, ...]] = []
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
