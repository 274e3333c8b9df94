"""What is typed survives: a draft that only its writer sees, through a lost log-in, and too much of it."""

import re
from typing import Any
from urllib.parse import urlencode

import httpx
from sqlmodel import Session, delete

from models.draft import Draft
from models.message import Message
from models.moments import now
from models.staff import StaffSession
from tests.web.desk_house import DeskHouse, Visitor
from web.session_rows import open_session
from web.sessions import COOKIE

TEXT = 'Rakstiet uz e-adresi.\nAr cieņu <script>alert("x")</script> – Anna'
SHOWN = "Rakstiet uz e-adresi.\nAr cieņu &lt;script&gt;"


async def test_a_draft_is_shown_again_to_its_writer_alone_and_is_gone_when_sent(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris, desk.visitor("admin") as admin:
        saved = await press(anna, page, f"{page}/answer", "/desk/drafts", text=TEXT)
        assert "Melnraksts ir saglabāts" in saved.text
        assert SHOWN in saved.text
        assert "Melnraksts saglabāts " in saved.text
        assert '<details class="action" open>' in saved.text
        for other in (juris, admin):
            assert "Rakstiet uz e-adresi" not in (await other.opens(page)).text
        await anna.submits(page, f"{page}/answer", text=TEXT)
        assert desk.now(ticket).state == "answered"
        assert desk.all(Draft) == []


async def test_a_draft_of_a_forwarding_keeps_what_was_chosen_and_can_be_discarded(desk: DeskHouse) -> None:
    ticket = desk.asked(suggested=("PMLP",))
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        fields = {"institutions": ["VSAA", "VID"], "note": "Lūdzu, īsi."}
        saved = await press(anna, page, f"{page}/forward", "/desk/drafts", **fields)
        assert ">\nLūdzu, īsi.</textarea>" in saved.text
        assert re.findall(r'value="(\w+)" id="to-\d+" checked', saved.text) == ["VID", "VSAA"]
        gone = await press(anna, page, f"{page}/forward", "/desk/drafts/discard", **fields)
        assert "Melnraksts ir izmests" in gone.text
        assert re.findall(r'value="(\w+)" id="to-\d+" checked', gone.text) == ["PMLP"]
        assert "Lūdzu, īsi." not in gone.text
        empty = await press(anna, page, f"{page}/answer", "/desk/drafts", text="  ")
        assert "tāpēc melnraksta nav" in empty.text
        assert desk.all(Draft) == []


async def test_a_draft_by_link_is_the_forwardings(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    one, two = desk.forwarded(desk.asked(), "PMLP", "VSAA")
    link = desk.link(one)
    async with desk.visitor() as anybody, desk.visitor("pēteris") as clerk:
        saved = await press(anybody, link, f"{link}/answer", f"{link}/drafts", text=TEXT)
        assert SHOWN in saved.text
        assert SHOWN in (await anybody.opens(desk.link(one))).text
        assert SHOWN not in (await anybody.opens(desk.link(two))).text
        assert SHOWN not in (await clerk.opens(f"/desk/forwardings/{one.id}")).text
        await anybody.submits(link, f"{link}/answer", text=TEXT)
        assert desk.all(Draft) == []


async def test_a_script_saves_in_the_background_and_is_told_when(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        form = await fields_of(anna, page, f"{page}/answer")
        anna.client.headers["HX-Request"] = "true"
        for text in ("A", TEXT):
            said = await anna.client.post("/desk/drafts", data=form | {"text": text})
            assert said.text.startswith("Melnraksts saglabāts ")
        assert [draft.fields["text"] for draft in desk.all(Draft)] == [[TEXT]]
        assert "Anna Ozola šeit raksta." in (await juris.opens(page)).text
        long = await anna.client.post("/desk/drafts", data=form | {"text": "ā" * 100_001})
        assert long.status_code == 413
        assert [draft.fields["text"] for draft in desk.all(Draft)] == [[TEXT]]


async def test_a_draft_is_saved_only_with_the_word_that_was_made_for_its_writer(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        his = await fields_of(juris, page, f"{page}/answer")
        hers = await fields_of(anna, page, f"{page}/answer")
        for word in (his["keep"], "person 1|/desk|x", "", hers["keep"][:-1] + "?"):
            sent = await anna.client.post("/desk/drafts", data=hers | {"keep": word, "text": TEXT})
            assert sent.status_code == 409, word
        assert desk.all(Draft) == []


async def test_a_text_survives_the_log_in_that_ran_out_while_it_was_typed(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        form = await fields_of(anna, page, f"{page}/answer")
        desk.database.write(lambda session: session.exec(delete(StaffSession)) and None)
        lost = await anna.client.post(f"{page}/answer", data=form | {"text": TEXT})
        assert lost.status_code == 401
        assert f'href="/desk/login?next={page}"' in lost.text
        assert SHOWN in lost.text
        assert desk.now(ticket).state == "triage"
        log_in_again(desk, anna, "anna")
        log_in_again(desk, juris, "juris")
        assert SHOWN in (await anna.opens(page)).text
        assert SHOWN not in (await juris.opens(page)).text
        await anna.submits(page, f"{page}/answer", text=TEXT)
        assert desk.now(ticket).state == "answered"


async def test_a_form_of_an_earlier_log_in_loses_nothing(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        form = await fields_of(anna, page, f"{page}/forward")
        log_in_again(desk, anna, "anna")
        stale = await anna.client.post(f"{page}/forward", data=form | {"note": "Lūdzu, īsi.", "institutions": "VID"})
        assert stale.status_code == 403
        assert f'href="{page}"' in stale.text
        assert ">\nLūdzu, īsi.</textarea>" in stale.text
        assert ">\nLūdzu, īsi.</textarea>" in (await anna.opens(page)).text


async def test_a_paste_of_ten_megabytes_is_given_back_with_a_plain_word(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    number = 10_000_000 // 9
    async with desk.visitor("anna") as anna:
        form = urlencode(await fields_of(anna, page, f"{page}/answer")).encode()
        plain = {"Content-Type": "application/x-www-form-urlencoded"}
        huge = form + b"&text=" + b"Labdien!+" * number
        sent = await anna.client.post(f"{page}/answer", content=huge, headers=plain)
        assert sent.status_code == 422
        assert "Teksts ir pārāk garš, atļautas 20 000 rakstzīmes." in sent.text
        assert sent.text.count("Labdien! ") == number
        declared = plain | {"Content-Length": "17000000"}
        above = await anna.client.post(f"{page}/answer", content=form, headers=declared)
        assert above.status_code == 413
        assert "Nekas nav nosūtīts" in above.text
    assert desk.all(Message, answers=True) == []


async def test_an_expired_link_gives_back_what_was_typed(desk: DeskHouse) -> None:
    (forwarding,) = desk.forwarded(desk.asked(), "PMLP")
    old = desk.link(forwarding).replace("~", "~", 1)
    async with desk.visitor() as anybody:
        form = await fields_of(anybody, old, f"{old}/answer")
        signing = desk.portal.signing
        expired = signing._timed("forwarding")
        expired.get_timestamp = lambda: 1  # type: ignore[method-assign]
        link = f"/answer/{expired.sign(str(forwarding.id)).decode()}"
        sent = await anybody.client.post(f"{link}/answer", data=form | {"text": TEXT})
    assert sent.status_code == 410
    assert SHOWN in sent.text


async def press(visitor: Visitor, page: str, action: str, button: str, **typed: Any) -> httpx.Response:
    """Fills in the page's form and presses a button in it that leads elsewhere."""
    form = await fields_of(visitor, page, action)
    return await visitor.client.post(button, data=form | typed, follow_redirects=True)


async def fields_of(visitor: Visitor, page: str, action: str) -> dict[str, str]:
    """The hidden fields of the page's form."""
    shown = await visitor.opens(page)
    found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', shown.text, re.DOTALL)
    assert found, action
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[1]))


def log_in_again(desk: DeskHouse, visitor: Visitor, login: str) -> None:
    def work(session: Session) -> str:
        return open_session(session, desk.people[login], now())

    visitor.client.cookies.clear()
    visitor.client.cookies.set(COOKIE, desk.database.write(work))
