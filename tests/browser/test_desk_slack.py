"""Linking one's Slack account in Chromium: axe, narrow and wide, in every state of the page."""

from dataclasses import replace

from playwright.sync_api import expect

from tests.browser.desk import Opener, look
from tests.web.desk_house import DeskHouse
from web.slack_link import address_to_link


def test_every_state_of_linking_slack_passes_axe_narrow_and_wide(desk: DeskHouse, browse: Opener) -> None:
    anna = browse("anna")
    anna.goto("/desk/account")
    anna.get_by_role("link", name="Jūsu Slack konts").click()
    expect(anna.locator("main")).to_contain_text("Slack šeit nav ieslēgts")
    look(anna, "off")
    desk.portal = replace(desk.portal, slack=True)
    desk.app.state.portal = desk.portal
    address = address_to_link(desk.portal.signing, "", "T1", "U1", "anna.ozola")
    for width in (1280, 320):
        anna.set_viewport_size({"width": width, "height": 800})
        anna.goto("/desk/slack")
        look(anna, f"not linked, {width}")
        anna.get_by_role("button", name="Saņemt kodu").click()
        expect(anna.locator("code")).to_contain_text("/atbilde link ")
        look(anna, f"a code, {width}")
        anna.goto("/desk/slack/link?token=x")
        look(anna, f"an old link, {width}")
        anna.goto(address)
        look(anna, f"asked, {width}")
        anna.get_by_role("button", name="Jā, tas esmu es").click()
        expect(anna.get_by_role("status")).to_contain_text("ir sasaistīts")
        look(anna, f"linked, {width}")
        anna.get_by_role("button", name="Atsaistīt").click()
        expect(anna.get_by_role("status")).to_contain_text("vairs nav sasaistīts")
