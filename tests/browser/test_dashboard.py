"""Dashboard, statistics, and the pages about the site in Chromium: axe, narrow and wide, without JavaScript."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from config.replies import LANGUAGES
from models.moments import now
from tests.browser.conftest import Served
from tests.browser.desk import Opener, look
from tests.web.desk_house import DeskHouse


@pytest.mark.parametrize("width", [1280, 320])
def test_pictures_pass_axe_with_nothing_to_show_and_with_some_questions(
    desk: DeskHouse, browse: Opener, width: int
) -> None:
    windows = {who: browse(who, width=width) for who in ("anna", "pēteris")}

    def look_at(who: str, address: str) -> None:
        windows[who].goto(address)
        for summary in windows[who].locator("details > summary").all():
            summary.click()
        look(windows[who], address)

    look_at("anna", "/desk/dashboard?from=x")
    for days in (0, 1, 3, 20, 40):
        desk.forwarded(desk.asked(channel="webchat", at=now() - timedelta(days=days)), "PMLP", "VSAA")
    look_at("anna", "/desk/dashboard")
    look_at("pēteris", "/desk/statistics?span=year")
    expect(windows["anna"].get_by_role("img", name="Kad jāatbild iestādēm")).to_be_visible()


def test_the_span_is_chosen_without_javascript_and_a_table_is_saved(desk: DeskHouse, browse: Opener) -> None:
    desk.asked(at=now() - timedelta(days=400))
    anna = browse("anna", javascript=False)
    anna.get_by_role("link", name="Pārskats").click()
    anna.get_by_role("link", name="Šis gads").click()
    expect(anna.get_by_role("link", name="Šis gads")).to_have_attribute("aria-current", "true")
    anna.get_by_label("No", exact=True).fill((now() - timedelta(days=401)).date().isoformat())
    anna.get_by_label("Kanāls").select_option("telegram")
    anna.get_by_role("button", name="Rādīt").click()
    assert "channel=telegram" in anna.url
    expect(anna.locator(".big-numbers div").first).to_contain_text("1")
    anna.locator("summary", has_text="Saņemti un atbildēti").click()
    with anna.expect_download() as download:
        anna.locator("a[href*='flow.csv']").click()
    assert download.value.suggested_filename.startswith("flow-")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_about_the_site_pass_axe(open_browser: Opener, served: Served, language: str) -> None:
    page = open_browser(color_scheme="dark" if language == "en" else "light", viewport={"width": 320, "height": 800})
    for address in ("/about", "/privacy", "/accessibility"):
        page.goto(f"{address}?language={language}")
        look(page, f"{address} in {language}")
