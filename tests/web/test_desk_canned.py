"""Canned replies: put into a text with its places filled, and never sent with one left empty."""

import html
import re
from typing import Any

import pytest
from sqlmodel import Session

from bot.first_start import prepare
from config.canned import starting_replies
from models.canned import VARIABLES, CannedReply, add_starting
from models.database import Database
from models.moments import now
from models.note import Note
from models.ticket import Ticket
from tests.web.desk_house import DeskHouse
from web.desk.canned import filled


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.ref}"


def canned(desk: DeskHouse, text: str, **more: Any) -> CannedReply:
    fields: dict[str, Any] = {
        "name": "Mūsu",
        "texts": {"lv": text, "en": f"EN {text}"},
        "changed_by": "elīna",
        "changed_at": now(),
    }

    def work(session: Session) -> CannedReply:
        row = CannedReply(**fields | more)
        session.add(row)
        return row

    return desk.database.write(work)


def typed_into(page: str, field: str) -> str:
    found = re.search(rf'<textarea id="{field}"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


def test_those_shipped_are_in_three_languages_with_known_variables(database: Database) -> None:
    shipped = starting_replies()
    assert len(shipped) >= 12
    for one in shipped:
        assert set(one["texts"]) == {"lv", "en", "ru"}, one["name"]
        used = [set(re.findall(r"\{(\w*)\}", text)) for text in one["texts"].values()]
        assert used[0] == used[1] == used[2] <= set(VARIABLES), one["name"]
    assert database.write(lambda session: add_starting(session, shipped, now())) == 0  # they were there before
    assert prepare.__doc__
    assert "canned" in prepare.__doc__


async def test_a_reply_is_put_below_what_was_typed_with_its_places_filled(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = page_of(ticket)
    reply = canned(desk, "{name}, jautājums {ref} līdz {due} pie: {institution}. {coordinator}")
    async with desk.visitor("anna") as anna:
        fields = {"canned": str(reply.id), "csrf": await anna.csrf(page), "text": "Labdien!"}
        shown = await anna.client.post(f"{page}/insert/answer", data=fields)
        noted = await anna.client.post(f"{page}/insert/note", data=fields)
        forwards = await anna.client.post(
            f"{page}/insert/forward", data=fields | {"note": "Lūdzu!", "institutions": "VSAA"}
        )
    answer = typed_into(shown.text, "answer-text")
    assert answer.startswith(f"Labdien!\n\nAnna, jautājums {ticket.ref} līdz 20")
    assert "Pilsonības un migrācijas lietu pārvalde" in answer
    assert "{" not in answer
    assert shown.status_code == 200
    assert "banner-bad" not in shown.text
    assert typed_into(noted.text, "note-text") == answer
    assert typed_into(forwards.text, "forward-note").startswith("Lūdzu!\n\nAnna")
    assert re.search(r'value="VSAA" id="to-\d+" checked', forwards.text)
    assert not desk.all(Note)


async def test_the_language_of_the_ticket_comes_first_and_latvian_else(desk: DeskHouse) -> None:
    ticket = desk.asked("How do I get a new passport for my child in Latvia, please?")
    assert ticket.language == "en"
    both, only = canned(desk, "{ref}"), canned(desk, "", texts={"lv": "Tikai latviski."})
    async with desk.visitor("anna") as anna:
        for reply, text in ((both, f"EN {ticket.ref}"), (only, "Tikai latviski.")):
            got = await anna.client.get(f"{page_of(ticket)}/canned/{reply.id}")
            assert got.json() == {"text": text, "missing": []}
        offered = (await anna.opens(page_of(ticket))).text
    assert f'<option value="{only.id}">Mūsu (latviešu valodā)</option>' in offered


async def test_a_place_without_a_value_is_marked_and_not_sent(desk: DeskHouse) -> None:
    ticket = desk.asked(name="", suggested=[])
    page = page_of(ticket)
    reply = canned(desk, "{name} {nav_tāda} {ref}")
    async with desk.visitor("anna") as anna:
        fields = {"canned": str(reply.id), "csrf": await anna.csrf(page)}
        shown = await anna.client.post(f"{page}/insert/answer", data=fields)
        text = typed_into(shown.text, "answer-text")
        assert text == "{{name}} {{nav_tāda}} " + ticket.ref
        assert "neaizpildītas vietas" in shown.text
        for form, field in (("answer", "text"), ("notes", "text"), ("forward", "note")):
            sent = await anna.submits(page, f"{page}/{form}", **{field: text, "institutions": "VSAA"})
            assert sent.status_code == 422, form
            assert html.escape(text) in sent.text
    assert desk.now(ticket).state == "triage"
    assert not desk.all(Note)


@pytest.mark.parametrize("number", ["", "999999", "²", "-1", "9" * 40])
async def test_what_is_no_reply_of_ours_loses_no_text(desk: DeskHouse, number: str) -> None:
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        fields = {"canned": number, "csrf": await anna.csrf(page), "text": "Mans teksts"}
        shown = await anna.client.post(f"{page}/insert/answer", data=fields)
    assert typed_into(shown.text, "answer-text") == "Mans teksts"
    assert "Izvēlieties sagatavoto tekstu." in shown.text


async def test_only_active_replies_of_the_own_scope_are_offered(desk: DeskHouse) -> None:
    ticket = desk.asked()
    hidden = [
        canned(desk, "a", name="Atmestā", active=False),
        canned(desk, "b", name="Iestādes", scope="institution"),
        canned(desk, "c", name="LIAA", institution="LIAA"),
    ]
    mine = canned(desk, "d", name="VDAA", institution="VDAA")
    async with desk.visitor("anna") as anna:
        page = (await anna.opens(page_of(ticket))).text
        for reply in hidden:
            assert f'<option value="{reply.id}"' not in page
            assert (await anna.opens(f"{page_of(ticket)}/canned/{reply.id}")).status_code == 404
    assert f'<option value="{mine.id}"' in page


def test_braces_in_a_value_are_no_variable() -> None:
    assert filled("{name}", "lv", {"name": "{ref}", "ref": "LV-1"}).text == "{ref}"
    assert filled("", "lv", {}).text == ""
