"""Several questions at once: each is forwarded, taken or given by itself, and the page says which were not, and why."""

import re

import pytest
from sqlalchemy import text
from sqlmodel import col, select, update

from models.forwarding import Forwarding
from models.ticket import Event, Ticket, TicketState
from tests.web.desk_house import DeskHouse, Visitor


async def send(visitor: Visitor, *tickets: Ticket | str, **fields: object) -> tuple[int, str]:
    picks = [one if isinstance(one, str) else f"{one.ref}~{one.taken_by or ''}" for one in tickets]
    data = {"csrf": await visitor.csrf("/desk?queue=all"), "pick": picks, **fields}
    sent = await visitor.client.post("/desk/bulk", data=data)
    return sent.status_code, sent.text


def forwarded(desk: DeskHouse) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for one in desk.all(Forwarding):
        found.setdefault(one.ticket_id, []).append(one.institution_id)
    return found


def said(page: str, ref: str) -> str:
    (line,) = re.findall(rf"<li>[^\n]*{ref}[^\n]*</li>", page)
    return re.sub(r"<[^>]*>", "", line)


async def test_each_goes_to_its_own_suggestion_and_one_without_holds_up_nobody(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    first, second = desk.asked("Pirmais", suggested=("PMLP", "VSAA")), desk.asked("Otrais", suggested=("VSAA",))
    without, answered = desk.asked("Trešais", suggested=()), desk.asked("Ceturtais")
    desk.database.write(lambda s: setattr(s.get_one(Ticket, answered.id), "state", TicketState.ANSWERED))
    foreign = desk.asked("Piektais", audience="business")
    desk.database.write(lambda s: setattr(s.get_one(Ticket, foreign.id), "coordinator", "LIAA"))
    async with desk.visitor("anna") as anna:
        status, page = await send(anna, first, without, answered, foreign, "LV-2026-999999~", second, act="suggestion")
    assert status == 200
    assert len(forwarded(desk)) == 2
    assert [desk.now(one).state for one in (first, second, without)] == ["forwarded", "forwarded", "triage"]
    assert "Neizdevās: 4" in page
    assert "Izdarīts: 2" in page
    assert "Iestāde nav ieteikta" in said(page, without.ref)
    assert "jau ir atbildēts" in said(page, answered.ref)
    assert said(page, foreign.ref).split(":")[1] == said(page, "LV-2026-999999").split(":")[1]


async def test_a_double_submit_does_it_once(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    tickets = [desk.asked(f"Jautājums {n}") for n in range(3)]
    async with desk.visitor("anna") as anna:
        for _ in range(2):
            status, page = await send(
                anna, *tickets, *tickets, act="forward", institutions=["PMLP", "VSAA"], note="Lūdzu."
            )
    assert status == 200
    assert {len(where) for where in forwarded(desk).values()} == {2}
    assert len(desk.all(Event, kind="forwarded")) == 6
    assert "tā jau bija" in said(page, tickets[0].ref)


async def test_what_an_institution_has_is_not_sent_to_another_unseen(desk: DeskHouse) -> None:
    ticket = desk.asked()
    desk.forwarded(ticket, "PMLP")
    async with desk.visitor("anna") as anna:
        _, page = await send(anna, ticket, act="forward", institutions="VSAA")
    assert "jau ir pie iestādes" in said(page, ticket.ref)
    assert len(desk.all(Forwarding)) == 1


async def test_taken_and_given_unless_somebody_else_was_quicker(desk_on_both: DeskHouse) -> None:
    desk = desk_on_both
    free, held = desk.asked("Pirmais"), desk.asked("Otrais")
    juris = desk.people["juris"].id
    async with desk.visitor("anna") as anna:
        desk.database.write(
            lambda s: s.exec(update(Ticket).where(col(Ticket.id) == held.id).values(taken_by=juris)) and None
        )
        _, page = await send(anna, free, held, act="mine")
        assert "paņēmis kāds cits" in said(page, held.ref)
        assert [desk.now(one).taken_by for one in (free, held)] == [desk.people["anna"].id, juris]
        await send(anna, desk.now(free), act="assign", holder="juris")
    assert desk.now(free).taken_by == juris
    kinds = [(one.kind, one.data.get("to")) for one in desk.all(Event, ticket_id=free.id)[-2:]]
    assert kinds == [("taken", None), ("assigned", "juris")]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"act": "mine", "pick": []}, "Atzīmējiet vismaz vienu"),
        ({"act": "mine", "pick": [f"LV-2026-{n:06d}~" for n in range(101)]}, "ne vairāk kā 100"),
        ({"act": "forward"}, "Izvēlieties vismaz vienu iestādi"),
        ({"act": "forward", "institutions": "NAV"}, "Izvēlieties vismaz vienu iestādi"),
        ({"act": "assign", "holder": "liene"}, "Izvēlieties kolēģi"),
        ({"act": "assign", "holder": "pēteris"}, "Izvēlieties kolēģi"),
        ({"act": "suggestion", "note": "x" * 2001}, "Piezīme ir pārāk gara"),
        ({"act": "explode"}, "nesaprotams"),
    ],
)
async def test_a_mistake_changes_nothing_and_keeps_the_note(
    desk: DeskHouse, fields: dict[str, object], words: str
) -> None:
    ticket = desk.asked()
    before = len(desk.all(Event))
    async with desk.visitor("anna") as anna:
        data = {"csrf": await anna.csrf("/desk"), "pick": f"{ticket.ref}~", "note": "Mana piezīme"} | fields
        sent = await anna.client.post("/desk/bulk", data=data)
    assert sent.status_code == 422
    assert words in sent.text
    assert str(data["note"])[:12] in sent.text
    assert len(desk.all(Event)) == before


async def test_one_that_breaks_takes_no_other_along(desk: DeskHouse) -> None:
    first, broken, last = (desk.asked(f"Jautājums {n}") for n in range(3))
    when = f"BEFORE INSERT ON forwarding WHEN NEW.ticket_id = {broken.id}"
    refuse = f"CREATE TRIGGER no {when} BEGIN SELECT RAISE(FAIL, 'no'); END"
    desk.database.write(lambda s: s.execute(text(refuse)) and None)
    async with desk.visitor("anna") as anna:
        status, page = await send(anna, first, broken, last, act="suggestion")
    assert status == 200
    assert "tehniskas kļūdas" in said(page, broken.ref)
    assert set(forwarded(desk)) == {first.id, last.id}


async def test_the_way_back_is_the_desks_own(desk: DeskHouse) -> None:
    ticket = desk.asked()
    async with desk.visitor("anna") as anna:
        _, page = await send(anna, ticket, act="mine", next="/desk?queue=triage&channel=telegram")
        assert 'href="/desk?queue=triage&amp;channel=telegram"' in page
        _, page = await send(anna, ticket, act="mine", next="//evil.example/desk")
        assert "evil" not in page


async def test_who_only_looks_on_is_offered_nothing_to_tick(desk: DeskHouse) -> None:
    desk.asked()
    async with desk.visitor("aivars") as aivars:
        page = (await aivars.opens("/desk?queue=all")).text
    assert 'name="pick"' not in page
    assert "/desk/bulk" not in page
    with desk.database.read() as session:
        assert session.exec(select(Ticket.taken_by)).all() == [None]
