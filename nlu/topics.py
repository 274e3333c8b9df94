"""Which service a question is about: by its words, and by its meaning where the words are not enough."""

from dataclasses import dataclass

import numpy as np

from nlu.arrays import Doubles, Ints
from nlu.entries import Fit, Services

MEANING = 1.5
"""Weight of the centroids' cosine beside the score by words (0 to 1); from 1 to 2 the figures hardly differ."""
NOT_MEANT = -9.0
ELSEWHERE_FITS = 0.8
"""Where the entry of another place fits this much of the best, the best is not the answer for the place named."""
MOST_WEIGHT = 12.0
"""Natural logarithms; what a long text says beyond this makes nobody surer."""


@dataclass(frozen=True, slots=True)
class Found:
    """The services for a question, best first, and what speaks for the first."""

    order: Ints
    scores: Doubles  # in the order of the entries
    evidence: Doubles
    margin: float  # how far the second is behind
    local: bool  # only a municipality can say: its place was not named, or we have no entry of that place


def by_words(services: Services, fit: Fit, places: frozenset[str]) -> Found:
    """The fast path, and all there is as long as nothing is embedded."""
    return _found(services, fit, fit.score, places, None)


def by_meaning(services: Services, fit: Fit, near: Doubles, places: frozenset[str]) -> Found:
    """`near` is the cosine of the question with the centroid of each service."""
    return _found(services, fit, fit.score + MEANING * near, places, near)


def _found(services: Services, fit: Fit, scores: Doubles, places: frozenset[str], near: Doubles | None) -> Found:
    meant = np.where(fit.meant, scores, NOT_MEANT)
    order = np.argsort(-meant, kind="stable")
    best = int(order[0])
    margin = float(meant[best] - meant[order[1]]) if len(order) > 1 else 1.0
    words = _evidence_of_words(fit, best, margin)
    evidence = words if near is None else np.concatenate([words, _evidence_of_meaning(fit, near, best, margin, meant)])
    return Found(order, meant, evidence, margin, _is_local(services, fit, scores, best, places))


def _evidence_of_words(fit: Fit, best: int, margin: float) -> Doubles:
    cover, like = fit.cover[best], fit.likeness[best]
    weight = min(cover * fit.weight, MOST_WEIGHT) / 10
    return np.array([cover, like, margin, weight, 1 / max(1, fit.words), cover * like, like * margin])


def _evidence_of_meaning(fit: Fit, near: Doubles, best: int, margin: float, scores: Doubles) -> Doubles:
    others = np.delete(near, best).max(initial=-1.0)
    words = np.where(fit.meant, fit.score, 0.0)
    lead = words[best] - np.delete(words, best).max(initial=0.0)
    first_by_words = float(words.argmax() == best)
    its = near[best]
    crossed = [fit.cover[best] * its, margin * its, its**2, margin**2]
    return np.array([its, its - others, scores[best], lead, first_by_words, *crossed])


def _is_local(services: Services, fit: Fit, scores: Doubles, best: int, places: frozenset[str]) -> bool:
    entry = services.entries[best]
    if entry.municipality:
        return not places
    if entry.institution in services.everywhere:
        return False
    elsewhere = scores[~fit.meant].max(initial=0.0)
    return bool(elsewhere > ELSEWHERE_FITS * scores[best])
