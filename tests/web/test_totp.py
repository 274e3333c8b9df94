"""The second step of the log-in: a telephone's code or a recovery code, each good once."""

import re
import time
from base64 import b32encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlmodel import Session

from bot.app import create_app
from models.change import Change
from models.log_in import RecoveryCode, SecondFactor, Tries
from models.moments import now
from models.staff import StaffSession
from tests.web.desk_house import PASSWORD, DeskHouse, Visitor
from web.desk.enter import HALFWAY
from web.second_factors import proves, recovers, set_up
from web.session_rows import close_sessions_of
from web.sessions import COOKIE
from web.totp import STEP, address_of, code_of, new_secret, step_of

SECRET = b32encode(b"12345678901234567890").decode()
RFC_6238 = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]
"""appendix B for SHA-1: moments, and the last six digits of their codes"""
PAGE = "/desk/account/second-step"


@pytest.mark.parametrize(("seconds", "code"), RFC_6238)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    assert step_of(SECRET, code, datetime.fromtimestamp(seconds, UTC), 0) == seconds // STEP
    assert step_of(SECRET, f" {code[:3]} {code[3:]}", datetime.fromtimestamp(seconds, UTC), 0), "as telephones show it"


def test_a_clock_may_be_off_by_one_step_and_no_code_is_taken_twice_nor_an_earlier_one() -> None:
    at, step = datetime.fromtimestamp(1111111109, UTC), 1111111109 // STEP
    for off, taken in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (step_of(SECRET, code_of(SECRET, step + off).decode(), at, 0) is not None) == taken, off
    assert step_of(SECRET, "081804", at, step) is None
    assert step_of(SECRET, "081804", at, step + 1) is None
    assert step_of(SECRET, "081804", at, step - 1) == step


@pytest.mark.parametrize("code", ["", "28708", "2870820", "abcdef", "２８７０８２", "\x00", "287082'--"])
def test_what_is_no_code_is_none(code: str) -> None:
    assert step_of(SECRET, code, datetime.fromtimestamp(59, UTC), 0) is None


def test_authenticators_read_the_address() -> None:
    address = address_of(SECRET, "pēteris")
    assert address.startswith("otpauth://totp/Atbilde:p%C4%93teris?")
    assert f"secret={SECRET}" in address
    assert "issuer=Atbilde" in address
    assert len({new_secret() for _ in range(50)}) == 50


def give_factor(desk: DeskHouse, login: str = "anna", secret: str = SECRET) -> list[str]:
    """The person has a second step; the codes to recover."""
    person = desk.people[login]
    return desk.database.write(lambda s: set_up(s, desk.portal.signing, person, secret, 0, now()))


def code(secret: str = SECRET, off: int = 0) -> str:
    return code_of(secret, int(time.time()) // STEP + off).decode()


async def password(visitor: Visitor, login: str = "anna", page: str = "/desk/login") -> str:
    sent = await visitor.submits_with(page, "/desk/login", login=login, password=PASSWORD)
    return str(sent.headers.get("location", sent.text))


async def second(visitor: Visitor, **fields: str) -> str:
    sent = await visitor.submits_with("/desk/login/code", "/desk/login/code", **fields)
    return str(sent.headers.get("location", sent.text))


async def test_with_a_second_step_the_password_alone_opens_nothing(desk: DeskHouse) -> None:
    give_factor(desk)
    async with desk.visitor() as visitor:
        led = await password(visitor, page="/desk/login?next=/desk/terms")
        assert led == "/desk/login/code?next=/desk/terms"
        assert COOKIE not in visitor.client.cookies
        visitor.client.cookies.set(COOKIE, visitor.client.cookies[HALFWAY])
        assert (await visitor.opens("/desk/account")).status_code == 303, "half a session is none"
        del visitor.client.cookies[COOKIE]
        sent = await visitor.submits_with(led, "/desk/login/code", code=code())
        assert sent.headers["location"] == "/desk/terms"
        assert (await visitor.opens("/desk/account")).status_code == 200
    (kept,) = desk.all(StaffSession)
    assert not kept.half
    assert not desk.all(Tries)


async def test_a_wrong_code_a_used_one_and_another_persons_do_not_open(desk: DeskHouse) -> None:
    give_factor(desk)
    anothers = new_secret()
    codes = give_factor(desk, "juris", anothers)
    async with desk.visitor() as visitor:
        await password(visitor)
        for wrong in ({"code": "000000"}, {"code": code(anothers)}, {"recovery": codes[0]}):
            assert "Kods nav pareizs" in await second(visitor, **wrong)
        given = code()
        assert await second(visitor, code=given) == "/desk"
    async with desk.visitor() as visitor:
        await password(visitor)
        assert "Kods nav pareizs" in await second(visitor, code=given)


async def test_too_many_codes_are_stopped_and_without_a_password_none_is_looked_at(desk: DeskHouse) -> None:
    give_factor(desk)
    async with desk.visitor() as visitor:
        assert (await visitor.opens("/desk/login/code")).headers["location"].startswith("/desk/login?")
        sent = await visitor.client.post("/desk/login/code", data={"code": code()})
        assert sent.headers["location"].startswith("/desk/login?")
        await password(visitor)
        for _ in range(5):
            assert "Kods nav pareizs" in await second(visitor, code="000000")
        assert "Pārāk daudz mēģinājumu" in await second(visitor, code=code())
    assert all(row.half for row in desk.all(StaffSession))


async def test_a_form_of_another_session_gives_no_code(desk: DeskHouse) -> None:
    give_factor(desk)
    async with desk.visitor() as visitor, desk.visitor() as other:
        await password(visitor)
        await password(other)
        csrf = await other.csrf("/desk/login/code")
        sent = await visitor.client.post("/desk/login/code", data={"code": code(), "csrf": csrf})
    assert sent.status_code == 403


@pytest.mark.parametrize("end", ["time", "everywhere"])
async def test_half_a_session_ends_soon_and_with_the_others(desk: DeskHouse, end: str) -> None:
    give_factor(desk)
    async with desk.visitor() as visitor:
        await password(visitor)
        (half,) = desk.all(StaffSession)
        assert half.expires_at - half.created_at == timedelta(minutes=10)

        def work(session: Session) -> None:
            if end == "time":
                session.get_one(StaffSession, half.token_hash).expires_at = now()
            else:
                close_sessions_of(session, half.person_id)

        desk.database.write(work)
        assert (await visitor.opens("/desk/login/code")).status_code == 303


async def test_a_recovery_code_opens_once_however_it_is_written(desk: DeskHouse) -> None:
    codes = give_factor(desk)
    assert len(set(codes)) == 10
    for written, opens in ((codes[3].upper().replace("-", " "), True), (codes[3], False), (codes[4], True)):
        async with desk.visitor() as visitor:
            await password(visitor)
            assert (await second(visitor, recovery=written) == "/desk") == opens
    assert len([row for row in desk.all(RecoveryCode) if row.used_at]) == 2
    assert not {*codes} & {row.code_hash for row in desk.all(RecoveryCode)}
    assert len(desk.all(Change, what="recovery code used")) == 2


def test_a_code_that_comes_twice_at_once_is_good_once(desk_on_both: DeskHouse) -> None:
    desk, signing = desk_on_both, desk_on_both.portal.signing
    codes, given, at = give_factor(desk_on_both), code(), now()
    anna = desk.people["anna"]
    assert [desk.database.write(lambda s: proves(s, signing, anna, given, at)) for _ in range(2)] == [True, False]
    assert [desk.database.write(lambda s: recovers(s, signing, anna, codes[0], at)) for _ in range(2)] == [True, False]


async def test_it_is_set_up_with_a_picture_or_by_typing_and_only_with_the_right_code(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as visitor:
        shown = (await visitor.opens(PAGE)).text
        assert "<svg" in shown
        assert "style=" not in shown, "the policy allows none"
        refused = await visitor.submits_with(PAGE, PAGE, code="000000")
        assert "Kods nav pareizs" in refused.text
        assert not desk.all(SecondFactor)
        secret = shown_secret(refused.text)
        hidden = hidden_in(refused.text)
        given = code(secret)
        done = await visitor.client.post(PAGE, data=hidden | {"code": given})
        codes = re.findall(r"<code>(\w{5}-\w{5})</code>", done.text)
        assert len(codes) == 10
        again = await visitor.client.post(PAGE, data=hidden | {"code": code(secret, 1)})
        assert again.headers["location"] == f"{PAGE}?done=second_step", "an impatient second click changes nothing"
        assert codes[0] not in (await visitor.opens(PAGE)).text
    (factor,) = desk.all(SecondFactor)
    assert secret not in factor.sealed
    async with desk.visitor() as visitor:
        await password(visitor)
        assert "Kods nav pareizs" in await second(visitor, code=given), "the code of the set-up is used"
        assert await second(visitor, recovery=codes[9]) == "/desk"


async def test_another_persons_secret_cannot_be_planted(desk: DeskHouse) -> None:
    async with desk.visitor("juris") as juris:
        theirs = (await juris.opens(PAGE)).text
    sealed = re.findall(r'name="sealed" value="([^"]*)"', theirs)[0]
    async with desk.visitor("anna") as visitor:
        for planted in (sealed, "x", ""):
            form = {"csrf": await visitor.csrf(PAGE), "sealed": planted, "code": code(shown_secret(theirs))}
            assert (await visitor.client.post(PAGE, data=form)).status_code == 422
    assert not desk.all(SecondFactor)


async def test_recovery_codes_are_renewed_and_the_step_switched_off_with_the_telephone_only(desk: DeskHouse) -> None:
    old = give_factor(desk)
    async with desk.visitor("anna") as visitor:
        assert "Kods nav pareizs" in (await visitor.submits(PAGE, f"{PAGE}/codes", code="000000")).text
        given = code()
        renewed = await visitor.submits(PAGE, f"{PAGE}/codes", code=given)
        new = re.findall(r"<code>(\w{5}-\w{5})</code>", renewed.text)
        assert len(new) == 10
        assert not {*old} & {*new}
        assert "Kods nav pareizs" in (await visitor.submits(PAGE, f"{PAGE}/off", code=given)).text, "used just now"
        assert "Otrais solis ir izslēgts." in (await visitor.submits(PAGE, f"{PAGE}/off", code=code(off=1))).text
    assert not desk.all(SecondFactor)
    assert not desk.all(RecoveryCode)


async def test_whose_role_needs_it_is_led_to_set_it_up_and_does_nothing_before(desk: DeskHouse) -> None:
    needed = desk.portal.settings.model_copy(update={"totp_for": "administrator, lead"})
    desk.app.state.portal = replace(desk.portal, settings=needed)
    async with desk.visitor() as visitor, desk.visitor("anna") as anna:
        assert await password(visitor, "laima") == "/desk"
        assert (await visitor.opens("/desk")).headers["location"] == PAGE
        csrf = await visitor.csrf(PAGE)
        refused = await visitor.client.post("/desk/notices", data={"csrf": csrf, "notice": "1"})
        assert refused.status_code == 403
        assert "Vispirms ieslēdziet otro soli" in refused.text
        shown = (await visitor.opens(PAGE)).text
        assert "Jūsu lomai otrais solis ir obligāts" in shown
        hidden = hidden_in(shown)
        await visitor.client.post(PAGE, data=hidden | {"code": code(shown_secret(shown))})
        assert (await visitor.opens("/desk/account")).status_code == 200
        assert (await visitor.opens("/desk/terms")).status_code == 200
        off = await visitor.client.post(f"{PAGE}/off", data=hidden | {"code": code(shown_secret(shown), 1)})
        assert off.status_code == 422
        assert (await anna.opens("/desk/terms")).status_code == 200, "coordinators need none"
    assert len(desk.all(SecondFactor)) == 1


def test_a_slip_in_the_roles_that_need_it_stops_the_start(desk: DeskHouse) -> None:
    with pytest.raises(ValueError, match="'admin' is not a valid Role"):
        create_app(desk.portal.settings.model_copy(update={"totp_for": "admin"}))


async def test_an_administrator_takes_it_away_and_the_trail_says_so(desk: DeskHouse) -> None:
    give_factor(desk)
    anna = desk.people["anna"].id
    reset = f"/desk/people/{anna}/second-step/reset"
    async with desk.visitor("admin") as admin, desk.visitor("anna") as visitor:
        csrf = await admin.csrf("/desk/account")
        for _ in range(2):
            sent = await admin.client.post(reset, data={"csrf": csrf, "next": f"/desk/admin/people/{anna}"})
            assert sent.headers["location"] == f"/desk/admin/people/{anna}"
        assert (await visitor.opens("/desk/account")).status_code == 303, "logged out everywhere"
        assert (await admin.client.post("/desk/people/9999/second-step/reset", data={"csrf": csrf})).status_code == 404
    (noted,) = desk.all(Change, what="second step taken away")
    assert (noted.actor, noted.name) == ("admin", "anna")
    async with desk.visitor() as visitor:
        assert await password(visitor) == "/desk"


def shown_secret(page: str) -> str:
    return str(re.findall(r'class="account-secret">([A-Z2-7 ]+)<', page)[0]).replace(" ", "")


def hidden_in(page: str) -> dict[str, str]:
    """The fields that the set-up's form sends along."""
    return {name: unescape(value) for name, value in re.findall(r'name="(csrf|sealed)" value="([^"]*)"', page)}
