"""What a short text is made of: its words' letters, its lemmas, and which lemma follows which."""

from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from nlu.language import INFLECTED
from nlu.lexical import fold, term, tokens

Counts = Mapping[str, Counter[str]]
"""Features of a text by block, with how often each occurs."""

BLOCKS = {"c": 0.5, "l": 0.25, "p": 0.25}
"""Share in the likeness of two texts: characters, lemmas, lemmas with pairs of lemmas."""
SHORTEST_GRAM, LONGEST_GRAM = 2, 5
"""Letters of a word with its edges that count as one feature."""
WORDS_READ, LONGEST_WORD = 200, 30
"""Bounds of the time a text may take."""

_CHAT = (("aa", "a"), ("ee", "e"), ("ii", "i"), ("uu", "u"), ("sh", "s"), ("zh", "z"), ("ch", "c"))


def counts(normal: str, language: str) -> dict[str, Counter[str]]:
    """The features of a normalised text."""
    words = [word[:LONGEST_WORD] for word in tokens(normal)[:WORDS_READ]]
    lemmas = [lemma(word, language) for word in words]
    pairs = [f"{one} {other}" for one, other in zip(["^", *lemmas], [*lemmas, "$"], strict=True)] if lemmas else []
    return {
        "c": Counter(gram for word in words for gram in characters(word)),
        "l": Counter(lemmas),
        "p": Counter(lemmas + pairs),
    }


@lru_cache(maxsize=16_384)
def characters(word: str) -> tuple[str, ...]:
    """All runs of 2 to 5 letters of a plain word with a space at both edges."""
    edged = f" {plain(word)} "
    lengths = range(SHORTEST_GRAM, min(LONGEST_GRAM, len(edged)) + 1)
    return tuple(edged[at : at + length] for length in lengths for at in range(len(edged) - length + 1))


@lru_cache(maxsize=32_768)
def lemma(word: str, language: str) -> str:
    """The plain stem of a word's dictionary form; the plain word in a language that we cannot inflect."""
    return plain(term(word, language)) if language in INFLECTED else plain(word)


@lru_cache(maxsize=32_768)
def plain(word: str) -> str:
    """A word without diacritics and out of chat spelling (dziivesvieta, shodien); the same for all texts."""
    folded = fold(word)
    for written, meant in _CHAT:
        folded = folded.replace(written, meant)
    return folded
