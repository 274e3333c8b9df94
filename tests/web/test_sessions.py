"""Log-in of staff: who gets in, for how long, and what is given away to who does not."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from html import unescape

import httpx
import pytest
from argon2 import PasswordHasher
from sqlmodel import Session, col, select

from bot.app import create_app
from models.change import Change
from models.database import Database
from models.log_in import Tries
from models.moments import now
from models.staff import Person, Role, StaffSession
from tests.web.desk_house import PASSWORD, DeskHouse, Visitor
from web.desk.enter import local
from web.passwords import check_password_rules, hash_password, is_password
from web.session_rows import IDLE, close_sessions_of, hash_of, open_session
from web.sessions import COOKIE
from web.throttle import forget_tries, may_try


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
    assert not desk.all(Tries), "success is not held against a log-in"


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


def tries(desk: DeskHouse, login: str, address: str) -> bool:
    return desk.database.write(lambda session: may_try(session, desk.portal.signing, login, address, now()))


def test_an_address_that_tries_many_logins_is_stopped(desk: DeskHouse) -> None:
    allowed = [tries(desk, f"login{n}", "203.0.113.7") for n in range(101)]
    assert allowed == [True] * 100 + [False]
    assert tries(desk, "another", "203.0.113.8")


def test_tries_are_counted_for_all_processes_and_over_a_restart(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    assert all(tries(desk, "anna", "127.0.0.1") for _ in range(5))
    after_a_restart = Database(desk.portal.settings.database_url)
    others = replace(desk, database=after_a_restart)
    assert [tries(others, "anna", "127.0.0.1") for _ in range(6)] == [True] * 5 + [False]
    with ThreadPoolExecutor(4) as many:
        at_once = list(many.map(lambda _: tries(others, "juris", "127.0.0.1"), range(20)))
    assert sum(at_once) == 10, "many at once gain nothing"
    assert {"anna", "juris"}.isdisjoint(row.key for row in desk.all(Tries)), "what is typed as a log-in is not stored"
    after_a_restart.close()


def test_tries_are_forgotten_after_a_quarter_of_an_hour_and_at_success(desk: DeskHouse) -> None:
    assert [tries(desk, "anna", "127.0.0.1") for _ in range(11)] == [True] * 10 + [False]
    later = now() + timedelta(minutes=16)
    assert desk.database.write(lambda s: may_try(s, desk.portal.signing, "anna", "127.0.0.1", later))
    for _ in range(12):
        desk.database.write(lambda s: forget_tries(s, desk.portal.signing, "anna", "login"))
        assert tries(desk, "anna", "127.0.0.1")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "12 characters"),
        ("aaaaaaaaaaaaaaaa", "repeats"),
        ("anna.ozola.2026", "log-in"),
        ("parole1234567890", "guess"),
        ("Qwerty123456789", "guess"),
        ("Anna-2026-Ozola-11", "guess"),
        ("1q2w3e4r5t6y", "guess"),
        ("PasswordPassword1", "guess"),
        ("x" * 300, "at most"),
        (PASSWORD, ""),
        ("divpadsmit zīmes", ""),
        ("zaļš zirgs sēž kokā", ""),  # no digits and no capitals are asked for
    ],
)
def test_a_new_password_must_not_be_easy_to_guess(password: str, why: str) -> None:
    said = check_password_rules(password, "anna.ozola", "Anna Ozola")
    assert why in said
    assert bool(said) == bool(why)


def test_a_password_is_known_however_its_letters_were_composed() -> None:
    kept = hash_password("zīle pie upes")
    assert is_password("zi\u0304le pie upes", kept)
    assert not is_password("zile pie upes", kept)
    assert not is_password("zīle pie upes", None)
    assert not is_password("zīle pie upes", "no hash at all")


def test_an_unknown_login_takes_as_long_as_a_wrong_password() -> None:
    """Also one that nobody can log in with yet, whose hash is none."""
    kept = hash_password(PASSWORD)

    def took(password_hash: str | None) -> float:
        began = time.process_time()
        assert not is_password("wrong", password_hash)
        return time.process_time() - began

    took(None)
    somebodys = min(took(kept) for _ in range(3))
    for other in (None, "!"):
        assert min(took(other) for _ in range(3)) > somebodys / 3


async def test_a_hash_made_with_weaker_parameters_is_made_anew_at_the_log_in(desk: DeskHouse) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    desk.database.write(lambda s: setattr(s.get_one(Person, desk.people["anna"].id), "password_hash", weak))
    async with desk.visitor() as visitor:
        assert await log_in(visitor, "anna", PASSWORD) == "/desk"
    (anna,) = desk.all(Person, login="anna")
    assert anna.password_hash != weak
    assert is_password(PASSWORD, anna.password_hash)


async def test_where_https_is_on_the_cookie_is_bound_to_this_host_and_never_travels_in_the_clear(
    desk: DeskHouse,
) -> None:
    app = create_app(desk.portal.settings.model_copy(update={"secure_cookies": True}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://desk") as client:
        shown = await client.get("/desk/login", headers={"Accept": "text/html"})
        csrf = re.findall(r'name="csrf" value="([^"]*)"', shown.text)[0]
        sent = await client.post("/desk/login", data={"csrf": csrf, "login": "anna", "password": PASSWORD})
        assert (await client.get("/desk/account", headers={"Accept": "text/html"})).status_code == 200
    app.state.portal.database.close()
    given = [c for one in (shown, sent) for c in one.headers.get_list("set-cookie") if "Max-Age=0" not in c]
    assert {c.split("=")[0] for c in given} == {"__Host-desk", "__Host-desk_before"}
    assert all("Secure" in c and "HttpOnly" in c and "Path=/;" in f"{c};" and "Domain" not in c for c in given)
    assert shown.headers["strict-transport-security"].startswith("max-age=")


async def test_a_session_ends_when_nobody_sits_there_any_more(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        (kept,) = desk.all(StaffSession)

        def seen(ago: timedelta) -> None:
            desk.database.write(lambda s: setattr(s.get_one(StaffSession, kept.token_hash), "seen_at", now() - ago))

        seen(IDLE - timedelta(minutes=1))
        assert (await visitor.opens("/desk/account")).status_code == 200
        (noticed,) = desk.all(StaffSession)
        assert noticed.seen_at is not None
        assert now() - noticed.seen_at < timedelta(minutes=1)
        await visitor.opens("/desk/account")
        assert desk.all(StaffSession)[0].seen_at == noticed.seen_at, "written at most once a minute"
        seen(IDLE)
        assert (await visitor.opens("/desk/account")).status_code == 303


async def test_a_page_that_listens_by_itself_keeps_no_session_alive(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        await visitor.client.get("/desk/account", headers={"Accept": "text/event-stream"})
        (kept,) = desk.all(StaffSession)
    assert kept.seen_at is None


async def test_the_log_in_gives_a_new_secret_and_ends_the_browsers_session_before(desk: DeskHouse) -> None:
    """So nobody who had planted or seen the earlier one is in."""
    async with desk.visitor("anna") as visitor:
        before = visitor.client.cookies[COOKIE]
        form = (await visitor.opens("/desk/login")).headers["location"]
        assert form == "/desk", "who is in is led on"
        desk.database.write(lambda s: setattr(s.get_one(Person, desk.people["anna"].id), "role", Role.LEAD))
        assert await log_in(visitor, "anna", PASSWORD) == "/desk"
    (kept,) = desk.all(StaffSession)
    assert kept.token_hash != hash_of(before)


@pytest.mark.parametrize("change", [{"role": Role.CLERK}, {"institution_id": 1}, {"active": False}])
async def test_who_is_given_other_rights_has_them_at_once_and_logs_in_anew(
    desk: DeskHouse, change: dict[str, object]
) -> None:
    async with desk.visitor("pēteris" if "role" not in change else "anna") as visitor:
        assert (await visitor.opens("/desk/account")).status_code == 200

        def work(session: Session) -> None:
            for row in session.exec(select(Person).where(col(Person.login).in_(["anna", "pēteris"]))):
                for name, value in change.items():
                    setattr(row, name, value)

        desk.database.write(work)
        assert (await visitor.opens("/desk")).headers["location"].startswith("/desk/login")


async def test_the_account_shows_where_one_is_logged_in_and_ends_one_or_all_others(desk: DeskHouse) -> None:
    anna, firefox = desk.people["anna"], "Mozilla/5.0 (Windows NT 10.0; rv:130.0) Gecko/20100101 Firefox/130.0"
    chrome = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"

    def elsewhere(device: str, address: str) -> None:
        desk.database.write(lambda s: open_session(s, anna, now(), device=device, address=address))

    elsewhere(firefox, "203.0.113.77")
    elsewhere(chrome, "2001:db8:1:2::3")
    elsewhere("curl/8", "testclient")
    liene = desk.people["liene"]
    desk.database.write(lambda s: open_session(s, liene, now()))
    async with desk.visitor("anna") as visitor:
        shown = (await visitor.opens("/desk/account")).text
        for words in ("Firefox, Windows", "203.0.113.0/24", "Chrome, Android", "2001:db8:1::/48", "Nezināma ierīce"):
            assert words in shown
        assert "203.0.113.77" not in shown
        assert shown.count("šī ierīce") == 1
        ended = await visitor.submits("/desk/account", "/desk/account/sessions/end")
        assert "Ierīce ir izrakstīta." in ended.text
        assert len(desk.all(StaffSession, person_id=anna.id)) == 3
        name = re.findall(r'name="name" value="([0-9a-f]+)"', ended.text)[0]
        lienes = await visitor.csrf("/desk/account")
        async with desk.visitor("juris") as other:
            csrf = await other.csrf("/desk/account")
            await other.client.post("/desk/account/sessions/end", data={"csrf": csrf, "name": name})
        assert len(desk.all(StaffSession, person_id=anna.id)) == 3, "nobody ends another's session"
        assert lienes
        left = await visitor.submits("/desk/account", "/desk/account/sessions/end-others")
        assert "Pārējās ierīces ir izrakstītas." in left.text
        assert len(desk.all(StaffSession, person_id=anna.id)) == 1
        assert (await visitor.opens("/desk/account")).status_code == 200
    assert len(desk.all(StaffSession, person_id=liene.id)) == 1


async def test_a_new_password_wants_the_old_one_and_ends_all_other_sessions(desk: DeskHouse) -> None:
    new = "zaļš zirgs sēž kokā"
    async with desk.visitor("anna") as visitor, desk.visitor("anna") as other:

        async def changes(old: str, new: str, again: str) -> str:
            form = {"old": old, "new": new, "again": again}
            return (await visitor.submits("/desk/account", "/desk/account/password", **form)).text

        assert "Pašreizējā parole nav pareiza" in await changes("wrong", new, new)
        assert "vismaz 12 rakstzīmes" in await changes(PASSWORD, "īsa", "īsa")
        assert "nav vienādas" in await changes(PASSWORD, new, new + "!")
        assert "tāda pati" in await changes(PASSWORD, PASSWORD, PASSWORD)
        assert (await other.opens("/desk/account")).status_code == 200
        before = visitor.client.cookies[COOKIE]
        assert "Parole ir nomainīta." in await changes(PASSWORD, new, new)
        assert (await other.opens("/desk/account")).status_code == 303
        (kept,) = desk.all(StaffSession, person_id=desk.people["anna"].id)
        assert kept.token_hash != hash_of(before)
        (noted,) = desk.all(Change, what="new password")
        assert new not in str(noted)
    async with desk.visitor() as visitor:
        assert "nav pareiza" in await log_in(visitor, "anna", PASSWORD)
        assert await log_in(visitor, "anna", new) == "/desk"


async def test_the_old_password_cannot_be_guessed_in_a_borrowed_browser(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        form = {"old": "wrong", "new": "x", "again": "x"}
        for _ in range(5):
            said = await visitor.submits("/desk/account", "/desk/account/password", **form)
            assert "nav pareiza" in said.text
        said = await visitor.submits("/desk/account", "/desk/account/password", **form | {"old": PASSWORD})
    assert "Pārāk daudz mēģinājumu" in said.text
