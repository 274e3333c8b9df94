"""How each institution met its term of 6 working days (MK 400), and what it sent back."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col, func

from models.clock import ClockKind, Outcome
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.ticket import Ticket
from reports.due import Open
from reports.endings import Ending, Kept, kept, median, spread
from reports.flow import within
from reports.scope import Scope
from reports.span import Span


@dataclass(frozen=True, slots=True)
class Standing:
    """One institution within a span; `waiting` and `overdue` are of this moment."""

    code: str
    received: int
    """questions forwarded to it within the span"""
    terms: Kept
    """of its terms that ended within the span; not needed: returned or taken back before they ran out"""
    median: float | None
    """working days from the forwarding to its answer"""
    returned: int
    """sent back within the span as not its own"""
    caused: int
    """late answers to citizens, within the span, of whose delay it bears a part"""
    waiting: int
    overdue: int


def league(
    session: Session, span: Span, scope: Scope, found: Iterable[Ending], running: Open, today: date
) -> list[Standing]:
    """Every institution with anything to show; the best kept terms first, those without any last, then by code."""
    by_owner = defaultdict[str, list[Ending]](list)
    caused = Counter[str]()
    for one in found:
        if one.kind == ClockKind.INSTITUTION:
            by_owner[one.owner].append(one)
        elif one.kind == ClockKind.ANSWER and one.outcome == Outcome.LATE:
            caused.update(dict.fromkeys(one.delayed_by.split(","), one.number))
    came, returned = forwarded(session, span, scope), sent_back(session, span, scope)
    waiting, overdue = Counter[str](), Counter[str]()
    for (code, on), number in running.at_institutions.items():
        waiting[code] += number
        overdue[code] += number if on < today else 0
    codes = by_owner.keys() | came.keys() | returned.keys() | waiting.keys()
    rows = [
        Standing(
            code,
            came[code],
            kept(by_owner[code], ClockKind.INSTITUTION),
            median(spread(by_owner[code], ClockKind.INSTITUTION)),
            returned[code],
            caused[code],
            waiting[code],
            overdue[code],
        )
        for code in codes
    ]
    return sorted(rows, key=lambda row: (-(row.terms.share if row.terms.share is not None else -1), row.code))


def forwarded(session: Session, span: Span, scope: Scope) -> Counter[str]:
    """How many questions each institution was given within the span, by its code."""
    return _by_institution(session, scope, within(Forwarding.forwarded_at, span))


def sent_back(session: Session, span: Span, scope: Scope) -> Counter[str]:
    """How many each returned as "not ours"."""
    returned = col(Forwarding.state) == ForwardingState.RETURNED
    return _by_institution(session, scope, [returned, *within(Forwarding.ended_at, span)])


def _by_institution(session: Session, scope: Scope, conditions: list[Any]) -> Counter[str]:
    asked = (
        select(col(Institution.code), func.count())
        .join_from(Forwarding, Institution, col(Institution.id) == col(Forwarding.institution_id))
        .join(Ticket, col(Ticket.id) == col(Forwarding.ticket_id))
        .where(*conditions, *scope.conditions())
        .group_by(col(Institution.code))
    )
    return Counter(dict(map(tuple, session.execute(asked))))
