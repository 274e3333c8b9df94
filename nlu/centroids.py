"""The mean embedding of each class, in a space where what varies within a class counts for little (shrunk LDA)."""

from dataclasses import dataclass

import numpy as np

from nlu.arrays import Floats, Ints, unit

SHRINK = 0.6
"""How far the covariance within the classes is drawn to the identity; 0.3 to 0.9 make no difference that counts."""
DESCRIPTION = 1.0
"""Weight of a class's own words as an example, beside 1.0 for a text."""


@dataclass(slots=True)
class Centroids:
    origin: Floats  # mean of all embeddings learnt
    turn: Floats  # 384 x 384, whitens the variation within classes
    points: Floats  # one unit vector a class

    @classmethod
    def learn(cls, embedded: Floats, y: Ints, described: Floats | None = None) -> "Centroids":
        """`embedded` are raw embeddings of the examples, `described` unit vectors of each class's own words."""
        origin = np.asarray(embedded.mean(axis=0), np.float32)
        near = unit(embedded - origin)
        sums, size = _sums(near, y, described)
        turn = _whiten(near, y, len(sums))
        return cls(origin, turn, unit(np.asarray((sums / np.maximum(size, 1e-9)[:, None]) @ turn, np.float32)))

    def alike(self, embedded: Floats) -> Floats:
        """Cosine of raw embeddings with each class."""
        return np.asarray(self.place(embedded) @ self.points.T, np.float32)

    def place(self, embedded: Floats) -> Floats:
        """Raw embeddings as unit vectors of the space of the centroids."""
        return np.asarray(unit(unit(embedded - self.origin) @ self.turn), np.float32)

    def alike_left_out(self, embedded: Floats, y: Ints, described: Floats | None = None) -> Floats:
        """The same for the embeddings learnt, each compared with its own class without it."""
        near = unit(embedded - self.origin)
        found = unit(near @ self.turn) @ self.points.T
        sums, size = _sums(near, y, described, len(self.points))
        for at, (vector, own) in enumerate(zip(near, y, strict=True)):
            left = (sums[own] - vector) / max(float(size[own]) - 1, 1e-9) if size[own] > 1 else np.zeros_like(vector)
            if self.points[own].any():
                found[at, own] = unit(vector @ self.turn) @ unit(left @ self.turn)
        return np.asarray(found, np.float32)


def _sums(near: Floats, y: Ints, described: Floats | None, classes: int = 0) -> tuple[Floats, Floats]:
    """The sum of each class's vectors, and how many they are."""
    classes = len(described) if described is not None else classes or int(y.max()) + 1
    sums = np.zeros((classes, near.shape[1]), np.float32)
    np.add.at(sums, y, near)
    size = np.bincount(y, minlength=classes).astype(np.float32)
    if described is not None:
        sums += DESCRIPTION * described
        size += np.float32(DESCRIPTION)
    return sums, size


def _whiten(near: Floats, y: Ints, classes: int) -> Floats:
    """The inverse square root of the shrunken covariance within the classes."""
    sums, size = _sums(near, y, None, classes)
    within = near - (sums / np.maximum(size, 1)[:, None])[y]
    spread = (within.T @ within / len(y)).astype(np.float64)
    dimensions = len(spread)
    spread = (1 - SHRINK) * spread + np.eye(dimensions) * (SHRINK * np.trace(spread) / dimensions + 1e-9)
    values, axes = np.linalg.eigh(spread)
    return np.asarray((axes / np.sqrt(values)) @ axes.T, np.float32)
