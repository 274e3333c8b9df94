"""Evidence to the probability of being right."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nlu.arrays import Bools, Doubles

PENALTY = 1.0
"""Draws the weights to 0; over thousands of questions it only keeps the equations solvable."""
STEPS, CLOSE = 25, 1e-6


@dataclass(frozen=True, slots=True)
class Confidence:
    """A logistic regression."""

    centre: Doubles
    scale: Doubles
    weights: Doubles
    bias: float

    @classmethod
    def learn(cls, evidence: Doubles, right: Bools) -> "Confidence":
        """From one row of evidence a question, by Newton's method."""
        centre, scale = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
        rows = np.c_[(evidence - centre) / scale, np.ones(len(evidence))]
        weights = np.zeros(rows.shape[1])
        penalty = np.full(len(weights), PENALTY)
        penalty[-1] = 1e-6
        for _ in range(STEPS):
            sure = 1 / (1 + np.exp(-rows @ weights))
            curve = (rows * (sure * (1 - sure))[:, None]).T @ rows + np.diag(penalty)
            step = np.linalg.solve(curve, rows.T @ (right - sure) - penalty * weights)
            weights = weights + step
            if np.abs(step).max() < CLOSE:
                break
        return cls(centre, scale, weights[:-1], float(weights[-1]))

    def of(self, evidence: Doubles) -> Doubles:
        """0..1 for one row of evidence or for many."""
        score = (evidence - self.centre) / self.scale @ self.weights + self.bias
        return np.asarray(1 / (1 + np.exp(-np.clip(score, -500, 500))), np.float64)

    def plain(self) -> dict[str, Any]:
        """As it is written to a file."""
        lists = {name: getattr(self, name).tolist() for name in ("centre", "scale", "weights")}
        return lists | {"bias": self.bias}

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Confidence":
        centre, scale, weights = (np.array(plain[name], np.float64) for name in ("centre", "scale", "weights"))
        return cls(centre, scale, weights, float(plain["bias"]))
