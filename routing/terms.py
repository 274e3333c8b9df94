"""The terms of the law (config/clocks.yaml): how long, since when, and where it is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.flaw import Flaw, Refused
from config.row import Row, judge
from config.words import Day as Date
from config.words import Line, Maybe, Strict
from routing.calendar import Calendar, Day

NEEDED = (
    ("question", "forward"),
    ("question", "institution"),
    ("question", "answer"),
    ("submission", "forward"),
    ("submission", "institution"),
    ("submission", "answer"),
    ("submission", "extension"),
)
"""each procedure and clock that must have a term"""
Length = Annotated[int, Field(ge=1, le=120)]


@dataclass(frozen=True, slots=True)
class Span:
    """How long a term is: working days, or months."""

    working_days: int = 0
    months: int = 0

    def end(self, calendar: Calendar, start: date) -> date:
        """The due date of a term whose day 0 is `start`. Raises ValueError where the calendar ends before."""
        if self.months:
            return calendar.months_after(start, self.months)
        return calendar.after(start, self.working_days)

    def days(self, calendar: Calendar, start: date) -> list[Day]:
        """The days that lead to the due date, counted or skipped, each with its reason; the last one is due."""
        if self.months:
            return list(calendar.count_months(start, self.months))
        return list(calendar.count(start, self.working_days))

    def __str__(self) -> str:
        return f"{self.months} mo" if self.months else f"{self.working_days} wd"


class Term(Strict):
    """One row of the file."""

    procedure: Literal["question", "submission"]
    clock: Literal["forward", "institution", "answer", "extension"]
    working_days: Maybe[Length] = None
    months: Maybe[Length] = None
    valid_from: Date
    source: Line

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if (self.working_days is None) == (self.months is None):
            raise ValueError("A term has either `working_days` or `months`.")
        return self

    @cached_property
    def span(self) -> Span:
        return Span(self.working_days or 0, self.months or 0)

    @cached_property
    def rule(self) -> str:
        """Names the row: what a clock keeps of it."""
        name = self.clock if self.procedure == "question" else f"{self.procedure} {self.clock}"
        return f"{name} {self.span}, {self.valid_from}"


class TermsFile(Strict):
    terms: Annotated[list[Term], Field(min_length=1)]


@dataclass(frozen=True, eq=False)
class Terms:
    versions: Mapping[tuple[str, str], Sequence[Term]]
    """by procedure and clock, the oldest first"""

    def on(self, procedure: str, clock: str, received_on: date) -> Term:
        """The term for what was received on that day. Raises ValueError for an unknown procedure or clock."""
        versions = self.versions.get((procedure, clock))
        if not versions:
            raise ValueError(f"no term {clock!r} for a {procedure!r} in config/clocks.yaml")
        return next((term for term in reversed(versions) if term.valid_from <= received_on), versions[0])

    def by_rule(self, rule: str) -> Term | None:
        """The row that a clock was started by; None where an editor has taken it away."""
        return next((term for versions in self.versions.values() for term in versions if term.rule == rule), None)


def terms_from(row: Row) -> Terms:
    """Raises Refused, with line and reason."""
    good, flaws = judge([row], TermsFile)
    if flaws:
        raise Refused(flaws)
    terms = good[0][1].terms
    if flaws := [*_twice(row, terms), *_missing(row, terms)]:
        raise Refused(flaws)
    ordered = sorted(terms, key=lambda term: (term.procedure, term.clock, term.valid_from))
    return Terms({name: tuple(rows) for name, rows in groupby(ordered, key=lambda term: (term.procedure, term.clock))})


def _twice(row: Row, terms: Sequence[Term]) -> list[Flaw]:
    seen: set[tuple[str, str, date]] = set()
    flaws: list[Flaw] = []
    for number, term in enumerate(terms):
        key = (term.procedure, term.clock, term.valid_from)
        if key in seen:
            message = f"There is a term of {term.procedure} {term.clock} from {term.valid_from} already."
            flaws.append(row.flaw(("terms", number, "valid_from"), message))
        seen.add(key)
    return flaws


def _missing(row: Row, terms: Sequence[Term]) -> list[Flaw]:
    there = {(term.procedure, term.clock) for term in terms}
    return [
        row.flaw(("terms",), f"There is no term for {procedure} {clock}.")
        for procedure, clock in NEEDED
        if (procedure, clock) not in there
    ]
