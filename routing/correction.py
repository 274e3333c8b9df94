"""A question of which people have shown whose it is, and what many of them say about the engine."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nlu.examples import Example


class Kind(StrEnum):
    CONFIRMED = "confirmed"
    """the first suggestion was right"""
    ELSEWHERE = "elsewhere"
    """a coordinator gave it to another institution than was suggested first"""
    NOT_OURS = "not ours"
    """an institution returned it, and another has it now"""
    SERVICE = "another service"
    """a coordinator chose another service than the engine"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A question of which it is known whose it is."""

    ticket: str
    text: str
    """the first words of the citizen in it, masked"""
    language: str
    institution: str
    """that answered, else that has it; of several the one that was suggested best, else the last"""
    returned: tuple[str, ...]
    """that said "not ours" """
    suggested: tuple[str, ...]
    """by the engine, best first, when the question was handed to people"""
    service: str = ""
    """that a coordinator chose"""
    guessed: str = ""
    """the service that the engine had thought of, where a coordinator chose one"""

    @property
    def right(self) -> bool:
        return self.suggested[:1] == (self.institution,)

    @property
    def kind(self) -> Kind:
        if self.service and self.service != self.guessed:
            return Kind.SERVICE
        if self.returned:
            return Kind.NOT_OURS
        return Kind.CONFIRMED if self.right else Kind.ELSEWHERE

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """From what to what: services where another one was chosen, else institutions; from nothing is empty."""
        if self.kind is Kind.SERVICE:
            return [(self.guessed, self.service)]
        wrong = self.returned or ("".join(self.suggested[:1]),)
        return [(code, self.institution) for code in wrong]

    def example(self) -> Example:
        """As the engine learns it."""
        return Example(self.text, self.language, self.institution, self.service, self.ticket)

    def row(self) -> dict[str, Any]:
        """As `atbilde nlu train`, `evaluate` and `export-rasa --data` read it: the institution is the intent."""
        return {
            "text": self.text,
            "intent": self.institution,
            "institution": self.institution,
            "service": self.service,
            "kind": str(self.kind),
            "not": list(self.returned),
            "suggested": list(self.suggested),
            "right": self.right,
            "language": self.language,
            "ticket": self.ticket,
        }


@dataclass(frozen=True, slots=True)
class Confusion:
    suggested: str
    """empty where the engine had no suggestion"""
    right: str
    count: int


@dataclass(frozen=True, slots=True)
class Corrections:
    tickets: int
    """that people had to do with"""
    known: Sequence[Correction]
    """those that name a matter, with an institution that answered or has them, in the order they were opened"""

    @property
    def right(self) -> int:
        return sum(one.right for one in self.known)

    def confusions(self) -> list[Confusion]:
        """Where the first suggestion was wrong, the most frequent first."""
        wrong = Counter(("".join(one.suggested[:1]), one.institution) for one in self.known if not one.right)
        return [Confusion(*pair, count) for pair, count in _most_first(wrong)]

    def kinds(self) -> dict[str, list[Confusion]]:
        """From what to what, the most frequent first, for each kind that there is."""
        pairs = {kind: Counter(p for one in self.known if one.kind is kind for p in one.pairs) for kind in Kind}
        return {str(kind): [Confusion(*p, n) for p, n in _most_first(its)] for kind, its in pairs.items() if its}

    def institutions(self) -> dict[str, dict[str, int]]:
        """For each, by code: its questions, those suggested to it rightly and wrongly, and those it returned."""
        its = Counter(one.institution for one in self.known)
        right = Counter(one.institution for one in self.known if one.right)
        wrong = Counter(code for one in self.known if not one.right for code in one.suggested[:1])
        returned = Counter(code for one in self.known for code in one.returned)
        return {
            code: {"theirs": its[code], "right": right[code], "wrong": wrong[code], "returned": returned[code]}
            for code in sorted({*its, *wrong, *returned})
        }


def _most_first(counted: Counter[tuple[str, str]]) -> Iterable[tuple[tuple[str, str], int]]:
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))
