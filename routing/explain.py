"""Due dates with their reasons, as scripts, the API and pages want them."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from models.clock import ClockKind
from models.moments import riga_date
from models.ticket import Procedure
from routing.calendar import Day
from routing.clocks import Due, due
from routing.rules import calendar

YEARS_AHEAD = 5
"""how far one may plan"""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def deadlines_for(
    received: str,
    forwarded: str | None = None,
    calendar_name: str = "state",
    *,
    procedure: str = Procedure.QUESTION,
    today: date,
    explain: bool = False,
    rules: bool = True,
) -> dict[str, Any]:
    """The terms for those dates (ISO dates or instants). Raises ValueError in words for the asker.

    All of them count by the one calendar; a ticket's own clocks take the coordinator's and the institution's. A day
    that is still to come is counted, as a plan; but not one so far ahead that nobody knows its working days. `rules`
    says whether each term's rule and source are told.
    """
    day = read_day(received, "received")
    if day.year > today.year + YEARS_AHEAD:
        raise ValueError(f"received: {day} is in the future, more than {YEARS_AHEAD} years ahead")
    sent = None if forwarded is None else read_day(forwarded, "forwarded")
    if sent is not None and sent < day:
        raise ValueError(f"forwarded on {sent}, before it was received on {day}")
    terms = terms_for(day, sent, calendar_name, procedure)
    answer: dict[str, Any] = {"received": day.isoformat(), "calendar": calendar_name, "procedure": str(procedure)}
    if sent is not None:
        answer["forwarded"] = sent.isoformat()
        answer["forwarded_late"] = sent > terms["forward"].on
        answer["shown_to_institution"] = min(terms["institution"].on, terms["answer"].on).isoformat()
    answer |= {name: term.on.isoformat() for name, term in terms.items()}
    answer["provisional"] = any(term.provisional for term in terms.values())
    answer["calendar_version"] = terms["answer"].version
    if explain:
        answer["explanation"] = {name: explained(term) for name, term in terms.items()}
    if rules:
        answer["terms"] = {name: _rule(term) for name, term in terms.items()}
    return answer


def terms_for(
    received: date, forwarded: date | None, calendar_name: str = "state", procedure: str = Procedure.QUESTION
) -> Mapping[str, Due]:
    """What is due when for a question received and perhaps forwarded on those days. Raises ValueError."""

    def counted(kind: str, start: date) -> Due:
        return due(kind, start, calendar_name, procedure=procedure, received_on=received)

    terms = {"forward": counted(ClockKind.FORWARD, received), "answer": counted(ClockKind.ANSWER, received)}
    if procedure == Procedure.SUBMISSION:
        terms["extension"] = counted("extension", received)
    if forwarded is not None:
        terms["institution"] = counted(ClockKind.INSTITUTION, forwarded)
    return terms


def explained(term: Due) -> list[dict[str, Any]]:
    """The days that lead to the due date: counted, with its number, or skipped, and why. The last one is due.

    Of a term in working days each day after the start; of one in months the same date and what it is moved on by.
    """
    return in_words(term.term.span.days(calendar(term.calendar), term.start))


def in_words(counted: Iterable[Day]) -> list[dict[str, Any]]:
    """The days of a count as plain data."""
    days, number = [], 0
    for day in counted:
        number += day.counted
        days.append(
            {
                "on": day.on.isoformat(),
                "weekday": WEEKDAYS[day.on.weekday()],
                "counted": day.counted,
                "number": number if day.counted else None,
                "reason": day.reason,
            }
        )
    return days


def read_day(text: str, what: str) -> date:
    """An ISO date, or an instant with a zone, which counts on its date in Riga. Raises ValueError."""
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
    except (ValueError, TypeError) as error:
        meant = "a date (2026-11-23) or an instant (2026-11-23T22:30:00Z)"
        raise ValueError(f"{what}: {text!r} is not {meant}") from error
    if moment.tzinfo is None:
        raise ValueError(f"{what}: {text!r} has no time zone, so its date in Riga is not certain")
    try:
        return riga_date(moment)
    except OverflowError as error:
        raise ValueError(f"{what}: {text!r} has no date in Riga") from error


def _rule(term: Due) -> dict[str, Any]:
    span = term.term.span
    length = {"months": span.months} if span.months else {"working_days": span.working_days}
    return length | {"rule": term.term.rule, "source": term.term.source, "provisional": term.provisional}
