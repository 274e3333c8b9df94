"""Embeddings kept under their text's hash, so that learning again embeds only what is new."""

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.arrays import Floats

Embed = Callable[[Sequence[str]], Floats]
"""Texts to one vector each."""
FILE = Path(__file__).with_name("start.vectors")
"""The texts of the starting catalogue and of the institutions; written by `make vectors`."""
BATCH = 32
DIMENSIONS = 384


class Vectors:
    """One byte a dimension (a vector is its bytes times its own scale), 4 MB for ten thousand texts.

    Against four bytes a dimension no held-out question of the starting catalogue changes its service by more than
    chance (bench/bench_understanding.py prints both). One thread writes; others may read.
    """

    def __init__(self, keys: Iterable[int], bytes_: NDArray[np.int8], scales: Floats) -> None:
        self._at = {int(key): at for at, key in enumerate(keys)}
        self._bytes, self._scales = bytes_, scales

    @classmethod
    def empty(cls) -> "Vectors":
        return cls((), np.zeros((0, DIMENSIONS), np.int8), np.zeros(0, np.float32))

    @classmethod
    def load(cls, path: Path) -> "Vectors":
        """Nothing where the file is missing or cannot be read: then the texts are embedded anew."""
        try:
            with np.load(path, allow_pickle=False) as file:
                return cls.of_arrays(file)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return cls.empty()

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Vectors":
        """The reverse of `arrays`."""
        return cls(arrays["keys"].tolist(), arrays["bytes"], arrays["scales"])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For a file; the same texts give the same arrays."""
        order = sorted(self._at)
        rows = [self._at[key] for key in order]
        return {"keys": np.array(order, np.uint64), "bytes": self._bytes[rows], "scales": self._scales[rows]}

    def save(self, path: Path) -> None:
        """The file is whole or not there, also for who reads it meanwhile."""
        new = path.with_name(f"{path.name}.{os.getpid()}")
        with zipfile.ZipFile(new, "w", zipfile.ZIP_STORED) as file:
            for name, array in self.arrays().items():
                buffer = io.BytesIO()
                np.save(buffer, array, allow_pickle=False)
                file.writestr(zipfile.ZipInfo(f"{name}.npy"), buffer.getvalue())
        new.replace(path)

    def __len__(self) -> int:
        return len(self._at)

    def missing(self, texts: Iterable[str]) -> list[str]:
        """Those that are not known yet, each once."""
        return [text for text in dict.fromkeys(texts) if key_of(text) not in self._at]

    def of(self, texts: Sequence[str]) -> Floats:
        """Raises KeyError where one is missing."""
        rows = [self._at[key_of(text)] for text in texts]
        return np.asarray(self._bytes[rows].astype(np.float32) * self._scales[rows, None], np.float32)

    def one(self, text: str) -> Floats:
        """Raises KeyError where it is missing."""
        return np.asarray(self.of([text])[0], np.float32)

    def add(self, texts: Iterable[str], embed: Embed) -> int:
        """Embeds what is missing (about 20 ms a text on one core); says how many texts that were."""
        new = self.missing(texts)
        found = [embed(new[at : at + BATCH]) for at in range(0, len(new), BATCH)]
        if new:
            self._put(new, np.concatenate(found))
        return len(new)

    def _put(self, texts: Sequence[str], embedded: Floats) -> None:
        scales = (np.abs(embedded).max(axis=1) / 127 + 1e-12).astype(np.float32)
        as_bytes = np.rint(embedded / scales[:, None]).astype(np.int8)
        first = len(self._bytes)
        self._bytes = np.concatenate([self._bytes, as_bytes])
        self._scales = np.concatenate([self._scales, scales])
        self._at.update((key_of(text), first + number) for number, text in enumerate(texts))

    def joined(self, other: "Vectors") -> "Vectors":
        """Those of both."""
        keys = [*self._at, *(key for key in other._at if key not in self._at)]
        mine, others = list(self._at.values()), [at for key, at in other._at.items() if key not in self._at]
        return Vectors(
            keys,
            np.concatenate([self._bytes[mine], other._bytes[others]]),
            np.concatenate([self._scales[mine], other._scales[others]]),
        )

    def only(self, texts: Iterable[str]) -> "Vectors":
        """Without the texts that are no longer in use."""
        keys = [key for key in dict.fromkeys(map(key_of, texts)) if key in self._at]
        rows = [self._at[key] for key in keys]
        return Vectors(keys, self._bytes[rows], self._scales[rows])


def key_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8], "big")
