"""The coordinators' inbox: its queues and counts, filters in the address, search, and who sees what of it."""

import html
import re
from datetime import timedelta

import pytest
from sqlmodel import Session, col, update

from models.clock import Clock
from models.contact import contact_of
from models.forwarding import Forwarding
from models.message import Author, Direction, Message
from models.moments import now, riga_date
from models.queue import State
from models.ticket import Ticket, open_ticket
from routing.triage import give_back
from tests.web.desk_house import DeskHouse
from tests.web.letters import letter_row, raw_letter


def set_ticket(desk: DeskHouse, ticket: Ticket, **values: object) -> None:
    desk.database.write(lambda s: s.exec(update(Ticket).where(col(Ticket.id) == ticket.id).values(**values)) and None)


def due_in(desk: DeskHouse, ticket: Ticket, days: int) -> None:
    due = riga_date(now()) + timedelta(days=days)
    desk.database.write(
        lambda s: s.exec(update(Clock).where(col(Clock.ticket_id) == ticket.id).values(due_on=due)) and None
    )


def counts(page: str) -> dict[str, str]:
    """By queue what its link says."""
    found = re.findall(r'href="/desk\?queue=([\w-]+)"[^>]*>.*?</span>(.*?)</a>', page)
    return {queue: re.sub(r"<[^>]*>|\s", "", number) for queue, number in found}


def shown(page: str) -> list[str]:
    return re.findall(r'data-ref="([^"]+)"', page)


async def test_each_queue_holds_and_counts_what_waits_there(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    late, today, later, returned, partly, bot, mine, proposed = (desk.asked(f"Jautājums {n}") for n in range(8))
    for ticket, days in (
        (late, -1),
        (today, 0),
        (later, 5),
        (returned, 5),
        (partly, 5),
        (bot, 5),
        (mine, 5),
        (proposed, 5),
    ):
        due_in(desk, ticket, days)
        set_ticket(desk, ticket, band="route")
    set_ticket(desk, bot, band="clarify")
    set_ticket(desk, mine, taken_by=desk.people["anna"].id)
    set_ticket(desk, late, attention="complaint")
    (forwarding,) = desk.forwarded(returned, "PMLP")
    first, _ = desk.forwarded(partly, "PMLP", "VSAA")
    (asked,) = desk.forwarded(proposed, "PMLP")

    def work(session: Session) -> None:
        for one, ticket in ((forwarding, returned), (first, partly)):
            give_back(
                session, session.get_one(Ticket, ticket.id), session.get_one(Forwarding, one.id), "Nav.", now(), "p"
            )
        contact = contact_of(session, "email", "p@pmlp.gov.lv", now(), name="", language="lv")
        session.add(
            Message(
                contact=contact, forwarding_id=asked.id, proposed=True, direction=Direction.IN,
                author=Author.INSTITUTION, text="Raķešu nav.", at=now(),
            )
        )  # fmt: skip
        letter_row(session, raw_letter(), State.HELD, error="spam")

    desk.database.write(work)
    for ticket in (returned, partly, proposed):
        due_in(desk, ticket, 5)
    wanted = {
        "overdue": [late],
        "due-today": [today],
        "forward-today": [late, today],
        "triage": [late, today, later, returned, bot, mine],
        "bot": [bot],
        "returned": [returned, partly],
        "waiting": [partly, proposed],
        "approve": [proposed],
        "composing": [],
        "mine": [mine],
        "attention": [late],
        "answered": [],
    }
    async with desk.visitor("anna") as anna:
        pages = {queue: (await anna.opens(f"/desk?queue={queue}")).text for queue in (*wanted, "all")}
    assert {queue: sorted(shown(pages[queue])) for queue in wanted} == {
        queue: sorted(ticket.ref for ticket in tickets) for queue, tickets in wanted.items()
    }
    assert counts(pages["triage"]) == {queue: str(len(tickets)) for queue, tickets in wanted.items()} | {"all": ""}
    assert len(shown(pages["all"])) == 8
    assert re.search(r'href="/desk/held"[^>]*><span>[^<]*</span> <span class="count">1<', pages["triage"])


async def test_asked_again_elsewhere_it_is_not_returned_any_more(desk: DeskHouse) -> None:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    desk.database.write(
        lambda s: give_back(s, s.get_one(Ticket, ticket.id), s.get_one(Forwarding, forwarding.id), "Nav.", now(), "p")
    )
    async with desk.visitor("anna") as anna:
        assert shown((await anna.opens("/desk?queue=returned")).text) == [ticket.ref]
        desk.forwarded(ticket, "VSAA")
        assert shown((await anna.opens("/desk?queue=returned")).text) == []


async def test_filters_stand_in_the_address_and_combine_with_queue_and_words(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    one = desk.asked("Kur saņemt pasi?", channel="telegram", suggested=("PMLP",))
    two = desk.asked("Kur nodot pasi?", channel="webchat", suggested=("VSAA",))
    set_ticket(
        desk, one, municipality="Ogres novads", language="en", service_code="pase", taken_by=desk.people["juris"].id
    )
    desk.forwarded(two, "VSAA")
    due_in(desk, one, 3)
    today, before = riga_date(now()), riga_date(now()) - timedelta(days=1)
    only_one = (
        "channel=telegram", "in_language=en", "municipality=Ogres+novads", "service=pase", "holder=juris",
        f"due_to={today + timedelta(days=4)}&due_from={today}", "state=triage", "q=pasi&channel=telegram",
        "institution=PMLP", "q=sanemt&queue=triage",
    )  # fmt: skip
    only_two = ("institution=VSAA", "holder=-", "queue=waiting&channel=webchat", "q=pasi&state=forwarded")
    both = ("audience=resident", f"received_from={today}&received_to={today}", "q=pasi", "queue=all")
    none = (
        f"received_to={before}",
        "channel=sms",
        "queue=waiting&channel=telegram",
        "municipality=%25",
        "institution=%22",
    )
    async with desk.visitor("anna") as anna:
        for group, wanted in ((only_one, [one.ref]), (only_two, [two.ref]), (both, [one.ref, two.ref]), (none, [])):
            for query in group:
                assert sorted(shown((await anna.opens(f"/desk?{query}")).text)) == wanted, query


async def test_a_filter_is_a_tag_that_can_be_taken_off(desk: DeskHouse) -> None:
    desk.asked()
    async with desk.visitor("anna") as anna:
        page = await anna.opens("/desk?queue=triage&channel=telegram&due_from=2026-11-01")
        tags = re.findall(r'<li><a href="([^"]+)">([^<]+)<span aria-hidden', page.text)
    assert [(html.unescape(address), words.strip()) for address, words in tags] == [
        ("/desk?queue=triage&due_from=2026-11-01", "Kanāls: Telegram"),
        ("/desk?queue=triage&channel=telegram", "Termiņš no: 01.11.2026."),
    ]


async def test_a_form_sent_without_javascript_leads_to_a_clean_address(desk: DeskHouse) -> None:
    async with desk.visitor("anna") as anna:
        sent = await anna.client.get(
            "/desk", params={"queue": "waiting", "channel": "", "due_to": "", "state": "forwarded"}
        )
        assert (sent.status_code, sent.headers["location"]) == (303, "/desk?queue=waiting&state=forwarded")


async def test_what_cannot_be_understood_is_said_and_narrows_nothing(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        page = await anna.opens("/desk?queue=triage&due_to=rīt&state=x&channel=telegram&unknown=1")
        assert shown(page.text) == [ticket.ref]
        assert "Stāvoklis" in page.text.partition("netika ņemti vērā:")[2][:60]
        assert (await anna.opens("/desk?queue=x")).status_code == 422
        assert (await anna.opens("/desk?q=" + "x" * 101)).status_code == 422


async def test_words_are_shown_where_they_stand_with_personal_codes_masked(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    desk.asked("Mans kods ir 010190-12345. Kādā kārtībā jāsaņem pasi, ja esmu ārzemēs?")
    async with desk.visitor("anna") as anna:
        page = (await anna.opens("/desk?q=kada+pasi")).text
    assert "<mark>Kādā</mark> kārtībā jāsaņem <mark>pasi</mark>, ja" in page
    assert "010190" not in page


async def test_a_personal_code_is_neither_sought_nor_left_in_an_address(desk: DeskHouse) -> None:
    desk.asked("Mans kods ir 010190-12345. Kur saņemt pasi?")
    async with desk.visitor("anna") as anna:
        sent = await anna.client.get("/desk", params={"q": "010190-12345"})
        assert "010190" not in sent.headers["location"]
        page = await anna.opens(sent.headers["location"])
        assert "Personas kodu nemeklējam" in page.text
        assert shown((await anna.opens("/desk?q=010190")).text) == []
    async with desk.visitor("pēteris") as peteris:
        assert "010190" not in (await peteris.opens("/desk?q=010190-12345")).text


async def test_nobody_finds_anothers_questions(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    ticket = desk.asked("Kur saņemt pasi?", name="Ilze")
    desk.forwarded(ticket, "PMLP")
    for who, finds in (("anna", True), ("liene", False), ("aivars", True), ("vita", False), ("pēteris", True)):
        async with desk.visitor(who) as visitor:
            assert (f">{ticket.ref}<" in (await visitor.opens("/desk?q=pasi")).text) is finds, who
            assert (f">{ticket.ref}<" in (await visitor.opens("/desk?q=1")).text) is finds, who
            by_name = finds and who != "pēteris"  # an institution does not see who asks
            assert (ticket.ref in (await visitor.opens("/desk?q=ilze")).text) is by_name, who
            if who in ("anna", "liene"):
                assert (ticket.ref in (await visitor.opens("/desk?channel=telegram&part=list")).text) is finds, who


async def test_the_list_can_be_asked_for_alone(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        page, part = (await anna.opens("/desk")).text, (await anna.opens("/desk?part=list")).text
    assert ticket.ref in part
    assert "<html" not in part
    inner = page.partition('<div id="list"')[2].partition(">")[2]
    assert inner.strip().startswith(part.strip())


@pytest.mark.parametrize(("order", "turned"), [("due", False), ("newest", True)])
async def test_a_list_is_sorted_as_chosen(desk: DeskHouse, order: str, turned: bool) -> None:
    refs = []
    for n in range(3):
        ticket = desk.asked(f"Jautājums {n} par pasi")
        due_in(desk, ticket, n)
        refs.append(ticket.ref)
    async with desk.visitor("anna") as anna:
        for query in ("queue=triage", "q=pasi", "channel=telegram"):
            page = (await anna.opens(f"/desk?{query}&order={order}")).text
            assert shown(page) == (refs[::-1] if turned else refs), query


async def test_a_number_stands_before_what_only_mentions_it(desk: DeskHouse) -> None:
    first = desk.asked("Pirmais")
    desk.asked("Kā ar jautājumu 1 un noteikumiem Nr. 1?")
    async with desk.visitor("anna") as anna:
        assert shown((await anna.opens("/desk?q=000001")).text) == [first.ref]
        assert shown((await anna.opens("/desk?q=1")).text)[0] == first.ref


async def test_what_is_found_comes_in_pages_that_keep_the_question(desk: DeskHouse) -> None:
    def work(session: Session) -> None:
        contact = contact_of(session, "telegram", "1", now(), name="", language="lv")
        for n in range(27):
            open_ticket(session, contact, now(), subject=f"Jautājums {n} par pasi")

    desk.database.write(work)
    async with desk.visitor("anna") as anna:
        page = (await anna.opens("/desk?q=pasi&channel=telegram")).text
        (after,) = re.findall(r'rel="next" href="([^"]+)"', page)
        assert html.unescape(after) == "/desk?q=pasi&channel=telegram&page=2"
        assert len(shown((await anna.opens(html.unescape(after))).text)) == 2
        assert len(shown((await anna.opens("/desk?queue=all&page=2")).text)) == 2
