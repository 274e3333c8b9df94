"""A question at the desk: forwarded, answered, returned, composed; and what happens when two people act at once."""

import asyncio

import pytest

from models.clock import Clock, Outcome
from models.forwarding import Answer, Forwarding
from models.message import Message
from models.queue import OutboxRow
from models.staff import Notice
from tests.web.desk_house import DeskHouse

SCRIPT = "<script>alert('x')</script>"


async def test_a_question_goes_to_the_institution_and_its_answer_by_link_to_the_citizen(
    desk_on_both: DeskHouse,
) -> None:
    desk = desk_on_both
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
        answered = await institution.submits(
            link, f"{link}/answer", text="Nāciet uz Čiekurkalna 1. līniju.\r\nDarba dienās."
        )
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


async def test_of_several_institutions_the_coordinator_makes_one_answer(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
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
        empty = await vita.client.post(f"{page}/return", data={"csrf": await vita.csrf(page), "reason": "  "})
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
        token = await institution.csrf(link)
        await anna.submits(page, f"{page}/forwardings/{forwarding.id}/withdraw")
        late = await institution.client.post(f"{link}/answer", data={"csrf": token, "text": "Gara atbilde"})
    assert late.status_code == 409
    assert "jautājums vairs negaida" in late.text
    assert "Gara atbilde" in late.text
    assert desk.now(ticket).state == "triage"


@pytest.mark.parametrize("times", [2, 5])
async def test_an_impatient_click_answers_once(desk_on_both: DeskHouse, times: int) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        form = {"csrf": await anna.csrf(page), "text": "Viena atbilde."}
        sent = await asyncio.gather(*(anna.client.post(f"{page}/answer", data=form) for _ in range(times)))
    assert [response.status_code for response in sent] == [303] * times
    assert len([m for m in desk.all(Message) if m.answers]) == 1


async def test_an_impatient_click_forwards_once(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        form = {"csrf": await anna.csrf(page), "institutions": ["PMLP", "VSAA"]}
        for _ in range(3):
            assert (await anna.client.post(f"{page}/forward", data=form)).status_code == 303
    assert len(desk.all(Forwarding)) == 2


async def test_a_second_coordinator_is_told_and_keeps_what_he_wrote(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        token = await juris.csrf(page)
        await anna.submits(page, f"{page}/answer", text="Annas atbilde.")
        refused = await juris.client.post(f"{page}/answer", data={"csrf": token, "text": "Jura atbilde."})
    assert refused.status_code == 409
    assert "Uz šo jautājumu jau ir atbildēts" in refused.text
    assert "Jura atbilde." in refused.text


async def test_only_one_of_two_takes_the_ticket_and_taking_over_is_a_decision(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        token = await juris.csrf(page)
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


async def test_a_role_that_every_municipality_has_stands_with_the_one_that_is_meant(desk: DeskHouse) -> None:
    known = desk.asked("Kur Ikšķilē sūdzēties par troksni?", suggested=("PAŠV-PP", "VP"))
    unknown = desk.asked("Kur sūdzēties par troksni?", suggested=("PAŠV-PP",))
    async with desk.visitor("anna") as anna:
        page = await anna.opens(f"/desk/tickets/{known.ref}")
        assert "PAŠV-PP, Ogres novads" in page.text
        assert "VP, Ogres novads" not in page.text.replace("PAŠV-PP", "")
        assert "PAŠV-PP, pašvaldība nav zināma" in (await anna.opens(f"/desk/tickets/{unknown.ref}")).text
        found = await anna.opens("/desk?q=Ogres novads")
    assert known.ref in found.text
    assert unknown.ref not in found.text
