"""Due dates with their reasons: what scripts and pages are told."""

from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import explain
from routing.clocks import due
from routing.explain import explained, read_day
from routing.rules import calendar

TODAY = date(2026, 11, 23)
deadlines_for = partial(explain.deadlines_for, today=TODAY)


def test_the_dates_of_a_question() -> None:
    told = deadlines_for("2026-11-23", "2026-11-24")
    assert {name: told[name] for name in ("received", "forwarded", "forward", "answer", "institution")} == {
        "received": "2026-11-23",
        "forwarded": "2026-11-24",
        "forward": "2026-11-24",
        "answer": "2026-12-02",
        "institution": "2026-12-02",
    }
    assert (told["forwarded_late"], told["shown_to_institution"], told["provisional"]) == (False, "2026-12-02", False)
    assert told["calendar_version"].startswith("holidays ")


def test_not_forwarded_there_is_no_institutions_term() -> None:
    told = deadlines_for("2026-11-23")
    assert not {"institution", "forwarded", "forwarded_late", "shown_to_institution"} & set(told)
    assert set(told["terms"]) == {"forward", "answer"}
    assert "explanation" not in told


def test_forwarded_late_both_dates_stay() -> None:
    told = deadlines_for("2026-11-23", "2026-11-26")
    assert told["forwarded_late"]
    assert (told["institution"], told["answer"], told["shown_to_institution"]) == (
        "2026-12-04",
        "2026-12-02",
        "2026-12-02",
    )


def test_every_term_names_its_rule_and_its_source() -> None:
    for name, term in deadlines_for("2026-11-23", "2026-11-23")["terms"].items():
        assert term["rule"] == f"{name} {term['working_days']} wd, 2017-07-18"
        assert "MK 400" in term["source"]


@given(st.dates(date(2001, 1, 1), date(2030, 12, 31)), st.integers(0, 10), st.sampled_from(["state", "municipal"]))
def test_an_explanation_leads_from_day_to_day_to_the_date(received: date, later: int, name: str) -> None:
    told = deadlines_for(received.isoformat(), (received + timedelta(days=later)).isoformat(), name, explain=True)
    for term, days in told["explanation"].items():
        counted = [day for day in days if day["counted"]]
        start = date.fromisoformat(told["forwarded"] if term == "institution" else told["received"])
        assert days[-1]["on"] == counted[-1]["on"] == told[term]
        assert [day["number"] for day in counted] == list(range(1, told["terms"][term]["working_days"] + 1))
        assert [day["on"] for day in days] == [str(start + timedelta(days=n)) for n in range(1, len(days) + 1)]
        assert all(day["number"] is None and day["reason"] for day in days if not day["counted"])
    assert told["shown_to_institution"] == min(told["institution"], told["answer"])


def test_a_day_says_which_it_is_and_why() -> None:
    (only,) = explained(due("forward", date(2026, 1, 16)))
    assert only == {"on": "2026-01-17", "weekday": "Sat", "counted": True, "number": 1, "reason": "worked Saturday"}
    skipped = [day["reason"] for day in explained(due("forward", date(2025, 12, 30)))][:-1]
    assert skipped == ["Vecgada diena", "Jaungada diena", "Brīvdiena (pārcelta no 17.01.2026)", "Saturday", "Sunday"]


def test_a_date_past_the_last_order_is_provisional() -> None:
    told = deadlines_for("2026-12-21", "2026-12-22")
    assert told["provisional"]
    assert {name: term["provisional"] for name, term in told["terms"].items()} == {
        "forward": False, "answer": True, "institution": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026-11-23T21:59:59Z", "2026-11-23"),
        ("2026-11-23T22:00:00Z", "2026-11-24"),
        ("2026-11-23T23:59:59+02:00", "2026-11-23"),
        ("2026-11-24T00:00:00+02:00", "2026-11-24"),
        ("2026-07-01T20:59:59.999Z", "2026-07-01"),
        ("2026-07-01T21:00Z", "2026-07-02"),
        ("2026-12-31T14:00:00-08:00", "2027-01-01"),
    ],
)
def test_an_instant_counts_on_its_date_in_riga(text: str, day: str) -> None:
    assert str(read_day(text, "received")) == day


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "2026-02-29", "23.11.2026", "2026-11-23T25:00:00Z", "1763892000"]
)
def test_what_is_no_date_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"received: .* is not a date"):
        read_day(text, "received")


@pytest.mark.parametrize("thing", [None, 20261123, ["2026-11-23"], {}])
def test_what_is_no_text_is_refused(thing: object) -> None:
    with pytest.raises(ValueError, match="forwarded: "):
        read_day(thing, "forwarded")  # type: ignore[arg-type]


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        read_day("2026-11-23T22:30:00", "received")


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"])
def test_an_instant_at_the_end_of_time_is_refused_too(text: str) -> None:
    with pytest.raises(ValueError, match="no date in Riga"):
        read_day(text, "received")


def test_forwarded_before_received_is_refused() -> None:
    with pytest.raises(ValueError, match="before it was received"):
        deadlines_for("2026-11-23", "2026-11-22")


def test_received_and_forwarded_are_compared_on_the_dates_in_riga() -> None:
    assert deadlines_for("2026-11-23T22:30:00Z", "2026-11-24")["forwarded"] == "2026-11-24"
    with pytest.raises(ValueError, match="before it was received"):
        deadlines_for("2026-11-23T22:30:00Z", "2026-11-23")


def test_an_unknown_calendar_and_an_unknown_year_are_refused() -> None:
    with pytest.raises(ValueError, match="there are state, municipal"):
        deadlines_for("2026-11-23", calendar_name="martian")
    with pytest.raises(ValueError, match="are known from"):
        deadlines_for("1990-05-04")


def test_the_municipal_calendar_is_used_where_asked_for() -> None:
    told = deadlines_for("2025-12-31", "2025-12-31", "municipal")
    assert told["calendar"] == "municipal"
    assert told["institution"] == str(calendar("municipal").after(date(2025, 12, 31), 6)) == "2026-01-09"


def test_one_may_plan_but_not_for_years_of_which_nobody_knows_the_working_days() -> None:
    assert deadlines_for("2026-12-21")["answer"] == "2027-01-05"
    assert deadlines_for("2031-12-31")["provisional"]
    with pytest.raises(ValueError, match="in the future"):
        deadlines_for("2032-01-01")


def test_a_submission_ends_on_the_same_date_a_month_later_or_on_the_next_working_day() -> None:
    told = deadlines_for("2026-01-31", "2026-02-02", procedure="submission", explain=True)
    assert (told["answer"], told["institution"], told["extension"]) == ("2026-03-02", "2026-03-02", "2026-06-01")
    assert [(day["on"], day["counted"]) for day in told["explanation"]["answer"]] == [
        ("2026-02-28", False),
        ("2026-03-01", False),
        ("2026-03-02", True),
    ]
    assert told["terms"]["answer"]["months"] == 1
    assert "working_days" not in told["terms"]["answer"]
