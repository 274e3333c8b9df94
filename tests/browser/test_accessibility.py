"""Every page for citizens passes axe-core, in every language and look, empty and with a talk in it."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from config.replies import LANGUAGES
from tests.browser.conftest import Served

Opener = Callable[..., Page]
ASKED = {
    "lv": ("Kā deklarēt dzīvesvietu?", "pase"),
    "en": ("How do I declare my place of residence?", "passport"),
    "ru": ("Как задекларировать место жительства?", "паспорт"),
}


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']}: {node['html']} {node['failureSummary']}" for rule in found for node in rule["nodes"]]


def ask(page: Page, text: str) -> None:
    answers = page.locator(".message.theirs:not(.greeting)")
    before = answers.count()
    page.locator("#text").fill(text)
    page.keyboard.press("Enter")
    expect(answers).to_have_count(before + 1)


@pytest.mark.parametrize(("language", "look"), [("lv", "light"), ("en", "light"), ("ru", "light"), ("lv", "dark")])
def test_all_pages_with_a_talk_pass(open_browser: Opener, served: Served, language: str, look: str) -> None:
    page = open_browser(color_scheme=look, reduced_motion="reduce")
    page.goto(f"/?language={language}")
    expect(page.locator("#examples")).to_be_visible()
    assert violations(page) == []
    for text in ASKED[language]:
        ask(page, text)
    page.locator(".choices button").last.click()
    expect(page.locator(".chosen")).to_have_count(1)
    page.locator("#text").fill("ā" * 4001)
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).not_to_be_empty()
    assert violations(page) == []
    page.locator("#new-talk").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    expect(page.locator("#state")).not_to_be_empty()
    assert violations(page) == []
    page.context.set_offline(False)
    for path in ("/talk", "/chat/frame"):
        page.goto(path)
        expect(page.locator(".message.own")).to_have_count(2)
        assert violations(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_widget_passes_closed_and_open(open_browser: Opener, language: str) -> None:
    page = open_browser()
    page.goto(f"/widget-demo?language={language}")
    expect(page.locator(".open")).to_be_visible()
    assert violations(page) == []
    page.locator(".open").click()
    expect(page.frame_locator("iframe").locator("#text")).to_be_focused()
    assert violations(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_without_our_javascript_pass(open_without_modules: Opener, language: str) -> None:
    page = open_without_modules()
    page.goto(f"/?language={language}")
    assert violations(page) == []
    page.locator("#text").fill(ASKED[language][1])
    page.locator("#send").click()
    expect(page.locator(".message.own")).to_have_count(1)
    assert violations(page) == []
    page.locator(".choices button").first.click()
    page.locator("#text").fill(" ")
    page.locator("#send").click()
    expect(page.locator("#trouble")).not_to_be_empty()
    assert violations(page) == []


@pytest.fixture
def open_without_modules(open_browser: Opener) -> Opener:
    """axe needs JavaScript, so only ours is kept away."""

    def opened() -> Page:
        page = open_browser()
        page.route("**/chat/code/**", lambda route: route.abort())
        return page

    return opened


@pytest.mark.parametrize(("language", "look"), [("lv", "light"), ("ru", "light"), ("en", "dark")])
def test_the_term_calculator_passes(open_browser: Opener, language: str, look: str) -> None:
    page = open_browser(color_scheme=look)
    for query in ("", "&received=2025-11-06&forwarded=2025-11-07", "&received=2026-11-24&procedure=submission"):
        page.goto(f"/deadlines?language={language}{query}")
        assert violations(page) == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_term_is_counted_by_keyboard_alone(open_browser: Opener) -> None:
    page = open_browser()
    page.goto("/deadlines?language=lv")
    page.locator("#received").fill("2025-11-06")
    page.locator("#received").press("Enter")
    expect(page.locator("#term-answer")).to_contain_text("2025. gada 14. novembr")
    expect(page.locator(".day-due")).to_have_count(2)
