"""How alike texts are by their words and letters: TF-IDF cosine with every text learnt."""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from nlu.arrays import Floats, Ints
from nlu.features import BLOCKS, Counts

Rows = NDArray[np.int32]


class Lexicon:
    """All features with their weights, and the learnt texts by feature (an inverted index); immutable."""

    def __init__(
        self, ids: Mapping[str, int], idf: Floats, starts: Ints, rows: Rows, values: Floats, size: int
    ) -> None:
        """Feature `at` occurs in the texts `rows[starts[at]:starts[at + 1]]` with those `values`."""
        self.ids, self.idf, self.starts, self.rows, self.values, self.size = ids, idf, starts, rows, values, size

    @classmethod
    def learn(cls, texts: Sequence[Counts]) -> "Lexicon":
        ids, seen = _number(texts)
        idf = (np.log((1 + len(texts)) / (1 + np.array(seen))) + 1).astype(np.float32)
        read = [_weigh(text, ids, idf) for text in texts]
        features = np.concatenate([np.zeros(0, np.int64), *(found for found, _ in read)])
        values = np.concatenate([np.zeros(0, np.float32), *(weights for _, weights in read)])
        rows = np.repeat(np.arange(len(texts), dtype=np.int32), [len(found) for found, _ in read])
        order = np.argsort(features, kind="stable")
        starts = np.zeros(len(ids) + 1, np.int64)
        starts[1:] = np.cumsum(np.bincount(features, minlength=len(ids)))
        return cls(ids, idf, starts, rows[order], values[order], len(texts))

    def alike(self, text: Counts) -> Floats:
        """Likeness, 0..1, with each text learnt."""
        features, weights = _weigh(text, self.ids, self.idf)
        if not len(features):
            return np.zeros(self.size, np.float32)
        first, many = self.starts[features], self.starts[features + 1] - self.starts[features]
        at = np.repeat(first - np.concatenate([[0], np.cumsum(many)[:-1]]), many) + np.arange(many.sum())
        products = self.values[at] * np.repeat(weights, many)
        return np.bincount(self.rows[at], weights=products, minlength=self.size).astype(np.float32)


def _number(texts: Iterable[Counts]) -> tuple[dict[str, int], list[int]]:
    """A number for each feature, and in how many texts it occurs."""
    ids: dict[str, int] = {}
    seen: list[int] = []
    for text in texts:
        for block, counted in text.items():
            for feature in counted:
                at = ids.setdefault(block + feature, len(ids))
                if at == len(seen):
                    seen.append(0)
                seen[at] += 1
    return ids, seen


def _weigh(text: Counts, ids: Mapping[str, int], idf: Floats) -> tuple[Ints, Floats]:
    """The known features of a text and their weights; the squares of a block's weights add up to its share."""
    found: list[Ints] = [np.zeros(0, np.int64)]
    weights: list[Floats] = [np.zeros(0, np.float32)]
    for block, counted in text.items():
        known = [(ids[block + feature], many) for feature, many in counted.items() if block + feature in ids]
        if known:
            at = np.array([number for number, _ in known], np.int64)
            weight = (1 + np.log(np.array([many for _, many in known], np.float32))) * idf[at]
            found.append(at)
            weights.append(weight * np.float32(math.sqrt(BLOCKS[block]) / math.sqrt(weight @ weight)))
    return np.concatenate(found), np.concatenate(weights)
