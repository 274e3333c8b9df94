"""Log-in and one's own account in Chromium: the second step, a provider; axe narrow and wide."""

import re
import time
from dataclasses import replace

from playwright.sync_api import Page, expect

from models.moments import now
from tests.browser.desk import Opener, look
from tests.web.desk_house import PASSWORD, DeskHouse
from tests.web.oidc_provider import running_provider, with_provider
from web.identities import link
from web.totp import STEP, code_of


def look_wide_and_narrow(page: Page, where: str) -> None:
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        look(page, f"{where}, {width}")


def test_who_must_sets_the_second_step_up_and_logs_in_with_it(desk: DeskHouse, browse: Opener) -> None:
    settings = desk.portal.settings.model_copy(update={"totp_for": "lead"})
    desk.app.state.portal = replace(desk.portal, settings=settings)
    laima = browse("laima")
    expect(laima.get_by_role("heading", level=1)).to_have_text("Pieteikšanās otrais solis")
    expect(laima.get_by_role("img", name="Kvadrātkods")).to_be_visible()
    secret = laima.locator(".account-secret").inner_text().replace(" ", "")
    laima.get_by_label("Kods, ko tagad rāda lietotne").fill("000000")
    laima.get_by_role("button", name="Ieslēgt").click()
    expect(laima.get_by_role("alert")).to_contain_text("Kods nav pareizs")
    look_wide_and_narrow(laima, "a wrong code")
    step = int(time.time()) // STEP
    laima.get_by_label("Kods, ko tagad rāda lietotne").fill(code_of(secret, step).decode())
    laima.get_by_role("button", name="Ieslēgt").click()
    expect(laima.locator(".account-codes li")).to_have_count(10)
    look_wide_and_narrow(laima, "recovery codes")
    code = laima.locator(".account-codes li").first.inner_text()
    laima.goto("/desk/account")
    look_wide_and_narrow(laima, "my account")
    laima.get_by_label("Pašreizējā parole").fill("wrong")
    laima.get_by_label("Jaunā parole", exact=True).fill("x")
    laima.get_by_label("Jaunā parole vēlreiz").fill("x")
    laima.get_by_role("button", name="Nomainīt paroli").click()
    expect(laima.get_by_role("alert")).to_contain_text("Pašreizējā parole nav pareiza")
    look_wide_and_narrow(laima, "a wrong password")
    laima.goto("/desk/account/second-step")
    look_wide_and_narrow(laima, "second step is on")
    laima.get_by_role("button", name="Iziet").click()
    laima.get_by_label("Lietotājvārds").fill("laima")
    laima.get_by_label("Parole").fill(PASSWORD)
    laima.keyboard.press("Enter")
    expect(laima.get_by_label("Sešu ciparu kods")).to_be_focused()
    look_wide_and_narrow(laima, "second step is asked for")
    laima.get_by_text("Tālruņa nav pie rokas").click()
    laima.get_by_label("Atkopšanas kods").fill(code)
    laima.keyboard.press("Enter")
    expect(laima.get_by_role("button", name="Iziet")).to_be_visible()


def test_log_in_and_out_at_the_provider(desk: DeskHouse, browse: Opener) -> None:
    """In a browser: its policy lets forms lead here only, and its cookies come back from another site."""
    page = browse()
    page.goto("/desk/login")
    ours = re.sub(r"(?<=\d)/.*", "", page.url)
    with running_provider(ours) as provider:
        with_provider(desk, oidc_issuer=provider.issuer, public_url=ours)
        desk.database.write(lambda s: link(s, provider.issuer, "anna", desk.people["anna"], "admin", now()))
        page.goto("/desk/login?next=/desk/account")
        look_wide_and_narrow(page, "log-in with a provider")
        page.get_by_role("link", name="Pieteikties ar Valsts ID").click()
        page.locator("[name=login]").fill("anna")
        page.locator("[name=password]").fill("x")
        page.locator("[type=submit]").click()
        page.locator("[type=submit]").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Mans konts")
        page.get_by_role("button", name="Iziet").click()
        page.wait_for_url(f"{provider.issuer}/**")
        page.get_by_role("button", name="Yes").click()
        expect(page.get_by_role("button", name="Pieteikties", exact=True)).to_be_visible()
        assert page.url.startswith(f"{ours}/desk/login")
