"""Linking one's Slack account at the desk: by a code, by the link that was got in Slack, and ending it."""

import re
from dataclasses import replace

import pytest

from models.moments import now
from models.slack import SlackCode, SlackLink, person_of_code
from tests.web.desk_house import DeskHouse
from web.slack_link import address_to_link

LINK = ("T1", "U1", "Anna <b>")


@pytest.fixture
def slack(desk: DeskHouse) -> DeskHouse:
    """The desk of a house with Slack."""
    desk.portal = replace(desk.portal, slack=True)
    desk.app.state.portal = desk.portal
    return desk


def link(desk: DeskHouse, account: tuple[str, str, str] = LINK) -> str:
    return address_to_link(desk.portal.signing, "", *account)


async def test_without_slack_the_page_says_so_and_gives_no_code(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as anna:
        assert "nav ieslēgts" in (await anna.opens("/desk/slack")).text
        assert "/desk/slack" in (await anna.opens("/desk/account")).text
        csrf = await anna.csrf("/desk/account")
        await anna.client.post("/desk/slack/code", data={"csrf": csrf})
        await anna.client.post("/desk/slack/link", data={"csrf": csrf, "token": link(desk).partition("=")[2]})
    assert desk.all(SlackCode) == []
    assert desk.all(SlackLink) == []


async def test_a_code_is_shown_once_and_a_new_one_ends_the_old(slack: DeskHouse) -> None:
    async with slack.visitor("anna") as anna:
        first, second = [code_in((await anna.submits("/desk/slack", "/desk/slack/code")).text) for _ in range(2)]
        assert second not in (await anna.opens("/desk/slack")).text
    assert slack.database.write(lambda session: person_of_code(session, first, now())) is None
    person = slack.database.write(lambda session: person_of_code(session, second, now()))
    assert person is not None
    assert person.login == "anna"
    assert slack.database.write(lambda session: person_of_code(session, second, now())) is None


async def test_the_link_from_slack_asks_before_it_links_and_linking_can_be_ended(slack: DeskHouse) -> None:
    address = link(slack)
    async with slack.visitor("anna") as anna:
        page = await anna.opens(address)
        assert "Anna &lt;b&gt;" in page.text
        assert slack.all(SlackLink) == []
        done = await anna.submits(address, "/desk/slack/link")
        assert "ir sasaistīts" in done.text
        (row,) = slack.all(SlackLink)
        assert (row.team, row.account, row.person_id) == ("T1", "U1", slack.people["anna"].id)
        assert (await anna.submits(address, "/desk/slack/link")).status_code == 200, "twice is once"
        assert len(slack.all(SlackLink)) == 1
        assert "vairs nav sasaistīts" in (await anna.submits("/desk/slack", "/desk/slack/unlink")).text
    assert slack.all(SlackLink) == []


async def test_an_account_is_one_person_and_a_person_one_account(slack: DeskHouse) -> None:
    for login, account in (("anna", "U1"), ("juris", "U1"), ("juris", "U2")):
        async with slack.visitor(login) as visitor:
            await visitor.submits(link(slack, ("T1", account, "x")), "/desk/slack/link")
    (row,) = slack.all(SlackLink)
    assert (row.account, row.person_id) == ("U2", slack.people["juris"].id)


async def test_a_tampered_or_foreign_link_links_nobody(slack: DeskHouse) -> None:
    token = link(slack).partition("=")[2]
    foreign = slack.portal.signing.sign_for_a_time("forwarding", '["T1", "U1", "x"]')
    async with slack.visitor("anna") as anna:
        csrf = await anna.csrf("/desk/slack")
        for wrong in (token[:-2], token[::-1], "ā", "%00", foreign, "x" * 1999):
            assert (await anna.client.get("/desk/slack/link", params={"token": wrong})).status_code == 410, wrong
            sent = await anna.client.post("/desk/slack/link", data={"csrf": csrf, "token": wrong})
            assert sent.status_code == 410, wrong
        assert (await anna.client.post("/desk/slack/link", data={"token": token})).status_code == 403
    assert slack.all(SlackLink) == []


async def test_who_is_not_logged_in_comes_back_to_the_link_after_the_log_in(slack: DeskHouse) -> None:
    async with slack.visitor() as nobody:
        address = link(slack)
        sent = await nobody.opens(address)
        assert sent.status_code == 303
        page = await nobody.opens(sent.headers["location"])
        goes_to = re.search(r'name="next" value="([^"]*)"', page.text)
    assert goes_to
    assert goes_to[1] == address


def code_in(page: str) -> str:
    found = re.search(r"/atbilde link ([A-Z0-9]{4}-[A-Z0-9]{4})", page)
    assert found, page
    return found[1]
