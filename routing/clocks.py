"""The law's three linked clocks: when each is due, started and stopped. Dates in Riga; the day of receipt is day 0."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

import yaml
from sqlmodel import Session

from config.settings import CONFIG
from models.clock import Clock, ClockKind, Outcome
from models.moments import riga_date
from models.ticket import Ticket, record
from routing.calendar import calendar, moved_days_known_until


@dataclass(frozen=True, slots=True)
class Term:
    """A term of the law, in working days (config/clocks.yaml)."""

    name: str
    working_days: int
    valid_from: date
    source: str

    @property
    def rule(self) -> str:
        return f"{self.name} {self.working_days} wd, {self.valid_from}"


@dataclass(frozen=True, slots=True)
class Due:
    """A due date and what it was computed from."""

    on: date
    start: date
    term: Term
    calendar: str
    version: str
    provisional: bool


@lru_cache(maxsize=10_000)
def due(kind: str, start: date, calendar_name: str = "state") -> Due:
    """When a term that starts on that date in Riga is due. Raises ValueError for unknown terms and calendars."""
    term = _term(kind, start)
    days = calendar(calendar_name)
    on = days.after(start, term.working_days)
    return Due(on, start, term, days.name, days.version, on.year > _horizon())


def start_clock(
    session: Session, ticket: Ticket, kind: ClockKind, when: Due, owner: str, forwarding_id: int | None = None
) -> Clock:
    """Starts a clock; the day before it is due the first reminder goes out."""
    clock = Clock(
        ticket=ticket,
        forwarding_id=forwarding_id,
        kind=kind,
        owner=owner,
        started_on=when.start,
        due_on=when.on,
        first_due_on=when.on,
        rule=when.term.rule,
        calendar=when.calendar,
        calendar_version=when.version,
        provisional=when.provisional,
        next_on=reminder_on(when.on, when.start, when.calendar),
    )
    session.add(clock)
    return clock


def start_forward_clock(session: Session, ticket: Ticket) -> None:
    """The question needs a person: the coordinator's working day counts from the first receipt, not from now."""
    if ticket.running(ClockKind.FORWARD) is None:
        start_clock(session, ticket, ClockKind.FORWARD, due(ClockKind.FORWARD, ticket.received_on), ticket.coordinator)


def stop_clock(
    session: Session, ticket: Ticket, clock: Clock, at: datetime, actor: str, *, needed: bool = True
) -> None:
    """Stops it and freezes the outcome; a stopped clock stays as it is."""
    if clock.outcome != Outcome.RUNNING:
        return
    clock.stopped_at = at
    clock.next_on = None
    clock.days_late = calendar(clock.calendar).between(clock.due_on, riga_date(at)) if needed else 0
    late = needed and riga_date(at) > clock.due_on
    clock.outcome = Outcome.LATE if late else Outcome.IN_TIME if needed else Outcome.NOT_NEEDED
    record(
        session,
        ticket,
        "clock stopped",
        actor,
        at,
        clock=clock.kind,
        due=clock.due_on,
        outcome=clock.outcome,
        days_late=clock.days_late,
        owner=clock.owner,
    )


def stop_running(
    session: Session, ticket: Ticket, kind: ClockKind, at: datetime, actor: str, *, needed: bool = True
) -> None:
    """Stops the ticket's running clock of that kind, if there is one."""
    if clock := ticket.running(kind):
        stop_clock(session, ticket, clock, at, actor, needed=needed)


def reopen_clock(session: Session, ticket: Ticket, clock: Clock, at: datetime, actor: str) -> None:
    """What stopped it proved wrong: it runs on with the old due date."""
    if clock.outcome == Outcome.RUNNING:
        return
    clock.outcome, clock.stopped_at, clock.days_late = Outcome.RUNNING, None, 0
    clock.next_on = max(riga_date(at), reminder_on(clock.due_on, clock.started_on, clock.calendar))
    record(session, ticket, "clock reopened", actor, at, clock=clock.kind, due=clock.due_on)


def reminder_on(due_on: date, start: date, calendar_name: str) -> date:
    """The working day before the due date; the due date itself where that would be the start of the term.

    A term of one day is reminded of on that day: at its start, every new question would bring a reminder.
    """
    days, on = calendar(calendar_name), due_on - timedelta(days=1)
    while on > start and not days.works(on):
        on -= timedelta(days=1)
    return on if on > start else due_on


def institution_due(ticket: Ticket, forwarded_at: datetime, calendar_name: str) -> tuple[Due, date]:
    """The institution's own term, and the date it is shown: the earlier of that and the citizen's."""
    own = due(ClockKind.INSTITUTION, riga_date(forwarded_at), calendar_name)
    return own, min(own.on, due(ClockKind.ANSWER, ticket.received_on).on)


@lru_cache
def _terms() -> dict[str, tuple[Term, ...]]:
    rows: list[dict[str, Any]] = yaml.safe_load((CONFIG / "clocks.yaml").read_text("utf-8"))["terms"]
    terms = sorted((Term(**row) for row in rows), key=lambda term: term.valid_from)
    return {name: tuple(term for term in terms if term.name == name) for name in {term.name for term in terms}}


def _term(name: str, start: date) -> Term:
    versions = _terms().get(name)
    if not versions:
        raise ValueError(f"no term {name!r} in config/clocks.yaml")
    return next((term for term in reversed(versions) if term.valid_from <= start), versions[0])


@lru_cache
def _horizon() -> int:
    return moved_days_known_until()
