"""What an engine said to questions whose right answer is known, and how good that was."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from nlu.meaning import Band

BINS = 10
"""of the confidence, in the reliability diagram"""
POINTS = 100
"""of the curve"""
EXAMPLES = 3
"""questions shown of each confusion"""


@dataclass(frozen=True, slots=True)
class Told:
    """One question, what would have been right, and what the engine said."""

    text: str
    truth: str  # code of the service, or the intent
    codes: tuple[str, ...]  # what was said, best first
    confidence: float
    band: Band
    open: bool = True  # whether the confidence decides; not where two services fit alike or the place is unknown
    language: str = ""
    institution: str = ""  # whose question it is
    institutions: tuple[str, ...] = ()  # what was said, best first

    @property
    def right(self) -> bool:
        return self.codes[:1] == (self.truth,)

    @property
    def answered(self) -> bool:
        return self.band is Band.ANSWER

    @property
    def wrong(self) -> bool:
        """Answered, and wrongly."""
        return self.answered and not self.right


def shares(said: Sequence[Told]) -> dict[str, float]:
    """How many questions, and which shares of them; `wrong of answered` is a share of the answers."""
    answered = [one for one in said if one.answered]
    found = {
        "questions": len(said),
        "first": share(one.right for one in said),
        "in three": share(one.truth in one.codes[:3] for one in said),
        "answered": share(one.answered for one in said),
        "wrong of answered": share(one.wrong for one in answered),
        "wrong of all": share(one.wrong for one in said),
        "asked back": share(one.band is Band.CLARIFY for one in said),
        "routed": share(one.band is Band.ROUTE for one in said),
    }
    if any(one.institutions for one in said):
        found["institution first"] = share(one.institutions[:1] == (one.institution,) for one in said)
        found["institution in three"] = share(one.institution in one.institutions[:3] for one in said)
    return found


def share(hits: Iterable[bool]) -> float:
    """0..1, rounded to four places; 0 of none."""
    found = list(hits)
    return round(sum(found) / len(found), 4) if found else 0.0


def curve(said: Sequence[Told]) -> list[dict[str, float]]:
    """If all questions from a confidence on were answered: how many that is, and which share of them rightly.

    At most a hundred points, one for each part of the questions; those that no confidence would answer are counted.
    """
    ranked = sorted((one for one in said if one.open), key=lambda one: -one.confidence)
    right = np.cumsum([one.right for one in ranked])
    step = max(1, len(said) // POINTS)
    ends = [at for at in range(step - 1, len(ranked), step) if at < len(ranked) - 1] + [len(ranked) - 1] * bool(ranked)
    return [
        {
            "confidence": round(ranked[at].confidence, 4),
            "answered": round((at + 1) / len(said), 4),
            "right": round(float(right[at]) / (at + 1), 4),
        }
        for at in ends
    ]


def on_curve(said: Sequence[Told], limit: float) -> dict[str, float]:
    """The point of the curve for a limit of the confidence."""
    reached = [one for one in said if one.open and one.confidence >= limit]
    part = round(len(reached) / len(said), 4) if said else 0.0
    return {"confidence": round(limit, 4), "answered": part, "right": share(one.right for one in reached)}


def reliability(said: Sequence[Told]) -> list[dict[str, float]]:
    """For each tenth of the confidence: how many questions, how sure on average, and which share was right."""
    found = []
    for low, high in pairwise(np.linspace(0, 1, BINS + 1)):
        its = [one for one in said if low <= one.confidence < high or (high == 1 and one.confidence >= 1)]
        sure = round(float(np.mean([one.confidence for one in its])), 4) if its else 0.0
        right = share(one.right for one in its)
        found.append(
            {"from": round(float(low), 2), "to": round(float(high), 2), "questions": len(its)}
            | {"confidence": sure, "right": right}
        )
    return found


def calibration_error(bins: Sequence[dict[str, float]]) -> float:
    """How far confidence and share right are apart, on average over the questions; 0 is perfect."""
    questions = sum(one["questions"] for one in bins)
    apart = sum(one["questions"] * abs(one["confidence"] - one["right"]) for one in bins)
    return round(apart / questions, 4) if questions else 0.0


def confusions(told: Iterable[tuple[str, str, Told]]) -> list[dict[str, Any]]:
    """Of (right, said, question) where they differ: each pair with its count and examples, most frequent first."""
    pairs: defaultdict[tuple[str, str], list[Told]] = defaultdict(list)
    for right, said, one in told:
        if right != said:
            pairs[right, said].append(one)
    return [
        {
            "right": right,
            "said": said,
            "questions": len(its),
            "answered": sum(one.answered for one in its),
            "examples": [one.text for one in sorted(its, key=lambda one: -one.confidence)[:EXAMPLES]],
        }
        for (right, said), its in sorted(pairs.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    ]


def by_institution(said: Iterable[Told]) -> list[dict[str, Any]]:
    """Of each institution's questions how many are answered, and wrongly; the most wrong answers first."""
    asked, answered, wrong = Counter[str](), Counter[str](), Counter[str]()
    for one in said:
        asked[one.institution] += 1
        answered[one.institution] += one.answered
        wrong[one.institution] += one.wrong
    return [
        {
            "institution": code,
            "questions": asked[code],
            "answered": round(answered[code] / asked[code], 4),
            "wrong": wrong[code],
            "wrong of answered": round(wrong[code] / answered[code], 4) if answered[code] else 0.0,
        }
        for code in sorted(asked, key=lambda code: (-wrong[code], answered[code] / asked[code], code))
    ]
