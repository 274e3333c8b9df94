"""The text of a file, or why it cannot be taken."""

from collections.abc import Iterator
from pathlib import Path

from config.flaw import Flaw, Refused
from config.words import FORBIDDEN

MOST_BYTES = 20 * 1024 * 1024


def text_of(path: Path) -> str:
    """The file's text, its lines ended by `\\n`. Raises Refused."""
    raw = _bytes(path)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise _refused(path, "The file is not UTF-8; save it as UTF-8 and try again.", line) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise _refused(path, "The file is empty.")
    if flaws := list(_controls(path, text)):
        raise Refused(flaws)
    return text


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise _refused(path, f"The file cannot be read: {error.strerror}.") from None
    if len(raw) > MOST_BYTES:
        raise _refused(path, f"The file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    return raw


def _controls(path: Path, text: str) -> Iterator[Flaw]:
    for number, line in enumerate(text.split("\n"), 1):
        if found := FORBIDDEN.search(line):
            yield Flaw(str(path), number, "", f"The control character U+{ord(found[0]):04X} is not allowed.")


def _refused(path: Path, message: str, line: int = 1) -> Refused:
    return Refused([Flaw(str(path), line, "", message)])
