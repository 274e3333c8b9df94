"""Letters that wait until a person says what they are, and what the worker does with what was said."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.files import Store
from bot.worker import Worker
from channels.email import Email
from channels.mail.settings import EmailSettings
from models.message import Message
from models.queue import InboxRow, State
from models.ticket import Event, Ticket, TicketState
from tests.web.desk_house import DeskHouse
from tests.web.letters import letter_row, raw_letter

HELD = '<span>Aizturētās vēstules</span> <span class="count">{}<'
"""their queue in the coordinator's inbox"""
QUESTION = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"
Works = Callable[[], Awaitable[int]]
PMLP = "Pilsonības un migrācijas lietu pārvalde"


@pytest.fixture
def works(desk: DeskHouse, tmp_path: Path) -> Works:
    """The worker takes in what waits."""
    worker = Worker(
        desk.database,
        {"email": Email(EmailSettings(), b"a key")},
        desk.brain.understand,
        desk.brain.published,
        Store(tmp_path / "files", 1_000),
        "me",
        stored=lambda _turn: None,
    )
    return worker.work


def held(desk: DeskHouse, raw: bytes = b"", error: str = "spam") -> InboxRow:
    return desk.database.write(lambda session: letter_row(session, raw or raw_letter(QUESTION), State.HELD, error))


def now_is(desk: DeskHouse, row: InboxRow) -> InboxRow:
    return desk.all(InboxRow, id=row.id)[0]


def trail(desk: DeskHouse, ticket: Ticket) -> list[tuple[str, str]]:
    return [(event.kind, event.actor) for event in desk.all(Event, ticket_id=ticket.id)]


async def test_the_list_says_who_what_why_and_begins_the_text_masked(desk: DeskHouse) -> None:
    held(desk, raw_letter("Mans kods ir 010190-12345.", subject="Par raķeti"))
    async with desk.visitor("anna") as anna:
        page = (await anna.opens("/desk/held")).text
        assert HELD.format(1) in (await anna.opens("/desk")).text
    assert all(words in page for words in ("ilze@example.lv", "Par raķeti", "surogātpastu", "[personas kods]"))
    assert "010190" not in page


async def test_a_new_question_becomes_a_ticket_and_its_trail_says_who_let_it_in(desk: DeskHouse, works: Works) -> None:
    row = held(desk)
    async with desk.visitor("anna") as anna:
        shown = await anna.submits("/desk/held", f"/desk/held/{row.id}", what="new")
        assert "Vēstule tiek pieņemta" in shown.text
    assert (now_is(desk, row).state, now_is(desk, row).verdict) == (State.WAITING, "new anna")
    await works()
    [ticket] = desk.all(Ticket)
    assert now_is(desk, row).state == State.DONE
    assert ("let in", "anna") in trail(desk, ticket)
    assert [message.text.strip() for message in desk.all(Message, direction="in")] == [QUESTION]


async def test_what_was_taken_for_a_machines_letter_may_be_a_question(desk: DeskHouse, works: Works) -> None:
    row = held(desk, raw_letter(QUESTION, Auto_Submitted="auto-replied"), "automatic")
    async with desk.visitor("anna") as anna:
        await anna.submits("/desk/held", f"/desk/held/{row.id}", what="new")
    await works()
    assert len(desk.all(Ticket)) == 1


async def test_a_letter_joins_the_ticket_that_somebody_names(desk: DeskHouse, works: Works) -> None:
    ticket, row = desk.asked(), held(desk, raw_letter("Rakstu no darba.", subject="Re: raķete"), "foreign")
    async with desk.visitor("anna") as anna:
        page = f"/desk/letters/{row.id}?ref={ticket.ref.lower()}"
        asked = (await anna.opens(page)).text
        assert ticket.ref in asked
        assert f'value="t{ticket.id}" id="side-t{ticket.id}" checked' in asked
        csrf = await anna.csrf(page)
        form = {"csrf": csrf, "what": "belongs", "ref": ticket.ref, "party": f"t{ticket.id}", "verdict": ""}
        await anna.client.post(f"/desk/held/{row.id}", data=form)
    await works()
    assert "Rakstu no darba." in [message.text.strip() for message in desk.all(Message, ticket_id=ticket.id)]
    assert ("let in", "anna") in trail(desk, ticket)


async def test_an_institutions_letter_that_is_let_in_waits_to_be_approved(desk: DeskHouse, works: Works) -> None:
    ticket, row = desk.asked(), held(desk, raw_letter("Raķešu nav."), "foreign")
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    async with desk.visitor("anna") as anna:
        page = f"/desk/letters/{row.id}?ref={ticket.ref}"
        assert PMLP in (await anna.opens(page)).text
        form = {"csrf": await anna.csrf(page), "what": "belongs", "ref": ticket.ref, "party": f"f{forwarding.id}"}
        await anna.client.post(f"/desk/held/{row.id}", data=form)
    await works()
    [message] = desk.all(Message, forwarding_id=forwarding.id)
    assert (message.proposed, desk.now(ticket).attention) == (True, "answer to approve")
    assert desk.now(ticket).state == TicketState.FORWARDED


async def test_a_report_that_a_letter_came_back_is_put_to_the_ticket_that_somebody_names(
    desk: DeskHouse, works: Works
) -> None:
    report = raw_letter("Delivery failed: 550 no such user", sender="mailer-daemon@example.lv", subject="Undelivered")
    ticket, row = desk.asked(), held(desk, report, "returned")
    async with desk.visitor("anna") as anna:
        form = {"csrf": await anna.csrf("/desk/held"), "what": "belongs", "ref": ticket.ref, "party": f"t{ticket.id}"}
        await anna.client.post(f"/desk/held/{row.id}", data=form)
    await works()
    assert ("letter came back", "mail") in trail(desk, ticket)
    assert desk.now(ticket).attention == "citizen unreachable"


async def test_a_letter_that_is_left_out_stays_and_can_be_taken_back(desk: DeskHouse, works: Works) -> None:
    row = held(desk)
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        await anna.submits("/desk/held", f"/desk/held/{row.id}", what="out")
        assert await works() == 0
        assert "ilze@example.lv" not in (await juris.opens("/desk/held")).text
        assert HELD.format(1) not in (await juris.opens("/desk")).text
        left_out = (await juris.opens("/desk/held?show=left-out")).text
        assert "Malā atlika: anna" in left_out
        await juris.submits("/desk/held?show=left-out", f"/desk/held/{row.id}", what="back")
        assert "ilze@example.lv" in (await anna.opens("/desk/held")).text
    assert (now_is(desk, row).state, now_is(desk, row).verdict) == (State.HELD, "")


@pytest.mark.parametrize("first", ["new", "out"])
async def test_of_two_who_decide_at_once_the_second_is_told(desk_on_both: DeskHouse, first: str) -> None:
    desk = desk_on_both
    row = held(desk)
    async with desk.visitor("anna") as anna, desk.visitor("juris") as juris:
        csrf = await juris.csrf("/desk/held")
        await anna.submits("/desk/held", f"/desk/held/{row.id}", what=first)
        sent = await juris.client.post(f"/desk/held/{row.id}", data={"csrf": csrf, "what": "new", "verdict": ""})
        assert sent.status_code == 409
        assert "pa šo laiku ir izlēmis kāds cits" in sent.text
    assert now_is(desk, row).verdict == f"{first} anna"


async def test_an_impatient_second_click_is_no_mistake(desk: DeskHouse) -> None:
    row = held(desk)
    async with desk.visitor("anna") as anna:
        form = {"csrf": await anna.csrf("/desk/held"), "what": "new", "verdict": ""}
        for _ in range(2):
            assert (await anna.client.post(f"/desk/held/{row.id}", data=form)).status_code == 303


async def test_a_letter_belongs_to_no_ticket_that_is_not_ones_own(desk: DeskHouse) -> None:
    foreign, row = desk.asked(audience="business"), held(desk)
    mine = desk.asked()
    async with desk.visitor("anna") as anna:
        csrf = await anna.csrf("/desk/held")
        for ref, party, wrong in (
            (foreign.ref, f"t{foreign.id}", "Jautājuma ar šādu numuru nav"),
            ("LV-1", "t1", "Jautājuma ar šādu numuru nav"),
            (mine.ref, f"t{foreign.id}", "Izvēlieties, kā vēstule tā ir"),
            (mine.ref, "", "Izvēlieties, kā vēstule tā ir"),
        ):
            form = {"csrf": csrf, "what": "belongs", "ref": ref, "party": party}
            sent = await anna.client.post(f"/desk/held/{row.id}", data=form)
            assert sent.status_code == 422
            assert wrong in sent.text
        shown = await anna.opens(f"/desk/letters/{row.id}?ref={foreign.ref}")
        assert (shown.status_code, foreign.subject in shown.text) == (422, False)
    assert now_is(desk, row).verdict == ""


async def test_a_great_letter_costs_the_list_little(desk: DeskHouse) -> None:
    held(desk, raw_letter("Sveiki", files=(("liels.bin", bytes(3_000_000)),)))
    async with desk.visitor("anna") as anna:
        assert "Sveiki" in (await anna.opens("/desk/held")).text
