"""What came in and what was answered, by day and channel (MK 399: the number of applications, the channel of each)."""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlmodel import Session, col, func

from models.clock import Clock, ClockKind, Outcome
from models.ticket import Event, Ticket
from reports.riga import as_date, riga_day
from reports.scope import Scope
from reports.span import Span

ByDay = Counter[tuple[date, str]]
"""numbers by day and channel"""
COMPLAINT = text("event.kind = 'complaint'")
"""with a literal, since an index with a condition serves no bound parameter"""
NEEDED = (Outcome.IN_TIME, Outcome.LATE)


def received(session: Session, span: Span, scope: Scope) -> ByDay:
    """Tickets by the date in Riga on which their first message was received, which is day 0 of the law's terms."""
    day = riga_day(session, Ticket.received_at, span).label("day")
    asked = select(day, col(Ticket.channel), func.count()).where(*within(Ticket.received_at, span), *scope.conditions())
    return _by_day(session, asked)


def answered(session: Session, span: Span, scope: Scope) -> ByDay:
    """Answers that the citizen has, by the date in Riga on which the clock of the answer stopped.

    One for each clock of the kind `answer` that came out in time or late and has not been opened again: an answer that
    did not help, or never arrived, is none. Answers of the bot and of people alike.
    """
    day = riga_day(session, Clock.stopped_at, span).label("day")
    asked = (
        select(day, col(Ticket.channel), func.count())
        .join_from(Clock, Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(
            col(Clock.kind) == ClockKind.ANSWER,
            col(Clock.outcome).in_(NEEDED),
            *within(Clock.stopped_at, span),
            *scope.conditions(),
        )
    )
    return _by_day(session, asked)


def complaints(session: Session, span: Span, scope: Scope) -> int:
    """Complaints that citizens made within the span (events of the kind `complaint`): MK 399 counts them."""
    asked = (
        select(func.count())
        .select_from(Event)
        .join(Ticket, col(Ticket.id) == col(Event.ticket_id))
        .where(COMPLAINT, *within(Event.at, span), *scope.conditions())
    )
    return int(session.execute(asked).scalar_one())


def within(moment: Any, span: Span) -> list[Any]:
    return [col(moment) >= span.begins, col(moment) < span.ends]


def _by_day(session: Session, asked: Any) -> ByDay:
    rows = session.execute(asked.group_by("day", col(Ticket.channel)))
    return Counter({(as_date(on), channel): number for on, channel, number in rows})
