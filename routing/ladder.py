"""The ladder of escalation (config/escalation.yaml): who is told of a clock on which working day, and when not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from config.flaw import Refused
from config.row import Row, judge
from config.words import Strict
from models.moments import RIGA
from models.staff import Role
from routing.calendar import Calendar

CLOCKS = ("forward", "institution", "answer")
Told = Literal["clerk", "head", "coordinator", "lead"]


def _hour(value: Any) -> Any:
    # Left to itself pydantic would also take a number of seconds, or a time with an offset, for a time of day.
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value.strip()):
        return time.fromisoformat(value.strip())
    raise ValueError("This must be a time of day such as 08:00.")


Hour = Annotated[time, BeforeValidator(_hour)]


class Step(Strict):
    """One rung: on which working day from the due date who is told."""

    day: Annotated[int, Field(ge=-30, le=365)]
    to: Annotated[list[Told], Field(min_length=1)]
    and_each_day_after: bool = False

    @property
    def roles(self) -> list[Role]:
        return [Role(role) for role in self.to]


class LadderEntry(Strict):
    clock: Literal["forward", "institution", "answer"]
    steps: Annotated[list[Step], Field(min_length=1)]

    @model_validator(mode="after")
    def _climbs(self) -> Self:
        days = [step.day for step in self.steps]
        if days != sorted(set(days)):
            raise ValueError("The days of the steps must rise.")
        if any(step.and_each_day_after for step in self.steps[:-1]):
            raise ValueError("Only the last step may be repeated each day after.")
        if self.steps[-1].and_each_day_after and self.steps[-1].day < 0:
            raise ValueError("A step that is repeated each day after must not begin before the due date.")
        return self


class Quiet(Strict):
    """Hours of the day in Riga in which nothing goes out.

    `from` may be later than `until`: over midnight. Where both are the same there are none.
    """

    begins: Annotated[Hour, Field(alias="from")]
    ends: Annotated[Hour, Field(alias="until")]

    def holds(self, at: datetime) -> bool:
        clock = at.astimezone(RIGA).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


class LadderFile(Strict):
    quiet: Quiet
    digest_from: Annotated[int, Field(ge=2)]
    ladders: list[LadderEntry]


@dataclass(frozen=True, eq=False)
class Ladder:
    quiet: Quiet
    digest_from: int
    """as many steps for one role of an institution at once become one digest"""
    steps: Mapping[str, Sequence[Step]]
    """by clock, in the order of their days"""

    def after(self, clock: str, due_on: date, calendar: Calendar, climbed_on: date) -> Iterator[tuple[int, date, Step]]:
        """The steps that fall on later dates than `climbed_on`, the first one first; endless where one is repeated.

        Each as the working days from the due date, its date, and the step.
        """
        for step in self.steps[clock]:
            on = calendar.shifted(due_on, step.day)
            if on > climbed_on:
                yield step.day, on, step
        last = self.steps[clock][-1]
        day, on = last.day, calendar.shifted(due_on, last.day)
        while last.and_each_day_after:
            day, on = day + 1, calendar.shifted(on, 1)
            if on > climbed_on:
                yield day, on, last

    def next_on(self, clock: str, due_on: date, calendar: Calendar, climbed_on: date) -> date | None:
        """The date of the next step after `climbed_on`; None at the top of the ladder."""
        return next((on for _, on, _ in self.after(clock, due_on, calendar, climbed_on)), None)


def ladder_from(row: Row) -> Ladder:
    """Raises Refused, with line and reason."""
    good, flaws = judge([row], LadderFile)
    if flaws:
        raise Refused(flaws)
    file = good[0][1]
    steps: dict[str, Sequence[Step]] = {}
    for number, entry in enumerate(file.ladders):
        if entry.clock in steps:
            flaws.append(row.flaw(("ladders", number, "clock"), f"There is a ladder for {entry.clock} already."))
        steps[entry.clock] = tuple(entry.steps)
    flaws += [row.flaw(("ladders",), f"There is no ladder for {clock}.") for clock in CLOCKS if clock not in steps]
    if flaws:
        raise Refused(flaws)
    return Ladder(file.quiet, file.digest_from, steps)
