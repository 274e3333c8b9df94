"""Open pages are told what is new, at once or within a second, and nobody of what is not his."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session, select

import bot.server
from bot.server import listen
from models.database import Database
from models.moments import now
from models.presence import Presence
from models.staff import StaffSession
from models.ticket import Event, Ticket, record
from tests.web.chat_house import Server
from tests.web.desk_house import DeskHouse
from tests.web.live_page import live_page
from web.desk import tail
from web.desk.changes import changes_after, newest


@pytest.fixture
def desk_on_both(desk_on_both: DeskHouse, monkeypatch: pytest.MonkeyPatch) -> DeskHouse:
    monkeypatch.setattr(tail, "LOOK_EVERY", 0.15)
    return desk_on_both


@pytest.fixture
def server(desk_on_both: DeskHouse) -> Iterator[Server]:
    server = Server(desk_on_both.app, lifespan="off")
    server.start()
    yield server
    server.stop()


def elsewhere(desk: DeskHouse, ticket: Ticket, kind: str, actor: str = "citizen") -> None:
    """Another process stores what happened."""
    database = Database(desk.portal.settings.database_url)
    database.write(lambda s: record(s, s.get_one(Ticket, ticket.id), kind, actor, now()))
    database.close()


def test_what_another_process_stores_is_told_to_whom_it_concerns(desk_on_both: DeskHouse, server: Server) -> None:
    desk = desk_on_both
    ours, other = desk.asked(), desk.asked()
    desk.forwarded(ours, "PMLP")
    start = number(desk)
    with (
        live_page(desk, server.port, "anna", "/desk", start) as inbox,
        live_page(desk, server.port, "liene", "/desk", start) as foreign_inbox,
        live_page(desk, server.port, "pēteris", "/desk", start) as tray,
        live_page(desk, server.port, "vita", "/desk", start) as foreign_tray,
        live_page(desk, server.port, "juris", f"/desk/tickets/{ours.ref}", start) as page,
    ):
        elsewhere(desk, other, "rated")
        assert inbox.hears()["said"] == []
        elsewhere(desk, ours, "citizen wrote")
        heard = page.hears()
        assert heard == {"id": number(desk), "said": ["Jautātājs rakstīja"]}
        assert inbox.hears()["id"] == tray.hears()["id"] == heard["id"]
        given = desk.database.write(lambda s: give(s, other, "LIAA"))
        assert foreign_inbox.hears()["id"] == given
        desk.forwarded(other, "VSAA")
        foreign_tray.hears()


def test_who_comes_back_is_told_of_what_he_missed_and_of_nothing_twice(desk_on_both: DeskHouse, server: Server) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    place, seen = f"/desk/tickets/{ticket.ref}", number(desk)
    elsewhere(desk, ticket, "taken", "juris")
    elsewhere(desk, ticket, "citizen wrote")
    with live_page(desk, server.port, "anna", place, seen) as page:
        first = page.hears()
        assert first == {"id": number(desk), "said": ["Jautātājs rakstīja"]}
    with live_page(desk, server.port, "anna", place, int(str(first["id"]))) as page:
        elsewhere(desk, ticket, "returned", "pēteris")
        assert page.hears()["said"] == ["Atdots koordinatoram"]


def test_a_page_that_may_not_be_seen_is_not_there(desk_on_both: DeskHouse, server: Server) -> None:
    desk = desk_on_both
    (forwarding,) = desk.forwarded(ticket := desk.asked(), "PMLP")
    foreign = {"vita": f"/desk/forwardings/{forwarding.id}", "liene": f"/desk/tickets/{ticket.ref}"}
    none = [("pēteris", "/desk/tickets/x"), ("anna", "/desk/forwardings/x"), ("anna", "/")]
    for login, place in [*foreign.items(), *none]:
        with pytest.raises(AssertionError, match="404"), live_page(desk, server.port, login, place):
            pass


def test_the_connection_ends_with_the_log_in(
    desk_on_both: DeskHouse, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "ASK_EVERY", 0.1)
    desk = desk_on_both
    desk.asked()
    quiet(desk)
    with (
        live_page(desk, server.port, "anna", "/desk") as ended,
        live_page(desk, server.port, "juris", "/desk") as other,
    ):

        def log_out(session: Session) -> None:
            for row in session.exec(select(StaffSession).where(StaffSession.person_id == desk.people["anna"].id)):
                session.delete(row)

        desk.database.write(log_out)
        ended.hears("over")
        assert ended.is_over()
        elsewhere(desk, desk.asked(), "rated")
        other.hears()


def test_those_at_a_page_are_told_of_each_other(desk_on_both: DeskHouse, server: Server) -> None:
    desk = desk_on_both
    ticket = desk.asked()
    quiet(desk)
    place = f"/desk/tickets/{ticket.ref}"
    with live_page(desk, server.port, "anna", place, number(desk)) as anna:
        with live_page(desk, server.port, "admin", place, number(desk)) as admin:
            assert admin.hears("people")["said"] == ["Anna Ozola arī skata šo lapu."]
        with live_page(desk, server.port, "juris", place, number(desk)) as juris:
            assert juris.hears("people")["said"] == ["Anna Ozola arī skata šo lapu."]
            assert anna.hears("people")["said"] == ["Juris Kalns arī skata šo lapu."]
            typing = Presence(place=place, person_id=desk.people["juris"].id or 0, seen_at=now(), typed_at=now())
            desk.database.write(lambda session: session.merge(typing))
            assert anna.hears("people")["said"] == ["Juris Kalns šeit raksta."]
        assert anna.hears("people")["said"] == []


def test_a_process_that_stops_does_not_wait_for_its_open_pages(desk: DeskHouse) -> None:
    settings = desk.portal.settings.model_copy(update={"port": 0, "host": "127.0.0.1"})
    server = bot.server.Server(settings)
    server.config.lifespan = "off"
    sock = listen(settings)
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    with live_page(desk, sock.getsockname()[1], "anna", "/desk") as page:
        server.should_exit = True
        assert page.is_over()
        thread.join(8)  # uvicorn would wait for 10 seconds
        assert not thread.is_alive()
    server.config.app.state.portal.database.close()  # type: ignore[union-attr]


def test_an_event_that_is_committed_after_a_later_one_is_not_missed(desk: DeskHouse) -> None:
    ticket = desk.asked()
    with desk.database.read() as session:
        late, last = newest(session) - 1, newest(session)
        told = changes_after(session, 0, known={one for one in range(last + 1) if one != late})
        assert [change.number for change in told] == [late]
        assert changes_after(session, 0, since=now() + timedelta(seconds=1)) == []
        assert {change.coordinator for change in changes_after(session, 0)} == {ticket.coordinator}


def give(session: Session, ticket: Ticket, code: str) -> int:
    """Another coordinator gets the ticket."""
    session.get_one(Ticket, ticket.id).coordinator = code
    record(session, session.get_one(Ticket, ticket.id), "rated", "bot", now())
    session.flush()
    return newest(session)


def number(desk: DeskHouse) -> int:
    with desk.database.read() as session:
        return newest(session)


def quiet(desk: DeskHouse) -> None:
    """All that has happened was a while ago, so that nobody is told of it when he comes."""

    def work(session: Session) -> None:
        for event in session.exec(select(Event)):
            event.at = now() - timedelta(minutes=1)

    desk.database.write(work)


@pytest.mark.parametrize("number", ["9" * 4_400, "x", "-1", ""])
async def test_a_number_that_no_event_has_is_passed_over(desk: DeskHouse, number: str) -> None:
    async with desk.visitor("anna") as anna:
        told = await anna.client.get("/desk/live", headers={"Last-Event-ID": number})
    assert told.status_code == 200
