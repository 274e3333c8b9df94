"""Log-in of staff: who gets in, for how long, and what is given away to who does not."""

import re
from datetime import timedelta
from html import unescape

import pytest

from models.moments import now
from models.staff import Person, StaffSession
from tests.web.desk_house import PASSWORD, DeskHouse, Visitor
from web.desk_login import Throttle, local
from web.passwords import check_password_rules, hash_password, is_password
from web.sessions import COOKIE, close_sessions_of


async def log_in(visitor: Visitor, login: str, password: str, page: str = "/desk/login") -> str:
    """Fills the log-in form in; returns where it leads, or the page that is shown again."""
    shown = await visitor.client.get(page)
    hidden = {name: unescape(value) for name, value in re.findall(r'name="(csrf|next)" value="([^"]*)"', shown.text)}
    sent = await visitor.client.post("/desk/login", data=hidden | {"login": login, "password": password})
    return str(sent.headers.get("location", sent.text))


async def test_the_right_password_opens_the_desk_and_the_table_keeps_no_secret(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor:
        assert await log_in(visitor, "Anna", PASSWORD) == "/desk"
        assert (await visitor.opens("/desk")).status_code == 200
        secret = visitor.client.cookies[COOKIE]
    (kept,) = desk.all(StaffSession)
    assert secret not in (kept.token_hash, kept.csrf)
    assert kept.expires_at - kept.created_at == timedelta(hours=12)


async def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor:
        shown = await visitor.client.get("/desk/login")
        csrf = re.search(r'name="csrf" value="([^"]*)"', shown.text)
        assert csrf
        sent = await visitor.client.post("/desk/login", data={"csrf": csrf[1], "login": "anna", "password": PASSWORD})
    (given,) = [c for c in sent.headers.get_list("set-cookie") if c.startswith(f"{COOKIE}=")]
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    assert "Secure" not in given  # secure_cookies is off here; below it is on


@pytest.mark.parametrize(("login", "password"), [("anna", "wrong"), ("nobody", PASSWORD), ("anna", ""), ("", "")])
async def test_a_wrong_password_and_an_unknown_login_look_the_same(desk: DeskHouse, login: str, password: str) -> None:
    async with desk.visitor() as visitor:
        shown = await log_in(visitor, login, password)
    assert "Lietotājvārds vai parole nav pareiza" in shown
    assert not desk.all(StaffSession)


async def test_somebody_who_left_does_not_get_in_and_is_out_at_once(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        desk.database.write(lambda s: setattr(s.get_one(Person, desk.people["anna"].id), "active", False))
        assert (await visitor.opens("/desk")).headers["location"] == "/desk/login?next=/desk"
        assert "nav pareiza" in await log_in(visitor, "anna", PASSWORD)


async def test_a_session_ends_after_its_time(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        (kept,) = desk.all(StaffSession)
        desk.database.write(lambda s: setattr(s.get_one(StaffSession, kept.token_hash), "expires_at", now()))
        assert (await visitor.opens("/desk")).status_code == 303


async def test_logging_out_ends_the_session_on_the_server(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        secret = visitor.client.cookies[COOKIE]
        left = await visitor.submits("/desk", "/desk/logout")
        assert left.url.path == "/desk/login"
        visitor.client.cookies.set(COOKIE, secret)
        assert (await visitor.opens("/desk")).status_code == 303


async def test_a_new_password_logs_out_everywhere(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        desk.database.write(lambda s: close_sessions_of(s, desk.people["anna"].id or 0))
        assert (await visitor.opens("/desk")).status_code == 303


@pytest.mark.parametrize("secret", ["", "x", "a" * 43, "../../etc/passwd", "' OR 1=1 --"])
async def test_a_forged_cookie_opens_nothing(desk: DeskHouse, secret: str) -> None:
    async with desk.visitor() as visitor:
        visitor.client.cookies.set(COOKIE, secret)
        assert (await visitor.opens("/desk")).status_code == 303


async def test_after_the_log_in_the_page_that_was_asked_for_opens(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor:
        led = await visitor.opens("/desk?queue=waiting&page=2")
        assert await log_in(visitor, "anna", PASSWORD, led.headers["location"]) == "/desk?queue=waiting&page=2"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example/desk",
        "/\\evil.example",
        "/desk\n/x",
        "/desk/../x?a=//b",
        "javascript:alert(1)",
        "/desk/login",
        "/answer/x",
    ],
)
def test_the_log_in_leads_nowhere_but_to_the_desk(address: str) -> None:
    assert local(address) == "/desk"


async def test_a_log_in_form_of_another_browser_is_refused(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor, desk.visitor() as other:
        theirs = re.search(r'name="csrf" value="([^"]*)"', (await other.opens("/desk/login")).text)
        assert theirs
        await visitor.opens("/desk/login")
        sent = await visitor.client.post("/desk/login", data={"csrf": theirs[1], "login": "anna", "password": PASSWORD})
    assert sent.status_code == 403
    assert not desk.all(StaffSession)


async def test_too_many_tries_are_stopped_even_with_the_right_password(desk: DeskHouse) -> None:
    async with desk.visitor() as visitor:
        for _ in range(10):
            assert "nav pareiza" in await log_in(visitor, "anna", "wrong")
        assert "Pārāk daudz mēģinājumu" in await log_in(visitor, "anna", PASSWORD)
        assert await log_in(visitor, "liene", PASSWORD) == "/desk", "others are not held up"


def test_an_address_that_tries_many_logins_is_stopped() -> None:
    throttle = Throttle()
    allowed = [throttle.allows(f"login{n}", "203.0.113.7") for n in range(101)]
    assert allowed == [True] * 100 + [False]
    assert throttle.allows("another", "203.0.113.8")


def test_success_is_not_held_against_a_login() -> None:
    throttle = Throttle()
    for _ in range(30):
        assert throttle.allows("anna", "127.0.0.1")
        throttle.forget("anna")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 characters"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("anna.ozola.2026", "log-in"),
        ("parole1234567890", "guess"),
        ("Qwerty123456789", "guess"),
        ("x" * 300, "at most"),
        (PASSWORD, ""),
        ("divpadsmit zīmes", ""),
    ],
)
def test_a_new_password_must_not_be_easy_to_guess(password: str, why: str) -> None:
    said = check_password_rules(password, "anna.ozola")
    assert why in said
    assert bool(said) == bool(why)


def test_a_password_is_known_however_its_letters_were_composed() -> None:
    kept = hash_password("zīle pie upes")
    assert is_password("zi\u0304le pie upes", kept)
    assert not is_password("zile pie upes", kept)
    assert not is_password("zīle pie upes", None)
    assert not is_password("zīle pie upes", "no hash at all")
