"""The whole letter, and an institution's letter that a coordinator makes the answer."""

import pytest
from sqlmodel import Session, col, select

from models.contact import contact_of
from models.forwarding import Forwarding, ForwardingState
from models.message import DANGEROUS, INFECTED, Attachment, Author, Direction, Message, heard, say
from models.moments import now
from models.queue import InboxRow, OutboxRow, State, bury
from models.ticket import Event, Ticket, TicketState, locked
from routing.by_letter import propose
from tests.web.desk_house import DeskHouse
from tests.web.letters import PICTURE, letter_row, raw_letter

PMLP = "pmlp@pmlp.gov.lv"


def came(desk: DeskHouse, ticket: Ticket, raw: bytes, forwarding: Forwarding | None = None) -> tuple[InboxRow, Message]:
    """A letter that was taken in: the citizen's, or an institution's that waits to be approved."""

    def work(session: Session) -> tuple[InboxRow, Message]:
        there = locked(session, ticket.id or 0)
        row = letter_row(session, raw, State.DONE)
        row.ticket_id = ticket.id
        opened = desk.portal.open_letter(raw)
        if forwarding is None:
            message = heard(session, there.contact, there, opened.own, now())
        else:
            contact = contact_of(session, "email", PMLP, now(), name="PMLP", language="lv")
            message = Message(
                contact=contact,
                forwarding_id=forwarding.id,
                direction=Direction.IN,
                author=Author.INSTITUTION,
                author_name="PMLP",
                text=opened.own,
                at=now(),
            )
            session.add(message)
        message.inbox_id = row.id
        session.flush()
        if forwarding is not None:
            propose(session, there, message, PMLP, now())
        return row, message

    return desk.database.write(work)


def file_of(desk: DeskHouse, message: Message, name: str, refused: str = "") -> Attachment:
    path = desk.portal.settings.data_dir / "files" / "aa" / ("a" * 64)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"MZ")

    def work(session: Session) -> Attachment:
        file = Attachment(
            message_id=message.id or 0, name=name, media_type="text/html", size=2, sha256="a" * 64, refused=refused
        )
        session.add(file)
        return file

    return desk.database.write(work)


async def test_every_message_that_came_by_letter_leads_to_the_whole_of_it(desk: DeskHouse) -> None:
    ticket = desk.asked()
    text = "Mans kods ir 010190-12345.\n\nPirmdien robots rakstīja:\n> Cik Jums gadu?\n> 33"
    row, message = came(desk, ticket, raw_letter(text, subject="Re: gadi"))
    assert "Cik Jums" not in message.text
    async with desk.visitor("anna") as anna:
        page = (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
        assert page.count('class="whole-letter"') == 1, "the question came by Telegram"
        assert f'href="/desk/letters/{row.id}"' in page
        shown = (await anna.opens(f"/desk/letters/{row.id}")).text
    own, stripped = shown.index("[personas kods]"), shown.index("Cik Jums")
    assert 'class="words part own-words"' in shown[:own]
    assert 'class="stripped"' in shown[own:stripped]
    assert "Re: gadi" in shown
    assert "010190" not in shown


async def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere_unasked(desk: DeskHouse) -> None:
    html = (
        '<p onclick="x()">Mans kods: 010190-12345</p><script>x()</script><img src="cid:p" alt="mana">'
        '<img src="https://tracker.example/1.gif" alt="sveša"><form action="/desk/logout"><button>x</button></form>'
    )
    row, _ = came(desk, desk.asked(), raw_letter("x", html=html, picture=PICTURE))
    async with desk.visitor("anna") as anna:
        whole = (await anna.opens(f"/desk/letters/{row.id}")).text
        assert 'sandbox="allow-same-origin allow-popups allow-popups-to-escape-sandbox"' in whole
        assert f'href="/desk/letters/{row.id}?pictures=1#page-title"' in whole
        plain = await anna.opens(f"/desk/letters/{row.id}/page")
        asked = await anna.opens(f"/desk/letters/{row.id}/page?pictures=1")
        picture = await anna.opens(f"/desk/letters/{row.id}/pictures/0")
    assert not any(word in plain.text for word in ("script", "onclick", "tracker", "<form", "010190"))
    assert f'src="/desk/letters/{row.id}/pictures/0"' in plain.text
    policy = plain.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "img-src 'self' data:;" in policy
    assert "sandbox allow-same-origin" in policy
    assert "allow-scripts" not in policy
    assert "https://tracker.example/1.gif" in asked.text
    assert "https:" in asked.headers["content-security-policy"]
    assert asked.headers["referrer-policy"] == "no-referrer"
    assert (picture.content, picture.headers["content-type"]) == (PICTURE, "image/png")


@pytest.mark.parametrize("content", [b"<svg xmlns='http://www.w3.org/2000/svg'><script>x()</script></svg>", b"MZ"])
async def test_what_is_no_picture_by_its_bytes_is_not_shown_as_one(desk: DeskHouse, content: bytes) -> None:
    row, _ = came(desk, desk.asked(), raw_letter("x", html='<img src="cid:p">', picture=content))
    async with desk.visitor("anna") as anna:
        assert (await anna.opens(f"/desk/letters/{row.id}/pictures/0")).status_code == 404
        assert (await anna.opens(f"/desk/letters/{row.id}/pictures/7")).status_code == 404


async def test_the_original_is_handed_out_to_be_saved_as_it_came(desk: DeskHouse) -> None:
    raw = b"From: \xff\xfe broken\r\nContent-Type: multipart/mixed\r\n\r\n\x00\x01"
    row, _ = came(desk, desk.asked(), raw)
    async with desk.visitor("anna") as anna:
        whole = (await anna.opens(f"/desk/letters/{row.id}")).text
        sent = await anna.opens(f"/desk/letters/{row.id}/original")
    assert "Kas vēstulē nav kārtībā" in whole
    assert sent.content == raw
    assert sent.headers["content-disposition"] == f'attachment; filename="letter-{row.id}.eml"'
    assert sent.headers["x-content-type-options"] == "nosniff"


async def test_an_institution_sees_its_own_letters_and_no_citizens(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    theirs, message = came(desk, ticket, raw_letter("Raķešu nav.", sender=PMLP), forwarding)
    citizens, _ = came(desk, ticket, raw_letter("Un vēl."))
    file = file_of(desk, message, "karte.pdf")
    held = desk.database.write(lambda session: letter_row(session, raw_letter(), State.HELD, "spam"))
    seen = {}
    for who in ("anna", "liene", "pēteris", "vita", "admin"):
        async with desk.visitor(who) as visitor:
            addresses = [f"/desk/letters/{row.id}" for row in (theirs, citizens, held)]
            addresses.append(f"/desk/attachments/{file.id}")
            seen[who] = [(await visitor.opens(address)).status_code for address in addresses]
            if who == "pēteris":
                tray = (await visitor.opens(f"/desk/forwardings/{forwarding.id}")).text
                assert f'href="/desk/letters/{theirs.id}"' in tray
                assert f'href="/desk/letters/{citizens.id}"' not in tray
    assert seen == {
        "anna": [200, 200, 200, 200],
        "liene": [404, 404, 200, 404],
        "pēteris": [200, 404, 404, 200],
        "vita": [404, 404, 404, 404],
        "admin": [200, 200, 200, 200],
    }


async def test_what_came_by_no_letter_is_no_letter(desk: DeskHouse) -> None:
    row = InboxRow(channel="telegram", external_id="1", raw=b"{}", received_at=now(), due_at=now())
    desk.database.write(lambda session: session.add(row))
    async with desk.visitor("anna") as anna:
        assert (await anna.opens(f"/desk/letters/{desk.all(InboxRow)[0].id}")).status_code == 404


async def test_a_coordinator_sends_an_institutions_letter_as_the_answer_with_its_files(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    _, message = came(desk, ticket, raw_letter("Raķešu nav.", sender=PMLP), forwarding)
    file_of(desk, message, "karte.pdf")
    file_of(desk, message, "karte.pdf.exe", DANGEROUS)
    page = f"/desk/tickets/{ticket.ref}"
    action = f"{page}/letters/{message.id}/answer"
    async with desk.visitor("anna") as anna:
        whole = (await anna.opens(page)).text
        assert "\nRaķešu nav.</textarea>" in whole
        empty = await anna.submits(page, action, text=" ")
        assert empty.status_code == 422
        shown = await anna.submits(page, action, text="Raķešu diemžēl nav.")
        assert "Iestādes vēstule ir atbilde." in shown.text
        again = {"csrf": await anna.csrf(page), "text": "Raķešu diemžēl nav."}
        assert (await anna.client.post(action, data=again)).status_code == 303
        assert (await anna.client.post(action, data=again | {"text": "Citādi"})).status_code == 409
        assert (await anna.client.post(f"{page}/letters/{message.id}/no-answer", data=again)).status_code == 409
    answer = desk.all(Message, ticket_id=ticket.id)[-1]
    assert answer.text.endswith("Raķešu diemžēl nav.")
    assert [file.name for file in desk.all(Attachment, message_id=answer.id)] == ["karte.pdf"]
    assert desk.now(ticket).state == TicketState.ANSWERED
    assert ("institution answered", "anna") in [(e.kind, e.actor) for e in desk.all(Event, ticket_id=ticket.id)]


async def test_a_letter_that_is_no_answer_stays_to_be_read(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    row, message = came(desk, ticket, raw_letter("Vai varat precizēt?", sender=PMLP), forwarding)
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        csrf = {"csrf": await anna.csrf(page)}
        for _ in range(2):
            sent = await anna.client.post(f"{page}/letters/{message.id}/no-answer", data=csrf)
            assert sent.status_code == 303
        assert (
            await anna.client.post(f"{page}/letters/{message.id}/answer", data=csrf | {"text": "x"})
        ).status_code == 409
        whole = (await anna.opens(page)).text
    assert f'href="/desk/letters/{row.id}"' in whole
    assert "Vai varat precizēt?" in whole
    assert desk.all(Forwarding)[0].state == ForwardingState.WAITING
    assert desk.now(ticket).attention == ""


async def test_a_letter_to_an_institution_shows_whether_it_went_out(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "VZD")
    address = "vzd@example.lv"

    def mail(session: Session) -> OutboxRow:
        contact = contact_of(session, "email", address, now(), name="VZD", language="lv")
        text = "Lūdzam atbildēt."
        message = say(session, contact, None, text, now(), pulled=False, forwarding_id=forwarding.id)
        row = session.exec(select(OutboxRow).where(col(OutboxRow.message_id) == message.id)).one()
        bury(row, "550 no such user")
        return row

    row = desk.database.write(mail)
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(page)).text
        assert "Lūdzam atbildēt." in shown
        assert "550 no such user" in shown
        await anna.client.post(f"/desk/problems/outbox/{row.id}/sent", data={"csrf": await anna.csrf(page)})
        assert "Pasta serveris pieņēma" in (await anna.opens(page)).text
    assert desk.all(Forwarding)[0].delivered_by == "mail"


async def test_a_dangerous_file_is_named_and_only_a_coordinator_takes_it_anyway(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    _, message = came(desk, ticket, raw_letter("Lūdzu."))
    bad, worse = file_of(desk, message, "rēķins.pdf.exe", DANGEROUS), file_of(desk, message, "eicar.com", INFECTED)
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as clerk:
        page = (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
        assert "rēķins.pdf.exe" in page
        assert f'action="/desk/attachments/{bad.id}/anyway"' in page
        assert "Tajā ir vīruss." in page
        assert f"/desk/attachments/{worse.id}" not in page
        for file in (bad, worse):
            assert (await anna.opens(f"/desk/attachments/{file.id}")).status_code == 404
            assert (await clerk.opens(f"/desk/attachments/{file.id}")).status_code == 404
        theirs = (await clerk.opens(f"/desk/forwardings/{forwarding.id}")).text
        assert "rēķins.pdf.exe" in theirs
        assert "/anyway" not in theirs
        form = {"csrf": await anna.csrf(f"/desk/tickets/{ticket.ref}")}
        sent = await anna.client.post(f"/desk/attachments/{bad.id}/anyway", data=form)
        assert (sent.status_code, sent.headers["content-type"]) == (200, "application/octet-stream")
        assert sent.headers["content-disposition"].startswith("attachment")
        assert (await anna.client.post(f"/desk/attachments/{worse.id}/anyway", data=form)).status_code == 404
    async with desk.visitor() as nobody:
        assert (await nobody.opens(f"{desk.link(forwarding)}/attachments/{bad.id}")).status_code == 404
