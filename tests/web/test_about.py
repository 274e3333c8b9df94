"""What the site says of itself is there in every language, and true."""

import re

import httpx
from sqlmodel import Session

from config.replies import LANGUAGES
from models.moments import now
from models.setting import CLEANING, WORDS_MONTHS, Setting
from tests.web.desk_house import DeskHouse

PAGES = ("/about", "/privacy", "/accessibility")


async def opened(desk: DeskHouse, address: str) -> httpx.Response:
    async with desk.visitor() as visitor:
        return await visitor.opens(address)


async def test_a_page_is_in_each_language_and_fills_every_gap(desk: DeskHouse) -> None:
    texts = set()
    for page in PAGES:
        for language in LANGUAGES:
            answer = await opened(desk, f"{page}?language={language}")
            assert (answer.status_code, answer.headers["content-language"]) == (200, language)
            assert not re.search(r"[{}]", answer.text)
            texts.add(answer.text)
    assert len(texts) == len(PAGES) * len(LANGUAGES)


async def test_every_page_leads_to_them(desk: DeskHouse) -> None:
    for page in ("/", "/talk", "/deadlines", *PAGES, "/desk/login"):
        shown = (await opened(desk, page)).text
        assert all(f'<a href="{address}"' in shown for address in PAGES), page


async def test_the_terms_are_those_in_force(desk: DeskHouse) -> None:
    shown = (await opened(desk, "/about?language=lv")).text
    for days in (1, 6, 7):
        assert f"ne vēlāk kā {days}. darba dienā" in shown
    assert "Nr. 400" in shown


async def test_how_long_data_are_kept_is_what_the_administrator_has_set(desk: DeskHouse) -> None:
    assert "Automātiskā dzēšana šajā vietnē šobrīd ir izslēgta" in (await opened(desk, "/privacy?language=lv")).text

    def choose(session: Session) -> None:
        for name, value in ((CLEANING, 1), (WORDS_MONTHS, 7)):
            session.add(Setting(name=name, value=value, changed_by="admin", changed_at=now()))

    desk.database.write(choose)
    for language, words in (("lv", "līdz 7 mēnešiem"), ("en", "up to 7 months"), ("ru", "до 7 мес.")):
        assert words in (await opened(desk, f"/privacy?language={language}")).text
    assert "izslēgta" not in (await opened(desk, "/privacy?language=lv")).text


async def test_every_cookie_that_a_citizen_gets_is_named(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor:
        for page in ("/?language=en", "/talk", "/deadlines", *PAGES):
            await visitor.opens(page)
        cookies = {cookie.name for cookie in visitor.client.cookies.jar}
        shown = (await visitor.opens("/privacy")).text
    assert cookies == {"visitor", "language"}
    assert all(f"<li>{name} – " in shown for name in cookies)


async def test_the_statement_has_all_that_the_model_asks_for(desk: DeskHouse) -> None:
    shown = (await opened(desk, "/accessibility?language=en")).text
    for part in (
        "No. 445", "2016/2102", "partially compliant", "What is not accessible", "self-assessment",
        "Feedback and contact", "Enforcement procedure", "www.tiesibsargs.lv",
    ):  # fmt: skip
        assert part in shown
