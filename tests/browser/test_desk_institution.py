"""An institution's own pages and the composing of one answer, in Chromium: wide and narrow, every state looked at."""

from dataclasses import replace
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlmodel import Session, col, select

from models.absence import Absence
from models.approval import Approval
from models.contact import Contact
from models.forwarding import Forwarding
from models.inquiry import Inquiry, InquiryState
from models.institution import institution_by_code
from models.message import Message
from models.moments import now, riga_date
from models.service import Service
from models.ticket import Ticket
from routing.answering import institution_answers
from tests.browser.desk import Opener, look
from tests.web.desk_house import DeskHouse


def test_the_coordinator_takes_parts_over_and_chooses_another_way_where_the_window_is_closed(
    desk: DeskHouse, browse: Opener
) -> None:
    desk.app.state.portal = replace(
        desk.portal, windows={"whatsapp": timedelta(hours=24)}, sends=frozenset({"whatsapp", "email"})
    )
    ticket = desk.asked(channel="whatsapp")
    desk.forwarded(ticket, "PMLP", "VSAA", "VID")
    desk.database.write(lambda session: two_parts(session, ticket))
    home = f"/desk/tickets/{ticket.ref}"
    anna = browse("anna")
    anna.goto(home)
    expect(anna.locator("#parts")).to_contain_text("Vēl nav atbildējuši")
    assert len({top for _, top in corners(anna)[:2]}) == 1, "side by side"
    look(anna, "composing at 1280")
    answer = anna.locator("#answer-text")
    answer.fill("")
    for institution in ("Valsts sociālās", "Pilsonības"):
        anna.get_by_role("button", name=f"Pārņemt atbildē {institution}").click()
    expect(answer).to_have_value("Par pabalstu: mēs.\n\nPar pasi: mēs.")
    expect(anna.locator("#source-entry")).not_to_be_checked()
    anna.get_by_role("button", name="Pārņemt atbildē Kataloga teksts").click()
    expect(anna.locator("#source-entry")).to_be_checked()
    anna.get_by_role("button", name="Nosūtīt atbildi").click()
    expect(anna.get_by_role("alert")).to_contain_text("Izvēlieties, kā atbildi nosūtīt.")
    look(anna, "no way chosen")
    narrow = browse("anna", width=320)
    narrow.goto(home)
    assert len({left for left, _ in corners(narrow)}) == 1, "one below the other"
    look(narrow, "composing at 320")
    anna.get_by_label("E-pasts: anna@example.lv").check()
    anna.get_by_role("button", name="Nosūtīt atbildi").click()
    expect(anna.get_by_role("status").filter(has_text="Atbilde ir nosūtīta.")).to_be_visible()
    expect(anna.locator(".sources")).to_contain_text("Pilsonības un migrācijas lietu pārvalde")
    look(anna, "answered with sources")


def test_an_institution_delegates_asks_and_approves_at_both_widths(desk: DeskHouse, browse: Opener) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    desk.database.write(lambda session: busy(session, desk, forwarding))
    page = f"/desk/forwardings/{forwarding.id}"
    clerk, head = browse("pēteris", width=320), browse("zigrīda")
    clerk.goto(page)
    for summary in ("Uzticēt kolēģim", "Pajautāt jautātājam"):
        clerk.locator("summary", has_text=summary).click()
    look(clerk, "a clerk's page")
    clerk.get_by_role("button", name="Uzticēt", exact=True).click()
    expect(clerk.get_by_role("alert")).to_contain_text("Izvēlieties kolēģi.")
    look(clerk, "nobody chosen")
    clerk.get_by_label("Kolēģis").select_option("Pēteris Liepa")
    clerk.get_by_role("button", name="Uzticēt", exact=True).click()
    expect(clerk.locator(".holder")).to_contain_text("Uzticēts: jums")
    coordinator = browse("anna", width=320)
    coordinator.goto(f"/desk/tickets/{ticket.ref}")
    look(coordinator, "what the institution asks")
    coordinator.get_by_role("button", name="Nosūtīt jautātājam").click()
    expect(coordinator.get_by_role("status").filter(has_text="nosūtīts jautātājam")).to_be_visible()
    for width in (1280, 320):
        head.set_viewport_size({"width": width, "height": 800})
        head.goto(page)
        look(head, f"an answer to approve at {width}")
    head.get_by_role("button", name="Apstiprināt un nosūtīt").click()
    expect(head.get_by_text("Atbilde ir apstiprināta un nosūtīta.")).to_be_visible()
    look(head, "approved")


def test_absences_at_both_widths(desk: DeskHouse, browse: Opener) -> None:
    head = browse("zigrīda")
    head.goto("/desk/absence")
    head.get_by_role("button", name="Pieteikt").click()
    expect(head.get_by_role("alert")).to_be_visible()
    look(head, "without dates")
    head.get_by_label("Kurš aizvietos?").select_option("Pēteris Liepa")
    for label in ("No", "Līdz (ieskaitot)"):
        head.get_by_label(label, exact=True).fill(riga_date(now()).isoformat())
    head.get_by_role("button", name="Pieteikt").click()
    expect(head.locator(".away-row")).to_contain_text("Aizvieto: Pēteris Liepa")
    for width in (1280, 320):
        head.set_viewport_size({"width": width, "height": 800})
        look(head, f"somebody away at {width}")
    tray_at(head, "to-approve")


def corners(page: Page) -> list[tuple[float, float]]:
    """Where each part begins: from the left, from the top."""
    boxes = [part.bounding_box() for part in page.locator(".compose-part").all()]
    return [(box["x"], box["y"]) for box in boxes if box]


def tray_at(page: Page, which: str) -> None:
    page.goto(f"/desk?tray={which}")
    look(page, which)


def two_parts(session: Session, ticket: Ticket) -> None:
    """Two of three have answered, the catalogue knows something too, and the citizen wrote two days ago."""
    there = session.get_one(Ticket, ticket.id)
    entry = session.exec(select(Service).where(col(Service.current)).order_by(col(Service.code))).first()
    there.service_code = entry.code if entry else ""
    contact = session.get_one(Contact, there.contact_id)
    contact.reach = "anna@example.lv"
    for message in session.exec(select(Message).where(col(Message.ticket_id) == ticket.id)):
        message.at -= timedelta(days=2)
    for code, text in (("PMLP", "Par pasi: mēs."), ("VSAA", "Par pabalstu: mēs.")):
        institution = institution_by_code(session, code)
        assert institution is not None
        at = select(Forwarding).where(col(Forwarding.institution_id) == institution.id)
        forwarding = session.exec(at).one()
        institution_answers(session, contact, there, forwarding, institution, text, now(), "pēteris", pulled=False)


def busy(session: Session, desk: DeskHouse, forwarding: Forwarding) -> None:
    """An answer waits for the head, a question for the coordinator, another was declined, and a colleague is away."""
    institution = institution_by_code(session, "PMLP")
    assert institution is not None
    institution.approval = True
    number, by, today = forwarding.id or 0, "pēteris", riga_date(now())
    head, clerk = desk.people["zigrīda"].id or 0, desk.people["pēteris"].id or 0
    declined = Inquiry(forwarding_id=number, author=by, text="Kāds ir personas kods?", at=now(), reason="Nedrīkst.")
    declined.state = InquiryState.DECLINED
    session.add(declined)
    session.add(Inquiry(forwarding_id=number, author=by, text="Kurā pilsētā dzīvojat?", at=now()))
    session.add(Approval(forwarding_id=number, author=by, text="Nāciet uz Čiekurkalna 1. līniju.", at=now()))
    session.add(Absence(person_id=head, substitute_id=clerk, first=today, last=today, set_by=by, set_at=now()))
    session.get_one(Ticket, forwarding.ticket_id).attention = "institution asks"
