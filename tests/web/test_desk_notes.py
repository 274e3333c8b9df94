"""Internal notes: for those who coordinate the ticket, and never for a citizen or an institution."""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import Session

from models.message import Message
from models.moments import now
from models.note import Note
from models.queue import OutboxRow
from models.staff import Notice
from models.ticket import Event, Ticket
from tests.web.desk_house import DeskHouse

SECRET = "Šo redz tikai mēs: zvanīt @juris pirms pusdienām, @nav un @anna nē. a@juris.lv"


def page_of(ticket: Ticket) -> str:
    return f"/desk/tickets/{ticket.ref}"


async def test_a_note_stands_among_the_messages_and_tells_the_colleague_it_names(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris, desk.visitor("laima") as laima:
        for _ in range(2):  # an impatient second click
            shown = await anna.submits(page, f"{page}/notes", text=SECRET)
        assert "Piezīme ir pierakstīta." in shown.text
        told, not_told = await juris.opens("/desk"), await laima.opens("/desk")
    (note,) = desk.all(Note)
    assert (note.text, note.mentions) == (SECRET, ["juris"])
    assert shown.text.index("Kā dzīvnieku patversmei") < shown.text.index("Šo redz tikai mēs")
    (notice,) = desk.all(Notice, kind="mentioned")
    assert notice.person_id == desk.people["juris"].id
    assert "Anna Ozola jūs nosauca piezīmē" in told.text
    assert "Anna Ozola jūs nosauca piezīmē" not in not_told.text
    assert [event.actor for event in desk.all(Event, kind="note written")] == ["anna"]


async def test_its_author_may_change_it_for_some_minutes_and_the_earlier_text_stays(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        await anna.submits(page, f"{page}/notes", text="Pirmais")
        (note,) = desk.all(Note)
        mend = f"{page}/notes/{note.id}"
        shown = await anna.submits(page, mend, text="Otrais @laima")
        assert "Pirms labojuma" in shown.text
        assert "Pirmais" in shown.text
        assert mend not in (await juris.opens(page)).text
        csrf = await juris.csrf(page)
        not_his = await juris.client.post(mend, data={"text": "Trešais", "csrf": csrf})
        _age(desk, note)
        too_late = await anna.client.post(mend, data={"text": "Ceturtais", "csrf": await anna.csrf(page)})
    assert not_his.status_code == too_late.status_code == 409
    assert "Ceturtais" in too_late.text  # what was typed is not lost
    (note,) = desk.all(Note)
    assert (note.text, note.earlier, note.mentions) == ("Otrais @laima", ["Pirmais"], ["laima"])
    assert len(desk.all(Notice, kind="mentioned")) == 1


def _age(desk: DeskHouse, note: Note) -> None:
    def work(session: Session) -> None:
        session.get_one(Note, note.id).at = now() - timedelta(minutes=16)

    desk.database.write(work)


@pytest.mark.parametrize(("text", "words"), [("  ", "Uzrakstiet piezīmi."), ("x" * 20_001, "Teksts ir pārāk garš")])
async def test_an_empty_or_endless_note_is_asked_again(desk: DeskHouse, text: str, words: str) -> None:
    ticket = desk.asked()
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        shown = await anna.submits(page, f"{page}/notes", text=text)
    assert shown.status_code == 422
    assert words in shown.text
    assert not desk.all(Note)


async def test_no_page_message_or_api_gives_a_note_to_citizens_or_institutions(desk: DeskHouse) -> None:
    """Every address that can be opened without parameters of its own, and all that names this ticket."""
    ticket = desk.asked(channel="webchat")
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    page = page_of(ticket)
    async with desk.visitor("anna") as anna:
        await anna.submits(page, f"{page}/notes", text=SECRET)
        await anna.submits(page, f"{page}/answer", text="Atbilde.")
        assert "Šo redz tikai mēs" in (await anna.opens(page)).text
    places = {"ref": ticket.ref, "forwarding_id": forwarding.id, "token": desk.link(forwarding).rpartition("/")[2]}
    seen = 0
    for who in ("", "pēteris", "zigrīda", "vita", "liene", "elīna"):
        async with desk.visitor(who) as somebody:
            for address in _addresses(desk, places):
                response = await somebody.opens(address)
                assert "Šo redz tikai" not in response.text, (who, address)
                seen += response.status_code == 200
    assert seen > 20
    assert all("Šo redz" not in message.text for message in desk.all(Message))
    assert all("Šo redz" not in str(row.model_dump()) for row in desk.all(OutboxRow))
    assert all("Šo redz" not in str(event.data) for event in desk.all(Event))


def _addresses(desk: DeskHouse, places: Mapping[str, object]) -> list[str]:
    """Of every GET route whose places this ticket can fill; no streams, which stay open, and no administration."""
    found = []
    for route in iter_route_contexts(desk.app.routes):
        methods, path = getattr(route, "methods", None) or set(), str(getattr(route, "path", ""))
        names = {name.partition(":")[0] for name in re.findall(r"\{([^}]+)\}", path)}
        opens = not any(part in path for part in ("live", "poll", "/desk/admin", "/chat/code"))
        if "GET" in methods and names <= set(places) and opens:
            found.append(path.format(**places))
    return found
