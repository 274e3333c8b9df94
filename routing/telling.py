"""Tells people of the steps that were taken: a notice at the desk, and a message where they have an address for it.

Many steps for one role at once become one digest. The notices, their messages and the marks on the steps are one
transaction, so nobody is told twice and nothing is forgotten.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, text, tuple_, update
from sqlalchemy import select as columns
from sqlmodel import Session, col

from models.clock import Clock, ClockKind, Outcome
from models.moments import riga_date
from models.staff import Notice, new_notice
from models.step import UNTOLD_SQL, StepTaken
from models.ticket import Ticket
from routing.escalation import AT_COORDINATOR
from routing.notices import send_notices
from routing.rules import in_force

MOST = 5_000
"""steps in one transaction, more only where they are all for one role of one institution"""
LISTED = 20
"""tickets named in a digest; the desk lists them all"""
MARKED = 5_000
"""rows marked by one statement"""
Group = tuple[int, str]
"""an institution and a role there"""


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that nobody was told of yet, and its clock as it is now."""

    id: int
    institution_id: int
    role: str
    clock_id: int
    ticket_id: int
    ref: str
    kind: str
    owner: str
    due_on: date
    day: int
    stands: bool
    """the clock still runs, and is due on the same day"""

    @property
    def group(self) -> Group:
        return self.institution_id, self.role


Also = Callable[[Session, Sequence[tuple[Notice, Sequence[Taken]]], datetime], object]
"""(session, the notices with the steps that they are about, now): tells them elsewhere too, in the same transaction"""


def tell(session: Session, at: datetime, desk: str, also: Also | None = None) -> int:
    """Leaves the notices that are due; returns how many steps it looked at, so call again while it is MOST or more.

    `desk` is the address of the desk, which messages link to. What was taken and could not be told before quiet hours
    or a day off began waits for their end, as the steps themselves do.
    """
    if in_force().ladder.quiet.holds(at):
        return 0
    untold = _untold(session, riga_date(at))
    told: list[tuple[Notice, Sequence[Taken]]] = []
    for group, steps in groupby(untold, key=lambda step: step.group):
        told += notices_about(group, _latest(steps), at)
    session.add_all(notice for notice, _ in told)
    session.flush()
    send_notices(session, [notice for notice, _ in told], desk, at)
    if also:
        also(session, told, at)
    _mark(session, untold, told, at)
    return len(untold)


def _untold(session: Session, today: date) -> list[Taken]:
    """Whole groups, so that a digest is whole; locked, so that a second process waits and then finds them told."""
    waiting = and_(text(f"step_taken.{UNTOLD_SQL}"), _at_work(today))
    of_clock = col(Clock.id) == col(StepTaken.clock_id)
    group = tuple_(col(StepTaken.institution_id), col(StepTaken.role))
    counted = columns(*group, func.count()).join(Clock, of_clock).where(waiting).group_by(*group).order_by(*group)
    groups: list[Group] = []
    number = 0
    for institution_id, role, steps in session.execute(counted):
        groups.append((institution_id, role))
        if (number := number + steps) >= MOST:
            break
    if not groups:
        return []
    wanted = (
        columns(
            col(StepTaken.id),
            *group,
            col(StepTaken.clock_id),
            col(StepTaken.ticket_id),
            col(Ticket.ref),
            col(Clock.kind),
            col(Clock.owner),
            col(StepTaken.due_on),
            col(StepTaken.day),
            and_(
                col(Clock.outcome) == Outcome.RUNNING,
                col(Clock.opening) == col(StepTaken.opening),
                col(Clock.due_on) == col(StepTaken.due_on),
            ),
        )
        .join(Clock, of_clock)
        .join(Ticket, col(Ticket.id) == col(StepTaken.ticket_id))
        .where(waiting, group.in_(groups))
        .order_by(*group, col(StepTaken.clock_id), col(StepTaken.day))
        .with_for_update(of=StepTaken)
    )
    return [Taken(*row) for row in session.execute(wanted)]


def _at_work(today: date) -> ColumnElement[bool]:
    """Of clocks by whose calendar today is worked; one whose calendar is no more goes by the state's."""
    calendars = in_force().calendars.by_name
    at_work = [name for name, days in calendars.items() if days.works(today)]
    if "state" in at_work:
        return col(Clock.calendar).not_in([name for name in calendars if name not in at_work])
    return col(Clock.calendar).in_(at_work)


def _latest(steps: Iterator[Taken]) -> list[Taken]:
    """Of each clock the last step, which says all, the most urgent first.

    None of a clock that has stopped or moved meanwhile.
    """
    last = {step.clock_id: step for step in steps if step.stands}
    return sorted(last.values(), key=lambda step: (-step.day, step.due_on, step.ref))


def notices_about(group: Group, steps: Sequence[Taken], at: datetime) -> Iterator[tuple[Notice, Sequence[Taken]]]:
    """A notice for each step, or one digest for all where they are many."""
    if len(steps) < in_force().ladder.digest_from:
        for step in steps:
            yield _notice(step, at), [step]
    else:
        yield _digest(group, steps, at), steps


def _notice(step: Taken, at: datetime) -> Notice:
    data = {"ref": step.ref, "due": step.due_on, "days": max(step.day, 0), "owner": step.owner}
    return new_notice(*step.group, step.ticket_id, _kind(step), f"step:{step.id}", at, data)


def _digest(group: Group, steps: Sequence[Taken], at: datetime) -> Notice:
    data = {
        "overdue": sum(step.day > 0 for step in steps),
        "today": sum(step.day == 0 for step in steps),
        "soon": sum(step.day < 0 for step in steps),
        "refs": list(dict.fromkeys(step.ref for step in steps))[:LISTED],
    }
    return new_notice(*group, None, "digest", f"digest:{steps[0].id}", at, data)


def _kind(step: Taken) -> str:
    when = "overdue" if step.day > 0 else "due today" if step.day == 0 else "due soon"
    return f"institution {when}" if step.kind == ClockKind.INSTITUTION and step.role in AT_COORDINATOR else when


def _mark(
    session: Session, untold: Sequence[Taken], told: Sequence[tuple[Notice, Sequence[Taken]]], at: datetime
) -> None:
    """All as told, and those that a notice names with that notice."""
    ids = [step.id for step in untold]
    for first in range(0, len(ids), MARKED):
        session.execute(
            update(StepTaken).where(col(StepTaken.id).in_(ids[first : first + MARKED])).values(told_at=at),
            execution_options={"synchronize_session": False},
        )
    named = [{"id": step.id, "notice_id": notice.id} for notice, about in told for step in about]
    if named:
        session.execute(update(StepTaken), named)
