"""The chat as citizens use it: in Chromium, against the whole application."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.conftest import Served

DECLARE = "Kā deklarēt dzīvesvietu?"
UNCLEAR = "Kā saņemt bērna pabalstu?"
UNKNOWN = "Vai drīkstu uz Brīvības pieminekļa audzēt tomātus?"
Opener = Callable[..., Page]


def ask(page: Page, text: str) -> None:
    page.get_by_label("Jūsu jautājums").fill(text)
    page.keyboard.press("Enter")


def own(page: Page, text: str) -> Any:
    return page.locator(".message.own", has_text=text)


def theirs(page: Page) -> Any:
    return page.locator(".message.theirs:not(.greeting)")


def visitor(page: Page) -> str:
    token: str = page.evaluate("() => JSON.parse(localStorage.getItem('atbilde.token'))")
    return token.split("~")[0]


def test_a_question_is_answered_from_the_catalogue_with_its_source(page: Page) -> None:
    page.goto("/")
    expect(page.locator(".greeting")).to_contain_text("robots")
    ask(page, DECLARE)
    expect(own(page, DECLARE)).to_contain_text("Jūs")
    answer = theirs(page).first
    expect(answer).to_contain_text("Atbilde, robots")
    source = answer.locator(".source a")
    expect(source).to_contain_text(re.compile(r"Avots: .+ publicēts \d\d\.\d\d\.\d{4}, \d+\. versija"))
    assert re.match("https://", source.get_attribute("href") or "")
    expect(page.locator("#text")).to_have_value("")
    expect(page.locator("#state")).to_have_text("")


def test_an_example_is_asked_by_one_press(page: Page) -> None:
    page.goto("/")
    page.locator("#examples button").first.click()
    expect(theirs(page)).to_have_count(1)
    expect(page.locator("#examples")).to_be_hidden()


def test_choices_are_made_by_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Jūsu jautājums").focus()
    page.keyboard.type(UNCLEAR)
    page.keyboard.press("Enter")
    first = page.get_by_role("group", name="Izvēlieties").get_by_role("button").first
    expect(first).to_be_visible()
    for _ in range(10):
        page.keyboard.press("Shift+Tab")
        if first.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-disabled", "true")
    expect(first).to_contain_text("(izvēlēts)")
    expect(first).to_be_focused()
    expect(theirs(page)).to_have_count(2)
    page.keyboard.press("Enter")  # a second press does nothing
    helped = page.get_by_role("button", name="Jā, paldies")
    while not helped.evaluate("button => button === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(theirs(page)).to_have_count(3)


def test_enter_sends_and_shift_enter_begins_a_line(page: Page) -> None:
    page.goto("/")
    text = page.get_by_label("Jūsu jautājums")
    text.press_sequentially("viens")
    page.keyboard.press("Shift+Enter")
    text.press_sequentially("divi")
    expect(text).to_have_value("viens\ndivi")
    page.keyboard.press("Enter")
    expect(own(page, "viens")).to_have_count(1)


def test_the_limit_is_told_before_and_after_it_is_reached(page: Page) -> None:
    page.goto("/")
    text = page.get_by_label("Jūsu jautājums")
    text.fill("ā" * 3600)
    expect(page.locator("#left")).to_have_text("Atlikušās rakstzīmes: 400")
    text.fill("ā" * 4003)
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_contain_text("3")
    expect(text).to_have_attribute("aria-invalid", "true")
    assert len(text.input_value()) == 4003
    text.fill(" ")
    page.keyboard.press("Enter")
    expect(page.locator("#trouble")).to_have_text("Vispirms uzrakstiet jautājumu.")


def test_the_talk_is_there_again_after_a_reload_and_what_was_chosen_stays_chosen(page: Page) -> None:
    page.goto("/")
    ask(page, UNCLEAR)
    chosen = page.get_by_role("group", name="Izvēlieties").get_by_role("button").first
    chosen.click()
    expect(theirs(page)).to_have_count(2)
    page.reload()
    expect(own(page, UNCLEAR)).to_have_count(1)
    expect(theirs(page)).to_have_count(2)
    expect(chosen).to_contain_text("(izvēlēts)")


def test_a_new_talk_begins_only_after_it_was_confirmed(page: Page) -> None:
    page.goto("/")
    ask(page, DECLARE)
    expect(theirs(page)).to_have_count(1)
    before = visitor(page)
    page.get_by_role("button", name="Jauna saruna").click()
    page.get_by_role("button", name="Palikt šajā").click()
    expect(theirs(page)).to_have_count(1)
    page.get_by_role("button", name="Jauna saruna").click()
    page.get_by_role("button", name="Sākt jaunu").click()
    expect(page.locator(".message")).to_have_count(1)
    ask(page, UNKNOWN)
    expect(theirs(page)).to_have_count(1)
    assert visitor(page) != before


def test_a_persons_answer_arrives_in_the_open_page(page: Page, served: Served) -> None:
    page.goto("/")
    ask(page, UNKNOWN)
    expect(theirs(page)).to_contain_text("LV-")
    served.person_says(visitor(page), "PMLP atbild: skat. https://www.pmlp.gov.lv/lv un <b>neko citu</b>")
    answer = theirs(page).last
    expect(answer).to_contain_text("<b>neko citu</b>")
    expect(answer.locator(".who")).to_have_text("PMLP")
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://www.pmlp.gov.lv/lv")


def test_what_is_written_without_a_network_is_sent_once_when_there_is_one(page: Page, served: Served) -> None:
    page.goto("/")
    expect(page.locator("#state")).to_have_text("")
    page.context.set_offline(True)
    ask(page, "Rakstīts bez tīkla")
    expect(own(page, "Rakstīts bez tīkla")).to_contain_text("Sūta…")
    assert served.heard("Rakstīts bez tīkla") == 0
    page.context.set_offline(False)
    expect(theirs(page)).to_have_count(1)
    expect(own(page, "Rakstīts bez tīkla")).not_to_contain_text("Sūta…")
    assert served.heard("Rakstīts bez tīkla") == 1


def test_a_message_whose_receipt_is_lost_is_stored_and_shown_once(page: Page, served: Served) -> None:
    connections: list[WebSocketRoute] = []

    def cut_before_the_receipt(route: WebSocketRoute) -> None:
        connections.append(route)
        server = route.connect_to_server()
        if len(connections) > 1:
            return
        server.on_message(lambda frame: route.send(frame) if '"welcome"' in str(frame) else route.close(code=1011))

    page.route_web_socket(re.compile("/chat$"), cut_before_the_receipt)
    page.goto("/")
    ask(page, "Kvīts pazudīs")
    expect(theirs(page)).to_have_count(1)
    expect(own(page, "Kvīts pazudīs")).to_have_count(1)
    expect(own(page, "Kvīts pazudīs")).not_to_contain_text("Sūta…")
    assert len(connections) == 2
    assert served.heard("Kvīts pazudīs") == 1


def test_a_reload_in_mid_send_loses_nothing(page: Page, served: Served) -> None:
    swallowing = True

    def swallow(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        route.on_message(lambda frame: None if swallowing and '"say"' in str(frame) else server.send(frame))

    page.route_web_socket(re.compile("/chat$"), swallow)
    page.goto("/")
    ask(page, "Pārlādēts pa vidu")
    expect(own(page, "Pārlādēts pa vidu")).to_contain_text("Sūta…")
    swallowing = False
    page.reload()
    expect(own(page, "Pārlādēts pa vidu")).to_have_count(1)
    expect(theirs(page)).to_have_count(1)
    assert served.heard("Pārlādēts pa vidu") == 1


def test_where_websockets_are_blocked_plain_http_does(page: Page, served: Served) -> None:
    page.route_web_socket(re.compile("/chat$"), lambda route: route.close(code=1011))
    page.goto("/")
    ask(page, "Bez ligzdām")
    expect(theirs(page)).to_have_count(1)
    served.person_says(visitor(page), "Cilvēks atbild arī šeit")
    expect(theirs(page).last).to_contain_text("Cilvēks atbild arī šeit")
    assert served.heard("Bez ligzdām") == 1
    page.reload()
    expect(theirs(page)).to_have_count(2)


def test_two_tabs_show_the_same_talk(page: Page) -> None:
    page.goto("/")
    ask(page, DECLARE)
    expect(theirs(page)).to_have_count(1)
    other = page.context.new_page()
    other.goto("/talk")
    expect(theirs(other)).to_have_count(1)
    ask(other, UNKNOWN)
    expect(own(page, UNKNOWN)).to_have_count(1)


def test_without_javascript_forms_do(open_browser: Opener, served: Served) -> None:
    page = open_browser(java_script_enabled=False)
    page.goto("/")
    page.get_by_label("Jūsu jautājums").fill(UNCLEAR)
    page.get_by_role("button", name="Nosūtīt").click()
    expect(page).to_have_url(re.compile("/talk"))
    expect(own(page, UNCLEAR)).to_have_count(1)
    page.locator(".choices button").first.click()
    expect(theirs(page)).to_have_count(2)
    expect(page.locator(".choices button").first).to_be_disabled()
    page.get_by_role("button", name="Jauna saruna").click()
    expect(page.get_by_text("Turpināt iesākto sarunu")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/talk", "/chat/frame", "/widget-demo"])
def test_no_page_scrolls_sideways_on_a_narrow_screen(open_browser: Opener, path: str) -> None:
    page = open_browser(viewport={"width": 320, "height": 640})
    page.goto(path)
    if path != "/widget-demo":
        ask(page, DECLARE)
        expect(theirs(page)).to_have_count(1)
        ask(page, "Ļ" * 200)
        expect(theirs(page)).to_have_count(2)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
