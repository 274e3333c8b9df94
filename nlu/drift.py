"""Whether a catalogue has become another than the one its limits were fitted on."""

from collections.abc import Iterable, Sequence

from nlu.meaning import Entry
from nlu.vectors import key_of

KEPT = 400
"""Hashes of questions that are kept: enough to tell a tenth from a twentieth."""
ALIKE = 0.9
"""Where fewer of the questions are the same, the limits are of another catalogue."""

Mark = Sequence[int]


def mark(entries: Iterable[Entry]) -> tuple[int, ...]:
    """By which two catalogues are compared without keeping their questions: the lowest hashes of them."""
    return tuple(
        sorted({key_of(text) for entry in entries for texts in entry.questions.values() for text in texts})[:KEPT]
    )


def outgrown(before: Mark, now: Mark) -> bool:
    """By the lowest hashes of both together, of which the share that both have is that of all questions, roughly."""
    lowest = sorted({*before, *now})[:KEPT]
    both = {*before} & {*now}
    return sum(key in both for key in lowest) < ALIKE * len(lowest)
