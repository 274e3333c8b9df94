"""Spans of time: what a week, month, quarter and year are, what they are compared with, and their steps."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select
from sqlmodel import Session

from models.database import Database
from models.moments import Instant, riga_date
from reports.riga import riga_day
from reports.span import Named, Span, Step, running

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("name", "first", "before"),
    [
        (Named.WEEK, date(2026, 11, 23), (date(2026, 11, 16), date(2026, 11, 17))),
        (Named.MONTH, date(2026, 11, 1), (date(2026, 10, 1), date(2026, 10, 24))),
        (Named.QUARTER, date(2026, 10, 1), (date(2026, 7, 1), date(2026, 8, 24))),
        (Named.YEAR, date(2026, 1, 1), (date(2025, 1, 1), date(2025, 11, 24))),
    ],
)
def test_a_running_span_goes_to_today_and_is_compared_with_the_same_part_of_the_one_before(
    name: Named, first: date, before: tuple[date, date]
) -> None:
    assert running(name, TUESDAY) == (Span(first, TUESDAY), Span(*before))


def test_a_longer_month_is_compared_with_the_whole_of_a_shorter_one() -> None:
    assert running(Named.MONTH, date(2026, 3, 31))[1] == Span(date(2026, 2, 1), date(2026, 2, 28))


@given(DAYS, st.sampled_from(list(Named)))
def test_a_span_and_the_one_before_never_overlap(today: date, name: Named) -> None:
    span, before = running(name, today)
    assert before.first <= before.last < span.first <= span.last == today


@settings(max_examples=40)
@given(DAYS, st.integers(0, 800))
def test_every_day_of_a_span_belongs_to_one_of_its_steps(first: date, length: int) -> None:
    span = Span(first, first + timedelta(days=length))
    days = [first + timedelta(days=n) for n in range(length + 1)]
    assert list(dict.fromkeys(map(span.step_of, days))) == span.steps()
    assert span.before().days == span.days
    assert span.steps() == sorted(span.steps())


def test_longer_spans_have_longer_steps() -> None:
    assert [Span(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=n)).step for n in (0, 30, 31, 189, 190)] == [
        Step.DAY, Step.DAY, Step.WEEK, Step.WEEK, Step.MONTH,
    ]  # fmt: skip


MOMENTS = [
    datetime(2026, month, day, hour, minute, tzinfo=UTC)
    for month, day in ((1, 1), (3, 28), (3, 29), (3, 30), (7, 15), (10, 24), (10, 25), (12, 31))
    for hour in (0, 1, 20, 21, 22, 23)
    for minute in (0, 59)
]


def test_the_database_knows_the_date_in_riga_also_when_the_clocks_are_changed(database: Database) -> None:
    year = Span(date(2026, 1, 1), date(2027, 1, 1))

    def days(session: Session) -> list[str]:
        moments: list[Any] = [literal(moment, Instant()) for moment in MOMENTS]
        if not database.is_sqlite:
            moments = [func.cast(moment, Instant().impl) for moment in moments]
        return [session.execute(select(riga_day(session, moment, year))).scalar_one() for moment in moments]

    with database.read() as session:
        assert days(session) == [riga_date(moment).isoformat() for moment in MOMENTS]
