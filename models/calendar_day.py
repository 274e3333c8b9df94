"""Days off and worked days that an administrator added at the desk, besides those of config/calendars.yaml."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.moments import Instant


class CalendarDay(SQLModel, table=True):
    """Taken back it stays, so that an earlier due date can be explained."""

    __tablename__ = "calendar_day"

    id: int | None = Field(default=None, primary_key=True)
    calendars: list[str] = Field(sa_type=JSON)
    off: date | None = None
    until: date | None = None
    works: date | None = None
    reason: str
    added_by: str
    added_at: datetime = Field(sa_type=Instant)
    removed_by: str = ""
    removed_at: datetime | None = Field(default=None, sa_type=Instant)

    def form(self) -> dict[str, Any]:
        """As an entry of calendars.yaml has it."""
        days = {name: on.isoformat() for name in ("off", "until", "works") if (on := getattr(self, name))}
        return {"calendars": list(self.calendars), **days, "reason": self.reason}


def calendar_days(session: Session) -> list[CalendarDay]:
    """Those that hold, in the order in which they were added."""
    return list(session.exec(select(CalendarDay).where(col(CalendarDay.removed_at).is_(None)).order_by("id")))


def days_text(days: Iterable[CalendarDay]) -> str:
    """As rules have them beside the files; empty where there are none."""
    forms = [day.form() for day in days]
    return json.dumps(forms, ensure_ascii=False) if forms else ""


def calendar_days_mark(session: Session) -> tuple[int, int]:
    """Other numbers whenever a day was added or taken back."""
    numbers = select(func.max(CalendarDay.id), func.count(col(CalendarDay.removed_at)))
    newest, removed = session.exec(numbers).one()
    return newest or 0, removed
