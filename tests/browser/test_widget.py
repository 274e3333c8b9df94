"""The chat on a site of another origin."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served

UNKNOWN = "Vai drīkstu uz Brīvības pieminekļa audzēt tomātus?"
Opener = Callable[..., Page]


@pytest.fixture
def municipality(served: Served) -> Iterator[str]:
    """A site of another origin with a strict policy of its own and the widget in it."""
    host = served.address
    html = f'<!DOCTYPE html><html lang="lv"><title>Pašvaldība</title><h1>Pašvaldība</h1><a href="#">saite</a>\
<script src="{host}/widget.js" data-language="lv" async></script></html>'

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", f"default-src 'none'; script-src {host}; frame-src {host}")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{site.server_port}/"
        site.shutdown()
        thread.join()


def test_the_widget_works_on_a_foreign_site_and_by_keyboard(page: Page, municipality: str, served: Served) -> None:
    page.goto(municipality)
    launcher = page.get_by_role("button", name="Uzdot jautājumu")
    expect(launcher).to_be_visible()
    assert page.evaluate("() => Object.keys(window).filter((name) => /atbilde/i.test(name))") == []
    launcher.focus()
    page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    expect(chat.get_by_label("Jūsu jautājums")).to_be_focused()
    page.keyboard.type(UNKNOWN)
    page.keyboard.press("Enter")
    expect(chat.locator(".message.theirs:not(.greeting)")).to_contain_text("LV-")
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()
    expect(page.locator("iframe")).to_be_hidden()
    token = page.frames[1].evaluate("() => JSON.parse(localStorage.getItem('atbilde.token'))")
    served.person_says(token.split("~")[0], "Jauna atbilde")
    expect(page.get_by_role("button", name="Uzdot jautājumu – ir jauna atbilde")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Uzdot jautājumu").click()
    expect(chat.locator(".message.theirs:not(.greeting)")).to_have_count(2)
    page.get_by_role("button", name="Aizvērt sarunu").click()
    expect(launcher).to_be_focused()


def test_the_widget_fits_a_narrow_screen(open_browser: Opener, municipality: str) -> None:
    page = open_browser(viewport={"width": 320, "height": 640})
    page.goto(municipality)
    page.get_by_role("button", name="Uzdot jautājumu").click()
    box = page.locator("iframe").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 320)
