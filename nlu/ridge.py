"""Kernel ridge regression: its weights are one linear system, and leaving a text out costs nothing.

The prediction for each training text by a model that has not seen it is exact and free. So the share of the
embeddings, the temperature and the thresholds are all fitted on held-out predictions without a second training.
"""

from dataclasses import dataclass

import numpy as np

from nlu.arrays import Doubles, Floats, Ints

RIDGE = 0.5
"""Added to the diagonal for a text of average weight."""


@dataclass(slots=True)
class Ridge:
    """One class against all others, all of equal weight: scores = kernel(x) @ dual + mean."""

    dual: Doubles
    mean: Doubles
    diagonal: Doubles  # of the inverse of kernel + ridge

    @classmethod
    def solve(cls, kernel: Floats, y: Ints, weights: Doubles, mean: Doubles) -> "Ridge":
        inverse = np.linalg.inv(kernel.astype(np.float64) + np.diag(RIDGE / weights))
        return cls(np.asarray(inverse @ (np.eye(len(mean))[y] - mean)), mean, np.diag(inverse).copy())

    def left_out(self, y: Ints) -> Doubles:
        """For each training text the scores by a model that has not seen it."""
        return np.asarray(np.eye(len(self.mean))[y] - self.dual / self.diagonal[:, None])


def class_weights(y: Ints, classes: int, reject: int) -> tuple[Doubles, Doubles]:
    """Weight of each text (a class weighs as much as another) and the mean that scores start from.

    The class of what belongs nowhere ("None", -1 where there is none) has no topic: few examples of it must not weigh
    as much as a real class.
    """
    size = np.maximum(np.bincount(y, minlength=classes), 1).astype(float)
    mean = np.full(classes, 1 / classes)
    if reject >= 0:
        size[reject], mean[reject] = max(size.mean(), size[reject]), 0.0
    weights = 1 / size[y]
    return np.asarray(weights / weights.mean()), mean
