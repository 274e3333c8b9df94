"""Watches the clocks: a reminder the working day before, overdue marked on the next day, the coordinator told."""

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from models.clock import Clock, ClockKind, Outcome
from models.institution import institution_by_code
from models.staff import notify
from models.ticket import Ticket, locked, record
from routing.triage import tell_coordinator

BATCH = 200
"""clocks handled in one transaction"""


def tick(session: Session, today: date, at: datetime) -> int:
    """Takes the next step of every clock that has one due; returns how many, so call again while it is BATCH.

    The cost follows the clocks with a step due, not the open ones. After a long stop each step is taken once: of
    several missed ones, only the last, since it says all.
    """
    clocks = session.exec(
        select(Clock)
        .where(col(Clock.outcome) == Outcome.RUNNING, col(Clock.next_on) <= today)
        .order_by(col(Clock.next_on), col(Clock.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for clock in clocks:
        ticket = locked(session, clock.ticket_id)
        if today > clock.due_on:
            _overdue(session, ticket, clock, at)
        else:
            _remind(session, ticket, clock, at)
    return len(clocks)


def _remind(session: Session, ticket: Ticket, clock: Clock, at: datetime) -> None:
    clock.next_on = clock.due_on + timedelta(days=1)
    record(session, ticket, "reminded", "clock", at, clock=clock.kind, due=clock.due_on, owner=clock.owner)
    _tell_owner(session, ticket, clock, "due soon", at)


def _overdue(session: Session, ticket: Ticket, clock: Clock, at: datetime) -> None:
    clock.next_on = None
    clock.overdue_since = clock.due_on + timedelta(days=1)
    record(session, ticket, "overdue", "clock", at, clock=clock.kind, due=clock.due_on, owner=clock.owner)
    _tell_owner(session, ticket, clock, "overdue", at)
    if clock.kind == ClockKind.INSTITUTION:
        tell_coordinator(session, ticket, "institution overdue", f"institution overdue:{clock.id}:{clock.due_on}", at)


def _tell_owner(session: Session, ticket: Ticket, clock: Clock, kind: str, at: datetime) -> None:
    if owner := institution_by_code(session, clock.owner):
        notify(session, owner.id or 0, ticket.id or 0, kind, f"{kind}:{clock.id}:{clock.due_on}", at)
