"""When what is open falls due: the terms of MK 400 and Iesniegumu likums that run now."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select, text
from sqlmodel import Session, col, func

from models.clock import RUNNING_SQL, Clock, ClockKind
from models.ticket import Ticket
from reports.scope import Scope

A_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Open:
    """Clocks that run, by their due dates."""

    answers: Counter[date]
    """owed to citizens, by the coordinator"""
    at_institutions: Counter[tuple[str, date]]
    """owed by institutions to whom a question was forwarded: by code"""

    def overdue(self, today: date) -> int:
        """Answers to citizens: what was due before today. What is due today is not overdue yet."""
        return sum(number for on, number in self.answers.items() if on < today)


def open_now(session: Session, scope: Scope, *, owner: str = "") -> Open:
    """Everything that runs at this moment, whenever it came in; `owner` names one institution whose duties it is."""
    same = (col(Clock.kind), col(Clock.owner), col(Clock.due_on))
    asked = (
        select(*same, func.count())
        .join_from(Clock, Ticket, col(Ticket.id) == col(Clock.ticket_id))
        .where(text(f"clock.{RUNNING_SQL}"), *scope.conditions(), *([col(Clock.owner) == owner] if owner else []))
        .group_by(*same)
    )
    found = Open(Counter(), Counter())
    for kind, code, on, number in session.execute(asked):
        if kind == ClockKind.ANSWER:
            found.answers[on] += number
        elif kind == ClockKind.INSTITUTION:
            found.at_institutions[code, on] += number
    return found


def weeks_around(today: date, days: Counter[date], before: int = 1, after: int = 4) -> list[list[tuple[date, int]]]:
    """Whole weeks, Monday first, from so many before this one to so many after it, with what is due on each day."""
    monday = today - timedelta(days=today.weekday()) - before * A_WEEK
    weeks = [[monday + week * A_WEEK + timedelta(days=day) for day in range(7)] for week in range(before + 1 + after)]
    return [[(on, days[on]) for on in week] for week in weeks]
