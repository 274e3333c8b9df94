"""The law's three linked clocks: when each is due, started and stopped. Dates in Riga; the day of receipt is day 0."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from models.clock import Clock, ClockKind, Outcome
from models.moments import riga_date
from models.ticket import Procedure, Ticket, record
from routing.calendar import Calendar, Day
from routing.delay import delayed_by
from routing.rules import Rules, calendar_in, in_force
from routing.terms import Span, Term


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and what it was computed from."""

    on: date
    start: date
    term: Term
    calendar: str
    version: str
    provisional: bool
    """it lies in a year whose moved days are not known yet"""


def due(
    kind: str,
    start: date,
    calendar_name: str = "state",
    *,
    procedure: str = Procedure.QUESTION,
    received_on: date | None = None,
) -> Due:
    """When a term that starts on that date in Riga is due; of several versions the one of `received_on` counts.

    Raises ValueError for unknown terms and calendars, and for years without a calendar.
    """
    return _due(in_force(), procedure, kind, start, calendar_name, received_on or start)


@lru_cache(maxsize=50_000)
def _due(rules: Rules, procedure: str, kind: str, start: date, calendar_name: str, received_on: date) -> Due:
    term = rules.terms.on(procedure, kind, received_on)
    days = rules.calendars[calendar_name]
    on = term.span.end(days, start)
    return Due(on, start, term, days.name, days.version, on.year > rules.calendars.known_until)


def due_of(ticket: Ticket, kind: str, start: date, calendar_name: str = "") -> Due:
    """The same for a ticket: it keeps the rules of the day on which it was received.

    By the coordinator's calendar where no other is named.
    """
    counted_by = calendar_name or in_force().calendars.of(ticket.coordinator, "state").name
    return due(kind, start, counted_by, procedure=ticket.procedure, received_on=ticket.received_on)


def start_clock(
    session: Session,
    ticket: Ticket,
    kind: ClockKind,
    when: Due,
    owner: str,
    at: datetime,
    forwarding_id: int | None = None,
) -> Clock:
    """Starts a clock and its ladder of escalation. Raises ValueError for a day that is still to come."""
    if when.start > riga_date(at):
        raise ValueError(f"a term cannot begin on {when.start}: that is still to come")
    rules = in_force()
    clock = Clock(
        ticket=ticket,
        forwarding_id=forwarding_id,
        kind=kind,
        owner=owner,
        started_on=when.start,
        due_on=when.on,
        first_due_on=when.on,
        rule=when.term.rule,
        working_days=when.term.span.working_days,
        months=when.term.span.months,
        calendar=when.calendar,
        calendar_version=when.version,
        provisional=when.provisional,
        climbed_on=when.start,
        next_on=rules.ladder.next_on(kind, when.on, rules.calendars[when.calendar], when.start),
    )
    session.add(clock)
    _record(session, ticket, clock, "clock started", "clock", at, due=when.on, rule=when.term.rule)
    return clock


def start_forward_clock(session: Session, ticket: Ticket, start: date, at: datetime) -> None:
    """The coordinator has to forward: `start` is the first receipt, or the day when an institution returned it."""
    if ticket.running(ClockKind.FORWARD) is None:
        when = due_of(ticket, ClockKind.FORWARD, start)
        start_clock(session, ticket, ClockKind.FORWARD, when, ticket.coordinator, at)


def stop_clock(
    session: Session,
    ticket: Ticket,
    clock: Clock,
    at: datetime,
    actor: str,
    *,
    needed: bool = True,
    met_at: datetime | None = None,
) -> None:
    """Stops it and freezes the outcome: in time or late, by how many working days, whose delay it was.

    `met_at` is when the duty was done, where that is found only later.
    """
    if clock.outcome != Outcome.RUNNING:
        return
    clock.stopped_at = met_at or at
    clock.next_on = None
    clock.days_late = calendar_of(clock).between(clock.due_on, riga_date(clock.stopped_at)) if needed else 0
    late = needed and riga_date(clock.stopped_at) > clock.due_on
    clock.outcome = Outcome.LATE if late else Outcome.IN_TIME if needed else Outcome.NOT_NEEDED
    clock.delayed_by = delayed_by(session, ticket, clock) if late else ""
    ended = {"outcome": clock.outcome, "days_late": clock.days_late, "delayed_by": clock.delayed_by}
    _record(session, ticket, clock, "clock stopped", actor, at, due=clock.due_on, **ended)


def stop_running(
    session: Session,
    ticket: Ticket,
    kind: ClockKind,
    at: datetime,
    actor: str,
    *,
    needed: bool = True,
    met_at: datetime | None = None,
) -> None:
    """Stops the ticket's running clock of that kind, if there is one."""
    if clock := ticket.running(kind):
        stop_clock(session, ticket, clock, at, actor, needed=needed, met_at=met_at)


def reopen_clock(session: Session, ticket: Ticket, clock: Clock, at: datetime, actor: str) -> None:
    """What stopped it proved wrong: it runs on with the old due date, and its ladder is climbed anew."""
    if clock.outcome == Outcome.RUNNING:
        return
    clock.outcome, clock.stopped_at, clock.days_late, clock.delayed_by = Outcome.RUNNING, None, 0, ""
    clock.opening += 1
    climb_from(clock, clock.started_on)
    _record(session, ticket, clock, "clock reopened", actor, at, due=clock.due_on)


def move_clock(session: Session, ticket: Ticket, clock: Clock, on: date, at: datetime, actor: str, reason: str) -> None:
    """Another due date for a running clock; the first promise stays visible. What the ladder said today is said."""
    if on == clock.due_on:
        return
    moved = {"old_due": clock.due_on, "new_due": on, "reason": reason, "calendar_version": clock.calendar_version}
    _record(session, ticket, clock, "due moved", actor, at, **moved)
    clock.due_on = on
    clock.provisional = on.year > in_force().calendars.known_until
    climb_from(clock, riga_date(at))


def _record(session: Session, ticket: Ticket, clock: Clock, kind: str, actor: str, at: datetime, **data: Any) -> None:
    """What became of a clock, on the trail, with whose it is."""
    of = {"clock": clock.kind, "owner": clock.owner, "forwarding": clock.forwarding_id}
    record(session, ticket, kind, actor, at, **of, **data)


def climb_from(clock: Clock, on: date) -> None:
    """The next step of the ladder is the first one that falls on a later date than `on`."""
    clock.climbed_on = on
    clock.next_on = in_force().ladder.next_on(clock.kind, clock.due_on, calendar_of(clock), on)


def days_of(clock: Clock) -> list[Day]:
    """Each day of the clock's term, counted or skipped, with its reason, by the calendar in force."""
    return span_of(clock).days(calendar_of(clock), clock.started_on)


def calendar_of(clock: Clock) -> Calendar:
    return calendar_in(in_force(), clock.calendar)


def span_of(clock: Clock) -> Span:
    return Span(clock.working_days, clock.months)


def source_of(clock: Clock) -> str:
    """Where the law says so; empty where the row that the clock started by was taken out of the file."""
    term = in_force().terms.by_rule(clock.rule)
    return term.source if term else ""
