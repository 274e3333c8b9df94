"""What is wrong with a file, said so that an editor can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Flaw:
    """One thing to put right; `field` is empty where the file as a whole is meant."""

    file: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (f"{self.file}:{self.line}", self.field, self.message) if part)


class Refused(Exception):  # it reads as what happened: `except Refused`
    """The file is not taken; `flaws` says everything that was found, in the order of the file."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = sorted(flaws)
        super().__init__("\n".join(str(flaw) for flaw in self.flaws))
