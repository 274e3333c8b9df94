"""How the intent model is fitted: every choice is made by predictions for texts that were left out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nlu.arrays import Doubles, Floats, Ints, unit
from nlu.centroids import DESCRIPTION, Centroids
from nlu.embed import Embedder
from nlu.fit import NEVER, calibrate, softmax, threshold
from nlu.ridge import Ridge, class_weights

SHARES = (0.3, 0.4, 0.5, 0.6, 0.7)
"""Shares of the embeddings in the joint kernel, of which each training chooses one by held-out log loss."""
CENTROID = 0.3
"""Weight of the centroids' cosine beside the ridge scores (which run from 0 to 1)."""
PRECISION_ALONE, DOUBTED = 0.99, 0.4
"""Where the lexical model alone is right this often, no embedding is computed, but always for the least sure 40 %:
thirty held-out predictions without an error are no proof."""
REJECT = frozenset({"none", "other", "out_of_scope", "oos", "nolu.none", "fallback"})
"""Labels that mean "nothing of these"."""


@dataclass(slots=True)
class Thresholds:
    """Of the confidence, fitted on held-out predictions."""

    alone: float  # from here the words alone decide
    answer: float  # from here an answer is right as often as was asked for
    clarify: float


@dataclass(slots=True)
class Fitted:
    """What predictions are made of; one column a label."""

    alone: Floats  # weights of the likeness with each text learnt, where no embedding is computed
    joint: Floats  # the same beside the embedding
    project: Floats  # 384 x labels: weights of the embedding
    mean: Floats  # what scores start from
    centroids: Centroids
    alone_temperature: float
    joint_temperature: float
    thresholds: Thresholds


def fit(names: Sequence[str], y: Ints, lexical: Floats, embedded: Floats, embed: Embedder, precision: float) -> Fitted:
    """`lexical` is the likeness of all pairs of texts, `y` the number of each text's name."""
    reject = next((at for at, name in enumerate(names) if name.casefold() in REJECT), -1)
    weights, mean = class_weights(y, len(names), reject)
    described = _describe(names, reject, embed)
    centroids = Centroids.learn(embedded, y, described)
    if reject >= 0:
        centroids.points[reject] = 0.0
    held = CENTROID * centroids.alike_left_out(embedded, y, described)
    alone = Ridge.solve(lexical, y, weights, mean)
    alone_scores = alone.left_out(y)
    alone_temperature, _ = calibrate(alone_scores, y, weights)
    rows = np.concatenate([unit(embedded - embedded.mean(axis=0)), described])
    share, ridge = _joint(lexical, rows, y, weights, mean, held, reject)
    joint_scores = ridge.left_out(_with_names(y, len(names)))[: len(y)] + held
    joint_temperature, _ = calibrate(joint_scores, y, weights)
    return Fitted(
        alone.dual.astype(np.float32),
        ((1 - share) * ridge.dual[: len(y)]).astype(np.float32),
        (share * rows.T @ ridge.dual).astype(np.float32),
        mean.astype(np.float32),
        centroids,
        alone_temperature,
        joint_temperature,
        _thresholds(softmax(alone_scores, alone_temperature), softmax(joint_scores, joint_temperature), y, precision),
    )


def words_of(label: str) -> str:
    """FindConnection, find_connection: find connection."""
    apart = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", label)
    return " ".join(re.sub(r"[\W_]+", " ", apart).casefold().split())


def _describe(names: Sequence[str], reject: int, embed: Embedder) -> Floats:
    """The meaning of each label's own words, without what all labels share; "None" means nothing."""
    described = embed.embed(map(words_of, names))
    described = unit(described - described.mean(axis=0))
    if reject >= 0:
        described[reject] = 0.0
    return described


def _joint(
    lexical: Floats, rows: Floats, y: Ints, weights: Doubles, mean: Doubles, held: Floats, reject: int
) -> tuple[float, Ridge]:
    """The share of the embeddings with the least held-out log loss, and the regression with it.

    `rows` are the texts' embeddings and then the labels' own words, each as one more example of its label.
    """
    n, classes = len(y), len(mean)
    all_weights = np.concatenate([weights, np.full(classes, DESCRIPTION)])
    if reject >= 0:
        all_weights[n + reject] = 1e-6
    alike = rows @ rows.T
    tried: list[tuple[float, float, Ridge]] = []
    for share in SHARES:
        kernel = share * alike
        kernel[:n, :n] += (1 - share) * lexical
        ridge = Ridge.solve(kernel, _with_names(y, classes), all_weights, mean)
        _, loss = calibrate(ridge.left_out(_with_names(y, classes))[:n] + held, y, weights)
        tried.append((loss, share, ridge))
    _, share, ridge = min(tried, key=lambda one: one[0])
    return share, ridge


def _with_names(y: Ints, classes: int) -> Ints:
    return np.concatenate([y, np.arange(classes)])


def _thresholds(alone: Doubles, joint: Doubles, y: Ints, precision: float) -> Thresholds:
    """From the probabilities of held-out texts. With a single label nothing has been told apart: never sure."""
    classes = joint.shape[1]
    if classes == 1:
        return Thresholds(NEVER, NEVER, 0.0)
    sure, guessed = alone.max(axis=1), alone.argmax(axis=1)
    right = (guessed == y) & (joint.argmax(axis=1) == guessed)
    from_alone = max(threshold(sure, right, PRECISION_ALONE), float(np.quantile(sure, DOUBTED)))
    answer = threshold(joint.max(axis=1), joint.argmax(axis=1) == y, precision)
    return Thresholds(from_alone, answer, min(answer, 1.5 / classes))
