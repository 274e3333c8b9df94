"""The coordinators' inbox in Chromium: narrowed, searched, several handled at once, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from models.ticket import Ticket
from tests.browser.desk import Opener, fits, look
from tests.web.desk_house import DeskHouse


@pytest.mark.parametrize(("width", "javascript"), [(1280, True), (320, False)])
def test_questions_are_narrowed_ticked_and_forwarded_at_once(
    desk: DeskHouse, browse: Opener, width: int, javascript: bool
) -> None:
    first, second = (
        desk.asked("Kur saņemt pasi?", suggested=("PMLP",)),
        desk.asked("Kā deklarēties?", suggested=("PMLP",)),
    )
    other = desk.asked("Kur maksāt nodokli?", channel="webchat", suggested=("VID",))
    anna = browse("anna", width=width, javascript=javascript)
    anna.get_by_text("Filtri un kārtība").click()
    anna.get_by_label("Kanāls").select_option("Telegram")
    assert fits(anna)
    anna.get_by_role("button", name="Rādīt", exact=True).click()
    expect(anna.get_by_role("link", name="Kanāls: Telegram")).to_be_visible()
    assert "channel=telegram" in anna.url
    assert "state=" not in anna.url
    expect(anna.get_by_text(other.ref)).to_have_count(0)
    for ticket in (first, second):
        anna.get_by_role("checkbox", name=f"Atzīmēt {ticket.ref}").check()
    anna.get_by_role("button", name="Pārsūtīt katru tā ieteiktajai iestādei").click()
    expect(anna.get_by_role("status")).to_contain_text("Izdarīts: 2")
    assert fits(anna)
    anna.get_by_role("link", name="Atpakaļ uz sarakstu").click()
    expect(anna.get_by_role("link", name="Kanāls: Telegram")).to_be_visible()
    assert [desk.now(one).state for one in (first, second, other)] == ["forwarded", "forwarded", "triage"]


@pytest.mark.parametrize("width", [1280, 320])
def test_what_is_sought_is_marked_and_every_state_passes_axe_and_fits(
    desk: DeskHouse, browse: Opener, width: int
) -> None:
    desk.asked("Kādā kārtībā jāsaņem pasi, ja tā ir nozaudēta ārzemēs?")
    held = desk.asked("Kur maksāt nodokli?" + "ļ" * 80)
    desk.database.write(lambda s: setattr(s.get_one(Ticket, held.id), "attention", "complaint"))
    desk.forwarded(desk.asked("Kur deklarēties?"), "PMLP", "VSAA")
    anna = browse("anna", width=width)
    anna.get_by_label("Meklēt pēc teksta").fill("kada pasi")
    anna.get_by_role("button", name="Meklēt", exact=True).click()
    anna.get_by_text("Filtri un kārtība").click()
    expect(anna.locator("mark")).to_have_text(["Kādā", "pasi"])
    look(anna, "found")
    for address in ("/desk?q=pasi+010190-12345&channel=sms&due_to=x", "/desk?queue=all"):
        anna.goto(address)
        look(anna, address)
    anna.get_by_role("checkbox").first.check()
    anna.get_by_role("button", name="Uzņemties").click()
    look(anna, "done")
    peteris = browse("pēteris", width=width)
    peteris.goto("/desk?q=dekl")
    expect(peteris.get_by_role("link", name="Kur deklarēties?")).to_be_visible()
    look(peteris, "an institution's search")
