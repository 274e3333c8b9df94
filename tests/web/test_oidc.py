"""Log-in at an OpenID Connect provider: the whole way through a real one, and everything that must not get in."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit

import httpx
import pytest
from sqlmodel import Session

from config.settings import Settings
from models.change import Change
from models.contact import contact_of
from models.log_in import Identity
from models.moments import now
from models.staff import Person, StaffSession
from tests.web.desk_house import PASSWORD, DeskHouse, Visitor
from tests.web.oidc_provider import Provider, running_provider, with_provider
from tests.web.test_totp import give_factor
from web.identities import link
from web.sessions import COOKIE

OURS = "https://atbilde.example"
BACK = f"{OURS}/desk/login/provider/back"


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with running_provider(OURS) as started:
        yield started


@pytest.fixture
def provider(running: Provider) -> Iterator[Provider]:
    yield running
    running.lies()


@pytest.fixture
def house(desk: DeskHouse, provider: Provider) -> DeskHouse:
    """The desk where Anna's account is linked."""
    with_provider(desk, oidc_issuer=provider.issuer)
    linked(desk, "anna", "anna", provider.issuer)
    return desk


def linked(desk: DeskHouse, login: str, subject: str, issuer: str) -> None:
    desk.database.write(lambda s: link(s, issuer, subject, desk.people[login], "admin", now()))


async def leaves(visitor: Visitor, goes_to: str = "/desk") -> str:
    """To the provider: the address there."""
    sent = await visitor.opens(f"/desk/login/provider?next={goes_to}")
    assert sent.status_code == 302, sent.text
    return str(sent.headers["location"])


async def at_provider(address: str, account: str) -> str:
    """Logs in there and consents, as a browser does; the address that leads back to us."""
    async with httpx.AsyncClient() as browser:
        for _ in range(12):
            page = await browser.get(address)
            while page.is_redirect:
                address = urljoin(address, page.headers["location"])
                if address.startswith(OURS):
                    return address
                page = await browser.get(address)
            assert page.status_code == 200, page.text
            found = re.search(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page.text, re.DOTALL)
            assert found, page.text
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[2]))
            if 'name="login"' in found[2]:
                fields |= {"login": account, "password": "x"}
            action = urljoin(address, unescape(found[1]))
            sent = await browser.post(action, data=fields)
            address = urljoin(action, sent.headers["location"])
    raise AssertionError("it leads nowhere")


async def comes_back(visitor: Visitor, address: str) -> httpx.Response:
    return await visitor.opens(address.removeprefix(OURS))


async def logs_in(visitor: Visitor, account: str, goes_to: str = "/desk") -> httpx.Response:
    return await comes_back(visitor, await at_provider(await leaves(visitor, goes_to), account))


def changed(address: str, **fields: str) -> str:
    """The same address with other values in its query."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()} | fields
    return f"{address.partition('?')[0]}?{urlencode(query)}"


async def test_the_whole_way_in_and_out(house: DeskHouse) -> None:
    async with house.visitor() as visitor:
        assert "Pieteikties ar Valsts ID" in (await visitor.opens("/desk/login")).text
        there = await leaves(visitor, "/desk/terms")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert asked["scope"] == "openid", "no more is asked for than is needed"
        assert asked["redirect_uri"] == BACK
        assert asked["state"] != asked["nonce"]
        back = await at_provider(there, "anna")
        arrived = await comes_back(visitor, back)
        assert arrived.headers["location"] == "/desk/terms"
        assert "Anna Ozola" in (await visitor.opens("/desk/account")).text
        (kept,) = house.all(StaffSession)
        assert "eyJ" not in kept.provider_token, "encrypted"

        csrf = await visitor.csrf("/desk/account")
        left = await visitor.client.post("/desk/logout", data={"csrf": csrf})
        end = left.headers["refresh"].removeprefix("0; url=")
        assert COOKIE not in visitor.client.cookies
        assert not house.all(StaffSession)
        assert parse_qs(urlsplit(end).query)["post_logout_redirect_uri"] == [f"{OURS}/desk/login"]
        async with httpx.AsyncClient() as browser:
            page = await browser.get(end)
        assert page.status_code == 200, "the provider knows whose log-in it is, and asks whether to end it"
        assert "id_token_hint" in end


async def test_a_callback_that_comes_again_opens_nothing(house: DeskHouse) -> None:
    async with house.visitor() as visitor, house.visitor() as thief:
        there = await leaves(visitor)
        cookies = dict(visitor.client.cookies)
        back = await at_provider(there, "anna")
        assert (await comes_back(thief, back)).status_code == 400, "another browser's"
        assert (await comes_back(visitor, back)).headers["location"] == "/desk"
        again = await comes_back(visitor, back)
        assert again.status_code == 400
        assert "jau izmantota" in again.text
        thief.client.cookies.update(cookies)
        assert (await comes_back(thief, back)).status_code == 400, "the provider takes a code once"
    assert len(house.all(StaffSession)) == 1


@pytest.mark.parametrize("wrong", ["state", "nonce", "code", "iss", "no state", "no code"])
async def test_an_answer_that_does_not_fit_the_question_is_refused(house: DeskHouse, wrong: str) -> None:
    async with house.visitor() as visitor:
        there = await leaves(visitor)
        back = await at_provider(changed(there, nonce="x") if wrong == "nonce" else there, "anna")
        if wrong in ("state", "code", "iss"):
            back = changed(back, **{wrong: "https://evil.example"})
        elif wrong != "nonce":
            back = re.sub(rf"{wrong[3:]}=[^&]*&?", "", back)
        refused = await comes_back(visitor, back)
    assert refused.status_code == 400
    assert "Pieteikšanās ar Valsts ID neizdevās" in refused.text
    assert not house.all(StaffSession)


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another"},
        {"aud": ["another", "and another"]},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"nonce": "x"},
        {"foreign": True},
        {"sub": ""},
    ],
    ids=str,
)
async def test_a_token_that_is_not_for_us_now_is_refused(
    house: DeskHouse, provider: Provider, lie: dict[str, object]
) -> None:
    provider.lies(**lie)
    async with house.visitor() as visitor:
        refused = await logs_in(visitor, "anna")
    assert refused.status_code == 400
    assert not house.all(StaffSession)


async def test_a_new_key_of_the_provider_is_fetched(house: DeskHouse, provider: Provider) -> None:
    async with house.visitor() as visitor:
        assert (await logs_in(visitor, "anna")).headers["location"] == "/desk"
    provider.rotates()
    async with house.visitor() as visitor:
        assert (await logs_in(visitor, "anna")).headers["location"] == "/desk"


async def test_nobody_gets_in_who_is_not_employed(house: DeskHouse) -> None:
    async with house.visitor() as visitor:
        refused = await logs_in(visitor, "berta")
        assert refused.status_code == 403
        assert "nosauciet administratoram tā apzīmējumu: berta" in refused.text.lower()
        house.database.write(lambda s: setattr(s.get_one(Person, house.people["anna"].id), "active", False))
        assert (await logs_in(visitor, "anna")).status_code == 403
    assert not house.all(StaffSession)


async def test_an_account_is_linked_by_an_administrator(house: DeskHouse, provider: Provider) -> None:
    liene, juris = house.people["liene"].id, house.people["juris"].id
    async with house.visitor("admin") as admin, house.visitor() as visitor:
        csrf = await admin.csrf("/desk/account")
        form = {"csrf": csrf, "subject": " liene ", "next": "/desk/admin/people"}
        for _ in range(2):
            sent = await admin.client.post(f"/desk/people/{liene}/accounts", data=form)
            assert sent.headers["location"] == "/desk/admin/people"
        taken = await admin.client.post(f"/desk/people/{juris}/accounts", data=form)
        assert taken.status_code == 409
        assert (await logs_in(visitor, "liene")).headers["location"] == "/desk"
        (identity,) = house.all(Identity, person_id=liene)
        assert (identity.issuer, identity.linked_by) == (provider.issuer, "admin")
        unlink = f"/desk/people/{liene}/accounts/{identity.id}/unlink"
        assert (await admin.client.post(unlink.replace(str(liene), str(juris)), data=form)).status_code == 404
        assert (await admin.client.post(unlink, data=form)).status_code == 303
        assert (await visitor.opens("/desk")).status_code == 303, "logged out"
        assert (await logs_in(visitor, "liene")).status_code == 403
    assert [row.what for row in house.all(Change, name="liene")] == ["account linked", "account unlinked"]


async def test_a_verified_address_links_once_and_never_an_administrator(house: DeskHouse, provider: Provider) -> None:
    def reach(session: Session) -> None:
        for login, address in (("juris", "anna@vdaa"), ("liene", "liene@liaa"), ("admin", "admin@vdaa")):
            contact = contact_of(session, "email", f"{address}.gov.lv", now(), name="", language="lv")
            session.flush()
            session.get_one(Person, house.people[login].id).contact_id = contact.id
        session.delete(session.get_one(Identity, 1))

    house.database.write(reach)
    async with house.visitor() as visitor:
        assert (await logs_in(visitor, "anna")).status_code == 403, "off unless it is switched on"
    with_provider(house, oidc_issuer=provider.issuer, oidc_link_by_email=True)
    for account, status in (("anna", 303), ("liene", 403), ("admin", 403)):  # Liene's is not verified there
        async with house.visitor() as visitor:
            assert (await logs_in(visitor, account)).status_code == status, account
    (identity,) = house.all(Identity)
    assert identity.person_id == house.people["juris"].id
    assert identity.linked_by == "e-mail"
    house.database.write(lambda s: setattr(s.get_one(Identity, identity.id), "subject", "another"))
    async with house.visitor() as visitor:
        assert (await logs_in(visitor, "anna")).status_code == 403, "he has an account already"


async def test_people_may_be_told_apart_by_another_claim(desk: DeskHouse, provider: Provider) -> None:
    with_provider(desk, oidc_issuer=provider.issuer, oidc_claim="preferred_username")
    linked(desk, "anna", "anna@vdaa", provider.issuer)
    async with desk.visitor() as visitor:
        assert (await logs_in(visitor, "anna")).headers["location"] == "/desk"


@pytest.mark.parametrize(("proofs", "leads_to"), [(["pwd"], "/desk/login/code?next=/desk"), (["pwd", "mfa"], "/desk")])
async def test_the_second_step_is_asked_for_unless_the_provider_did(
    house: DeskHouse, provider: Provider, proofs: list[str], leads_to: str
) -> None:
    give_factor(house)
    provider.lies(amr=proofs)
    async with house.visitor() as visitor:
        assert (await logs_in(visitor, "anna")).headers["location"] == leads_to


async def test_where_the_provider_is_down_the_page_says_so_and_passwords_work(desk: DeskHouse) -> None:
    with_provider(desk, oidc_issuer="http://127.0.0.1:9")
    async with desk.visitor() as visitor:
        down = await visitor.opens("/desk/login/provider")
        assert down.status_code == 503
        assert "Valsts ID pašlaik neatbild" in down.text
        sent = await visitor.submits_with("/desk/login", "/desk/login", login="anna", password=PASSWORD)
        assert sent.headers["location"] == "/desk"
        back = await visitor.opens("/desk/login/provider/back?code=x&state=y")
        assert back.status_code == 503


async def test_passwords_may_be_for_administrators_only(house: DeskHouse, provider: Provider) -> None:
    with_provider(house, oidc_issuer=provider.issuer, passwords_for="administrators")
    async with house.visitor() as visitor:
        refused = await visitor.submits_with("/desk/login", "/desk/login", login="anna", password=PASSWORD)
        assert refused.status_code == 403
        assert "Ar paroli piesakās tikai administratori" in refused.text
        wrong = await visitor.submits_with("/desk/login", "/desk/login", login="anna", password="wrong")
        assert "nav pareiza" in wrong.text
        sent = await visitor.submits_with("/desk/login", "/desk/login", login="admin", password=PASSWORD)
        assert sent.headers["location"] == "/desk"


async def test_a_provider_that_calls_itself_otherwise_is_none(desk: DeskHouse, provider: Provider) -> None:
    with_provider(desk, oidc_issuer=provider.issuer.replace("127.0.0.1", "localhost"))
    async with desk.visitor() as visitor:
        assert (await visitor.opens("/desk/login/provider")).status_code == 503


@pytest.mark.parametrize("issuer", ["http://id.example.lv", "id.example.lv", "https://", "ftp://127.0.0.1"])
def test_a_provider_is_spoken_to_in_secret(issuer: str) -> None:
    with pytest.raises(ValueError, match="is no address such as"):
        Settings(oidc_issuer=issuer)


async def test_without_a_provider_there_is_no_such_way(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor:
        assert (await visitor.opens("/desk/login/provider")).status_code == 404
        assert (await visitor.opens("/desk/login/provider/back?code=x&state=y")).status_code == 404
