"""Counts open clocks anew when a calendar has changed. Nothing closed is touched; the first promise stays visible.

Whatever still carries another version of the calendars than the one in force is looked at, batch by batch, so neither a
crash nor a process that was behind leaves anything out.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.clock import RUNNING_SQL, Clock, update_clocks
from models.institution import Institution
from models.moments import riga_date
from models.rulebook import newest_rulebook
from models.staff import notify
from models.ticket import Event, Ticket, event_row
from routing.anew import AS_STORED, BATCH, Counted, Stale, count_anew
from routing.calendar import ONE_DAY
from routing.reasons import Reasons
from routing.rules import Rules, in_force
from routing.shown import show_dues


def recompute(session: Session, at: datetime) -> int:
    """Counts up to BATCH clocks anew, in this transaction; returns how many, so call again while it is BATCH."""
    rules = in_force()
    stale = _stale(session, rules.calendars.version)
    if not stale:
        return 0
    counted = count_anew(session, rules, stale)
    moved = [one for one in counted if one.moved]
    _keep(session, rules, counted, riga_date(at))
    if moved:
        reasons = Reasons(session, rules.calendars)
        session.connection().execute(insert(Event), [_event(one, rules, reasons.of(one), at) for one in moved])
        show_dues(session, {one.stale.ticket_id for one in moved})
        if book := newest_rulebook(session):
            book.moved = dict(Counter(book.moved) + Counter(one.stale.owner for one in moved))
            book.told_at = None
    return len(stale)


def tell_moved(session: Session, at: datetime) -> None:
    """When every open clock is counted by the calendar in force, staff get one digest of what moved."""
    book = newest_rulebook(session)
    if book is None or book.told_at is not None or _any_stale(session, in_force().calendars.version):
        return
    book.told_at = at
    total = sum(book.moved.values())
    if not total:
        return
    concerned = select(Institution).where(
        col(Institution.code).in_(list(book.moved)) | col(Institution.coordinates).is_not(None)
    )
    for institution in session.exec(concerned).all():
        number = total if institution.coordinates else book.moved[institution.code]
        key = f"calendar:{book.id}:{institution.code}:{number}"
        notify(session, institution.id or 0, None, "calendar changed", key, at, version=book.version, moved=number)


def _stale(session: Session, version: str) -> list[Stale]:
    """Locked with their tickets; what somebody else holds is left for the next time. Two looks along the index."""
    found: list[Stale] = []
    for other in (col(Clock.calendar_version) < version, col(Clock.calendar_version) > version):
        if len(found) < BATCH:
            wanted = (
                columns(*(getattr(Clock, name) for name in AS_STORED))
                .join(Ticket, col(Ticket.id) == col(Clock.ticket_id))
                .where(text(f"clock.{RUNNING_SQL}"), other)
                .order_by(col(Clock.calendar_version), col(Clock.id))
                .limit(BATCH - len(found))
                .with_for_update(skip_locked=True)
            )
            found += [Stale(*row) for row in session.execute(wanted).all()]
    return found


def _any_stale(session: Session, version: str) -> bool:
    """Whether any is left, also one that somebody holds just now."""
    return any(
        session.exec(select(Clock.id).where(text(f"clock.{RUNNING_SQL}"), other).limit(1)).first() is not None
        for other in (col(Clock.calendar_version) < version, col(Clock.calendar_version) > version)
    )


def _keep(session: Session, rules: Rules, counted: Sequence[Counted], today: date) -> None:
    """One statement for all clocks that come out alike: a thousand rows one by one take PostgreSQL a second."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for one in counted:
        climbed_on = _climbed_on(one, today)
        alike[one.stale.kind, one.due_on, one.calendar, climbed_on].append(one.stale.id)
    for (kind, due_on, days, climbed_on), ids in alike.items():
        update_clocks(
            session,
            ids,
            calendar=days.name,
            calendar_version=days.version,
            due_on=due_on,
            provisional=due_on.year > rules.calendars.known_until,
            climbed_on=climbed_on,
            next_on=rules.ladder.next_on(kind, due_on, days, climbed_on),
        )


def _climbed_on(one: Counted, today: date) -> date:
    """What the ladder has said is said; but who is due earlier than he was told today must hear of it today."""
    earlier = one.due_on < one.stale.due_on
    return min(one.stale.climbed_on, today - ONE_DAY) if earlier else one.stale.climbed_on


def _event(one: Counted, rules: Rules, reason: str, at: datetime) -> dict[str, Any]:
    clock = one.stale
    data = {
        "clock": clock.kind,
        "old_due": clock.due_on,
        "new_due": one.due_on,
        "reason": reason,
        "owner": clock.owner,
        "calendar_version": rules.calendars.version,
        "forwarding": clock.forwarding_id,
    }
    return event_row(clock.ticket_id, "due moved", "clock", at, **data)
