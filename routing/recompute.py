"""Counts open clocks anew when a calendar has changed. Nothing closed is touched; the first promise stays visible.

Whatever still carries another version of the calendars than the one in force is looked at, batch by batch, so neither a
crash nor a process that was behind leaves anything out.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import insert, text, update
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.clock import RUNNING_SQL, Clock, ClockKind
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.moments import plain, riga_date
from models.rulebook import Rulebook, newest_rulebook
from models.staff import notify
from models.ticket import Event, Ticket
from routing.calendar import ONE_DAY, Calendar
from routing.rules import Rules, in_force
from routing.terms import Span

BATCH = 2_000
"""clocks counted anew in one transaction"""
AS_STORED = (
    "id",
    "ticket_id",
    "forwarding_id",
    "kind",
    "owner",
    "calendar",
    "started_on",
    "due_on",
    "working_days",
    "months",
    "extended_to",
    "climbed_on",
)


@dataclass(frozen=True, slots=True)
class Stale:
    """A running clock that was counted by another version of the calendars."""

    id: int
    ticket_id: int
    forwarding_id: int | None
    kind: str
    owner: str
    calendar: str
    started_on: date
    due_on: date
    working_days: int
    months: int
    extended_to: date | None
    climbed_on: date


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of it."""

    stale: Stale
    due_on: date
    calendar: Calendar

    @property
    def moved(self) -> bool:
        return self.due_on != self.stale.due_on


def recompute(session: Session, at: datetime) -> int:
    """Counts up to BATCH clocks anew, in this transaction; returns how many, so call again while it is BATCH."""
    rules = in_force()
    stale = _stale(session, rules.calendars.version)
    if not stale:
        return 0
    counted = _count(session, rules, stale)
    moved = [one for one in counted if one.moved]
    session.execute(update(Clock), _values(rules, counted, riga_date(at)))
    if moved:
        book = newest_rulebook(session)
        session.execute(insert(Event), [_event(one, rules, book, at) for one in moved])
        _show_dues(session, {one.stale.ticket_id for one in moved})
        if book is not None:
            book.moved = dict(Counter(book.moved) + Counter(one.stale.owner for one in moved))
    return len(stale)


def tell_moved(session: Session, at: datetime) -> None:
    """When every open clock is counted by the calendar in force, staff get one digest of what moved."""
    book = newest_rulebook(session)
    if book is None or book.told_at is not None or _stale(session, in_force().calendars.version, 1):
        return
    book.told_at = at
    total = sum(book.moved.values())
    if total:
        concerned = session.exec(
            select(Institution).where(
                col(Institution.code).in_(list(book.moved)) | col(Institution.coordinates).is_not(None)
            )
        )
        for institution in concerned.all():
            own = book.moved.get(institution.code, 0)
            number = total if institution.coordinates else own
            key = f"calendar:{book.id}:{institution.code}"
            notify(session, institution.id or 0, None, "calendar changed", key, at, version=book.version, moved=number)


def _stale(session: Session, version: str, limit: int = BATCH) -> list[Stale]:
    """Locked with their tickets; what somebody else holds is left for the next time. Two looks along the index."""
    found: list[Stale] = []
    for other in (col(Clock.calendar_version) < version, col(Clock.calendar_version) > version):
        if len(found) < limit:
            wanted = (
                columns(*(getattr(Clock, name) for name in AS_STORED))
                .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
                .where(text(f"clock.{RUNNING_SQL}"), other)
                .order_by(col(Clock.calendar_version), col(Clock.id))
                .limit(limit - len(found))
                .with_for_update(skip_locked=True)
            )
            found += [Stale(*row) for row in session.execute(wanted).all()]
    return found


def _count(session: Session, rules: Rules, stale: Sequence[Stale]) -> list[Counted]:
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
    """An institution's clock counts by its own calendar, the coordinator's by the state's."""
    if clock.kind != ClockKind.INSTITUTION:
        return rules.calendars["state"]
    return rules.calendars.of(clock.owner, otherwise if otherwise in rules.calendars.by_name else "state")


def _values(rules: Rules, counted: Sequence[Counted], today: date) -> list[dict[str, Any]]:
    @cache
    def next_on(kind: str, due_on: date, days: Calendar, climbed_on: date) -> date | None:
        return rules.ladder.next_on(kind, due_on, days, climbed_on)

    values = []
    for one in counted:
        climbed_on = today if one.moved else one.stale.climbed_on
        values.append(
            {
                "id": one.stale.id,
                "calendar": one.calendar.name,
                "calendar_version": one.calendar.version,
                "due_on": one.due_on,
                "provisional": one.due_on.year > rules.calendars.known_until,
                "climbed_on": climbed_on,
                "next_on": next_on(one.stale.kind, one.due_on, one.calendar, climbed_on),
            }
        )
    return values


def _event(one: Counted, rules: Rules, book: Rulebook | None, at: datetime) -> dict[str, Any]:
    clock = one.stale
    data = {
        "clock": clock.kind,
        "old_due": clock.due_on,
        "new_due": one.due_on,
        "reason": _reason(one, book),
        "owner": clock.owner,
        "calendar_version": rules.calendars.version,
        "forwarding": clock.forwarding_id,
    }
    kept = {name: plain(value) for name, value in data.items()}
    return {"ticket_id": clock.ticket_id, "at": at, "kind": "due moved", "actor": "clock", "data": kept}


def _reason(one: Counted, book: Rulebook | None) -> str:
    """The changed days between the start of the term and its end, old or new."""
    first, last = one.stale.started_on.isoformat(), max(one.due_on, one.stale.due_on).isoformat()
    changed = [
        f"{day['on']} {day['reason']}"
        for day in (book.differences if book else [])
        if day["calendar"] == one.calendar.name and first < day["on"] <= last
    ]
    return "; ".join(changed) or "calendar"


def _show_dues(session: Session, tickets: set[int]) -> None:
    """Institutions that have one of the tickets are shown the earlier of the dates as they are now."""
    of_citizens = col(Clock.ticket_id).in_(tickets), col(Clock.kind) == ClockKind.ANSWER
    answers = {clock.ticket_id: clock.due_on for clock in session.exec(select(Clock).where(*of_citizens))}
    waiting = session.exec(
        select(Forwarding, Clock)
        .join(Clock, col(Clock.forwarding_id) == col(Forwarding.id))
        .where(col(Forwarding.ticket_id).in_(tickets), col(Forwarding.state) == ForwardingState.WAITING)
    )
    for forwarding, own in waiting.all():
        forwarding.shown_due = min(own.due_on, answers.get(forwarding.ticket_id, own.due_on))


def _working_day(days: Calendar, on: date) -> date:
    while not days.works(on):
        on += ONE_DAY
    return on
