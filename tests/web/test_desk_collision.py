"""Two at the same ticket: who was second is asked or refused, keeps his text, and never is a citizen answered twice."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import httpx
import pytest

from bot.app import create_app
from models.draft import Draft
from models.forwarding import Answer, Forwarding
from models.message import Message
from models.moments import now
from models.ticket import Event, Ticket, record
from tests.web.desk_house import DeskHouse, Visitor
from tests.web.test_desk_drafts import fields_of
from web.session_rows import open_session
from web.sessions import COOKIE


@pytest.fixture
async def juris_elsewhere(desk_on_both: DeskHouse) -> AsyncIterator[Visitor]:
    """Juris, whom another process serves over the same database."""
    desk = desk_on_both
    app = create_app(desk.portal.settings)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://desk", headers={"Accept": "text/html"}
            )
        )
        client.cookies.set(COOKIE, desk.database.write(lambda s: open_session(s, desk.people["juris"], now())))
        yield Visitor(client)
    app.state.portal.database.close()


async def test_of_two_who_take_a_ticket_at_once_one_has_it(desk_on_both: DeskHouse, juris_elsewhere: Visitor) -> None:
    desk = desk_on_both
    async with desk.visitor("anna") as anna:
        for _ in range(2):
            ticket = desk.asked()
            page = f"/desk/tickets/{ticket.ref}"
            both = (anna, juris_elsewhere)
            forms = [await fields_of(one, page, f"{page}/take") for one in both]
            sent = await asyncio.gather(
                *(one.client.post(f"{page}/take", data=form) for one, form in zip(both, forms, strict=True))
            )
            assert sorted(answer.status_code for answer in sent) == [303, 409]
            assert len(desk.all(Event, ticket_id=ticket.id, kind="taken")) == 1


async def test_of_two_who_answer_at_once_one_is_sent_and_the_other_keeps_his_text(
    desk_on_both: DeskHouse, juris_elsewhere: Visitor
) -> None:
    desk = desk_on_both
    async with desk.visitor("anna") as anna:
        for _ in range(2):
            ticket = desk.asked()
            page = f"/desk/tickets/{ticket.ref}"
            both = {"Annas atbilde": anna, "Jura atbilde": juris_elsewhere}
            forms = [await fields_of(one, page, f"{page}/answer") for one in both.values()]
            sent = await asyncio.gather(
                *(
                    one.client.post(f"{page}/answer", data=form | {"text": text})
                    for (text, one), form in zip(both.items(), forms, strict=True)
                )
            )
            assert sorted(answer.status_code for answer in sent) == [303, 409]
            lost = next(text for text, answer in zip(both, sent, strict=True) if answer.status_code == 409)
            assert f">\n{lost}</textarea>" in next(answer.text for answer in sent if answer.status_code == 409)
            assert len(desk.all(Message, ticket_id=ticket.id, answers=True)) == 1
            assert len(desk.all(Answer, ticket_id=ticket.id)) == 1


async def test_of_coordinator_and_institution_who_answer_at_once_one_is_sent(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as clerk, desk.visitor() as by_link:
        for _ in range(2):
            ticket = desk.asked()
            (forwarding,) = desk.forwarded(ticket, "PMLP")
            pages = [
                (anna, f"/desk/tickets/{ticket.ref}"),
                (clerk, f"/desk/forwardings/{forwarding.id}"),
                (by_link, desk.link(forwarding)),
            ]
            forms = [await fields_of(one, page, f"{page}/answer") for one, page in pages]
            sent = await asyncio.gather(
                *(
                    one.client.post(f"{page}/answer", data=form | {"text": f"Raksta {page}"})
                    for (one, page), form in zip(pages, forms, strict=True)
                )
            )
            assert sorted(answer.status_code for answer in sent) == [303, 409, 409]
            assert len(desk.all(Message, ticket_id=ticket.id, answers=True)) == 1


async def test_sending_over_something_newer_asks_first(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    desk.forwarded(ticket, "PMLP", "VSAA")
    (at_pmlp,) = desk.all(Forwarding, ticket_id=ticket.id, institution_id=desk.people["pēteris"].institution_id)
    page, theirs = f"/desk/tickets/{ticket.ref}", f"/desk/forwardings/{at_pmlp.id}"
    async with desk.visitor("anna") as anna, desk.visitor("pēteris") as clerk:
        form = await fields_of(anna, page, f"{page}/answer")
        await clerk.submits(theirs, f"{theirs}/answer", text="PMLP daļa.")
        asked = await anna.client.post(f"{page}/answer", data=form | {"text": "Mana atbilde."})
        assert asked.status_code == 409
        assert "Kamēr rakstījāt, notika šis" in asked.text
        assert "Iestāde atbildēja" in asked.text
        assert ">\nMana atbilde.</textarea>" in asked.text
        assert "Sūtīt tik un tā" in asked.text
        assert desk.all(Message, ticket_id=ticket.id, answers=True) == []
        again = form_on(asked)
        happened(desk, ticket, "citizen wrote")
        asked = await anna.client.post(f"{page}/answer", data=form | again | {"text": "Mana atbilde."})
        assert "Jautātājs rakstīja" in asked.text
        assert asked.text.count("Iestāde atbildēja</strong> <span") == 1  # in the trail: that she has seen
        sent = await anna.client.post(f"{page}/answer", data=form | form_on(asked) | {"text": "Mana atbilde."})
        assert sent.status_code == 303
        assert len(desk.all(Message, ticket_id=ticket.id, answers=True)) == 1


async def test_a_mistake_in_the_form_does_not_count_as_having_seen(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna:
        form = await fields_of(anna, page, f"{page}/answer")
        happened(desk, ticket, "citizen wrote")
        empty = await anna.client.post(f"{page}/answer", data=form | {"text": " "})
        assert empty.status_code == 422
        asked = await anna.client.post(f"{page}/answer", data=form | form_on(empty) | {"text": "Mana atbilde."})
        assert asked.status_code == 409


async def test_forwarding_over_somebodys_forwarding_asks_and_ones_own_doings_do_not(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        hers = await fields_of(anna, page, f"{page}/forward")
        await juris.submits(page, f"{page}/forward", institutions=["VID"])
        asked = await anna.client.post(f"{page}/forward", data=hers | {"institutions": "PMLP", "note": "Īsi."})
        assert asked.status_code == 409
        assert "Pārsūtīt tik un tā" in asked.text
        assert ">\nĪsi.</textarea>" in asked.text
        old = await fields_of(juris, page, f"{page}/answer")
        await juris.submits(page, f"{page}/forward", institutions=["VSAA"])
        sent = await juris.client.post(f"{page}/answer", data=old | {"text": "Jura atbilde."})
        assert sent.status_code == 303


async def test_an_institution_is_asked_when_the_citizen_wrote_and_not_when_others_did_something(
    desk: DeskHouse,
) -> None:
    ticket = desk.asked()
    one, _ = desk.forwarded(ticket, "PMLP", "VSAA")
    link = desk.link(one)
    async with desk.visitor() as anybody:
        form = await fields_of(anybody, link, f"{link}/answer")
        happened(desk, ticket, "citizen wrote")
        asked = await anybody.client.post(f"{link}/answer", data=form | {"text": "PMLP atbilde."})
        assert asked.status_code == 409
        assert "Jautātājs rakstīja" in asked.text
        assert ">\nPMLP atbilde.</textarea>" in asked.text
        happened(desk, ticket, "institution answered", "vita")
        happened(desk, ticket, "draft handed in", "vita", institution="VSAA")
        sent = await anybody.client.post(f"{link}/answer", data=form | form_on(asked) | {"text": "PMLP atbilde."})
        assert sent.status_code == 303
    assert desk.all(Draft) == []


def happened(desk: DeskHouse, ticket: Ticket, kind: str, actor: str = "citizen", **data: str) -> None:
    desk.database.write(lambda s: record(s, s.get_one(Ticket, ticket.id), kind, actor, now(), **data))


def form_on(page: httpx.Response) -> dict[str, str]:
    """What the answer's form on that page says that its reader has seen."""
    form = page.text.partition('/answer"')[2].partition("</form>")[0]
    return {"seen": form.partition('name="seen" value="')[2].partition('"')[0]}
