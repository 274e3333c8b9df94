"""An institution's own figures: what was forwarded to it, by service and by month. Nobody else's rows are read."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import literal_column, select
from sqlmodel import Session, col, func

from models.clock import Clock, ClockKind, Outcome
from models.forwarding import Forwarding, ForwardingState
from models.ticket import Ticket
from reports.flow import NEEDED, within
from reports.riga import as_date, riga_day
from reports.span import Span


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """Questions about one service; an empty code where nobody has said which."""

    service: str
    received: int = 0
    in_time: int = 0
    late: int = 0
    returned: int = 0


def forwarded_by_day(session: Session, institution_id: int, span: Span) -> Counter[date]:
    """By the date in Riga of the forwarding."""
    day = riga_day(session, Forwarding.forwarded_at, span).label("day")
    asked = select(day, func.count()).where(
        col(Forwarding.institution_id) == institution_id, *within(Forwarding.forwarded_at, span)
    )
    return Counter({as_date(on): number for on, number in session.execute(asked.group_by("day"))})


def answered_by_day(session: Session, institution_id: int, span: Span) -> Counter[date]:
    """By the date in Riga of the institution's answer."""
    day = riga_day(session, Forwarding.ended_at, span).label("day")
    asked = select(day, func.count()).where(
        col(Forwarding.institution_id) == institution_id,
        col(Forwarding.state) == ForwardingState.ANSWERED,
        *within(Forwarding.ended_at, span),
    )
    return Counter({as_date(on): number for on, number in session.execute(asked.group_by("day"))})


def by_service(session: Session, institution_id: int, span: Span) -> list[ServiceRow]:
    """The most asked about first. Received and returned by their own dates, terms by the date on which they ended."""
    rows: dict[str, Counter[str]] = {}

    def add(asked: Any) -> None:
        for service, field, number in session.execute(asked):
            rows.setdefault(service, Counter())[field] += number

    ours = (
        select(col(Ticket.service_code))
        .join_from(Forwarding, Ticket, col(Ticket.id) == col(Forwarding.ticket_id))
        .where(col(Forwarding.institution_id) == institution_id)
        .group_by(col(Ticket.service_code))
    )
    came = ours.where(*within(Forwarding.forwarded_at, span))
    add(came.add_columns(literal_column("'received'"), func.count()))
    returned = ours.where(col(Forwarding.state) == ForwardingState.RETURNED, *within(Forwarding.ended_at, span))
    add(returned.add_columns(literal_column("'returned'"), func.count()))
    ended = ours.join(Clock, col(Clock.forwarding_id) == col(Forwarding.id)).where(
        col(Clock.kind) == ClockKind.INSTITUTION, col(Clock.outcome).in_(NEEDED), *within(Clock.stopped_at, span)
    )
    add(ended.add_columns(col(Clock.outcome), func.count()).group_by(col(Clock.outcome)))
    found = [
        ServiceRow(code, of["received"], of[Outcome.IN_TIME], of[Outcome.LATE], of["returned"])
        for code, of in rows.items()
    ]
    return sorted(found, key=lambda row: (-row.received, row.service))
