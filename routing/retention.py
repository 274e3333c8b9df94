"""How long what citizens told is kept: which tickets' time has come, and runs of the rules, batch by batch.

The audit trail, the clocks and their outcomes stay. No open ticket is touched, none that is younger than the rules
say, none that must be kept, and none with something still on its way or given up.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, insert
from sqlmodel import Session, col, func, select

from models.change import note_change
from models.clock import Clock, Outcome
from models.forwarding import Forwarding, ForwardingState
from models.moments import RIGA
from models.queue import InboxRow, OutboxRow, State, Timer
from models.retention import Cleaned, Cleaning, LegalHold, cleaning_now
from models.setting import CLEANING, FILES_MONTHS, LEFTOVER_DAYS, WORDS_MONTHS, value_of
from models.ticket import OPEN, Event, Ticket, event_row
from routing.cleaning import clean_files, clean_words, count_leftovers, drop_leftovers

BATCH = 50
"""tickets cleaned in one transaction"""
CLOCK = "clock"
NIGHT = range(2, 6)
"""hours in Riga in which a run begins"""
PAUSE = timedelta(hours=12)
"""least time between the beginnings of two nightly runs"""
THING = "cleaning"


@dataclass(frozen=True, slots=True)
class Limits:
    """What was closed before, or is older, has had its time."""

    words: datetime
    files: datetime
    leftovers: datetime


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How much a run would touch."""

    words: int
    files: int
    leftovers: int


def limits(session: Session, at: datetime) -> Limits:
    return Limits(
        months_before(at, value_of(session, WORDS_MONTHS)),
        months_before(at, value_of(session, FILES_MONTHS)),
        at - timedelta(days=value_of(session, LEFTOVER_DAYS)),
    )


def foresee(session: Session, at: datetime) -> Foreseen:
    """What a run at that moment would touch."""
    when = limits(session, at)
    words, files = (
        session.exec(_due(select(func.count(col(Ticket.id))), done, before)).one()
        for done, before in ((Cleaned.words_at, when.words), (Cleaned.files_at, when.files))
    )
    return Foreseen(words, files, count_leftovers(session, when.leftovers))


def begin(session: Session, by: str, at: datetime) -> Cleaning:
    """A run, which the leader then does; the one that is under way, where there is one."""
    if run := cleaning_now(session):
        return run
    run = Cleaning(by=by, started_at=at)
    session.add(run)
    session.flush()
    return run


def is_night(at: datetime) -> bool:
    return at.astimezone(RIGA).hour in NIGHT


def begin_tonight(session: Session, at: datetime) -> Cleaning | None:
    """At night, once, where the house has switched it on."""
    if not is_night(at) or not value_of(session, CLEANING):
        return None
    last = session.exec(select(func.max(Cleaning.started_at)).where(col(Cleaning.by) == CLOCK)).one()
    return begin(session, CLOCK, at) if last is None or at - last > PAUSE else None


def go_on(session: Session, at: datetime) -> bool:
    """One batch of the run that is under way; False where there is nothing to do any more.

    The limits are those of the run's beginning: a run that goes on over days ends none the less.
    """
    run = cleaning_now(session)
    if run is None:
        return False
    when = limits(session, run.started_at)
    if tickets := _claim(session, Cleaned.words_at, when.words):
        for ticket in tickets:
            run.files += clean_files(session, ticket, at)
            clean_words(session, ticket, at)
            _mark(session, ticket, at, words=True)
        run.words += len(tickets)
    elif tickets := _claim(session, Cleaned.files_at, when.files):
        for ticket in tickets:
            run.files += clean_files(session, ticket, at)
            _mark(session, ticket, at, words=False)
    elif dropped := drop_leftovers(session, when.leftovers, at):
        run.leftovers += dropped
    else:
        _end(session, run, at)
        return False
    return True


def months_before(at: datetime, months: int) -> datetime:
    """The same day and hour so many calendar months earlier; the last of a month that is shorter."""
    year, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=year, month=month + 1, day=min(at.day, monthrange(year, month + 1)[1]))


def _claim(session: Session, done: Any, before: datetime) -> list[Ticket]:
    """Locked; what somebody else holds is left for the next time."""
    wanted = _due(select(Ticket), done, before).order_by(col(Ticket.id)).limit(BATCH)
    wanted = wanted.with_for_update(skip_locked=True, of=Ticket)
    return list(session.exec(wanted.execution_options(populate_existing=True)))


def _due(wanted: Any, done: Any, before: datetime) -> Any:
    """Of those whose time has come, and of which that has not been done since they last changed."""
    already = exists().where(col(Cleaned.ticket_id) == Ticket.id, done > Ticket.changed_at)
    running = exists().where(col(Clock.ticket_id) == Ticket.id, col(Clock.outcome) == Outcome.RUNNING)
    waiting = exists().where(col(Forwarding.ticket_id) == Ticket.id, col(Forwarding.state) == ForwardingState.WAITING)
    return wanted.where(
        col(Ticket.state).not_in(OPEN),
        col(Ticket.changed_at) < before,
        ~already,
        ~running,
        ~waiting,
        ~exists().where(col(LegalHold.ticket_id) == Ticket.id),
        *(~exists().where(number == Ticket.id, state != State.DONE) for number, state in _ON_THE_WAY),
    )


_ON_THE_WAY = [(col(table.ticket_id), col(table.state)) for table in (InboxRow, OutboxRow, Timer)]


def _mark(session: Session, ticket: Ticket, at: datetime, *, words: bool) -> None:
    """In the ticket's trail too; not by `record`, which would make it younger."""
    cleaned = session.get(Cleaned, ticket.id) or Cleaned(ticket_id=ticket.id or 0)
    cleaned.files_at = at
    if words:
        cleaned.words_at = at
    session.add(cleaned)
    kind = "made anonymous" if words else "files deleted"
    session.execute(insert(Event), [event_row(ticket.id or 0, kind, CLOCK, at)])


def _end(session: Session, run: Cleaning, at: datetime) -> None:
    run.ended_at = at
    touched = {"words": run.words, "files": run.files, "leftovers": run.leftovers}
    note_change(session, run.by, THING, str(run.id), "cleaned", {"ended_at": None}, {"ended_at": at, **touched}, at)
