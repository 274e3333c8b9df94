"""Due dates with their reasons, as scripts and pages want them."""

from datetime import date, datetime
from typing import Any

from models.clock import ClockKind
from models.moments import riga_date
from routing.clocks import Due, due
from routing.rules import calendar

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def deadlines_for(
    received: str, forwarded: str | None = None, calendar_name: str = "state", *, explain: bool = False
) -> dict[str, Any]:
    """The three terms for those dates (ISO dates or instants). Raises ValueError in words for the asker.

    All of them count by the one calendar; a ticket's own clocks take the coordinator's and the institution's.
    """
    day = read_day(received, "received")
    terms = {"forward": due(ClockKind.FORWARD, day, calendar_name), "answer": due(ClockKind.ANSWER, day, calendar_name)}
    answer: dict[str, Any] = {"received": day.isoformat(), "calendar": calendar_name}
    if forwarded is not None:
        sent = read_day(forwarded, "forwarded")
        if sent < day:
            raise ValueError(f"forwarded on {sent}, before it was received on {day}")
        terms["institution"] = due(ClockKind.INSTITUTION, sent, calendar_name)
        answer["forwarded"] = sent.isoformat()
        answer["forwarded_late"] = sent > terms["forward"].on
        answer["shown_to_institution"] = min(terms["institution"].on, terms["answer"].on).isoformat()
    answer |= {name: term.on.isoformat() for name, term in terms.items()}
    answer["provisional"] = any(term.provisional for term in terms.values())
    answer["calendar_version"] = terms["answer"].version
    if explain:
        answer["explanation"] = {name: explained(term) for name, term in terms.items()}
    answer["terms"] = {
        name: {
            "working_days": term.term.working_days,
            "rule": term.term.rule,
            "source": term.term.source,
            "provisional": term.provisional,
        }
        for name, term in terms.items()
    }
    return answer


def explained(term: Due) -> list[dict[str, Any]]:
    """Each day from the one after the start to the due date: counted, with its number, or skipped, and why."""
    days, number = [], 0
    for day in term.term.span.days(calendar(term.calendar), term.start):
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
