"""The text of a letter in pieces: the person's own words, and what was taken for a quote or signature."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

MOST_LINES = 1_000
"""of a text whose pieces are looked for line by line; a longer one is shown as it is, below the own words"""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    own: bool


def pieces(text: str, own: str) -> list[Piece]:
    """All of `text`, in order; where `own` cannot be found in it, `own` stands in front of it."""
    lines, words = _lines(text), _lines(own)
    begins = _block(lines, words)
    if begins is not None:
        mine = set(range(begins, begins + len(words)))
    elif len(lines) <= MOST_LINES:
        mine = set(_found(lines, words))
    else:
        mine = set()
    if any(words) and not any(lines[number] for number in mine):
        return [Piece(own, own=True), Piece("\n".join(lines), own=False)]
    return list(_pieces(lines, mine))


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def _block(lines: list[str], words: list[str]) -> int | None:
    """Where the own words stand in one block, as they do in nearly every letter."""
    starts = (at for at, line in enumerate(lines) if line == words[0]) if words else ()
    return next((at for at in starts if lines[at : at + len(words)] == words), None)


def _found(lines: list[str], words: list[str]) -> Iterator[int]:
    for at, _, size in SequenceMatcher(None, lines, words, autojunk=False).get_matching_blocks():
        yield from range(at, at + size)


def _pieces(lines: list[str], mine: set[int]) -> Iterator[Piece]:
    """A blank line belongs to what stands before it."""
    kinds: list[bool] = []
    for number, line in enumerate(lines):
        kinds.append(kinds[-1] if kinds and not line else number in mine)
    for own, group in groupby(zip(lines, kinds, strict=True), key=lambda one: one[1]):
        if text := "\n".join(line for line, _ in group).strip("\n"):
            yield Piece(text, own)
