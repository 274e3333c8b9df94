"""The desk in Chromium: the whole way of a question, without JavaScript, accessible, narrow and wide."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from models.contact import contact_of
from models.forwarding import Forwarding
from models.message import DANGEROUS, INFECTED, Attachment, Author, Direction, Message, say
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.staff import notify
from models.ticket import Ticket
from tests.browser.desk import Opener, fits, look
from tests.web.desk_house import DeskHouse
from tests.web.letters import PICTURE, letter_row, raw_letter

TRACKER = "https://tracker.example/1.gif"


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("width", [1280, 320])
def test_a_question_is_forwarded_and_answered_by_link(
    desk: DeskHouse, browse: Opener, width: int, javascript: bool
) -> None:
    ticket = desk.asked(suggested=("PMLP", "VSAA"))
    anna = browse("anna", width=width, javascript=javascript)
    anna.get_by_role("link", name="Kā dzīvnieku patversmei").click()
    expect(anna.get_by_label("Pilsonības un migrācijas lietu pārvalde")).to_be_checked()
    anna.get_by_label("Piezīme iestādei").fill("Lūdzu, īsi.")
    anna.get_by_role("button", name="Pārsūtīt", exact=True).click()
    expect(anna.get_by_role("status")).to_have_text("Jautājums ir pārsūtīts.")
    link = anna.get_by_label("Saite iestādei").input_value().removeprefix("https://atbilde.example")

    institution = browse(width=width, javascript=javascript)
    institution.goto(link)
    expect(institution.get_by_text("Lūdzu, īsi.")).to_be_visible()
    institution.get_by_label("Atbildes teksts").fill("Rakstiet uz patversmes e-adresi.")
    institution.get_by_role("button", name="Nosūtīt atbildi").click()
    expect(institution.get_by_text("Atbilde ir nosūtīta jautātājam.")).to_be_visible()
    assert fits(institution)

    anna.reload()
    expect(anna.locator(".said-institution")).to_contain_text("Rakstiet uz patversmes e-adresi.")
    assert desk.now(ticket).state == "answered"


@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_and_state_passes_axe_and_fits(desk: DeskHouse, browse: Opener, width: int) -> None:
    pages = furnish(desk)
    anna = browse(width=width)
    anna.goto("/desk")
    look(anna, "log-in")
    anna.get_by_label("Lietotājvārds").fill("anna")
    anna.get_by_label("Parole").fill("wrong")
    anna.get_by_role("button", name="Pieteikties").click()
    look(anna, "log-in refused")
    windows = {"nobody": browse(width=width)} | {who: browse(who, width=width) for who in ("anna", "pēteris", "admin")}
    for who, address in pages:
        window = windows[who]
        window.goto(address)
        for summary in window.locator("details > summary").all():
            if summary.is_visible():
                summary.click()
        look(window, f"{who} at {address}")


def test_a_mistake_is_announced_and_leads_to_its_field(desk: DeskHouse, browse: Opener) -> None:
    ticket = desk.asked(suggested=())
    anna = browse("anna")
    anna.goto(f"/desk/tickets/{ticket.ref}")
    anna.get_by_role("button", name="Pārsūtīt", exact=True).click()
    expect(anna.get_by_role("alert")).to_be_focused()
    look(anna, "a mistake")
    anna.get_by_role("alert").get_by_role("link").click()
    expect(anna.locator("#forward-institutions")).to_be_in_viewport()


def test_a_long_list_of_institutions_is_narrowed_by_typing(desk: DeskHouse, browse: Opener) -> None:
    ticket = desk.asked(suggested=())
    anna = browse("anna")
    anna.goto(f"/desk/tickets/{ticket.ref}")
    anna.get_by_label("Atrast iestādi").fill("zemes dienests")
    expect(anna.locator(".check:visible")).to_have_count(1)
    anna.get_by_label("Valsts zemes dienests").check()
    anna.get_by_role("button", name="Pārsūtīt", exact=True).click()
    expect(anna.locator(".forwardings")).to_contain_text("VZD")


def test_the_desk_can_be_worked_with_the_keyboard_alone(desk: DeskHouse, browse: Opener) -> None:
    desk.asked()
    anna = browse("anna")
    anna.keyboard.press("Tab")
    expect(anna.get_by_role("link", name="Uz saturu")).to_be_focused()
    expect(anna.get_by_role("link", name="Uz saturu")).to_be_in_viewport()
    anna.keyboard.press("Enter")
    expect(anna.locator("#main")).to_be_focused()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
@pytest.mark.parametrize("width", [1280, 320])
def test_a_held_letter_is_read_in_its_looks_and_put_to_its_question(
    desk: DeskHouse, browse: Opener, width: int, javascript: bool
) -> None:
    ticket, letter = desk.asked(), a_letter_that_was_held(desk)
    anna = browse("anna", width=width, javascript=javascript)
    asked: list[str] = []
    anna.context.on("request", lambda request: asked.append(request.url))
    anna.context.route("https://tracker.example/**", lambda route: route.abort())
    anna.get_by_role("link", name="Aizturētās vēstules 1").click()
    anna.get_by_role("link", name="Par patversmi").click()
    frame = anna.frame_locator("iframe")
    expect(frame.get_by_text("Labdien")).to_be_visible()
    if javascript:
        own = frame.get_by_alt_text("mana")
        expect(own).to_have_js_property("naturalWidth", 1)
    assert TRACKER not in asked
    anna.get_by_role("link", name="Rādīt tos").click()
    expect(frame.get_by_alt_text("sveša")).to_have_attribute("src", TRACKER)
    anna.wait_for_load_state("networkidle")
    assert TRACKER in asked
    anna.get_by_label("Pieder pie jautājuma ar numuru").fill(ticket.ref)
    anna.get_by_role("button", name="Pieder", exact=False).last.click()
    expect(anna.get_by_label("Jautātāja")).to_be_checked()
    assert fits(anna)
    anna.get_by_role("button", name="Pieņemt vēstuli").click()
    expect(anna.get_by_role("status")).to_contain_text("Vēstule tiek pieņemta.")
    assert desk.all(InboxRow, id=letter.id)[0].verdict == f"t{ticket.id} anna"


def a_letter_that_was_held(desk: DeskHouse) -> InboxRow:
    html = (
        '<p style="color:#333">Labdien!</p><script>document.title = "x"</script><table border="1"><tr><td>Cik</td></tr>'
        '</table><img src="cid:p" alt="mana"><img src="https://tracker.example/1.gif" alt="sveša">'
    )
    text = "Labdien!\n\nCik tas maksā?\n\n-- \nIlze\n\nPirmdien robots rakstīja:\n> Jūsu jautājums ir saņemts."
    raw = raw_letter(text, subject="Par patversmi", html=html, picture=PICTURE, files=(("rēķins.pdf.exe", b"MZ"),))
    return desk.database.write(lambda session: letter_row(session, raw, State.HELD, "foreign"))


def an_institutions_letter(desk: DeskHouse, forwarding: Forwarding) -> InboxRow:
    """It waits to be approved; with it came a file that is offered and one that is not."""

    def work(session: Session) -> InboxRow:
        row = letter_row(session, raw_letter("Rakstiet uz e-adresi.", sender="pmlp@pmlp.gov.lv"), State.DONE)
        row.ticket_id = forwarding.ticket_id
        contact = contact_of(session, "email", "pmlp@pmlp.gov.lv", now(), name="PMLP", language="lv")
        say(session, contact, None, "Lūdzam atbildēt.", now(), pulled=False, forwarding_id=forwarding.id)
        message = Message(
            contact=contact,
            forwarding_id=forwarding.id,
            direction=Direction.IN,
            author=Author.INSTITUTION,
            text="Rakstiet uz e-adresi.",
            at=now(),
            proposed=True,
            inbox_id=row.id,
        )
        session.add(message)
        session.flush()
        for name, refused in (("karte.pdf", ""), ("rēķins.pdf.exe", DANGEROUS), ("eicar.com", INFECTED)):
            kept = Attachment(
                message_id=message.id or 0, name=name, media_type="x/y", size=2, sha256="a" * 64, refused=refused
            )
            session.add(kept)
        return row

    return desk.database.write(work)


def furnish(desk: DeskHouse) -> list[tuple[str, str]]:
    """Tickets in every state, and all the pages that show them with who looks."""
    day = timedelta(days=1)
    late, new, composing = desk.asked(at=now() - 20 * day), desk.asked(), desk.asked(at=now() - 4 * day)
    desk.asked(at=now() - day)
    desk.attached(late)
    (waiting,) = desk.forwarded(late, "PMLP", note="Lūdzu, ar adresi.")
    desk.forwarded(composing, "PMLP")
    answered = desk.asked()
    desk.forwarded(answered, "PMLP")

    def states(session: Session) -> None:
        session.get_one(Ticket, composing.id).state = "composing"
        session.get_one(Ticket, answered.id).state = "answered"
        session.get_one(Ticket, new.id).attention = "citizen wrote"
        for forwarding in session.exec(select(Forwarding).where(Forwarding.id != waiting.id)):
            forwarding.state, forwarding.ended_at, forwarding.reason = "returned", now(), "Nav mūsu."
        for row, state in zip(session.exec(select(OutboxRow)), (State.DEAD, State.DOUBTFUL), strict=False):
            row.state, row.error = state, "403 Forbidden"
        message = session.exec(select(Message)).first()
        assert message
        message.earlier, message.edited_at = ["Agrāk"], now()
        session.add(
            InboxRow(
                channel="telegram",
                external_id="1",
                raw=b"{}",
                received_at=now(),
                due_at=now(),
                state=State.DEAD,
                error="x",
            )
        )
        for code in (1, 4):
            notify(session, code, late.id or 0, "overdue", f"k{code}", now())
            notify(session, code, late.id or 0, "due soon", f"l{code}", now())

    held, theirs = a_letter_that_was_held(desk), an_institutions_letter(desk, waiting)
    out = a_letter_that_was_held(desk)
    desk.database.write(states)
    desk.database.write(lambda session: setattr(session.get_one(InboxRow, out.id), "verdict", "out anna"))
    tickets = [f"/desk/tickets/{ticket.ref}" for ticket in (late, new, composing, answered)]
    return [
        *(("anna", address) for address in ("/desk", "/desk?queue=waiting", "/desk?queue=answered", "/desk?q=patvers")),
        *(
            ("anna", address)
            for address in ("/desk?q=nekas", "/desk/problems", "/desk/forwardings", "/desk?language=en")
        ),
        *(("anna", address) for address in (*tickets, "/desk/tickets/LV-2026-999999", f"{tickets[0]}?done=forward")),
        *(("anna", address) for address in ("/desk/held", "/desk/held?show=left-out", "/desk/held?language=lv")),
        ("anna", f"/desk/letters/{held.id}?ref={tickets[0].rpartition('/')[2]}"),
        ("anna", f"/desk/letters/{held.id}?ref=LV-2026-999999"),
        ("anna", f"/desk/letters/{out.id}"),
        *((who, f"/desk/letters/{theirs.id}") for who in ("anna", "pēteris")),
        ("admin", "/desk/held"),
        *((who, "/desk/terms") for who in ("anna", "pēteris", "admin")),
        *((who, "/desk/calendar") for who in ("anna", "admin")),
        *(("admin", address) for address in ("/desk", tickets[0], f"/desk/forwardings/{waiting.id}")),
        *(("pēteris", address) for address in ("/desk", "/desk?tray=returned", f"/desk/forwardings/{waiting.id}")),
        ("pēteris", f"/desk/forwardings/{(waiting.id or 0) + 1}"),
        ("nobody", desk.link(waiting)),
        ("nobody", "/answer/x.y.z"),
    ]
