"""Another service: the coordinator says what a question is about, and may send that entry of the catalogue."""

import pytest

from catalogue.titles import Title, code_meant
from models.clock import Clock
from models.forwarding import Forwarding
from models.message import Message
from models.service import Receipt
from models.ticket import Event, Ticket
from tests.web.desk_house import DeskHouse
from web.desk.words import Wording

KNOWN = [Title("pensija", "VSAA", {"lv": "Vecuma pensija", "en": "Pension"}), Title("pase", "PMLP", {"lv": "Pase"})]


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.ref}"


async def test_the_service_chosen_is_recorded_and_its_institution_suggested(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        assert 'value="Vecuma pensija (vecuma-pensija)"' in (await anna.opens(page)).text
        for _ in range(2):  # an impatient second click
            shown = await anna.submits(page, f"{page}/service", service="Vecuma pensija (vecuma-pensija)")
    assert "Pierakstīts, par kuru pakalpojumu ir jautājums." in shown.text
    assert "<dt>Izvēlējās</dt><dd>anna</dd>" in shown.text
    (event,) = desk.all(Event, kind="service chosen")
    assert event.actor == "anna"
    assert event.data == {
        "old_service": ticket.service_code,
        "service": "vecuma-pensija",
        "old_suggested": ["PMLP"],
        "suggested": ["VSAA"],
    }
    changed = desk.now(ticket)
    assert (changed.state, changed.service_code, changed.suggested) == ("triage", "vecuma-pensija", ["VSAA"])
    assert not desk.all(Receipt, service_code="vecuma-pensija")
    for language in ("lv", "en"):
        assert {"service chosen"} <= set(Wording(language, ticket.received_on).t["events"])
        assert set(event.data) <= set(Wording(language, ticket.received_on).t["details"])


async def test_its_text_goes_to_the_citizen_word_for_word_with_a_receipt(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked(channel="webchat")
    desk.forwarded(ticket, "PMLP")
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        fields = {"service": "vecuma-pensija", "send": "1"}
        csrf = await anna.csrf(page)
        await anna.submits(page, f"{page}/service", **fields)
        again = await anna.client.post(f"{page}/service", data=fields | {"csrf": csrf})
    assert again.status_code == 303
    (receipt,) = desk.all(Receipt, service_code="vecuma-pensija", ticket_id=ticket.id)
    message = desk.all(Message, ticket_id=ticket.id)[-1]
    assert message.text.startswith(receipt.text)
    assert receipt.text.startswith("Vecuma pensija")
    assert [choice["value"].rpartition(":")[2] for choice in message.choices] == ["yes", "no"]
    assert [one.state for one in desk.all(Forwarding)] == ["withdrawn"]
    assert desk.now(ticket).state == "answered"
    assert {(e.kind, e.actor) for e in desk.all(Event, ticket_id=ticket.id)} >= {
        ("service chosen", "anna"),
        ("answered from the catalogue", "anna"),
    }
    assert not desk.all(Clock, ticket_id=ticket.id, outcome="running")


@pytest.mark.parametrize("service", ["", "Nekas tāds", "x (y)"])
async def test_what_is_not_in_the_list_is_asked_again(desk: DeskHouse, service: str) -> None:
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        shown = await anna.submits(page, f"{page}/service", service=service, send="1")
    assert shown.status_code == 422
    assert shown.text.count("Izvēlieties pakalpojumu no saraksta.") == 2
    assert f'value="{service}"' in shown.text
    assert not desk.all(Event, kind="service chosen")


async def test_where_the_citizen_has_an_answer_it_is_too_late(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        csrf = await anna.csrf(page)
        await anna.submits(page, f"{page}/answer", text="Atbilde.")
        assert f"{page}/service" not in (await anna.opens(page)).text
        late = await anna.client.post(f"{page}/service", data={"service": "vecuma-pensija", "csrf": csrf})
    assert late.status_code == 409
    assert not desk.all(Event, kind="service chosen")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("Vecuma pensija (pensija)", "pensija"),
        ("  pension ", "pensija"),
        ("PASE", "pase"),
        ("Pase (no such)", ""),
        ("", ""),
        ("(", ""),
    ],
)
def test_a_service_is_meant_by_its_line_its_title_or_its_code(typed: str, code: str) -> None:
    assert code_meant(typed, KNOWN) == code


def test_two_services_of_one_title_are_told_apart_by_the_list_only() -> None:
    twins = [*KNOWN, Title("pase-2", "PMLP", {"lv": "Pase"})]
    assert code_meant("Pase (pase-2)", twins) == "pase-2"
    assert code_meant("Pases", twins) == ""
