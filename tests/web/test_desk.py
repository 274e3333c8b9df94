"""A question at the desk: forwarded, answered, returned, composed; and what happens when two people act at once."""

import asyncio
from datetime import timedelta

import pytest
from sqlmodel import Session

from models.clock import Clock, Outcome
from models.forwarding import Answer, Forwarding
from models.institution import Institution
from models.message import Message
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.staff import Notice
from models.ticket import Event, Ticket
from tests.web.desk_house import DeskHouse

SCRIPT = "<script>alert('x')</script>"


async def test_a_question_goes_to_the_institution_and_its_answer_by_link_to_the_citizen(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        sent = await anna.submits(page, f"{page}/forward", institutions=["PMLP"], note="Lūdzu, ar adresi.")
        assert "Jautājums ir pārsūtīts." in sent.text
        assert "https://atbilde.example/answer/" in sent.text
    (forwarding,) = desk.all(Forwarding)
    link = desk.link(forwarding)
    async with desk.visitor() as institution:
        shown = await institution.opens(link)
        assert "Lūdzu, ar adresi." in shown.text
        answered = await institution.submits(link, f"{link}/answer", text="Nāciet uz Čiekurkalna 1. līniju.\r\nDarba dienās.")
        assert "Jūsu iestāde atbildēja" in answered.text
        assert "<textarea" not in answered.text
    message = desk.all(Message)[-1]
    assert message.text.endswith("Nāciet uz Čiekurkalna 1. līniju.\nDarba dienās.")
    assert "Pilsonības un migrācijas lietu pārvalde" in message.text
    assert [row.channel for row in desk.all(OutboxRow, message_id=message.id)] == ["telegram"]
    assert desk.now(ticket).state == "answered"
    assert desk.all(Answer)[0].author == "link PMLP"
    assert desk.woken


async def test_an_answer_on_a_channel_that_fetches_reaches_who_listens(desk: DeskHouse) -> None:
    ticket = desk.asked(channel="webchat")
    told: list[str] = []
    desk.portal.said.add(ticket.contact_id, lambda: told.append("news"))
    async with desk.visitor("anna") as anna:
        page = f"/desk/tickets/{ticket.ref}"
        await anna.submits(page, f"{page}/answer", text="Mēs palīdzēsim.")
    assert told == ["news"]
    assert not desk.all(OutboxRow)
    assert {c.outcome for c in desk.all(Clock)} == {Outcome.IN_TIME, Outcome.NOT_NEEDED}


async def test_of_several_institutions_the_coordinator_makes_one_answer(desk: DeskHouse) -> None:
    ticket = desk.asked()
    pmlp, vsaa = desk.forwarded(ticket, "PMLP", "VSAA")
    async with desk.visitor("pēteris") as peteris, desk.visitor("vita") as vita, desk.visitor("anna") as anna:
        mine = f"/desk/forwardings/{pmlp.id}"
        done = await peteris.submits(mine, f"{mine}/answer", text="Par pasi atbildam mēs.")
        assert "sagatavos vienu" in done.text
        assert desk.now(ticket).state == "forwarded"
        theirs = f"/desk/forwardings/{vsaa.id}"
        await vita.submits(theirs, f"{theirs}/answer", text="Par pabalstu atbildam mēs.")
        assert desk.now(ticket).state == "composing"
        assert not [m for m in desk.all(Message) if m.answers]
        page = f"/desk/tickets/{ticket.ref}"
        shown = await anna.opens(page)
        assert "Par pasi atbildam mēs.\n\nValsts sociālās apdrošināšanas aģentūra:\nPar pabalstu" in shown.text
        assert "iestāde ir atbildējusi" in (await anna.opens("/desk")).text
        await anna.submits(page, f"{page}/answer", text="Pase: PMLP. Pabalsts: VSAA.")
    (answer,) = [m for m in desk.all(Message) if m.answers]
    assert answer.author == "coordinator"
    assert answer.text.endswith("Pase: PMLP. Pabalsts: VSAA.")


async def test_not_ours_brings_the_question_back_with_the_reason_and_a_notice(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "VSAA")
    page = f"/desk/forwardings/{forwarding.id}"
    async with desk.visitor("vita") as vita, desk.visitor("anna") as anna:
        empty = await vita.client.post(f"{page}/return", data={"csrf": await csrf(vita, page), "reason": "  "})
        assert empty.status_code == 422
        assert "Uzrakstiet, kāpēc" in empty.text
        back = await vita.submits(page, f"{page}/return", reason="Pases izsniedz PMLP.")
        assert "Jūsu iestāde atdeva jautājumu" in back.text
        assert desk.now(ticket).state == "triage"
        assert "iestāde jautājumu atdeva" in (await anna.opens("/desk")).text
        assert "Pases izsniedz PMLP." in (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
        (notice,) = desk.all(Notice)
        seen = await anna.submits("/desk", "/desk/notices", notice=str(notice.id))
        assert "iestāde jautājumu atdeva" not in seen.text


async def test_a_withdrawn_forwarding_can_no_longer_be_answered_and_the_text_is_not_lost(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    link, page = desk.link(forwarding), f"/desk/tickets/{ticket.ref}"
    async with desk.visitor() as institution, desk.visitor("anna") as anna:
        token = await csrf(institution, link)
        await anna.submits(page, f"{page}/forwardings/{forwarding.id}/withdraw")
        late = await institution.client.post(f"{link}/answer", data={"csrf": token, "text": "Gara atbilde"})
    assert late.status_code == 409
    assert "jautājums vairs negaida" in late.text
    assert "Gara atbilde" in late.text
    assert desk.now(ticket).state == "triage"


@pytest.mark.parametrize("times", [2, 5])
async def test_an_impatient_click_answers_once(desk: DeskHouse, times: int) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        form = {"csrf": await csrf(anna, page), "text": "Viena atbilde."}
        sent = await asyncio.gather(*(anna.client.post(f"{page}/answer", data=form) for _ in range(times)))
    assert [response.status_code for response in sent] == [303] * times
    assert len([m for m in desk.all(Message) if m.answers]) == 1


async def test_an_impatient_click_forwards_once(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        form = {"csrf": await csrf(anna, page), "institutions": ["PMLP", "VSAA"]}
        for _ in range(3):
            assert (await anna.client.post(f"{page}/forward", data=form)).status_code == 303
    assert len(desk.all(Forwarding)) == 2


async def test_a_second_coordinator_is_told_and_keeps_what_he_wrote(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        token = await csrf(juris, page)
        await anna.submits(page, f"{page}/answer", text="Annas atbilde.")
        refused = await juris.client.post(f"{page}/answer", data={"csrf": token, "text": "Jura atbilde."})
    assert refused.status_code == 409
    assert "Uz šo jautājumu jau ir atbildēts" in refused.text
    assert "Jura atbilde." in refused.text


async def test_only_one_of_two_takes_the_ticket_and_taking_over_is_a_decision(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        token = await csrf(juris, page)
        await anna.submits(page, f"{page}/take")
        late = await juris.client.post(f"{page}/take", data={"csrf": token, "holder": ""})
        assert late.status_code == 409
        assert "paņēmis kāds cits" in late.text
        assert desk.now(ticket).taken_by == desk.people["anna"].id
        await juris.submits(page, f"{page}/take")
        assert desk.now(ticket).taken_by == desk.people["juris"].id


async def test_nothing_chosen_is_said_at_the_field_and_the_note_stays(desk: DeskHouse) -> None:
    ticket = desk.asked(suggested=())
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        refused = await anna.submits(page, f"{page}/forward", note="Steidzami!")
    assert refused.status_code == 422
    assert 'href="#forward-institutions"' in refused.text
    assert "Steidzami!" in refused.text
    assert not desk.all(Forwarding)


async def test_personal_data_is_hidden_and_scripts_are_only_text(desk: DeskHouse) -> None:
    ticket = desk.asked(f"Mans kods ir 010190-12345 {SCRIPT}", name=f"Anna {SCRIPT}")
    (forwarding,) = desk.forwarded(ticket, "PMLP", note=SCRIPT)
    desk.attached(ticket, name=f"010190-12345 {SCRIPT}.pdf")

    def spoil(session: Session) -> None:
        session.get_one(Institution, forwarding.institution_id).name = {"lv": SCRIPT}
        session.add(Event(ticket_id=ticket.id or 0, at=now(), kind=SCRIPT, actor=SCRIPT, data={SCRIPT: SCRIPT}))
        changed = session.get_one(Ticket, ticket.id)
        changed.attention, changed.service_code, changed.intent = SCRIPT, SCRIPT, SCRIPT
        for row in session.query(OutboxRow).all():
            row.state, row.error = State.DEAD, SCRIPT
        session.add(InboxRow(channel=SCRIPT, external_id="1", raw=SCRIPT.encode(), received_at=now(), due_at=now(), state=State.DEAD, error=SCRIPT))

    desk.database.write(spoil)
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as peteris:
        pages = [await anna.opens(at) for at in ("/desk", "/desk?queue=attention", f"/desk?q={SCRIPT}", f"/desk/tickets/{ticket.ref}", "/desk/problems", f"/desk/login?next={SCRIPT}")]
        pages += [await peteris.opens(at) for at in ("/desk", f"/desk/forwardings/{forwarding.id}", desk.link(forwarding))]
        page = f"/desk/forwardings/{forwarding.id}"
        token = await csrf(peteris, page)
        too_long = {"csrf": token, "text": SCRIPT + "x" * 20_000, "reason": SCRIPT}
        pages += [await peteris.client.post(f"{page}/answer", data=too_long)]
        pages += [await peteris.client.post(f"{page}/answer", data=too_long | {"csrf": SCRIPT})]
    for shown in pages:
        assert "<script>" not in shown.text
        assert "010190-12345" not in shown.text
    assert all("script-src 'self'" in shown.headers["content-security-policy"] for shown in pages if shown.status_code != 303)


async def test_files_are_handed_out_to_be_saved_only(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    file = desk.attached(ticket, name="manas zāles.pdf")
    async with desk.visitor("anna") as anna, desk.visitor() as institution:
        for got in (await anna.opens(f"/desk/attachments/{file.id}"), await institution.opens(f"{desk.link(forwarding)}/attachments/{file.id}")):
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


async def test_attention_is_asked_until_somebody_has_looked(desk: DeskHouse) -> None:
    ticket = desk.asked()
    desk.database.write(lambda s: setattr(s.get_one(Ticket, ticket.id), "attention", "citizen wrote"))
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        assert "Jautātājs ir uzrakstījis vēl." in (await anna.opens("/desk?queue=attention")).text
        await anna.submits(page, f"{page}/attend")
        assert desk.now(ticket).attention == ""


async def test_what_a_session_that_ended_had_typed_is_given_back(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor() as visitor:
        sent = await visitor.client.post(f"/desk/tickets/{ticket.ref}/answer", data={"text": "Pusstundas darbs"})
    assert sent.status_code == 401
    assert "Pusstundas darbs" in sent.text


async def test_a_message_that_was_given_up_is_sent_again_or_said_to_be_sent(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("admin") as admin:
        await anna.submits(page, f"{page}/answer", text="Lūk, atbilde.")
        row = desk.all(OutboxRow)[-1]
        give_up(desk, row, State.DEAD)
        await admin.submits("/desk/problems", f"/desk/problems/outbox/{row.id}/again")
        assert [(r.state, r.attempts) for r in desk.all(OutboxRow, id=row.id)] == [(State.WAITING, 0)]
        assert desk.now(ticket).attention == ""
        give_up(desk, row, State.DOUBTFUL)
        form = {"csrf": await csrf(anna, page), "next": page}
        sent = await anna.client.post(f"/desk/problems/outbox/{row.id}/sent", data=form)
        assert sent.headers["location"] == page
    assert desk.all(OutboxRow, id=row.id)[0].state == State.DONE
    assert desk.all(Message, id=row.message_id)[0].sent_at is not None
    assert desk.all(Clock, kind="answer")[0].outcome == Outcome.IN_TIME


async def test_a_payload_that_could_not_be_read_is_taken_in_again(desk: DeskHouse) -> None:
    row = desk.database.write(lambda s: add(s, InboxRow(
        channel="telegram", external_id="7", raw=b'{"text": "010190-12345"}', received_at=now(), due_at=now(), state=State.DEAD, error="boom",
    )))  # fmt: skip
    async with desk.visitor("anna") as anna:
        assert "[personas kods]" in (await anna.opens("/desk/problems")).text
        shown = await anna.submits("/desk/problems", f"/desk/problems/inbox/{row.id}/again")
        assert "boom" not in shown.text
    assert desk.all(InboxRow)[0].state == State.WAITING


async def test_the_page_says_day_by_day_why_a_date_is_due(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        shown = (await anna.opens(f"/desk/tickets/{ticket.ref}")).text
    (answer,) = desk.all(Clock, kind="answer")
    assert "7. </span>" in shown or "7.</span>" in shown
    assert answer.due_on.strftime("%d.%m.%Y.") in shown
    assert "7 darba dienas, spēkā no 18.07.2017." in shown


async def test_an_overdue_question_says_so_in_words(desk: DeskHouse) -> None:
    desk.asked(at=now() - timedelta(days=30))
    async with desk.visitor("anna") as anna:
        assert "nokavēts par" in (await anna.opens("/desk")).text


async def csrf(visitor: object, page: str) -> str:
    from re import search

    found = search(r'name="csrf" value="([^"]*)"', (await visitor.opens(page)).text)  # type: ignore[attr-defined]
    assert found
    return found[1]


def give_up(desk: DeskHouse, row: OutboxRow, state: State) -> None:
    def work(session: Session) -> None:
        session.get_one(OutboxRow, row.id).state = state
        session.get_one(Ticket, row.ticket_id).attention = "not sent"

    desk.database.write(work)


def add(session: Session, row: InboxRow) -> InboxRow:
    session.add(row)
    session.flush()
    return row
