"""Counts the law's terms for anybody who asks: by the API, and on a page that shows each day and why it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from models.moments import now, riga_date
from models.ticket import Procedure
from routing.calendar import ONE_DAY, Day
from routing.clocks import Due
from routing.explain import deadlines_for, read_day, terms_for
from routing.rules import calendar, in_force
from web.api_forms import DayOut
from web.citizen import WORDS, language_names
from web.pages import language_of, page
from web.problems import Problem, documented

router = APIRouter()
Moment = Annotated[str, Query(max_length=64)]
CalendarName = Annotated[str, Query(max_length=100)]
PROCEDURES = tuple(Procedure)


class RuleOut(BaseModel):
    working_days: int | None = None
    months: int | None = None
    rule: str
    source: str
    provisional: bool


class DeadlinesOut(BaseModel):
    received: date
    forwarded: date | None = None
    procedure: str
    calendar: str
    calendar_version: str
    forward: date
    """the coordinator forwards by the end of this day"""
    answer: date
    """the citizen has the answer by the end of this day"""
    institution: date | None = None
    """the institution's own term, where it was forwarded"""
    shown_to_institution: date | None = None
    """the earlier of that and the citizen's"""
    extension: date | None = None
    """the latest day to which the answer to a submission may be put off"""
    forwarded_late: bool | None = None
    provisional: bool
    """a date lies in a year whose moved working days are not known yet"""
    terms: dict[str, RuleOut]
    explanation: dict[str, list[DayOut]] | None = None


@router.get("/api/v1/deadlines", tags=["deadlines"], responses=documented(422), response_model_exclude_none=True)
def deadlines(
    received: Moment,
    forwarded: Moment | None = None,
    calendar: CalendarName = "state",
    procedure: Literal["question", "submission"] = "question",
    explain: bool = False,
) -> DeadlinesOut:
    """When the law's terms are due for those dates (or instants, which count on their date in Riga), and why."""
    try:
        counted = deadlines_for(
            received, forwarded, calendar, procedure=procedure, today=riga_date(now()), explain=explain
        )
    except ValueError as error:
        raise Problem(422, str(error)) from error
    return DeadlinesOut.model_validate(counted)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day in the picture of a term."""

    on: date
    number: int | None = None
    """which working day of the term it is"""
    reason: str = ""
    part: str = "outside"
    """start, counted, skipped, due, or outside of the term"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A term with its days week by week, Monday first."""

    name: str
    due: Due
    weeks: Sequence[Sequence[Cell]]


@router.get("/deadlines", include_in_schema=False)
async def deadlines_page(
    request: Request,
    received: Moment = "",
    forwarded: Moment = "",
    calendar: CalendarName = "state",
    procedure: CalendarName = Procedure.QUESTION,
) -> Response:
    """A form and, where a day is given, a picture of each term. Works without JavaScript; the address can be shared."""
    pictures: list[Picture] = []
    wrong = ""
    procedure = procedure if procedure in PROCEDURES else Procedure.QUESTION
    try:
        pictures = _pictures(received, forwarded, calendar, procedure) if received else []
    except Wrong as error:
        wrong = str(error)
    language = language_of(request)
    return page(
        request,
        "deadlines.html",
        words=WORDS,
        language=language,
        status=422 if wrong else 200,
        languages=language_names(),
        address=_address(request),
        received=received,
        forwarded=forwarded,
        calendar=calendar,
        calendars=list(in_force().calendars.by_name),
        procedure=procedure,
        procedures=PROCEDURES,
        pictures=pictures,
        shown=_shown(pictures),
        known_until=in_force().calendars.known_until,
        wrong=wrong,
    )


class Wrong(ValueError):
    """What was filled in cannot be counted; the message is a key of the page's words."""


def _pictures(received: str, forwarded: str, calendar_name: str, procedure: str) -> list[Picture]:
    day, sent = _read(received, "received"), _read(forwarded, "forwarded") if forwarded else None
    if sent and sent < day:
        raise Wrong("order")
    try:
        terms = terms_for(day, sent, calendar_name, procedure)
    except ValueError as error:
        raise Wrong("range") from error
    return [Picture(name, term, _weeks(term)) for name, term in terms.items()]


def _read(text: str, field: str) -> date:
    try:
        return read_day(text, field)
    except ValueError as error:
        raise Wrong(field) from error


def _address(request: Request) -> str:
    """The page with what was filled in, for the links to other languages."""
    query = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != "language"])
    return f"{request.url.path}?{query}&" if query else f"{request.url.path}?"


def _shown(pictures: Sequence[Picture]) -> date | None:
    """What an institution is shown: the earlier of its own term and the citizen's."""
    dues = {picture.name: picture.due.on for picture in pictures}
    return min(dues["institution"], dues["answer"]) if "institution" in dues else None


def _weeks(term: Due) -> list[list[Cell]]:
    """The days that lead to the due date in whole weeks; the start stands among them where it is near."""
    days = {day.on: day for day in term.term.span.days(calendar(term.calendar), term.start)}
    numbers = {on: number for number, on in enumerate((on for on, day in days.items() if day.counted), 1)}
    first = term.start if term.term.working_days else min(days)
    monday = first - timedelta(days=first.weekday())
    weeks = []
    while monday <= term.on:
        week = [_cell(monday + n * ONE_DAY, term, days, numbers) for n in range(7)]
        weeks.append(week)
        monday += timedelta(days=7)
    return weeks


def _cell(on: date, term: Due, days: dict[date, Day], numbers: dict[date, int]) -> Cell:
    if on == term.start:
        return Cell(on, part="start")
    if (day := days.get(on)) is None:
        return Cell(on)
    if on == term.on:
        return Cell(on, numbers[on] if term.term.working_days else None, day.reason, "due")
    if not day.counted:
        return Cell(on, None, day.reason, "skipped")
    return Cell(on, numbers[on], day.reason, "counted")
