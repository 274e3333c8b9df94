"""What the desk gives away: nothing personal, nothing that runs, nothing to who is done with a ticket."""

from sqlmodel import Session, select

from models.institution import Institution
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.ticket import Event, Ticket
from tests.web.desk_house import DeskHouse

SCRIPT = "<script>alert('x')</script>"


async def test_personal_data_is_hidden_and_scripts_are_only_text(desk: DeskHouse) -> None:
    ticket = desk.asked(f"Mans kods ir 010190-12345 {SCRIPT}", name=f"Anna {SCRIPT}")
    (forwarding,) = desk.forwarded(ticket, "PMLP", note=SCRIPT)
    desk.attached(ticket, name=f"010190-12345 {SCRIPT}.pdf")

    def spoil(session: Session) -> None:
        session.get_one(Institution, forwarding.institution_id).name = {"lv": SCRIPT}
        session.add(Event(ticket_id=ticket.id or 0, at=now(), kind=SCRIPT, actor=SCRIPT, data={SCRIPT: SCRIPT}))
        changed = session.get_one(Ticket, ticket.id)
        changed.attention, changed.service_code, changed.intent = SCRIPT, SCRIPT, SCRIPT
        for row in session.exec(select(OutboxRow)):
            row.state, row.error = State.DEAD, SCRIPT
        session.add(
            InboxRow(
                channel=SCRIPT,
                external_id="1",
                raw=SCRIPT.encode(),
                received_at=now(),
                due_at=now(),
                state=State.DEAD,
                error=SCRIPT,
            )
        )

    desk.database.write(spoil)
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as peteris:
        pages = [
            await anna.opens(at)
            for at in (
                "/desk",
                "/desk?queue=attention",
                f"/desk?q={SCRIPT}",
                f"/desk/tickets/{ticket.ref}",
                "/desk/problems",
                f"/desk/login?next={SCRIPT}",
            )
        ]
        pages += [
            await peteris.opens(at) for at in ("/desk", f"/desk/forwardings/{forwarding.id}", desk.link(forwarding))
        ]
        page = f"/desk/forwardings/{forwarding.id}"
        token = await peteris.csrf(page)
        too_long = {"csrf": token, "text": SCRIPT + "x" * 20_000, "reason": SCRIPT}
        pages += [await peteris.client.post(f"{page}/answer", data=too_long)]
        pages += [await peteris.client.post(f"{page}/answer", data=too_long | {"csrf": SCRIPT})]
    for shown in pages:
        assert "<script>" not in shown.text
        assert "010190-12345" not in shown.text
    assert all(
        "script-src 'self'" in shown.headers["content-security-policy"] for shown in pages if shown.status_code != 303
    )


async def test_files_are_handed_out_to_be_saved_only(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    file = desk.attached(ticket, name="manas zāles.pdf")
    async with desk.visitor("anna") as anna, desk.visitor() as institution:
        for got in (
            await anna.opens(f"/desk/attachments/{file.id}"),
            await institution.opens(f"{desk.link(forwarding)}/attachments/{file.id}"),
        ):
            assert got.content == b"%PDF-1.7 abc"
            assert got.headers["content-disposition"].startswith("attachment")
            assert got.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in got.headers["content-security-policy"]


async def test_an_institution_does_not_see_what_came_after_it_was_done(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "VSAA")
    page, link = f"/desk/tickets/{ticket.ref}", desk.link(forwarding)
    async with desk.visitor("anna") as anna, desk.visitor() as institution:
        await anna.submits(page, f"{page}/forwardings/{forwarding.id}/withdraw")
        await anna.submits(page, f"{page}/answer", text="Tikai jautātājam.")
        shown = await institution.opens(link)
    assert "Atbildēt vairs nevajag" in shown.text
    assert "Tikai jautātājam." not in shown.text


async def test_what_a_session_that_ended_had_typed_is_given_back(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor() as visitor:
        sent = await visitor.client.post(f"/desk/tickets/{ticket.ref}/answer", data={"text": "Pusstundas darbs"})
    assert sent.status_code == 401
    assert "Pusstundas darbs" in sent.text
