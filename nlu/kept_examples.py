"""The file of examples: read from what people give, kept for whoever understands in this data folder."""

import json
from collections.abc import Iterable
from pathlib import Path

import structlog

from nlu.evaluate import RowsError
from nlu.examples import Example, example_of, line
from nlu.model_file import in_place_of

log = structlog.get_logger()

NAME = "corrections.jsonl"
"""in the data folder; the oldest first"""


def read(path: Path) -> list[Example]:
    """One a line, as `atbilde nlu corrections --out` writes them. Raises RowsError with file, line and reason."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # not splitlines(): JSON may hold U+2028 as it is
    except (OSError, UnicodeDecodeError) as error:
        raise RowsError(f"{path}: {error}") from None
    found = []
    for number, text in enumerate(lines, 1):
        if text.strip():
            try:
                found.append(example_of(json.loads(text)))
            except (ValueError, RecursionError) as error:
                raise RowsError(f"{path}:{number}: {error}") from None
    return found


def keep(folder: Path, examples: Iterable[Example]) -> None:
    """Instead of those kept before; for the owner's eyes only. Raises OSError."""
    with in_place_of(folder / NAME) as file:
        file.writelines(f"{line(example)}\n".encode() for example in examples)


def kept(folder: Path | None) -> list[Example]:
    """What `atbilde nlu train` kept last; nothing where there is no such file, or none that can be read."""
    if folder is None or not (folder / NAME).exists():
        return []
    try:
        return read(folder / NAME)
    except RowsError as error:  # the desk answers from the catalogue none the less
        log.warning("the corrections kept cannot be read", because=str(error))
        return []


def stamp(folder: Path | None) -> str:
    """Another text whenever others were kept; cheap enough to ask often."""
    try:
        about = (folder / NAME).stat() if folder else None
    except OSError:
        about = None
    return f"{about.st_ino}-{about.st_mtime_ns}-{about.st_size}" if about else ""
