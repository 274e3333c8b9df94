"""Instants in the database: always with time zone inside the program, always UTC on disk."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

RIGA = ZoneInfo("Europe/Riga")


class Instant(TypeDecorator[datetime]):
    """A moment; refuses one without a time zone, because a naive moment is a wrong due date in waiting."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    return datetime.now(UTC)


def riga_date(moment: datetime) -> date:
    """The date in Riga at that moment: the law counts dates, not hours."""
    return moment.astimezone(RIGA).date()


def plainly(data: Mapping[str, Any]) -> dict[str, Any]:
    """Named values as JSON can keep them."""
    return {name: plain(value) for name, value in data.items()}


def plain(value: Any) -> Any:
    """A value as JSON can keep it."""
    return value.isoformat() if isinstance(value, (datetime, date)) else value
