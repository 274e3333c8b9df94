"""A ticket's page in Chromium: reasons that come by themselves, notes, canned replies, masks and joined questions."""

import os
import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from channels.base import Kind
from models.moments import now
from models.ticket import Ticket
from tests.bot.talk import Talk
from tests.browser.desk import Opener, look
from tests.web.desk_house import DeskHouse

ASKED = "Gribu sūdzēties, ka PMLP neatbild, vai pase ir gatava. Mans kods 010190-12345. Lai zvana cilvēks!"


def asked(desk: DeskHouse) -> Ticket:
    """Of one person twice, with a further message that may be split off."""
    citizen = Talk(desk.database, desk.brain, "telegram", "c-many", pulled=False, at=now())
    citizen.says(ASKED, kind=Kind.QUESTION)
    ticket = citizen.says(ASKED, kind=Kind.QUESTION).ticket
    citizen.says("Un vēl par nodokļu parādu, lūdzu.")
    assert ticket is not None
    return ticket


@pytest.mark.parametrize("width", [1280, 320])
def test_the_page_is_worked_with_and_passes_axe(desk: DeskHouse, browse: Opener, width: int) -> None:
    desk.app.state.portal = replace(desk.portal, understand=desk.brain.understand)
    ticket = asked(desk)
    anna = browse("anna", width=width)
    anna.goto(f"/desk/tickets/{ticket.ref}")
    expect(anna.get_by_role("heading", name="Kāpēc ieteiktas šīs iestādes")).to_be_visible()  # came by itself
    _notes(anna)
    _canned(anna, ticket)
    anna.get_by_text("Apvienot vai saistīt ar citu jautājumu").click()
    anna.get_by_text("Cita pašvaldība").click()
    anna.get_by_text("Rādīt aizsegto").first.click()
    look(anna, "forms open")
    _shot(anna, f"forms-{width}")
    anna.get_by_label("Bez tā nevar atbildēt").first.check()
    anna.get_by_role("button", name="Parādīt vienreiz").first.click()
    expect(anna.get_by_text("010190-12345")).to_be_visible()
    look(anna, "revealed")
    anna.goto(f"/desk/tickets/{ticket.ref}")
    anna.get_by_role("button", name="Apvienot", exact=False).last.click()
    expect(anna.get_by_role("status").first).to_have_text("Jautājumi ir apvienoti.")
    look(anna, "merged")
    anna.get_by_role("button", name="Atcelt apvienošanu").click()
    anna.get_by_label("Tas ir cits jautājums").last.check()
    anna.get_by_role("button", name="Nodalīt atzīmētās ziņas").click()
    expect(anna.get_by_text("No šī nodalīts")).to_be_visible()
    anna.goto(f"/desk/tickets/{ticket.ref}/why")
    look(anna, "why, a page of its own")
    _shot(anna, f"why-{width}")


def _notes(anna: Page) -> None:
    anna.get_by_text("Iekšēja piezīme", exact=True).click()
    field = anna.get_by_label("Piezīmes teksts")
    field.press_sequentially("Paskaties, @jur")
    anna.get_by_role("button", name="@juris").click()
    expect(field).to_have_value("Paskaties, @juris ")
    anna.get_by_role("button", name="Pierakstīt piezīmi").click()
    expect(anna.locator(".note")).to_contain_text("Paziņots: juris")


def _canned(anna: Page, ticket: Ticket) -> None:
    form = anna.locator(f"form[action='/desk/tickets/{ticket.ref}/answer']")
    if not form.is_visible():
        anna.get_by_text("Atbildēt pašam").click()
    form.locator("textarea").fill("Labrīt! ")
    form.get_by_label("Sagatavots teksts").select_option(label="Nobeigums ar parakstu")
    form.get_by_role("button", name="Ievietot").click()
    expect(form.locator("textarea")).to_have_value(re.compile("Ar cieņu"))
    assert ticket.ref in form.locator("textarea").input_value()
    assert form.locator("textarea").input_value().startswith("Labrīt! ")


def _shot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
