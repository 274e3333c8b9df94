"""The administration in Chromium: somebody is let in, a file is imported without JavaScript, and all pages pass axe."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from models.change import note_change
from models.moments import now
from models.setting import CHOICE_HOURS
from tests.browser.desk import Opener, look
from tests.web.admin_rows import administration_rows, invitation_of
from tests.web.desk_house import DeskHouse

ADMIN = "/desk/admin"


@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_of_the_administration_passes_axe_and_fits(desk: DeskHouse, browse: Opener, width: int) -> None:
    desk.app.state.portal = replace(desk.portal, understand=desk.brain.understand)
    rows = administration_rows(desk)
    desk.forwarded(desk.asked(), "PMLP")
    changed = ("admin", "setting", CHOICE_HOURS, "changed", {"value": None}, {"value": 5}, now())
    desk.database.write(lambda session: note_change(session, *changed))
    admin = browse("admin", width=width)
    for page in (
        "",
        "/institutions",
        f"/institutions/{rows['institution_id']}",
        "/people",
        f"/people/{rows['staff_id']}",
        "/people/import",
        "/roles",
        "/competences?question=Kā deklarēt dzīvesvietu?",
        f"/competences/{rows['institution_id']}",
        "/canned",
        f"/canned/{rows['reply_id']}",
        "/calendar",
        "/settings",
        "/retention",
        "/channels",
        "/changes",
    ):
        admin.goto(f"{ADMIN}{page}")
        look(admin, page)
    admin.goto(f"{ADMIN}/settings")
    admin.get_by_label("Cik stundu gaida").fill("99")
    admin.get_by_role("button", name="Saglabāt").click()
    look(admin, "a threshold out of bounds")
    admin.goto(f"{ADMIN}/calendar")
    admin.get_by_label("valsts iestādes").check()
    admin.get_by_label("Brīvdiena").fill("2027-05-31")
    admin.get_by_label("Pamats").fill("Saeimas lēmums")
    admin.get_by_role("button", name="Apskatīt, kas mainīsies").click()
    expect(admin.get_by_role("heading", name="Kas mainīsies")).to_be_visible()
    look(admin, "a day that is foreseen")
    guest = browse(width=width)
    guest.goto(f"/desk/invitation/{invitation_of(desk)}")
    look(guest, "an invitation")


def test_somebody_is_let_in_and_logs_in_without_javascript(desk: DeskHouse, browse: Opener, tmp_path: Path) -> None:
    admin = browse("admin", javascript=False)
    admin.goto(f"{ADMIN}/people/import")
    table = tmp_path / "people.csv"
    table.write_text("lietotājvārds;vārds;loma;iestāde\njānis;Jānis Bērziņš;darbinieks;VSAA\n", "utf-8-sig")
    admin.get_by_label("CSV fails").set_input_files(table)
    admin.get_by_role("button", name="Apskatīt, kas notiktu").click()
    expect(admin.get_by_role("cell", name="jauns")).to_be_visible()
    admin.get_by_role("button", name="Ieviest tieši šo failu").click()
    link = admin.locator(".once").inner_text().removeprefix("https://atbilde.example")

    guest = browse(javascript=False)
    guest.goto(link)
    guest.get_by_label("Parole", exact=True).fill("astoņi zirgi un rati")
    guest.get_by_label("Parole vēlreiz").fill("astoņi zirgi un rati")
    guest.get_by_role("button", name="Saglabāt paroli").click()
    guest.get_by_role("link", name="Pieteikties").click()
    guest.get_by_label("Lietotājvārds").fill("jānis")
    guest.get_by_label("Parole").fill("astoņi zirgi un rati")
    guest.get_by_role("button", name="Pieteikties").click()
    expect(guest.get_by_text("Jānis Bērziņš")).to_be_visible()
