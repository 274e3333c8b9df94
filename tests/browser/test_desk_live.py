"""Live pages in Chromium: two people at one ticket, what is typed survives, and the keys."""

import re

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session, delete

from models.moments import now
from models.staff import StaffSession
from models.ticket import Ticket, record
from tests.browser.desk import Opener, fits, look
from tests.web.desk_house import PASSWORD, DeskHouse


def test_two_browsers_at_one_ticket_see_each_other_and_only_one_sends(desk: DeskHouse, browse: Opener) -> None:
    ticket = desk.asked()
    anna, juris = browse("anna"), browse("juris", width=320)
    for page in (anna, juris):
        page.goto(f"/desk/tickets/{ticket.ref}")
    expect(anna.locator("#people")).to_have_text("Juris Kalns arī skata šo lapu.")
    open_answer(anna)
    anna.locator("#answer-text").press_sequentially("Annas atbilde")
    expect(juris.locator("#people")).to_have_text("Anna Ozola šeit raksta.")
    expect(anna.locator("#answer-draft")).to_contain_text("Melnraksts saglabāts")

    top = anna.locator("#answer-text").bounding_box()
    citizen_writes(desk, ticket)
    expect(anna.locator("#trail")).to_contain_text("Jautātājs rakstīja")
    expect(anna.locator("#live [role=status]")).to_contain_text("Jautātājs rakstīja")
    assert anna.locator("#answer-text").bounding_box() == top
    expect(anna.locator("#answer-text")).to_be_focused()
    expect(anna.locator("#answer-text")).to_have_value("Annas atbilde")
    look(anna, "news while typing")

    anna.get_by_role("button", name="Nosūtīt atbildi").click()
    expect(anna.get_by_text("Kamēr rakstījāt, notika šis")).to_be_visible()
    expect(anna.locator("#answer-text")).to_have_value("Annas atbilde")
    look(anna, "asked before sending over news")
    open_answer(juris)
    juris.locator("#answer-text").fill("Jura atbilde")
    anna.get_by_role("button", name="Sūtīt tik un tā").click()
    expect(anna.get_by_role("status").filter(has_text="Atbilde ir nosūtīta.")).to_be_visible()
    expect(juris.locator("#head")).to_contain_text("atbildēts")
    juris.get_by_role("button", name="Nosūtīt").click()
    expect(juris.get_by_role("alert")).to_contain_text("jau ir atbildēts")
    expect(juris.locator("#kept")).to_have_value("Jura atbilde")
    look(juris, "answered by another")


def test_the_list_takes_in_what_is_new_but_never_under_the_pointer(desk: DeskHouse, browse: Opener) -> None:
    desk.asked()
    anna = browse("anna")
    rows = anna.locator("#list .row")
    expect(rows).to_have_count(1)
    anna.mouse.move(5, 5)
    desk.asked()
    desk.portal.said.of_all()
    expect(rows).to_have_count(2)
    expect(anna.locator("#live [role=status]")).to_have_text("Jauni ieraksti: 1.")
    rows.first.hover()
    desk.asked()
    show = anna.get_by_role("button", name="Rādīt", exact=True)
    expect(show).to_be_visible()
    expect(rows).to_have_count(2)
    look(anna, "news are offered")
    show.click()
    expect(rows).to_have_count(3)
    expect(show).to_be_hidden()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_what_is_typed_survives_a_lost_log_in(desk: DeskHouse, browse: Opener, javascript: bool) -> None:
    ticket = desk.asked()
    anna = browse("anna", javascript=javascript)
    anna.goto(f"/desk/tickets/{ticket.ref}")
    open_answer(anna)
    anna.locator("#answer-text").fill("Rakstiet uz e-adresi.\nAnna")
    desk.database.write(lambda session: log_everybody_out(session))
    anna.get_by_role("button", name="Nosūtīt").click()
    expect(anna.get_by_text("Teksts ir saglabāts melnrakstā.")).to_be_visible()
    if javascript:
        look(anna, "log-in lost")
    anna.get_by_role("link", name="Pieteikties un turpināt").click()
    anna.get_by_label("Lietotājvārds").fill("anna")
    anna.get_by_label("Parole").fill(PASSWORD)
    anna.get_by_role("button", name="Pieteikties").click()
    expect(anna).to_have_url(re.compile(f"/desk/tickets/{ticket.ref}$"))
    expect(anna.locator("#answer-text")).to_have_value("Rakstiet uz e-adresi.\nAnna")
    expect(anna.locator("#answer-draft")).to_contain_text("Melnraksts saglabāts")
    assert desk.now(ticket).state == "triage"
    anna.get_by_role("button", name="Nosūtīt").click()
    expect(anna.get_by_text("Atbilde ir nosūtīta.")).to_be_visible()
    assert desk.now(ticket).state == "answered"


def test_the_keys_lead_through_the_day_and_can_be_switched_off(desk: DeskHouse, browse: Opener) -> None:
    first, _ = desk.asked(), desk.asked()
    anna = browse("anna", width=320)
    press = anna.keyboard.press
    press("?")
    sheet = anna.get_by_role("dialog", name="Taustiņi")
    expect(sheet).to_be_visible()
    look(anna, "sheet of keys")
    press("Escape")
    expect(sheet).to_have_count(0)
    press("/")
    expect(anna.locator("#q")).to_be_focused()
    anna.keyboard.type("jt?")
    expect(anna.locator("#q")).to_have_value("jt?")
    press("Escape")
    press("j")
    expect(anna.locator("#list .row h3 a").nth(0)).to_be_focused()
    press("ArrowDown")
    expect(anna.locator("#list .row h3 a").nth(1)).to_be_focused()
    press("k")
    press("o")
    expect(anna.locator("h1")).to_contain_text(first.ref)
    anna.wait_for_load_state()  # the keys come with the script
    press("a")
    expect(anna.locator("#answer-text")).to_be_focused()
    anna.keyboard.type("t")
    press("Escape")
    press("f")
    expect(anna.locator("#forward-institutions")).to_be_focused()
    press("t")
    expect(anna.get_by_role("status").filter(has_text="Jautājums tagad ir jūsu.")).to_be_visible()
    anna.wait_for_load_state()  # the keys come with the script
    press("g")
    press("i")
    expect(anna).to_have_url(re.compile("/desk$"))
    anna.get_by_role("link", name="Taustiņi").click()
    look(anna, "page of keys")
    anna.get_by_role("button", name="Izslēgt taustiņus").click()
    expect(anna.get_by_text("Taustiņi ir izslēgti.").first).to_be_visible()
    anna.goto("/desk")
    press("j")
    expect(anna.locator("#list .row h3 a:focus")).to_have_count(0)


def test_a_text_that_is_too_long_is_not_sent_off(desk: DeskHouse, browse: Opener) -> None:
    (forwarding,) = desk.forwarded(desk.asked(), "PMLP")
    anybody = browse(width=320)
    anybody.goto(desk.link(forwarding))
    text = anybody.locator("#answer-text")
    text.evaluate("field => { field.value = 'Labdien! '.repeat(20_000) }")
    anybody.get_by_role("button", name="Nosūtīt atbildi").click()
    expect(anybody.get_by_role("alert")).to_contain_text("Teksts ir pārāk garš")
    assert text.evaluate("field => field.value.length") == 180_000
    text.fill("Īsi.")
    anybody.get_by_role("button", name="Nosūtīt atbildi").click()
    expect(anybody.get_by_text("Atbilde ir nosūtīta jautātājam.")).to_be_visible()
    assert fits(anybody)


def open_answer(page: Page) -> None:
    if not page.locator("#answer-text").is_visible():
        page.locator("details.action", has=page.locator("#answer-text")).locator("summary").first.click()


def citizen_writes(desk: DeskHouse, ticket: Ticket) -> None:
    desk.database.write(lambda s: record(s, s.get_one(Ticket, ticket.id), "citizen wrote", "citizen", now()))


def log_everybody_out(session: Session) -> None:
    session.exec(delete(StaffSession))
