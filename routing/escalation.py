"""Climbs the ladder: takes the steps that are due of every running clock, each once, whoever crashes meanwhile.

A step is a row; its unique constraint and the lock on its clock let no two processes take it twice. Telling people of
the steps is `routing/telling.py`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.clock import RUNNING_SQL, Clock, update_clocks
from models.institution import Institution
from models.moments import riga_date
from models.staff import Person, Role
from models.step import take_once
from models.ticket import Event, Ticket, event_row
from routing.ladder import Step
from routing.reminding import ladder_letters
from routing.rules import Rules, calendar_in, in_force

BATCH = 500
"""clocks handled in one transaction"""
AT_COORDINATOR = (Role.COORDINATOR, Role.LEAD)
INSTEAD = {Role.HEAD: Role.CLERK, Role.CLERK: Role.COORDINATOR, Role.LEAD: Role.COORDINATOR}
"""who is told where nobody has the role"""


@dataclass(frozen=True, slots=True)
class Due:
    """A running clock with a step that is due."""

    id: int
    ticket_id: int
    kind: str
    owner: str
    coordinator: str
    calendar: str
    due_on: date
    opening: int
    climbed_on: date
    forwarding_id: int | None = None


def tick(session: Session, at: datetime) -> int:
    """Takes the steps that are due by now; returns how many clocks it looked at, so call again while it is BATCH.

    The cost follows the clocks with a step due, not the open ones. In quiet hours nothing is taken, and on a day off a
    clock waits for the next working day. After a long stop all missed steps are taken at once.
    """
    rules, today = in_force(), riga_date(at)
    if rules.ladder.quiet.holds(at):
        return 0
    due = _due(session, today)
    if due:
        climbed = _climbed(rules, due, today)
        staff = _Staff(session, due)
        take_once(session, [row for clock, climb in climbed for row in _rows(clock, climb, staff, at)])
        if events := [_event(clock, climb, at) for clock, climb in climbed if climb.steps]:
            session.connection().execute(insert(Event), events)
        ladder_letters(session, _letters(climbed, staff), at)
        _keep(session, climbed)
    return len(due)


@dataclass(frozen=True, slots=True)
class _Climb:
    steps: Sequence[tuple[int, date, Step]]
    climbed_on: date
    next_on: date | None


class _Staff:
    """Who is there to be told, for the clocks of one batch."""

    def __init__(self, session: Session, due: Sequence[Due]) -> None:
        codes = {clock.owner for clock in due} | {clock.coordinator for clock in due}
        known = select(Institution.code, Institution.id, Institution.email).where(col(Institution.code).in_(codes))
        found = session.exec(known).all()
        self._ids: Mapping[str, int | None] = {code: number for code, number, _ in found}
        self.by_letter = frozenset(code for code, _, email in found if email)
        """codes of those that can be written to"""
        have = select(Person.institution_id, Person.role).where(
            col(Person.institution_id).in_(self._ids.values()), col(Person.active)
        )
        self._there = set(session.exec(have.distinct()).all())

    def told(self, clock: Due, role: Role) -> tuple[int, Role]:
        """The institution and the role that is told in place of `role`, where nobody has it.

        Institution 0 where the ticket's coordinator is in no directory: one such ticket must not hold up all others.
        """
        while True:
            code = clock.coordinator if role in AT_COORDINATOR else clock.owner
            institution = self._ids.get(code) or 0
            if role == Role.COORDINATOR or (institution, role) in self._there:
                return institution, role
            role = INSTEAD[role]


def _due(session: Session, today: date) -> list[Due]:
    """Locked with their tickets; whatever somebody else holds is left for the next time, so nobody waits for us."""
    wanted = (
        columns(
            col(Clock.id),
            col(Clock.ticket_id),
            col(Clock.kind),
            col(Clock.owner),
            col(Ticket.coordinator),
            col(Clock.calendar),
            col(Clock.due_on),
            col(Clock.opening),
            col(Clock.climbed_on),
            col(Clock.forwarding_id),
        )
        .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(text(f"clock.{RUNNING_SQL}"), col(Clock.next_on) <= today)
        .order_by(col(Clock.next_on), col(Clock.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return [Due(*row) for row in session.execute(wanted).all()]


def _climbed(rules: Rules, due: Sequence[Due], today: date) -> list[tuple[Due, _Climb]]:
    """How far each gets; clocks that are alike, as those of one day are, get equally far."""

    @cache
    def climb(kind: str, calendar: str, due_on: date, climbed_on: date) -> _Climb:
        days = calendar_in(rules, calendar)
        if not days.works(today):
            return _Climb((), climbed_on, days.shifted(today, 1))
        steps: list[tuple[int, date, Step]] = []
        for day, on, step in rules.ladder.after(kind, due_on, days, climbed_on):
            if on > today:
                return _Climb(steps, today, on)
            steps.append((day, on, step))
        return _Climb(steps, today, None)

    return [(clock, climb(clock.kind, clock.calendar, clock.due_on, clock.climbed_on)) for clock in due]


def _keep(session: Session, climbed: Sequence[tuple[Due, _Climb]]) -> None:
    """Where each clock stands now: one statement for all that stand alike."""
    alike: dict[tuple[date, date | None], list[int]] = defaultdict(list)
    for clock, climb in climbed:
        alike[climb.climbed_on, climb.next_on].append(clock.id)
    for (climbed_on, next_on), ids in alike.items():
        update_clocks(session, ids, climbed_on=climbed_on, next_on=next_on)


def _rows(clock: Due, climb: _Climb, staff: _Staff, at: datetime) -> list[dict[str, Any]]:
    """A row for each role that a step concerns; two roles that one person stands in for are told once."""
    return [
        {
            "clock_id": clock.id,
            "ticket_id": clock.ticket_id,
            "opening": clock.opening,
            "due_on": clock.due_on,
            "day": day,
            "falls_on": on,
            "institution_id": institution,
            "role": role,
            "at": at,
        }
        for day, on, step in climb.steps
        for institution, role in dict.fromkeys(staff.told(clock, role) for role in step.roles)
        if institution
    ]


def _letters(climbed: Sequence[tuple[Due, _Climb]], staff: _Staff) -> Iterator[tuple[int, int, str]]:
    """For each institution that can be written to, of the last step that concerns its own people.

    Its ticket, its forwarding, and what the step is known by.
    """
    for clock, climb in climbed:
        steps = [day for day, _, step in climb.steps if set(step.roles) - set(AT_COORDINATOR)]
        if steps and clock.forwarding_id and clock.owner in staff.by_letter:
            key = f"{clock.id}:{clock.opening}:{clock.due_on}:{steps[-1]}"
            yield clock.ticket_id, clock.forwarding_id, key


def _event(clock: Due, climb: _Climb, at: datetime) -> dict[str, Any]:
    day = climb.steps[-1][0]
    kind = "overdue" if day > 0 else "reminded"
    data = {"clock": clock.kind, "due": clock.due_on, "owner": clock.owner, "day": day}
    return event_row(clock.ticket_id, kind, "clock", at, **data)
