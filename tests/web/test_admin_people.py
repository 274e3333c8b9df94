"""People at the desk: let in by a link that works once, switched off with what they had, and never without anybody."""

import html
import re
import time

import pytest
from sqlmodel import Session

from models.change import Change
from models.forwarding import Forwarding
from models.moments import now
from models.staff import Person, Role, StaffSession
from models.ticket import Event, Ticket
from routing.delegation import delegate
from tests.web.desk_house import PASSWORD, DeskHouse, Visitor
from web.passwords import is_password
from web.session_rows import open_session

NEW = {"login": "Jānis", "name": "Jānis Bērziņš", "role": "clerk", "institution": "VSAA", "language": "lv"}
GOOD = "astoņi zirgi un rati"


def person(desk: DeskHouse, login: str) -> Person:
    return desk.all(Person, login=login)[0]


def page(desk: DeskHouse, login: str) -> str:
    return f"/desk/admin/people/{person(desk, login).id}"


def shown_once(text: str) -> str:
    found = re.search(r'class="once" id="once">([^<]+)<', text)
    assert found
    return html.unescape(found[1])


async def invited(admin: Visitor, **form: str) -> str:
    """The path of the link that a new person gets."""
    made = await admin.submits("/desk/admin/people/new", "/desk/admin/people", **NEW | form)
    assert made.status_code == 200, made.text
    return shown_once(made.text).removeprefix("https://atbilde.example")


async def test_a_new_person_sets_a_password_by_the_link_and_logs_in(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    async with desk.visitor("admin") as admin:
        link = await invited(admin, mail="janis@example.lv")
    assert person(desk, "jānis").password_hash == "!"
    async with desk.visitor() as guest:
        assert "Jānis Bērziņš" in (await guest.opens(link)).text
        for password, again in (("īsa", "īsa"), (GOOD, "cits"), ("jānisjānisjānis", "jānisjānisjānis")):
            refused = await guest.submits(link, link, password=password, again=again)
            assert refused.status_code == 422
            assert 'aria-invalid="true"' in refused.text
            assert password not in refused.text
        assert "Parole ir saglabāta" in (await guest.submits(link, link, password=GOOD, again=GOOD)).text
        assert (await guest.opens(link)).status_code == 410, "it works once"
        entered = await guest.submits("/desk/login", "/desk/login", login="JĀNIS", password=GOOD)
        assert "Jānis Bērziņš" in entered.text
    assert [change.what for change in desk.all(Change, name="jānis")] == ["added", "new password"]
    assert GOOD not in str([change.model_dump() for change in desk.all(Change)])
    assert "$argon2" not in str([change.model_dump() for change in desk.all(Change)])


async def test_two_who_use_the_link_at_once_set_one_password(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        link = await invited(admin)
    async with desk.visitor() as guest:
        csrf = await guest.csrf(link)
        form = {"csrf": csrf, "password": GOOD, "again": GOOD}
        answers = [await guest.client.post(link, data=form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 410]


async def test_a_link_that_is_old_forged_or_of_somebody_switched_off_opens_nothing(
    desk: DeskHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk.visitor("admin") as admin:
        link = await invited(admin)
        async with desk.visitor() as guest:
            for bad in ("x", link[:-3] + "abc", link.rpartition("/")[0] + "/%00"):
                assert (await guest.opens(bad if "/" in bad else f"/desk/invitation/{bad}")).status_code == 410
            later = time.time() + 3 * 86_400 + 5
            with monkeypatch.context() as patch:
                patch.setattr(time, "time", lambda: later)
                assert (await guest.opens(link)).status_code == 410
            assert (await guest.opens(link)).status_code == 200
            await admin.submits(page(desk, "jānis"), f"{page(desk, 'jānis')}/off")
            assert (await guest.opens(link)).status_code == 410


async def test_a_new_password_is_shown_once_and_kept_nowhere(desk: DeskHouse) -> None:
    desk.database.write(lambda session: open_session(session, desk.people["vita"], now()) and None)
    async with desk.visitor("admin") as admin:
        answer = await admin.submits(page(desk, "vita"), f"{page(desk, 'vita')}/password")
        password = shown_once(answer.text)
        assert password not in (await admin.opens(page(desk, "vita"))).text
    assert is_password(password, person(desk, "vita").password_hash)
    assert not is_password(PASSWORD, person(desk, "vita").password_hash)
    assert desk.all(StaffSession, person_id=desk.people["vita"].id) == [], "earlier sessions have ended"
    assert password not in str([change.model_dump() for change in desk.all(Change)])


async def test_what_somebody_had_taken_is_nobodys_when_he_is_switched_off(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        await anna.submits(f"/desk/tickets/{ticket.ref}", f"/desk/tickets/{ticket.ref}/take")
        assert desk.now(ticket).taken_by == desk.people["anna"].id
        async with desk.visitor("admin") as admin:
            await admin.submits(page(desk, "anna"), f"{page(desk, 'anna')}/off")
        assert (await anna.opens("/desk")).status_code == 303, "he is logged out"
    assert desk.now(ticket).taken_by is None
    (sent,) = desk.forwarded(ticket, "PMLP")

    def give(session: Session) -> None:
        forwarding = session.get_one(Forwarding, sent.id)
        delegate(session, session.get_one(Ticket, ticket.id), forwarding, desk.people["pēteris"], now(), "zigrīda")

    desk.database.write(give)
    async with desk.visitor("admin") as admin:
        await admin.submits(page(desk, "pēteris"), f"{page(desk, 'pēteris')}/off")
    assert [one.held_by for one in desk.all(Forwarding)] == [None]
    (let_go,) = desk.all(Event, ticket_id=ticket.id, kind="let go")
    assert (let_go.actor, let_go.data["holder"]) == ("admin", "anna")


async def test_another_role_ends_the_sessions_and_lets_go(desk: DeskHouse) -> None:
    async with desk.visitor("juris") as juris, desk.visitor("admin") as admin:
        answer = await admin.submits(
            page(desk, "juris"), page(desk, "juris"), name="Juris", role="editor", institution="VDAA"
        )
        assert "Izmaiņas ir saglabātas" in answer.text
        assert (await juris.opens("/desk")).status_code == 303
    (change,) = desk.all(Change, name="juris")
    assert (change.before["role"], change.after["role"]) == ("coordinator", "editor")


async def test_one_administrator_is_always_left(desk: DeskHouse) -> None:
    async with desk.visitor("admin") as admin:
        csrf = await admin.csrf(page(desk, "admin"))
        off = await admin.client.post(f"{page(desk, 'admin')}/off", data={"csrf": csrf})
        assert off.status_code == 409
        assert "Vismaz vienam administratoram jāpaliek" in off.text
        role = await admin.submits(page(desk, "admin"), page(desk, "admin"), role="clerk", institution="VDAA")
        assert role.status_code == 409
        desk.employ("otrais", Role.ADMINISTRATOR, "VDAA")
        assert (await admin.submits(page(desk, "otrais"), f"{page(desk, 'otrais')}/off")).status_code == 200
    assert person(desk, "admin").active
    assert not person(desk, "otrais").active


REFUSED = [
    ({"login": "anna"}, "Tāds lietotājvārds jau ir"),
    ({"login": "ANNA"}, "Tāds lietotājvārds jau ir"),
    ({"login": "bot"}, "Lietotājvārdā jābūt"),
    ({"login": "a b"}, "Lietotājvārdā jābūt"),
    ({"login": ""}, "Lietotājvārdā jābūt"),
    ({"role": "coordinator"}, "Koordinatori var būt tikai"),
    ({"role": "king"}, "Šādas lomas nav"),
    ({"institution": "NAV"}, "Šādas iestādes nav"),
    ({"mail": "nav adrese"}, "E-pasta adrese nav pareiza"),
    ({"language": "ru"}, "latviešu (lv) un angļu (en)"),
]


async def test_who_cannot_be_taken_is_refused_and_what_was_typed_stays(desk: DeskHouse) -> None:
    number = len(desk.all(Person))
    async with desk.visitor("admin") as admin:
        for form, said in REFUSED:
            given = NEW | {"name": "<script>x"} | form
            answer = await admin.submits("/desk/admin/people/new", "/desk/admin/people", **given)
            assert answer.status_code == 422, form
            assert said in html.unescape(answer.text)
            assert "&lt;script&gt;x" in answer.text
    assert len(desk.all(Person)) == number
    assert desk.all(Change) == []


async def test_people_are_found_by_name_role_and_institution(desk: DeskHouse) -> None:
    async with desk.visitor("aivars") as auditor:
        found = (await auditor.opens("/desk/admin/people?q=ZIGR&institution=PMLP&role=head")).text
        assert "Zigrīda Priede" in found
        assert "Pēteris Liepa" not in found
        assert "Pievienot darbinieku" not in found, "an auditor changes nothing"
        roles = html.unescape((await auditor.opens("/desk/admin/roles")).text)
    assert "Maina sagataves un kompetences" in roles
    assert not desk.all(Forwarding)
