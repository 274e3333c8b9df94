"""Which service a question is about: by its words, and by its meaning where the words are not enough."""

from dataclasses import dataclass

import numpy as np

from nlu.arrays import Doubles, Ints
from nlu.entries import Fit, Services

MEANING = 1.5
"""Weight of the centroids' cosine beside the score by words (0 to 1); from 1 to 2 the figures hardly differ."""
COVER, OWNER, LEAST_LIKELY = 0.2, 0.02, 5e-5
"""Weights of the covered share of the question once more, and of the logarithm of how likely its institution is:
together they put the right service first for 84.3 % instead of 83.8 % of 7,909 held-out questions."""
NOT_MEANT = -9.0
ELSEWHERE_FITS = 0.8
"""Where the entry of another place fits this much of the best, the best is not the answer for the place named."""
NO_AREAS = -21.0
MOST_WORDS = 30
SHORT, NEAR_SECOND = 3, 0.1
"""A question of so few words, with a second service so near, may mean either ("Kā saņemt bērna pabalstu?"): it is asked
back. That leaves the figures as they are: the catalogue's short questions are clear ones, a citizen's often are not."""
MOST_WEIGHT = 12.0
"""Natural logarithms; what a long text says beyond this makes nobody surer."""


@dataclass(frozen=True, slots=True)
class Owners:
    """What speaks for each institution."""

    of: Ints  # the institution of each service
    sure: Doubles  # how likely each institution is meant
    areas: Doubles  # how near its areas are by meaning


@dataclass(frozen=True, slots=True)
class Found:
    """The services for a question, best first, and what speaks for the first."""

    order: Ints
    scores: Doubles  # in the order of the entries
    evidence: Doubles
    margin: float  # how far the second is behind
    vague: bool  # asked back, however sure: it says too little, or lacks the place of a municipal matter


def by_words(services: Services, fit: Fit, places: frozenset[str]) -> Found:
    """The fast path, and all there is as long as nothing is embedded."""
    order, scores, margin = _ordered(fit, fit.score)
    vague = _is_either(fit, margin) or _is_local(services, fit, fit.score, int(order[0]), places)
    return Found(order, scores, _evidence_of_words(fit, int(order[0]), margin), margin, vague)


def by_meaning(services: Services, fit: Fit, near: Doubles, owners: Owners, places: frozenset[str]) -> Found:
    """`near` is the cosine of the question with the centroid of each service."""
    likely = np.log(np.maximum(owners.sure, LEAST_LIKELY))[owners.of]
    scores = fit.score + COVER * fit.cover + MEANING * near + OWNER * likely
    order, meant, margin = _ordered(fit, scores)
    best = int(order[0])
    evidence = [
        _evidence_of_words(fit, best, margin),
        _evidence_of_meaning(fit, near, best, margin, meant),
        _evidence_of_owners(fit, near, best, owners),
    ]
    vague = _is_either(fit, margin) or _is_local(services, fit, scores, best, places)
    return Found(order, meant, np.concatenate(evidence), margin, vague)


def _ordered(fit: Fit, scores: Doubles) -> tuple[Ints, Doubles, float]:
    """The services best first, their scores, and by how much the first leads."""
    meant = np.where(fit.meant, scores, NOT_MEANT)
    order = np.argsort(-meant, kind="stable")
    return order, meant, float(meant[order[0]] - meant[order[1]]) if len(order) > 1 else 1.0


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


def _evidence_of_owners(fit: Fit, near: Doubles, best: int, owners: Owners) -> Doubles:
    """Whether its institution is the likeliest; a matter that the catalogue lacks is often another one's."""
    its = owners.of[best]
    gap = owners.areas[its] - np.delete(owners.areas, its).max(initial=NO_AREAS)
    another = near[best] - near[owners.of != its].max(initial=-1.0)
    first = float(owners.sure.argmax() == its)
    return np.array([owners.sure[its], first, gap, another, min(fit.words, MOST_WORDS)])


def _is_either(fit: Fit, margin: float) -> bool:
    return fit.vague or (fit.words <= SHORT and margin < NEAR_SECOND)


def _is_local(services: Services, fit: Fit, scores: Doubles, best: int, places: frozenset[str]) -> bool:
    entry = services.entries[best]
    if entry.municipality:
        return not places
    if entry.institution in services.everywhere:
        return False
    elsewhere = scores[~fit.meant].max(initial=0.0)
    return bool(elsewhere > ELSEWHERE_FITS * scores[best])
