"""Running clocks counted by other rules than those they were started by: what comes out, without storing it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.clock import RUNNING_SQL, Clock, ClockKind
from models.institution import Institution
from routing.calendar import ONE_DAY, Calendar
from routing.rules import Rules
from routing.terms import Span

BATCH = 2_000
"""clocks counted in one transaction"""


@dataclass(frozen=True, slots=True)
class Stale:
    """A running clock that was counted by another version of the calendars."""

    id: int
    ticket_id: int
    forwarding_id: int | None
    kind: str
    owner: str
    calendar: str
    calendar_version: str
    started_on: date
    due_on: date
    working_days: int
    months: int
    extended_to: date | None
    climbed_on: date


AS_STORED = tuple(field.name for field in fields(Stale))


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of it."""

    stale: Stale
    due_on: date
    calendar: Calendar

    @property
    def moved(self) -> bool:
        return self.due_on != self.stale.due_on


def would_move(session: Session, rules: Rules) -> dict[str, int]:
    """How many due dates the rules would move if they were put in force, by the institution whose clock it is."""
    moved: Counter[str] = Counter()
    last = 0
    while stale := [Stale(*row) for row in session.execute(_clocks().where(col(Clock.id) > last).limit(BATCH)).all()]:
        moved += Counter(one.stale.owner for one in count_anew(session, rules, stale) if one.moved)
        last = stale[-1].id
    return dict(moved)


def _clocks() -> Select[Any]:
    running = columns(*(getattr(Clock, name) for name in AS_STORED)).where(text(f"clock.{RUNNING_SQL}"))
    return running.order_by(col(Clock.id))


def count_anew(session: Session, rules: Rules, stale: Sequence[Stale]) -> list[Counted]:
    owners = {clock.owner for clock in stale}
    directory = dict(
        session.exec(select(Institution.code, Institution.calendar).where(col(Institution.code).in_(owners))).all()
    )

    @cache
    def end(days: Calendar, span: Span, start: date) -> date:
        return span.end(days, start)

    counted = []
    for clock in stale:
        days = _calendar(rules, clock, directory.get(clock.owner, "state"))
        if clock.extended_to:
            due_on = _working_day(days, clock.extended_to)
        else:
            due_on = end(days, Span(clock.working_days, clock.months), clock.started_on)
        counted.append(Counted(clock, due_on, days))
    return counted


def _calendar(rules: Rules, clock: Stale, otherwise: str) -> Calendar:
    """An institution's clock counts by its own calendar, the coordinator's by the state's or one named for it."""
    known = clock.kind == ClockKind.INSTITUTION and otherwise in rules.calendars.by_name
    return rules.calendars.of(clock.owner, otherwise if known else "state")


def _working_day(days: Calendar, on: date) -> date:
    while not days.works(on):
        on += ONE_DAY
    return on
