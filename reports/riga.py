"""The date in Riga of a stored moment, computed by the database, so that rows can be grouped by it."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal_column
from sqlmodel import Session

from models.moments import RIGA
from reports.span import ONE_DAY, Span

AN_HOUR = timedelta(hours=1)


def riga_day(session: Session, moment: Any, span: Span) -> ColumnElement[str]:
    """`2026-11-24` for each moment of the span; for others it may be wrong by an hour. Group by its label."""
    if session.get_bind().dialect.name == "postgresql":
        return func.to_char(func.timezone(literal_column("'Europe/Riga'"), moment), literal_column("'YYYY-MM-DD'"))
    *changes, (_, last) = _offsets(span)
    offset: Any = case(*((moment < until, hours) for until, hours in changes), else_=last) if changes else last
    return func.date(moment, offset)


@lru_cache
def _offsets(span: Span) -> list[tuple[datetime, str]]:
    """Until when which offset from UTC holds, in the order of time: SQLite knows no time zones."""
    hour = datetime.combine(span.first - ONE_DAY, time(), UTC)
    end = datetime.combine(span.last + 2 * ONE_DAY, time(), UTC)
    found: list[tuple[datetime, str]] = []
    while hour < end:
        day_later = min(hour + ONE_DAY, end)
        if _offset(hour) != _offset(day_later):
            change = next(at for n in range(1, 25) if _offset(at := hour + n * AN_HOUR) != _offset(hour))
            found.append((change, _offset(hour)))
        hour = day_later
    return [*found, (end, _offset(end))]


def _offset(at: datetime) -> str:
    hours = at.astimezone(RIGA).utcoffset() or timedelta()
    return f"+{hours // AN_HOUR} hours"


def as_date(day: str) -> date:
    return date.fromisoformat(day)
