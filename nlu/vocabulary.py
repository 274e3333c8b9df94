"""Every word the engine has learnt, and which of them a citizen's spelling means."""

import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache

from nlu.lexical import normalise, term, terms

SLIP_WEIGHT = 0.8
"""How surely a word one slip away from a known one is that word."""
SHORTEST_SLIP = 5
"""Shorter stems have too many neighbours that are words of their own."""

_CHAT = (
    *(("aa", "a"), ("ee", "e"), ("ii", "i"), ("uu", "u"), ("sh", "s"), ("ch", "c"), ("zh", "z")),
    *(("gj", "g"), ("kj", "k"), ("lj", "l"), ("nj", "n")),
)
_PREFIX = re.compile(r"^(?:ja|ne)(?=\w{4})")  # jāmaksā, nesaņēmu


class Vocabulary:
    """Grows while an engine learns; afterwards it is only read."""

    def __init__(self, read_before: Mapping[str, str] | None = None) -> None:
        """`read_before` is `texts_read` of another one; it spares reading the same texts again."""
        self._read_before = read_before or {}
        self.texts_read: dict[str, str] = {}  # "lv Vecuma pensija": "vecuma vec pensija pensij"
        self._terms: set[str] = set()
        self._spellings: dict[str, str] = {}  # folded word -> term: finds the lemma of a word without its diacritics
        self._by_trigram: dict[str, list[str]] = defaultdict(list)
        self.meant = lru_cache(maxsize=16_384)(self._meant)

    def add(self, text: str, language: str) -> tuple[str, ...]:
        """The terms of a text of the catalogue, remembered."""
        return self._remember(self._read(text, language))

    def add_asked(self, text: str, language: str) -> tuple[str, ...]:
        """The same of a citizen's text, once the catalogue is known: a slip is the word that it stands for."""
        read = self._read(text, language)
        return self._remember([(word, self._meant(word, its_term, language)[0]) for word, its_term in read])

    def _remember(self, found: Sequence[tuple[str, str]]) -> tuple[str, ...]:
        for word, its_term in found:
            self._spellings.setdefault(word, its_term)
            if its_term not in self._terms:
                self._terms.add(its_term)
                for trigram in _trigrams(its_term):
                    self._by_trigram[trigram].append(its_term)
        return tuple(its_term for _, its_term in found)

    def _read(self, text: str, language: str) -> list[tuple[str, str]]:
        """Folded words and their terms; neither has a blank in it."""
        key = f"{language} {text}"
        before = self._read_before.get(key)
        found = terms(normalise(text), language) if before is None else list(_pairs(before.split()))
        self.texts_read[key] = " ".join(part for pair in found for part in pair) if before is None else before
        return found

    def read(self, normal: str, language: str, without: Container[str] = ()) -> dict[str, float]:
        """The terms of a normalised text and how sure each is: 1 for a known word, less for a slip, 0 for another."""
        weights: dict[str, float] = {}
        for word, its_term in terms(normal, language):
            if word not in without:
                meant, sure = self.meant(word, its_term, language)
                weights[meant] = max(sure, weights.get(meant, 0.0))
        return weights

    def _meant(self, word: str, its_term: str, language: str) -> tuple[str, float]:
        if its_term in self._terms:
            return its_term, 1.0
        for variant in _variants(word):
            if known := self._spellings.get(variant):
                return known, 1.0
            if (other := term(variant, language)) in self._terms:
                return other, 1.0
        return self._nearest(its_term)

    def _nearest(self, its_term: str) -> tuple[str, float]:
        """The known term of which an unknown one may be a slip; itself with 0 where none is near."""
        if len(its_term) >= SHORTEST_SLIP:
            shared = Counter(near for trigram in _trigrams(its_term) for near in self._by_trigram.get(trigram, ()))
            for near, _ in shared.most_common(8):
                if _is_slip(its_term, near):
                    return near, SLIP_WEIGHT
        return its_term, 0.0


def _pairs(parts: list[str]) -> Iterable[tuple[str, str]]:
    return zip(parts[::2], parts[1::2], strict=True)


def _variants(word: str) -> Iterable[str]:
    """Ways to read a folded word: as it stands, out of chat spelling (dziivesvieta), without jā- or ne-."""
    plain = word
    for written, meant in _CHAT:
        plain = plain.replace(written, meant)
    for spelling in dict.fromkeys((word, plain)):
        yield spelling
        if (bare := _PREFIX.sub("", spelling)) != spelling:
            yield bare


def _trigrams(word: str) -> set[str]:
    edged = f"^{word}$"
    return {edged[at : at + 3] for at in range(len(edged) - 2)}


def _is_slip(word: str, near: str) -> bool:
    """One letter wrong, missing, doubled or swapped; two in a long word; the first letter is seldom wrong."""
    allowed = 1 if len(near) < 9 else 2
    return word[0] == near[0] and abs(len(word) - len(near)) <= allowed and _edits(word, near) <= allowed


def _edits(one: str, other: str) -> int:
    """Letters to change between two words; a swap of neighbours is one."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        here = [row]
        for column, its_letter in enumerate(other, 1):
            best = min(above[column] + 1, here[-1] + 1, above[column - 1] + (letter != its_letter))
            if row > 1 < column and letter == other[column - 2] and one[row - 2] == its_letter:
                best = min(best, before[column - 2] + 1)
            here.append(best)
        before, above = above, here
    return above[-1]
