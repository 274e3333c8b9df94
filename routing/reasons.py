"""Why a changed calendar moved a due date, in words for the trail."""

from typing import Any

from sqlmodel import Session

from models.rulebook import rulebook_of
from routing.anew import Counted
from routing.calendars import Calendars, differences
from routing.rules import understood


class Reasons:
    """Why dates moved: the days that differ between the calendars that a clock was counted by and those in force."""

    def __init__(self, session: Session, calendars: Calendars) -> None:
        self._session = session
        self._calendars = calendars
        self._known: dict[str, list[dict[str, Any]]] = {}

    def of(self, one: Counted) -> str:
        """The changed days from the start of the term to its end, old or new; else which calendars, which versions."""
        clock = one.stale
        first, last = clock.started_on.isoformat(), max(one.due_on, clock.due_on).isoformat()
        days = [
            f"{day['on']} {day['reason']}"
            for day in self._days(clock.calendar_version)
            if day["calendar"] == one.calendar.name and first < day["on"] <= last
        ]
        if clock.calendar != one.calendar.name:
            days.insert(0, f"{clock.calendar} → {one.calendar.name}")
        return "; ".join(days) or f"{clock.calendar_version} → {one.calendar.version}"

    def _days(self, version: str) -> list[dict[str, Any]]:
        if version not in self._known:
            before = understood(rulebook_of(self._session, version))
            self._known[version] = list(differences(before.calendars, self._calendars)) if before else []
        return self._known[version]
