"""What a ticket's page shows and does beside answering: reasons, places, masks, bars, and other tickets."""

import html
import re
from dataclasses import replace

import pytest
from sqlmodel import Session

from channels.base import Kind
from models.message import Attachment, Message
from models.moments import now
from models.ticket import Event, Ticket
from models.ticket_link import TicketLink
from nlu.understand import Understanding
from tests.bot.talk import Talk
from tests.web.desk_house import DeskHouse

PERSON = "Gribu sūdzēties par ierēdni, kurš man neatbild; lūdzu, lai zvana cilvēks."
"""what the bot gives to people at once"""
CODED = "Mans kods ir 010190-12345, vai pase ir gatava? Dzīvoju Rīgā, tālrunis 29123456."


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.ref}"


def first_message(desk: DeskHouse, ticket: Ticket) -> Message:
    return desk.all(Message, ticket_id=ticket.id)[0]


def plain(page: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def test_the_reasons_are_told_in_words_by_the_engine_that_is_there(desk: DeskHouse) -> None:
    asked: list[str] = []

    def understand(text: str, language: str, audience: str, place: str) -> Understanding:
        asked.append(text)
        return desk.brain.understand(text, language, audience, place)

    desk.app.state.portal = replace(desk.portal, understand=understand)
    ticket = desk.asked("Kur saņemt jaunu pasi, ja vecā ir nozaudēta? PMLP neatbild.", suggested=["PMLP", "LIAA"])
    async with desk.visitor("anna") as anna:
        page = await anna.opens(page_of(ticket))
        assert f'data-load="{page_of(ticket)}/why?part=1"' in page.text
        assert asked == []  # the page itself does not wait for the engine
        whole = await anna.opens(f"{page_of(ticket)}/why")
        part = await anna.opens(f"{page_of(ticket)}/why?part=1")
        english = await anna.opens(f"{page_of(ticket)}/why?part=1&language=en")
    assert len(asked) == 3
    text = plain(part.text)
    assert "<html" not in part.text
    assert "kopīgi vārdi:" in text
    assert "jautājumā minēts „PMLP”" in text
    assert "sniedz pakalpojumu „" in text
    assert "pēc nozīmes līdzīgi jautājumi parasti ir šai iestādei" in text  # for LIAA nothing else speaks
    assert "provides the service “" in plain(english.text)
    assert text in plain(whole.text)


async def test_before_the_engine_has_learnt_what_was_recorded_is_shown(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna, desk.visitor("liene") as liene:
        shown = await anna.opens(f"{page_of(ticket)}/why")  # this house's own engine has not learnt
        assert (await liene.opens(f"{page_of(ticket)}/why")).status_code == 404
    assert "Robots vēl mācās" in shown.text


async def test_a_question_alike_of_the_same_person_is_offered_to_be_linked(desk: DeskHouse) -> None:
    citizen = Talk(desk.database, desk.brain, "telegram", "tas pats", pulled=False, at=now())
    refs = [citizen.says(PERSON, kind=Kind.QUESTION).ticket.ref for _ in range(2)]  # type: ignore[union-attr]
    page = f"/desk/tickets/{refs[1]}"
    async with desk.visitor("anna") as anna:
        assert refs[0] in (await anna.opens(page)).text  # among the person's other questions
        shown = await anna.submits(f"{page}/why", f"{page}/link")
        assert "Jautā to pašu" in shown.text
        assert refs[0] not in plain((await anna.opens(f"{page}/why?part=1")).text)  # linked already
        await anna.submits(page, f"{page}/unlink")
    assert [link.ended_by for link in desk.all(TicketLink)] == ["anna"]


async def test_another_municipality_brings_its_own_bodies_and_stays_on_the_trail(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked(suggested=["PAŠV-BV", "PMLP"])
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        for _ in range(2):
            shown = await anna.submits(page, f"{page}/municipality", place="Rīga")
        assert "Pierakstīts, par kuru pašvaldību ir jautājums." in shown.text
        assert desk.now(ticket).suggested == ["RDPAD", "PMLP"]
        await anna.submits(page, f"{page}/municipality", place="Ogres novads")
        assert desk.now(ticket).suggested == ["PAŠV-BV", "PMLP"]  # and back to the role that every place has
        wrong = await anna.submits(page, f"{page}/municipality", place="Atlantīda")
    assert wrong.status_code == 422
    assert "Izvēlieties pašvaldību no saraksta." in wrong.text
    assert desk.now(ticket).municipality == "Ogres novads"
    first, second = desk.all(Event, kind="municipality chosen")
    assert first.data == {
        "old_municipality": ticket.municipality,
        "municipality": "Rīga",
        "old_suggested": ["PAŠV-BV", "PMLP"],
        "suggested": ["RDPAD", "PMLP"],
    }
    assert second.data["old_municipality"] == "Rīga"


async def test_what_is_masked_is_shown_once_and_the_trail_says_who_looked(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked(CODED)
    page, message = page_of(ticket), first_message(desk, ticket)
    reveal = f"{page}/messages/{message.id}/reveal"
    async with desk.visitor("anna") as anna, desk.visitor("aivars") as auditor, desk.visitor("pēteris") as clerk:
        assert "010190-12345" not in (await anna.opens(page)).text
        why_not = await anna.submits(page, reveal)
        assert why_not.status_code == 422
        assert "010190-12345" not in why_not.text
        assert not desk.all(Event, kind="revealed")
        shown = await anna.submits(page, reveal, why="to_answer")
        assert "010190-12345" in shown.text
        assert shown.headers["cache-control"] == "no-store"
        again = await anna.opens(page)
        assert "010190-12345" not in again.text
        assert "Skatīts aizsegtais teksts" in again.text
        assert "Bez tā nevar atbildēt" in plain(again.text)
        for who in (auditor, clerk):
            csrf = await who.csrf("/desk/account")
            refused = await who.client.post(reveal, data={"why": "to_answer", "csrf": csrf})
            assert refused.status_code in (403, 404)
            assert "010190-12345" not in refused.text
        assert reveal not in (await auditor.opens(page)).text
    (event,) = desk.all(Event, kind="revealed")
    assert (event.actor, event.data) == ("anna", {"number": message.id, "why": "to_answer"})


async def test_a_message_of_another_ticket_is_not_revealed(desk: DeskHouse) -> None:
    ticket, other = desk.asked(CODED), desk.asked(CODED, audience="business")
    async with desk.visitor("anna") as anna:
        foreign = f"{page_of(ticket)}/messages/{first_message(desk, other).id}/reveal"
        data = {"why": "to_answer", "csrf": await anna.csrf(page_of(ticket))}
        assert (await anna.client.post(foreign, data=data)).status_code == 404
    assert not desk.all(Event, kind="revealed")


async def test_the_clock_bar_says_in_words_how_much_of_the_term_is_over(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        text = plain((await anna.opens(page_of(ticket))).text)
    assert "pagājušas 0 no 1 darba dienām" in text
    assert "pagājušas 0 no 7 darba dienām" in text


async def test_merged_questions_are_seen_and_answered_as_one_and_taken_apart_again(desk: DeskHouse) -> None:
    first, second = desk.asked("Pirmais jautājums par suni?"), desk.asked("Otrais jautājums par kaķi?", name="Ivars")
    desk.attached(second, "kakis.pdf")
    (forwarding,) = desk.forwarded(first, "PMLP")
    page = page_of(second)
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as clerk:
        unknown = await anna.submits(page, f"{page}/merge", into="LV-2026-999999")
        assert unknown.status_code == 422
        for _ in range(2):
            if f"{page}/merge" in (await anna.opens(page)).text:
                merged = await anna.submits(page, f"{page}/merge", into=first.ref.lower())
        assert "Jautājumi ir apvienoti." in merged.text
        together = await anna.opens(page_of(first))
        assert "Otrais jautājums par kaķi?" in together.text
        assert "no apvienotā jautājuma" in together.text
        theirs = await clerk.opens(f"/desk/forwardings/{forwarding.id}")
        assert "Otrais jautājums par kaķi?" in theirs.text
        (file,) = desk.all(Attachment)
        assert (await clerk.opens(f"/desk/attachments/{file.id}")).status_code == 200
        undone = await anna.submits(page, f"{page}/unmerge")
        assert "Apvienošana ir atcelta." in undone.text
        assert "Otrais jautājums" not in (await clerk.opens(f"/desk/forwardings/{forwarding.id}")).text
        assert (await clerk.opens(f"/desk/attachments/{file.id}")).status_code == 404
    assert desk.now(second).state == "triage"


async def test_only_tickets_of_the_own_coordination_are_joined(desk: DeskHouse) -> None:
    ticket, foreign = desk.asked(), desk.asked("Kā uzņēmumam pieteikties?", audience="business")
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        for form, name in (("merge", "into"), ("link", "other")):
            shown = await anna.submits(page, f"{page}/{form}", **{name: foreign.ref})
            assert shown.status_code == 422
            assert foreign.ref in shown.text  # as it was typed
    assert not desk.all(TicketLink)


async def test_marked_messages_are_split_off_into_a_question_of_their_own(desk: DeskHouse) -> None:
    citizen = Talk(desk.database, desk.brain, "telegram", "divi", pulled=False, at=now())
    ticket = citizen.says(PERSON, kind=Kind.QUESTION).ticket
    assert ticket is not None
    citizen.says("Un vēl gribu zināt par nodokļu parādu.")
    second = [m for m in desk.all(Message, ticket_id=ticket.id) if m.author == "citizen"][1]
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        assert f'name="messages" value="{second.id}" form="split"' in (await anna.opens(page)).text
        nothing = await anna.submits(page, f"{page}/split")
        assert nothing.status_code == 422
        shown = await anna.submits(page, f"{page}/split", messages=[second.id])
        assert "No šī nodalīts" in shown.text
    (link,) = desk.all(TicketLink, kind="split")
    assert desk.all(Message, ticket_id=link.ticket_id)[0].text == second.text


@pytest.mark.parametrize("ref", ["", "<script>", "LV-2026-000001\x00", "x" * 50_000])
async def test_what_is_no_number_is_told_so_and_kept(desk: DeskHouse, ref: str) -> None:
    desk.asked(audience="business")
    page = page_of(desk.asked())
    async with desk.visitor("anna") as anna:
        shown = await anna.submits(page, f"{page}/link", other=ref)
    assert shown.status_code == 422
    assert "<script>" not in shown.text


async def test_an_institution_sees_what_is_masked_only_where_the_house_allows_it(desk: DeskHouse) -> None:
    ticket = desk.asked(CODED)
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    here = f"/desk/forwardings/{forwarding.id}"
    reveal = f"{here}/messages/{first_message(desk, ticket).id}/reveal"
    async with desk.visitor("pēteris") as clerk, desk.visitor("vita") as other, desk.visitor() as holder:
        shut = {"why": "to_answer", "csrf": await clerk.csrf(here)}
        assert (await clerk.client.post(reveal, data=shut)).status_code == 404
        settings = desk.portal.settings.model_copy(update={"institutions_reveal": True})
        desk.app.state.portal = replace(desk.portal, settings=settings)
        shown = await clerk.submits(here, reveal, why="to_answer")
        assert "010190-12345" in shown.text
        assert "010190-12345" not in (await clerk.opens(here)).text
        assert (await clerk.client.post(reveal, data=shut | {"why": "prieks"})).status_code == 422
        foreign = {"why": "to_answer", "csrf": await other.csrf("/desk/account")}
        assert (await other.client.post(reveal, data=foreign)).status_code == 404
        assert reveal not in (await holder.opens(desk.link(forwarding))).text
    (event,) = desk.all(Event, kind="revealed")
    assert event.actor == "pēteris"


async def test_pictures_may_be_looked_at_in_the_page_and_nothing_else(desk: DeskHouse) -> None:
    ticket = desk.asked()
    kinds = ("image/png", "image/svg+xml", "application/pdf", "text/html")
    files = [desk.attached(ticket, f"a.{number}", bytes([number])) for number in range(len(kinds))]

    def as_claimed(session: Session) -> None:
        for file, kind in zip(files, kinds, strict=True):
            session.get_one(Attachment, file.id).media_type = kind

    desk.database.write(as_claimed)
    async with desk.visitor("anna") as anna:
        page = (await anna.opens(page_of(ticket))).text
    assert [f'<img src="/desk/attachments/{file.id}"' in page for file in files] == [True, False, False, False]
