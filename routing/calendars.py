"""All calendars that are in force together: the two built-in ones and those that config/calendars.yaml makes."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Self, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from config.flaw import Flaw, Refused
from config.row import Place, Row, judge
from config.words import Day, InstitutionCode, Line, Maybe, Slug, Strict
from routing.calendar import ONE_DAY, Calendar, Change
from routing.holidays import FIRST_YEAR, LAST_YEAR, holidays, moved_days_known_until, package_version

BUILT_IN = ("state", "municipal")
LONGEST = 92
"""most days in a row without a working day: a term that waits longer for its end is surely a mistake in the file"""
AT_THE_DESK = 0
"""instead of a line of the file: the day was added at the desk"""
Entry = TypeVar("Entry")
Listed = Annotated[
    list[Entry], Field(default_factory=list), BeforeValidator(lambda value: [] if value is None else value)
]
"""a list of which nothing may be left but its name: an editor took the last entry out"""
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class DaysEntry(Strict):
    """A day off, several in a row, a worked day, or both: a working day that is moved."""

    calendars: Annotated[list[Slug], Field(min_length=1)]
    off: Maybe[Day] = None
    until: Maybe[Day] = None
    works: Maybe[Day] = None
    reason: Line

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.off is None and self.works is None:
            raise ValueError("Say which day is `off`, which one `works`, or both.")
        if self.until is not None and self.off is None:
            raise ValueError("`until` ends what begins with `off`.")
        if self.off and self.until and self.until < self.off:
            raise ValueError(f"It ends on {self.until}, before it begins on {self.off}.")
        if self.off and self.until and (self.until - self.off).days >= LONGEST:
            raise ValueError(f"This is longer than {LONGEST} days.")
        for day in (self.off, self.until, self.works):
            if day and not FIRST_YEAR <= day.year < LAST_YEAR:
                raise ValueError(f"{day} is not between {FIRST_YEAR} and {LAST_YEAR - 1}.")
        return self

    def days(self) -> Iterator[tuple[date, bool]]:
        """Each day that is changed, and whether it is worked."""
        if self.off:
            on = self.off
            while on <= (self.until or self.off):
                yield on, False
                on += ONE_DAY
        if self.works:
            yield self.works, True


class CalendarEntry(Strict):
    name: Slug
    based_on: Slug = "state"
    institutions: Listed[InstitutionCode]


class CalendarsFile(Strict):
    moved_days_known_until: Maybe[Year] = None
    calendars: Listed[CalendarEntry]
    days: Listed[DaysEntry]


@dataclass(frozen=True, eq=False)
class Calendars:
    """Every calendar by its name, and what holds for all of them."""

    by_name: Mapping[str, Calendar]
    institutions: Mapping[str, str]
    """the calendar of single institutions, by their code"""
    known_until: int
    """the last year whose moved days are known: due dates after it are provisional"""
    version: str
    """differs where any day of any calendar may differ"""

    def __getitem__(self, name: str) -> Calendar:
        """Raises ValueError where there is none of that name."""
        if name not in self.by_name:
            raise ValueError(f"no calendar {name!r}; there are {', '.join(self.by_name)}")
        return self.by_name[name]

    def of(self, institution: str, otherwise: str) -> Calendar:
        """The calendar of that institution: its own, else the one that the directory of institutions names."""
        return self[self.institutions.get(institution, otherwise)]


def calendars_from(row: Row) -> Calendars:
    """Raises Refused, with the line and reason of everything that is wrong or contradicts itself."""
    good, flaws = judge([row], CalendarsFile)
    if flaws:
        raise Refused(flaws)
    file = good[0][1]
    based = _based(row, file)
    own = _own_changes(row, file, based)
    known_until = max(moved_days_known_until(), file.moved_days_known_until or 0)
    version = _version(file, known_until)
    made: dict[str, Calendar] = {}
    for name, base in based.items():
        days = holidays(moved_days=name == "state") if base is None else made[base].holidays
        changes = own[name] if base is None else made[base].changes | own[name]
        made[name] = Calendar(name, days, changes, version)
    if flaws := [flaw for one in made.values() if (flaw := _closed_too_long(row.file, one))]:
        raise Refused(flaws)
    return Calendars(made, _institutions(row, file), known_until, version)


def with_more_days(row: Row, days: list[Any]) -> Row:
    """The file as if those entries stood below its own; no line of it is theirs."""
    if not isinstance(row.values, dict) or not isinstance(own := row.values.get("days") or [], list):
        return row  # what is wrong with the file is told of it alone
    lines: dict[Place, int] = {("days", len(own) + number): AT_THE_DESK for number in range(len(days))}
    return Row(row.file, row.line, row.values | {"days": [*own, *days]}, {**row.lines, **lines}, row.joint)


def _based(row: Row, file: CalendarsFile) -> dict[str, str | None]:
    """What each calendar is based on, bases first; the built-in ones on nothing."""
    based: dict[str, str | None] = dict.fromkeys(BUILT_IN)
    flaws: list[Flaw] = []
    for number, entry in enumerate(file.calendars):
        if entry.name in based:
            flaws.append(row.flaw(("calendars", number, "name"), f'There is a calendar "{entry.name}" already.'))
        elif entry.based_on not in based:
            message = f'"{entry.based_on}" is no calendar, or one that comes later in the file.'
            flaws.append(row.flaw(("calendars", number, "based_on"), message))
        else:
            based[entry.name] = entry.based_on
    if flaws:
        raise Refused(flaws)
    return based


def _own_changes(row: Row, file: CalendarsFile, based: Mapping[str, str | None]) -> dict[str, dict[date, Change]]:
    """By calendar the days that its own entries change. A day may stand once."""
    own: dict[str, dict[date, Change]] = {name: {} for name in based}
    flaws: list[Flaw] = []
    for number, entry in enumerate(file.days):
        line = row.flaw(("days", number), "").line
        for name in entry.calendars:
            if name not in own:
                flaws.append(row.flaw(("days", number, "calendars"), f'There is no calendar "{name}".'))
                continue
            for on, works in entry.days():
                if before := own[name].get(on):
                    flaws.append(row.flaw(("days", number), _twice(on, name, before, works)))
                own[name].setdefault(on, Change(works, entry.reason, line))
    if flaws:
        raise Refused(flaws)
    return own


def differences(before: Calendars, after: Calendars) -> Iterator[dict[str, Any]]:
    """The days that an editor's changes make different, calendar by calendar."""
    for name, calendar in after.by_name.items():
        earlier = before.by_name.get(name) or before["state"]
        for on in sorted(earlier.changes.keys() | calendar.changes.keys()):
            if calendar.works(on) != earlier.works(on):
                yield {"calendar": name, "on": on.isoformat(), "works": calendar.works(on), "reason": calendar.why(on)}


def _twice(on: date, name: str, before: Change, works: bool) -> str:
    where = "what was added at the desk" if before.line == AT_THE_DESK else f"line {before.line}"
    if before.works == works:
        return f'{on} stands already at {where} for "{name}".'
    said = "worked" if before.works else "off"
    return f'{on} contradicts {where}, where it is {said} for "{name}".'


def _institutions(row: Row, file: CalendarsFile) -> dict[str, str]:
    named: dict[str, str] = {}
    flaws: list[Flaw] = []
    for number, entry in enumerate(file.calendars):
        for code in entry.institutions:
            if code in named:
                message = f'"{code}" has the calendar "{named[code]}" already.'
                flaws.append(row.flaw(("calendars", number, "institutions"), message))
            named[code] = entry.name
    if flaws:
        raise Refused(flaws)
    return named


def _closed_too_long(file: str, calendar: Calendar) -> Flaw | None:
    """Where changed days leave so many days without a working one that no term could end in them."""
    for on, change in calendar.changes.items():
        days = 0
        while days <= LONGEST and not calendar.works(on - days * ONE_DAY):
            days += 1
        if days > LONGEST:
            message = f'"{calendar.name}" has no working day in the {LONGEST} days before {on}.'
            return Flaw(file, change.line, "days", message)
    return None


def _version(file: CalendarsFile, known_until: int) -> str:
    """The package's version, and a mark of what was added: the same days have the same mark on every machine."""
    if not file.days and not file.calendars and known_until == moved_days_known_until():
        return package_version()
    said = file.model_dump(mode="json") | {"moved_days_known_until": known_until}
    said["days"] = sorted(said["days"], key=lambda entry: json.dumps(entry, sort_keys=True))
    mark = hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:8]
    return f"{package_version()} + {mark}"
