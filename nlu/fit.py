"""What is fitted on held-out predictions: how sure a score is, and from where it may be acted on."""

import numpy as np

from nlu.arrays import Bools, Doubles, Ints

NEVER = 1.01
"""A threshold that no confidence reaches."""
TEMPERATURES = np.geomspace(0.02, 0.6, 18)


def softmax(scores: Doubles, temperature: float) -> Doubles:
    """Scores as probabilities; the lower the temperature, the surer."""
    exponent = scores / temperature
    exponent = np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    return np.asarray(exponent / exponent.sum(axis=-1, keepdims=True))


def calibrate(scores: Doubles, y: Ints, weights: Doubles) -> tuple[float, float]:
    """The temperature of the least log loss over held-out scores, and that loss (natural logarithm)."""
    at = np.arange(len(y))
    losses = [-(weights @ np.log(softmax(scores, t)[at, y] + 1e-12)) / weights.sum() for t in TEMPERATURES]
    best = int(np.argmin(losses))
    return float(TEMPERATURES[best]), float(losses[best])


def threshold(sure: Doubles, right: Bools, precision: float) -> float:
    """The lowest confidence from which held-out predictions are right at least this often, NEVER where none is."""
    order = np.argsort(-sure)
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.nonzero(share >= precision)[0]
    return float(sure[order[good[-1]]]) if len(good) else NEVER
