"""The law's terms for anybody who asks: the API and the page with its pictures."""

import re
from typing import Any

import httpx
import pytest

from tests.web.desk_house import DeskHouse

API = "/api/v1/deadlines"


async def asked(desk: DeskHouse, address: str, language: str = "lv", **query: str) -> httpx.Response:
    async with desk.visitor() as visitor:
        return await visitor.client.get(address, params=query, headers={"Accept-Language": language})


async def told(desk: DeskHouse, **query: str) -> dict[str, Any]:
    answer = await asked(desk, API, **query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_the_api_counts_for_anybody(desk: DeskHouse) -> None:
    body = await told(desk, received="2026-11-23", forwarded="2026-11-24")
    dates = [body[name] for name in ("forward", "answer", "institution", "shown_to_institution")]
    assert dates == ["2026-11-24", "2026-12-02", "2026-12-02", "2026-12-02"]
    assert "explanation" not in body
    assert "MK 400" in body["terms"]["answer"]["source"]


async def test_the_api_explains_day_by_day(desk: DeskHouse) -> None:
    body = await told(desk, received="2025-04-30", explain="true")
    days = body["explanation"]["answer"]
    assert (days[0]["on"], days[0]["weekday"], days[0]["counted"]) == ("2025-05-01", "Thu", False)
    assert days[0]["reason"].startswith("Darba svētki")
    assert [day["number"] for day in days if day["counted"]] == [1, 2, 3, 4, 5, 6, 7]
    assert days[-1]["on"] == body["answer"] == "2025-05-13"
    assert body["calendar_version"].startswith("holidays ")


async def test_the_api_knows_both_calendars_and_both_procedures(desk: DeskHouse) -> None:
    assert (await told(desk, received="2025-12-31", calendar="municipal"))["forward"] == "2026-01-02"
    assert (await told(desk, received="2025-12-31"))["forward"] == "2026-01-05"
    submission = await told(desk, received="2026-11-24", procedure="submission")
    assert (submission["answer"], submission["extension"]) == ("2026-12-28", "2027-03-24")


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"received": ""},
        {"received": "rīt"},
        {"received": "1990-12-31"},
        {"received": "2090-01-01"},
        {"received": "2026-11-23T10:00:00"},
        {"received": "2026-11-23", "calendar": "martian"},
        {"received": "2026-11-23", "procedure": "wish"},
        {"received": "2026-11-23", "forwarded": "2026-11-22"},
        {"received": "2026-11-23", "explain": "perhaps"},
        {"received": "9" * 100},
    ],
    ids=str,
)
async def test_the_api_says_what_it_cannot_count(desk: DeskHouse, query: dict[str, str]) -> None:
    answer = await asked(desk, API, **query)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_page_asks_for_the_days(desk: DeskHouse) -> None:
    page = await asked(desk, "/deadlines")
    assert page.status_code == 200
    assert 'name="received" type="date"' in page.text
    assert "weeks" not in page.text


async def test_the_page_draws_each_term_week_by_week(desk: DeskHouse) -> None:
    page = await asked(desk, "/deadlines", received="2025-11-06", forwarded="2025-11-07")
    assert page.status_code == 200
    assert page.text.count('<table class="weeks">') == 3
    picture = page.text.split('id="term-answer"')[1].split("</table>")[0]
    assert len(re.findall('class="day-counted"', picture)) == 6
    assert len(re.findall('class="day-due"', picture)) == 1
    assert "darba sestdiena" in picture
    assert 'class="day-start"' in picture


async def test_each_day_of_the_picture_says_why_it_does_not_count(desk: DeskHouse) -> None:
    page = await asked(desk, "/deadlines", received="2026-12-21")
    for reason in ("Ziemassvētku vakars", "Jaungada diena", "provizoris"):
        assert reason in page.text


async def test_of_months_the_picture_shows_where_the_date_moves_to(desk: DeskHouse) -> None:
    page = await asked(desk, "/deadlines", received="2026-11-24", procedure="submission")
    picture = page.text.split('id="term-answer"')[1].split("</table>")[0]
    assert "28.12." in picture.split('class="day-due"')[1]
    assert len(re.findall('class="day-skipped"', picture)) == 4


@pytest.mark.parametrize(
    ("language", "words"), [("lv", "Termiņu kalkulators"), ("en", "Term calculator"), ("ru", "Калькулятор сроков")]
)
async def test_the_page_is_there_in_three_languages_and_keeps_the_dates(
    desk: DeskHouse, language: str, words: str
) -> None:
    page = await asked(desk, "/deadlines", language, received="2026-11-23")
    assert words in page.text
    assert "/deadlines?received=2026-11-23&amp;language=ru" in page.text


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"received": "vakar"}, "nav datums"),
        ({"received": "2026-11-23", "forwarded": "rīt"}, "nav datums"),
        ({"received": "2026-11-23", "forwarded": "2026-11-20"}, "pirms tas saņemts"),
        ({"received": "1066-10-14"}, "nav zināmas"),
        ({"received": "2026-11-23", "calendar": "martian"}, "nav zināmas"),
    ],
    ids=str,
)
async def test_what_cannot_be_counted_is_said_on_the_page_and_stays_filled_in(
    desk: DeskHouse, query: dict[str, str], words: str
) -> None:
    page = await asked(desk, "/deadlines", **query)
    assert page.status_code == 422
    assert words in page.text
    assert 'role="alert"' in page.text
    assert f'value="{query["received"]}"' in page.text


async def test_what_is_typed_is_escaped(desk: DeskHouse) -> None:
    page = await asked(desk, "/deadlines", received='"><script>alert(1)</script>')
    assert "<script>alert" not in page.text
