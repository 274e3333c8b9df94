"""A classifier of short texts in any language, learnt from few examples of each label.

Lexical features and E5 embeddings in one kernel ridge regression, beside the labels' centroids. Where the words alone
are sure enough, no embedding is computed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nlu import model_file
from nlu.arrays import Doubles, Floats, unit
from nlu.centroids import Centroids
from nlu.embed import Embedder, clean, embedder
from nlu.features import Counts, counts
from nlu.fit import softmax
from nlu.intent_fit import CENTROID, Fitted, Thresholds, fit
from nlu.language import INFLECTED, nearest
from nlu.lexical import LONGEST_TEXT, normalise
from nlu.lexicon import Lexicon
from nlu.meaning import Band
from nlu.privacy import without_private
from nlu.sample import sample
from nlu.spelling import Spelling

KIND = "intents"
RANKED = 5
CHARACTERS_READ = 2 * LONGEST_TEXT
ONE_LANGUAGE = 0.8
"""Where this share of the texts is in one language, all are read in it: a short one may look like another."""


@dataclass(frozen=True, slots=True)
class Prediction:
    label: str
    confidence: float
    band: Band
    ranked: tuple[tuple[str, float], ...]  # the five most likely labels
    embedded: bool  # whether the words alone were not enough


class IntentModel:
    """Immutable once fitted; safe to share between threads."""

    def __init__(
        self,
        labels: Sequence[str],
        language: str,
        lexicon: Lexicon,
        spelling: Spelling,
        fitted: Fitted,
        embed: Embedder,
    ) -> None:
        """`language` is that of all texts, or empty where they are in several."""
        self.labels, self.language, self.fitted = list(labels), language, fitted
        self._lexicon, self._spelling, self._embed = lexicon, spelling, embed

    @classmethod
    def fit(
        cls, texts: Sequence[str], labels: Sequence[str], precision: float = 0.98, embed: Embedder | None = None
    ) -> "IntentModel":
        """Learns texts with their labels; the band ANSWER is right this often. Raises ValueError without any text.

        Of very many texts a part is learnt (nlu/sample.py), so that time and memory are bounded.
        """
        texts, labels = sample(texts, labels)
        texts = [without_private(text) for text in texts]
        names = sorted(set(labels))
        language = _common_language(texts)
        read = [_read(text, language) for text in texts]
        lexicon, spelling = Lexicon.learn(read), Spelling.learn(texts)
        embed = embed or embedder()
        fitted = fit(
            names,
            np.array([names.index(label) for label in labels], np.int64),
            np.array([lexicon.alike(text) for text in read]),
            embed.embed(spelling.restore(clean(text)) for text in texts),
            embed,
            precision,
        )
        return cls(names, language, lexicon, spelling, fitted, embed)

    def predict(self, text: str) -> Prediction:
        """The most likely label. Never raises, whatever the text."""
        sure, embedded = self._scores(without_private(text[:CHARACTERS_READ]))
        order = np.argsort(-sure, kind="stable")[:RANKED]
        ranked = tuple((self.labels[at], float(sure[at])) for at in order)
        label, best = ranked[0]
        return Prediction(label, best, self._band(best), ranked, embedded)

    def save(self, path: Path, data: str = "", figures: dict[str, Any] | None = None) -> None:
        lexicon, centroids, fitted = self._lexicon, self.fitted.centroids, self.fitted
        arrays = {name: getattr(fitted, name) for name in _FITTED} | {name: getattr(lexicon, name) for name in _LEXICON}
        arrays |= {name: getattr(centroids, name) for name in _CENTROIDS}
        state = {
            "labels": self.labels,
            "language": self.language,
            "thresholds": asdict(fitted.thresholds),
            "temperatures": {name: getattr(fitted, name) for name in ("alone_temperature", "joint_temperature")},
            "spelling": dict(self._spelling.words),
            "features": list(lexicon.ids),
        }
        model_file.write(path, KIND, data, figures or {}, state, arrays)

    @classmethod
    def load(cls, path: Path, data: str = "", embed: Embedder | None = None) -> "IntentModel":
        """Raises model_file.UnfitError where the file is not there, damaged or of other data or libraries."""
        state, arrays, _ = model_file.read(path, KIND, data)
        ids = {feature: at for at, feature in enumerate(state["features"])}
        lexicon = Lexicon(ids=ids, size=len(arrays["alone"]), **{name: arrays[name] for name in _LEXICON})
        fitted = Fitted(
            **dict[str, Any]({name: arrays[name] for name in _FITTED} | state["temperatures"]),
            centroids=Centroids(**{name: arrays[name] for name in _CENTROIDS}),
            thresholds=Thresholds(**state["thresholds"]),
        )
        spelling = Spelling(state["spelling"])
        return cls(state["labels"], state["language"], lexicon, spelling, fitted, embed or embedder())

    def _scores(self, text: str) -> tuple[Doubles, bool]:
        """Probability of each label, and whether the embedding was needed for it."""
        fitted = self.fitted
        alike = self._lexicon.alike(_read(text, self.language))
        sure = softmax((alike @ fitted.alone + fitted.mean).astype(float), fitted.alone_temperature)
        if sure.max() >= fitted.thresholds.alone:
            return sure, False
        joint = self._joint(alike, self._embed.one(self._spelling.restore(clean(text))))
        return softmax(joint, fitted.joint_temperature), True

    def _joint(self, alike: Floats, embedded: Floats) -> Doubles:
        fitted = self.fitted
        near = unit(embedded - fitted.centroids.origin)
        scores = alike @ fitted.joint + near @ fitted.project + fitted.mean
        return np.asarray(scores + CENTROID * fitted.centroids.alike(embedded[None])[0], np.float64)

    def _band(self, confident: float) -> Band:
        if confident >= self.fitted.thresholds.answer:
            return Band.ANSWER
        return Band.CLARIFY if confident >= self.fitted.thresholds.clarify else Band.ROUTE


_LEXICON = ("idf", "starts", "rows", "values")
_FITTED = ("alone", "joint", "project", "mean")
_CENTROIDS = ("origin", "turn", "points")


def _read(text: str, language: str) -> Counts:
    normal = normalise(text)
    return counts(normal, language or nearest(normal))


def _common_language(texts: Iterable[str]) -> str:
    """The language of nearly all the texts, or empty."""
    spoken = [nearest(text) for text in texts]
    return next((one for one in INFLECTED if spoken.count(one) >= ONE_LANGUAGE * len(spoken)), "")
