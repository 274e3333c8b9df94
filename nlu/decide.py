"""From evidence to a confidence, and from a confidence to what may be done with it.

Nothing here is guessed: the confidences and the limits are fitted on held-out questions (nlu/fit.py) for a stated
share of wrong answers, and stand with the figures measured in `decision.json`, which `make decision` writes.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nlu.arrays import Doubles
from nlu.confidence import Confidence
from nlu.meaning import Band

FILE = Path(__file__).with_name("decision.json")
"""Fitted on the starting catalogue; where a catalogue has grown out of it, a new one is fitted (bot/brain.py)."""
CLEAR_MARGIN = 0.02
"""Two services that fit this alike (of a score that runs to about 2) are a question to ask, however well they fit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From which confidence on a question is answered, and from which it is asked back."""

    answer: float
    clarify: float

    def band(self, confident: float, margin: float, vague: bool) -> Band:
        """What this confidence allows; `vague` where a place or a topic is missing."""
        if confident >= self.answer and margin >= CLEAR_MARGIN and not vague:
            return Band.ANSWER
        return Band.CLARIFY if confident >= self.clarify else Band.ROUTE


@dataclass(frozen=True, slots=True)
class Judgement:
    """How sure evidence makes, and what that allows."""

    confidence: Confidence
    limits: Limits

    def sure(self, evidence: Doubles) -> float:
        """How likely the best service is the right one, 0..1."""
        return float(self.confidence.of(evidence))


@dataclass(frozen=True, slots=True)
class Decision:
    """By words alone where they are enough, else by words and meaning together."""

    words: Judgement
    full: Judgement
    figures: Mapping[str, float]  # what was measured when it was fitted
    catalogue: tuple[int, ...]  # the mark of the questions it was fitted on (nlu/fit_decision.py)

    def plain(self) -> dict[str, Any]:
        """As it is written to a file."""
        judgements = {name: getattr(self, name) for name in ("words", "full")}
        return {
            name: {
                "confidence": one.confidence.plain(),
                "limits": {"answer": one.limits.answer, "clarify": one.limits.clarify},
            }
            for name, one in judgements.items()
        } | {"figures": dict(self.figures), "catalogue": list(self.catalogue)}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Decision":
        words, full = (
            Judgement(Confidence.read(one["confidence"]), Limits(**one["limits"]))
            for one in (plain["words"], plain["full"])
        )
        return cls(words, full, plain["figures"], tuple(plain["catalogue"]))


@cache
def shipped() -> Decision:
    """The one that was fitted on the starting catalogue."""
    return Decision.read(json.loads(FILE.read_text("utf-8")))
