"""The limits of the decision, fitted on questions that the engine has not seen and on matters that it does not know."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlu.arrays import Bools, Doubles
from nlu.confidence import Confidence
from nlu.decide import Decision, Judgement, Limits
from nlu.drift import mark
from nlu.fit import NEVER
from nlu.held_out import EVERY_STRANGE, Sought, chosen, inside, outside
from nlu.meaning import Competence, Entry
from nlu.vectors import Vectors

WRONG = 0.018
"""At most this share of the answers is wrong, and of the questions outside the catalogue answered, among those fitted
on; so that of others it is at most 2 %. Outside means: neither institution nor life situation is known."""
WRONG_BY_WORDS = 0.0075
"""The same for the fast path alone, so that something is left for the other."""
ASKED_BACK = 0.7
"""Of the questions that are not answered the surest seven tenths are asked back, the others go to people at once.
Of those asked back 90 % have the right one among three; with more of them many that nobody can answer are too."""


@dataclass(frozen=True, slots=True)
class Held:
    """What was found for held-out questions in one of the two ways, a row each."""

    evidence: Doubles
    right: Bools  # the first service is the right one; never for a question outside
    open: Bools


def fit_decision(
    entries: Sequence[Entry],
    competences: Sequence[Competence],
    vectors: Vectors,
    wrong: float = WRONG,
    most: int = 100_000,
) -> Decision:
    """Two minutes for 8,000 questions; `most` asks fewer. Every text must be among the vectors."""
    asked = chosen(entries, most)
    known = list(inside(entries, competences, vectors, asked))
    strange = list(outside(entries, competences, vectors, asked[::EVERY_STRANGE]))
    return fit_to(known, strange, mark(entries), wrong)


def fit_to(known: Sequence[Sought], strange: Sequence[Sought], catalogue: Sequence[int], wrong: float) -> Decision:
    """The decision for what was found inside and outside a catalogue with that mark."""
    inner, outer = _held(known), _held(strange)
    words, full = (_learn(i, o) for i, o in zip(inner, outer, strict=True))
    in_words, out_words = _sure(words, inner[0]), _sure(words, outer[0])
    fast = _limit(in_words, inner[0].right, out_words, min(WRONG_BY_WORDS, wrong / 2))
    in_full = np.where(in_words >= fast, 1.0, _sure(full, inner[1]))
    out_full = np.where(out_words >= fast, 1.0, _sure(full, outer[1]))
    right = np.where(in_words >= fast, inner[0].right, inner[1].right)
    answer = _limit(in_full, right, out_full, wrong)
    answered = in_full >= answer
    figures = {
        "questions": len(right),
        "outside": len(out_full),
        "first": float(right.mean()),
        "answered": float(answered.mean()),
        "wrong of answered": float(1 - right[answered].mean()) if answered.any() else 0.0,
        "answered of outside": float((out_full >= answer).mean()),
        "by words alone": float((in_words >= fast).mean()),
    }
    return Decision(
        Judgement(words, Limits(fast, _clarify(in_words, fast))),
        Judgement(full, Limits(answer, _clarify(in_full, answer))),
        {name: round(figure, 4) for name, figure in figures.items()},
        tuple(catalogue),
    )


def _held(sought: Sequence[Sought]) -> tuple[Held, Held]:
    words, full = (
        Held(
            np.array([one.ways[way].evidence for one in sought]),
            np.array([one.ways[way].codes[0] == one.asked.entry.code for one in sought], bool),
            np.array([one.ways[way].open for one in sought], bool),
        )
        for way in (0, 1)
    )
    return words, full


def _learn(inside: Held, outside: Held) -> Confidence:
    evidence = np.concatenate([inside.evidence, outside.evidence])
    return Confidence.learn(evidence, np.concatenate([inside.right, outside.right]))


def _sure(confidence: Confidence, held: Held) -> Doubles:
    return np.where(held.open, confidence.of(held.evidence), 0.0)


def _limit(sure: Doubles, right: Bools, strange: Doubles, wrong: float) -> float:
    """The lowest that keeps to at most `wrong` of the answers and of the questions outside; NEVER where none does."""
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    answered_outside = np.searchsorted(np.sort(-strange), -sure[order], side="right") / max(1, len(strange))
    good = np.nonzero((share <= wrong) & (answered_outside <= wrong) & (sure[order] > 0))[0]
    return float(sure[order[good[-1]]]) if len(good) else NEVER


def _clarify(sure: Doubles, answer: float) -> float:
    unsure = sure[sure < answer]
    return float(np.quantile(unsure, 1 - ASKED_BACK)) if len(unsure) else 0.0
