"""How the law's terms came out, and in how many working days the duties were done.

The terms are those of MK 400 (1, 6 and 7 working days) and of Iesniegumu likums. All figures come from the rows of
`clock`: how one came out, its delay in working days and whose delay it was are frozen when it stops, and are open again
only where what stopped it proved wrong. So any figure can be computed again later.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, exists, select, true
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func

from models.clock import Clock, ClockKind, Outcome
from models.ticket import Procedure, Ticket
from reports.flow import NEEDED, within
from reports.riga import as_date, riga_day
from reports.scope import Scope
from reports.span import Span

WorkingDays = Callable[[str, date, date], int]
"""how many working days of that calendar lie after the first date, up to and with the second"""


@dataclass(frozen=True, slots=True)
class Ending:
    """Clocks that stopped and are alike."""

    kind: str
    owner: str
    """code of the institution whose duty it was"""
    delayed_by: str
    """codes of the institutions whose delay it was, parted by commas; empty where it was not late"""
    outcome: str
    people: bool
    """people were asked; else the bot answered from the catalogue, and nobody had to forward"""
    is_question: bool
    """a consultation (MK 400), whose term is counted in working days; else a submission (Iesniegumu likums)"""
    took: int
    """working days from day 0 to the day on which the duty was done: 0 on the same day"""
    number: int
    days_late: int
    """of all together, in working days"""
    longest: int
    reopened: int
    """how many of them had stopped before, wrongly"""


@dataclass(frozen=True, slots=True)
class Kept:
    """How terms of a kind were kept."""

    in_time: int = 0
    late: int = 0
    not_needed: int = 0
    days_late: int = 0
    longest: int = 0
    reopened: int = 0

    @property
    def needed(self) -> int:
        return self.in_time + self.late

    @property
    def share(self) -> float | None:
        """The part in time of those that were needed, 0 to 1; none where none was."""
        return self.in_time / self.needed if self.needed else None


def endings(session: Session, span: Span, scope: Scope, working_days: WorkingDays, *, owner: str = "") -> list[Ending]:
    """Every clock that stopped within the span; `owner` names the institution whose duties are asked about."""
    day = riga_day(session, Clock.stopped_at, span).label("day")
    people = case((col(Clock.kind) == ClockKind.ANSWER, _was_handed_over()), else_=true()).label("people")
    same: list[Any] = [
        col(Clock.kind), col(Clock.owner), col(Clock.delayed_by), col(Clock.outcome), people, col(Ticket.procedure),
        col(Clock.calendar), col(Clock.started_on), day,
    ]  # fmt: skip
    late = func.sum(col(Clock.days_late)), func.max(col(Clock.days_late))
    asked = (
        select(*same, func.count(), *late, func.sum(case((col(Clock.opening) > 1, 1), else_=0)))
        .join_from(Clock, Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(*within(Clock.stopped_at, span), *scope.conditions(), *([col(Clock.owner) == owner] if owner else []))
        .group_by(*same[:4], "people", *same[5:8], "day")
    )
    took: dict[tuple[str, date, str], int] = {}
    found = []
    for (
        kind,
        whose,
        by,
        outcome,
        handed,
        procedure,
        calendar,
        start,
        on,
        number,
        days,
        longest,
        again,
    ) in session.execute(asked):
        key = calendar, start, on
        if key not in took:
            took[key] = working_days(calendar, start, as_date(on))
        found.append(
            Ending(
                kind, whose, by, outcome, bool(handed), procedure == Procedure.QUESTION, took[key], number, int(days),
                longest, int(again),
            )
        )  # fmt: skip
    return found


def _was_handed_over() -> Any:
    """The coordinator's clock to forward starts when the bot hands a question to people, and only then."""
    forward = aliased(Clock)
    return exists().where(col(forward.ticket_id) == col(Ticket.id), col(forward.kind) == ClockKind.FORWARD)


def tally(session: Session, span: Span, scope: Scope, *, owner: str = "") -> dict[str, Kept]:
    """The same sums as `kept` gives, by kind and for less work: what a span is compared with needs no more."""
    same = (col(Clock.kind), col(Clock.outcome))
    late = func.sum(col(Clock.days_late)), func.max(col(Clock.days_late))
    asked = (
        select(*same, func.count(), *late, func.sum(case((col(Clock.opening) > 1, 1), else_=0)))
        .join_from(Clock, Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(*within(Clock.stopped_at, span), *scope.conditions(), *([col(Clock.owner) == owner] if owner else []))
        .group_by(*same)
    )
    found = [
        Ending(kind, "", "", outcome, True, True, 0, number, int(days), longest, int(again))
        for kind, outcome, number, days, longest, again in session.execute(asked)
    ]
    return {kind: kept(found, kind) for kind in ClockKind}


def kept(found: Iterable[Ending], kind: ClockKind) -> Kept:
    """The sums over the clocks of that kind."""
    of_kind = [one for one in found if one.kind == kind]
    count = Counter[str]()
    for one in of_kind:
        count[one.outcome] += one.number
    return Kept(
        count[Outcome.IN_TIME],
        count[Outcome.LATE],
        count[Outcome.NOT_NEEDED],
        sum(one.days_late for one in of_kind),
        max((one.longest for one in of_kind), default=0),
        sum(one.reopened for one in of_kind),
    )


def spread(found: Iterable[Ending], kind: ClockKind) -> Counter[int]:
    """How many questions took how many working days, of those that people had and that needed it.

    Submissions are left out, since their terms are months; so are the answers that the bot gave at once.
    """
    days = Counter[int]()
    for one in found:
        if one.kind == kind and one.outcome in NEEDED and one.people and one.is_question:
            days[one.took] += one.number
    return days


def median(days: Counter[int]) -> float | None:
    """The middle number of working days; between two of them their mean; none where nothing was counted."""
    number = sum(days.values())
    if not number:
        return None
    return (_at(days, (number - 1) // 2) + _at(days, number // 2)) / 2


def _at(days: Counter[int], place: int) -> int:
    """The number at that place, counted from 0, when all are put in order."""
    for day in sorted(days):
        place -= days[day]
        if place < 0:
            return day
    raise IndexError(place)
