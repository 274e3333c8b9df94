"""Working days against a calendar of our own, written from the law without the library."""

import csv
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from routing.calendar import Calendar
from routing.calendars import BUILT_IN
from routing.holidays import FIRST_YEAR, LAST_YEAR, Holidays, moved_days, moved_days_known_until
from routing.rules import calendar

MOVED = {
    "2001-12-24": "2001-12-22", "2002-12-30": "2002-12-28", "2003-11-17": "2003-11-15", "2004-01-02": "2004-01-10",
    "2004-05-03": "2004-05-08", "2004-06-25": "2004-06-19", "2004-11-19": "2004-11-13", "2006-11-27": "2006-12-02",
    "2007-04-30": "2007-04-14", "2008-05-02": "2008-05-10", "2008-11-17": "2008-11-22", "2009-01-02": "2009-01-10",
    "2009-06-22": "2009-06-27", "2010-05-03": "2010-05-29", "2010-06-25": "2010-06-19", "2010-11-19": "2010-11-13",
    "2012-04-30": "2012-04-28", "2013-12-23": "2013-12-14", "2013-12-30": "2013-12-28", "2014-05-02": "2014-05-10",
    "2014-11-17": "2014-11-22", "2015-01-02": "2015-01-10", "2015-06-22": "2015-06-27", "2017-05-05": "2017-05-13",
    "2018-04-30": "2018-04-21", "2020-06-22": "2020-06-13", "2021-05-03": "2021-05-08", "2021-06-25": "2021-06-19",
    "2021-11-19": "2021-11-13", "2023-05-05": "2023-05-20", "2024-12-23": "2024-12-14", "2024-12-30": "2024-12-28",
    "2025-05-02": "2025-05-10", "2025-11-17": "2025-11-08", "2026-01-02": "2026-01-17", "2026-06-22": "2026-06-27",
}  # fmt: skip
"""the Cabinet's orders: the day off, and the Saturday worked for it"""
OFF = {date.fromisoformat(off) for off in MOVED}
WORKED = {date.fromisoformat(worked) for worked in MOVED.values()}
ONCE = {date(2018, 7, 9), date(2018, 9, 24), date(2023, 5, 29), date(2023, 7, 10)}
"""song festivals' closing days, the Pope's visit, the ice-hockey bronze: off for everybody"""
ONE_DAY = timedelta(days=1)

days = st.dates(date(2001, 1, 1), date(2030, 12, 31))
names = st.sampled_from(BUILT_IN)
terms = st.integers(1, 30)


def easter(year: int) -> date:
    """Easter Sunday, by the method of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def celebrated(year: int) -> set[date]:
    """Days off by the law on public holidays as it stood in that year."""
    sunday = easter(year)
    fixed = [(1, 1), (5, 1), (6, 23), (6, 24), (11, 18), (12, 25), (12, 26), (12, 31)]
    fixed += [(5, 4)] * (year >= 2002) + [(12, 24)] * (year >= 2007)
    found = {date(year, month, day) for month, day in fixed}
    found |= {sunday - 2 * ONE_DAY, sunday, sunday + ONE_DAY, sunday + 49 * ONE_DAY}
    first_of_may = date(year, 5, 1)
    found.add(first_of_may + (13 - first_of_may.weekday()) * ONE_DAY)  # Mothers' Day, the second Sunday
    if year >= 2007:
        for holiday in (date(year, 5, 4), date(year, 11, 18)):
            if holiday.weekday() >= 5:
                found.add(holiday + (7 - holiday.weekday()) * ONE_DAY)
    return found | {day for day in ONCE if day.year == year}


HOLIDAYS = {day for year in range(2000, 2033) for day in celebrated(year)}


def works(name: str, on: date) -> bool:
    if name == "state" and on in WORKED:
        return True
    if name == "state" and on in OFF:
        return False
    return on.weekday() < 5 and on not in HOLIDAYS


def nth(name: str, start: date, count: int) -> date:
    """Day by day, as one counts on the fingers."""
    on = start
    while count:
        on += ONE_DAY
        count -= works(name, on)
    return on


@pytest.mark.parametrize(
    ("year", "on"), [(2001, (4, 15)), (2008, (3, 23)), (2011, (4, 24)), (2025, (4, 20)), (2026, (4, 5))]
)
def test_our_own_easter_is_right(year: int, on: tuple[int, int]) -> None:
    assert easter(year) == date(year, *on)


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_day_of_thirty_years_agrees_with_the_law(name: str) -> None:
    known = calendar(name)
    every = (date(2001, 1, 1) + n * ONE_DAY for n in range((date(2031, 1, 1) - date(2001, 1, 1)).days))
    assert [str(on) for on in every if known.works(on) != works(name, on)] == []


@pytest.mark.parametrize(("off", "worked"), [pytest.param(*pair, id=pair[0]) for pair in MOVED.items()])
def test_a_moved_day_is_moved_for_the_state_and_stays_for_municipalities(off: str, worked: str) -> None:
    state, municipal = calendar("state"), calendar("municipal")
    day_off, saturday = date.fromisoformat(off), date.fromisoformat(worked)
    assert saturday.weekday() == 5
    assert not state.works(day_off)
    assert state.works(saturday)
    assert municipal.works(day_off)
    assert not municipal.works(saturday)
    assert {day.reason for day in state.count(saturday - ONE_DAY, 1)} == {"worked Saturday"}
    assert state.after(saturday - ONE_DAY, 1) == saturday
    assert state.after(day_off - ONE_DAY, 1) > day_off
    assert municipal.after(day_off - ONE_DAY, 1) == day_off


@pytest.mark.parametrize("on", sorted(ONCE), ids=str)
@pytest.mark.parametrize("name", BUILT_IN)
def test_a_day_off_by_law_is_off_for_everybody(name: str, on: date) -> None:
    assert not calendar(name).works(on)


@given(names, days, terms)
@example("state", date(2023, 5, 25), 7)
@example("state", date(2025, 4, 30), 6)
@example("municipal", date(2025, 12, 31), 1)
@example("state", date(2028, 11, 16), 2)
def test_a_due_date_is_what_counting_day_by_day_gives(name: str, start: date, count: int) -> None:
    on = calendar(name).after(start, count)
    assert on == nth(name, start, count)
    assert works(name, on), "never due on a day on which nobody works"


@given(names, days, terms, terms)
def test_two_terms_in_a_row_are_one_of_their_sum(name: str, start: date, first: int, second: int) -> None:
    known = calendar(name)
    assert known.after(known.after(start, first), second) == known.after(start, first + second)


@given(names, days, st.integers(0, 40), terms)
def test_who_asks_later_is_never_due_earlier_and_a_longer_term_is_always_later(
    name: str, start: date, later: int, count: int
) -> None:
    known = calendar(name)
    assert known.after(start, count) <= known.after(start + later * ONE_DAY, count)
    assert known.after(start, count) < known.after(start, count + 1)
    assert known.after(start, count) >= start + count * ONE_DAY


@given(names, days, terms)
def test_the_explanation_names_every_day_once_and_adds_up_to_the_date(name: str, start: date, count: int) -> None:
    known = calendar(name)
    told = list(known.count(start, count))
    assert [day.on for day in told] == [start + n * ONE_DAY for n in range(1, len(told) + 1)]
    assert sum(day.counted for day in told) == count
    assert told[-1].counted
    assert told[-1].on == known.after(start, count)
    for day in told:
        assert day.counted == works(name, day.on)
        assert day.reason
        if day.counted:
            assert day.reason == ("worked Saturday" if day.on.weekday() >= 5 else "working day")
        elif day.on not in HOLIDAYS and day.on not in OFF:
            assert day.reason in ("Saturday", "Sunday")


@given(names, days, terms)
def test_days_late_are_the_inverse_of_a_term(name: str, start: date, count: int) -> None:
    known = calendar(name)
    on = known.after(start, count)
    assert known.between(start, on) == count
    assert known.between(start, on - ONE_DAY) == count - 1
    assert known.between(on, start) == known.between(on, on) == 0


@given(days, st.sampled_from([1, 6, 7]))
def test_the_two_calendars_differ_by_the_moved_days_alone(start: date, count: int) -> None:
    state, municipal = calendar("state"), calendar("municipal")
    last = max(state.after(start, count), municipal.after(start, count))
    passed = {start + n * ONE_DAY for n in range(1, (last - start).days + 1)}
    if not passed & (OFF | WORKED):
        assert state.after(start, count) == municipal.after(start, count)


def test_the_published_examples(shared_data: Path) -> None:
    with (shared_data / "deadlines.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= 16
    for row in rows:
        start = date.fromisoformat(row["received"])
        for count in (1, 3, 6, 7):
            assert str(calendar("state").after(start, count)) == row[f"plus_{count}"], (row, count)


def test_a_municipality_counts_the_new_years_bridge_day() -> None:
    assert calendar("state").after(date(2025, 12, 31), 1) == date(2026, 1, 5)
    assert calendar("municipal").after(date(2025, 12, 31), 1) == date(2026, 1, 2)


def test_a_reason_names_the_holiday() -> None:
    told = {day.on: day.reason for day in calendar("state").count(date(2025, 4, 30), 7)}
    assert told[date(2025, 5, 1)].startswith("Darba svētki")
    assert "pārcelta no 10.05.2025" in told[date(2025, 5, 2)]
    assert told[date(2025, 5, 3)] == "Saturday"
    assert "brīvdiena" in told[date(2025, 5, 5)]
    assert told[date(2025, 5, 10)] == "worked Saturday"


@pytest.mark.parametrize("count", [0, -1, -7])
def test_a_term_that_is_none_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="is none"):
        calendar("state").after(date(2026, 11, 23), count)


@pytest.mark.parametrize("year", [1, 1990, LAST_YEAR, 2101, 9999])
def test_years_of_which_nothing_is_known_are_refused(year: int) -> None:
    with pytest.raises(ValueError, match="are known from"):
        calendar("state").after(date(year, 12, 31), 1)


def test_the_first_and_last_known_days_count() -> None:
    assert calendar("state").after(date(FIRST_YEAR, 1, 1), 1) == date(1991, 1, 2)
    assert calendar("municipal").after(date(LAST_YEAR - 1, 12, 29), 1) == date(LAST_YEAR - 1, 12, 30)


def test_a_term_that_ends_after_the_last_known_year_is_refused() -> None:
    known = calendar("state")
    for term in (known.after, known.months_after, known.count, known.count_months):
        with pytest.raises(ValueError, match="the term ends after 2099"):
            term(date(LAST_YEAR - 1, 12, 30), 1)


@pytest.mark.parametrize("name", ["", "State", "LV", "lv-valsts"])
def test_an_unknown_calendar_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="there are state, municipal"):
        calendar(name)


def test_moved_days_are_known_until_the_last_order() -> None:
    assert moved_days_known_until() == max(OFF).year == 2026


def test_two_threads_that_ask_at_once_both_hear_of_the_holiday(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library fills in a year at the first question; who asks meanwhile must not hear that all days are worked."""
    days = Holidays(moved_days=True)
    known = Calendar("state", days, {}, "1")
    heard: list[bool] = []
    other = threading.Thread(target=lambda: heard.append(known.works(date(2026, 12, 25))))
    fill_in = days._days._populate

    def slowly(year: int) -> None:
        other.start()
        other.join(0.1)
        fill_in(year)

    monkeypatch.setattr(days._days, "_populate", slowly)
    assert not known.works(date(2026, 12, 24))
    other.join(10)
    assert heard == [False]
    assert not known.works(date(2026, 12, 25))


def months_later(name: str, start: date, months: int) -> date:
    """The law's rule in other words: walk month by month, keep the day or take the last; then on to a working day."""
    year, month = start.year, start.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    first_of_next = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    on = min(date(year, month, 1) + (start.day - 1) * ONE_DAY, first_of_next - ONE_DAY)
    while not works(name, on):
        on += ONE_DAY
    return on


@given(names, days, st.integers(1, 13))
@example("state", date(2024, 1, 31), 1)
@example("state", date(2023, 12, 29), 2)
@example("state", date(2024, 2, 29), 12)
@example("municipal", date(2025, 12, 2), 1)
def test_a_term_in_months_ends_on_the_same_date_or_the_months_last_and_never_on_a_day_off(
    name: str, start: date, months: int
) -> None:
    on = calendar(name).months_after(start, months)
    assert on == months_later(name, start, months)
    assert works(name, on)


@given(names, days, st.integers(1, 13))
def test_the_explanation_of_months_begins_at_the_date_and_only_the_due_day_counts(
    name: str, start: date, months: int
) -> None:
    known = calendar(name)
    told = list(known.count_months(start, months))
    assert [day.on for day in told] == [told[0].on + n * ONE_DAY for n in range(len(told))]
    assert told[0].on.day == start.day or (told[0].on + ONE_DAY).day == 1
    assert [day.counted for day in told] == [False] * (len(told) - 1) + [True]
    assert told[-1].on == known.months_after(start, months)


@given(names, days, st.integers(0, 40), st.integers(1, 13))
def test_a_term_in_months_that_begins_later_never_ends_earlier(name: str, start: date, later: int, months: int) -> None:
    known = calendar(name)
    assert known.months_after(start, months) <= known.months_after(start + later * ONE_DAY, months)
    assert known.months_after(start, months) < known.months_after(start, months + 1)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-01-31", "2026-03-02"),
        ("2026-11-23", "2026-12-23"),
        ("2026-11-24", "2026-12-28"),
        ("2025-12-03", "2026-01-05"),
        ("2024-01-29", "2024-02-29"),
        ("2024-01-31", "2024-02-29"),
        ("2023-01-31", "2023-02-28"),
        ("2026-12-01", "2027-01-04"),
    ],
)
def test_a_months_term_of_the_law_on_submissions(received: str, due: str) -> None:
    assert str(calendar("state").months_after(date.fromisoformat(received), 1)) == due


def test_the_leap_day_counts_like_any_other() -> None:
    state = calendar("state")
    assert state.after(date(2024, 2, 28), 1) == date(2024, 2, 29)
    assert state.after(date(2024, 2, 29), 1) == date(2024, 3, 1)
    assert state.after(date(2024, 2, 23), 7) == date(2024, 3, 5)


def test_over_the_end_of_the_year() -> None:
    assert calendar("state").after(date(2024, 12, 31), 1) == date(2025, 1, 2)
    assert calendar("state").after(date(2026, 12, 30), 1) == date(2027, 1, 4)
    assert calendar("municipal").after(date(2026, 12, 30), 1) == date(2027, 1, 4)


def test_our_table_of_the_orders_is_the_packages() -> None:
    """Every order that the package knows is tested here, also those that an upgrade brings."""
    known = {str(off): str(worked) for off, worked in moved_days().items() if off.year <= max(OFF).year}
    assert known == MOVED


@pytest.mark.parametrize(("off", "worked"), [pytest.param(*pair, id=str(pair[0])) for pair in moved_days().items()])
def test_every_moved_day_of_the_package_is_off_and_its_saturday_worked(off: date, worked: date) -> None:
    state, municipal = calendar("state"), calendar("municipal")
    assert (state.works(off), state.works(worked)) == (False, True)
    assert (municipal.works(off), municipal.works(worked)) == (True, False)
    assert worked.strftime("%d.%m.%Y") in state.why(off)


@given(names, days, st.integers(-30, 30))
def test_who_goes_some_working_days_back_and_forth_is_where_he_was(name: str, start: date, count: int) -> None:
    known = calendar(name)
    start = known.after(start, 1)
    there = known.shifted(start, count)
    assert works(name, there)
    assert known.shifted(there, -count) == start
    if count > 0:
        assert there == known.after(start, count)


@pytest.mark.parametrize("months", [0, -1])
def test_months_that_are_no_term_are_refused(months: int) -> None:
    with pytest.raises(ValueError, match="is none"):
        calendar("state").months_after(date(2026, 11, 23), months)
