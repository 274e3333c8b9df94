"""Which institutions a question is for by words alone: by areas, name, abbreviation and the services that match."""

import math
import re
from collections.abc import Iterable, Mapping

from nlu.index import Index, Weighted
from nlu.lexical import LONGEST_TEXT, fold
from nlu.meaning import Candidate, Competence, Entry
from nlu.vocabulary import Vocabulary

AREA = 0.7
"""How much a full match of areas counts beside a service that fits for certain: of 0.5, 0.7 and 1 the best over
questions in the catalogue (right institution first for 94 %), out of it (66 %) and real ones (74 %) together."""
DOUBTFUL = 1.5
"""Power that makes an unlikely service count for little; most real questions have no service in the catalogue."""
SECOND = 0.3
"""What a further competent institution of a service gets of its owner's evidence."""
NAMED = 10.0
"""Whoever writes "VSAA" means it, whatever else is in the question."""
LEAST = 0.05
"""Evidence below this is not worth a coordinator's look."""
WORD = 2.0
"""Weight of every word of an area or a name."""
AREAS_COUNTED, COVER = 3, 0.3
"""Three areas that each hold a part of the question count together: by areas alone the right institution is among
the first three for 88 % of the catalogue's questions, with one area for 84 %."""

_ALSO_WORDS = frozenset({"eva"})  # a given name, unless in capitals
_ABBREVIATION = re.compile(r"[^\W\d_]{3,8}")
_CAPITALS = re.compile(r"\b[A-ZĀČĒĢĪĶĻŅŠŪŽ]{2,3}\b")


class Directory:
    """The institutions by words and abbreviations; immutable."""

    def __init__(self, competences: Iterable[Competence], vocabulary: Vocabulary) -> None:
        known = list(competences)
        texts = [(texts_of(one.areas, vocabulary), texts_of(one.names, vocabulary)) for one in known]
        examples = [areas + names for areas, names in texts]
        fields = [dict.fromkeys((term for text in its_texts for term in text), WORD) for its_texts in examples]
        self._index = Index([one.code for one in known], fields, examples)
        codes = self._index.owners
        self._in_capitals = {code for code in codes if len(code) == 2 or code.casefold() in _ALSO_WORDS}
        self._abbreviations = {
            fold(code.casefold()): code
            for code in codes
            if _ABBREVIATION.fullmatch(code) and code not in self._in_capitals
        }

    def named(self, words: Iterable[str], text: str) -> frozenset[str]:
        """Codes written in the text: "vsaa" in any case, two letters (VI, UR, TA) only in capitals."""
        capitals = _CAPITALS.findall(text[:LONGEST_TEXT])
        return frozenset(self._abbreviations[word] for word in words if word in self._abbreviations).union(
            code for code in capitals if code in self._in_capitals
        )

    def score(self, query: Weighted) -> dict[str, float]:
        """How well the areas and names of each institution fit; 1 would be a question in the words of an area."""
        weights = self._index.weigh(query)
        covered = self._index.cover(query, weights)
        alike = self._index.resemble(query, weights, best=AREAS_COUNTED)
        return {
            code: (1 - COVER) * like + COVER * cover
            for code, cover, like in zip(self._index.owners, covered, alike, strict=True)
            if cover
        }


def rank(
    services: Iterable[tuple[Entry, float]], by_area: Mapping[str, float], named: Iterable[str]
) -> tuple[Candidate, ...]:
    """At most five institutions, best first: the evidence of services and areas adds up, a name decides.

    Measured: with a confidence from 0.2 the first is right for half of the questions, from 0.3 for three of four, from
    0.6 for 98 % where the catalogue holds the matter, and a name written out (nearly 1) for 99 %.
    """
    strength = {code: AREA * score for code, score in by_area.items()}
    for code in named:
        strength[code] = strength.get(code, 0.0) + NAMED
    seen: set[str] = set()
    for entry, confidence in services:
        for code in (entry.institution, *entry.also):
            if code not in seen:  # ten services of one institution are no tenfold evidence
                seen.add(code)
                share = 1.0 if code == entry.institution else SECOND
                strength[code] = strength.get(code, 0.0) + share * confidence**DOUBTFUL
    best = sorted(strength.items(), key=lambda item: (-item[1], item[0]))[:5]
    return tuple(Candidate(code, round(1 - math.exp(-value), 4)) for code, value in best if value > LEAST)


def texts_of(by_language: Mapping[str, str | tuple[str, ...]], vocabulary: Vocabulary) -> list[tuple[str, ...]]:
    found = [
        vocabulary.add(text, language)
        for language, texts in by_language.items()
        for text in ((texts,) if isinstance(texts, str) else texts)
    ]
    return [terms for terms in found if terms]
