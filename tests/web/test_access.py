"""Every route of the desk, for everybody: who may open what is written down here once and asked of the application."""

import itertools
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import Session

from models.contact import contact_of
from models.forwarding import Forwarding
from models.message import Attachment, Author, Direction, Message
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.staff import StaffSession
from models.ticket import Event, Ticket
from tests.web.desk_house import DeskHouse, Visitor
from tests.web.letters import PICTURE, letter_row, raw_letter
from web.desk_view import LINK, LINK_DAYS
from web.sessions import COOKIE

EVERYBODY = ("nobody", "anna", "laima", "liene", "pēteris", "zigrīda", "vita", "admin", "elīna", "aivars")
"""nobody; VDAA's coordinator and lead, LIAA's coordinator; clerk and head of PMLP, which has the ticket; a clerk of
VSAA, which has not; Ada, who administers; Elīna, who edits; Aivars, who audits"""
COORDINATOR = {"anna", "laima"}
INSTITUTION = {"pēteris", "zigrīda"}
LOOK_ON = {"admin", "aivars"}
LOGGED_IN = {*EVERYBODY} - {"nobody"}
WORKERS = LOGGED_IN - {"elīna"}
"""who has to do with tickets"""
OVERSEERS = {"anna", "laima", "liene"} | LOOK_ON

ALLOWED = {
    "GET /desk/login": {*EVERYBODY},
    "GET /desk": LOGGED_IN,
    "GET /desk/forwardings": WORKERS,
    "GET /desk/problems": OVERSEERS,
    "GET /desk/calendar": OVERSEERS,
    "GET /desk/held": OVERSEERS,
    "POST /desk/held/{inbox_id}": OVERSEERS - LOOK_ON,
    "GET /desk/letters/{inbox_id}": COORDINATOR | LOOK_ON,
    "GET /desk/letters/{inbox_id}/page": COORDINATOR | LOOK_ON,
    "GET /desk/letters/{inbox_id}/pictures/{number}": COORDINATOR | LOOK_ON,
    "GET /desk/letters/{inbox_id}/original": COORDINATOR | LOOK_ON,
    "GET /desk/terms": WORKERS,
    "GET /desk/tickets/{ref}": COORDINATOR | INSTITUTION | LOOK_ON,  # the clerk is led to his forwarding of it
    "GET /desk/forwardings/{forwarding_id}": INSTITUTION | LOOK_ON,
    "GET /desk/attachments/{attachment_id}": COORDINATOR | INSTITUTION | LOOK_ON,
    "POST /desk/attachments/{attachment_id}/anyway": COORDINATOR,
    "POST /desk/login": set(),  # tried in test_sessions
    "POST /desk/logout": LOGGED_IN,
    "POST /desk/notices": WORKERS - LOOK_ON,
    "POST /desk/problems/inbox/{row_id}/again": COORDINATOR | {"admin"},
    "POST /desk/problems/outbox/{row_id}/again": COORDINATOR | {"admin"},
    "POST /desk/problems/outbox/{row_id}/sent": COORDINATOR | {"admin"},
    "POST /desk/tickets/{ref}/take": COORDINATOR,
    "POST /desk/tickets/{ref}/attend": COORDINATOR,
    "POST /desk/tickets/{ref}/forward": COORDINATOR,
    "POST /desk/tickets/{ref}/answer": COORDINATOR,
    "POST /desk/tickets/{ref}/forwardings/{forwarding_id}/withdraw": COORDINATOR,
    "POST /desk/tickets/{ref}/forwardings/{forwarding_id}/arrived": COORDINATOR,
    "POST /desk/tickets/{ref}/forwardings/{forwarding_id}/missed": COORDINATOR,
    "POST /desk/tickets/{ref}/service": COORDINATOR,
    "POST /desk/tickets/{ref}/letters/{message_id}/answer": COORDINATOR,
    "POST /desk/tickets/{ref}/letters/{message_id}/no-answer": COORDINATOR,
    "POST /desk/tickets/{ref}/convert": COORDINATOR,
    "POST /desk/tickets/{ref}/extend": COORDINATOR,
    "POST /desk/forwardings/{forwarding_id}/received": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/answer": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/return": INSTITUTION,
    "GET /answer/{token}": {*EVERYBODY},
    "GET /answer/{token}/attachments/{attachment_id}": {*EVERYBODY},
    "POST /answer/{token}/received": {*EVERYBODY},
    "POST /answer/{token}/answer": {*EVERYBODY},
    "POST /answer/{token}/return": {*EVERYBODY},
}
BY_LINK = [route for route in ALLOWED if "{token}" in route]
FORM = {
    "text": "x", "reason": "x", "institutions": "VSAA", "notice": "1", "attention": "x", "holder": "",
    "received_on": "2026-11-23", "until": "2027-01-04", "service": "vecuma-pensija", "what": "new",
}  # fmt: skip


@dataclass
class Case:
    """A ticket of VDAA's at PMLP, with all that can be asked for about it."""

    desk: DeskHouse
    ticket: Ticket
    forwarding: Forwarding
    file: Attachment
    inbox: InboxRow
    outbox: OutboxRow
    held: InboxRow
    letter: InboxRow
    proposed: Message
    visitors: dict[str, Visitor] = field(default_factory=dict)

    def address(self, route: str, token: str = "") -> str:
        row = self.inbox.id if "inbox" in route else self.outbox.id
        return route.split(" ")[1].format(
            ref=self.ticket.ref, forwarding_id=self.forwarding.id, attachment_id=self.file.id, row_id=row,
            inbox_id=(self.held if "held" in route else self.letter).id, number=0, message_id=self.proposed.id,
            token=token or self.desk.link(self.forwarding).rpartition("/")[2],
        )  # fmt: skip

    def csrf(self, who: str, route: str, address: str) -> str:
        if "{token}" in route:
            return self.desk.portal.signing.sign("answer form", address.split("/")[2])
        person = self.desk.people.get(who)
        return self.desk.all(StaffSession, person_id=person.id)[0].csrf if person else ""

    async def asks(self, who: str, route: str, csrf: str | None = None) -> int:
        address = self.address(route)
        if route.startswith("GET"):
            return (await self.visitors[who].opens(address)).status_code
        form = FORM | {"csrf": self.csrf(who, route, address) if csrf is None else csrf}
        return (await self.visitors[who].client.post(address, data=form)).status_code

    def happened(self) -> int:
        return len(self.desk.all(Event))


@pytest.fixture
async def case(desk: DeskHouse) -> AsyncIterator[Case]:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    file = desk.attached(ticket)

    first = desk.all(OutboxRow)[0].id

    def give_up(session: Session) -> tuple[InboxRow, OutboxRow, InboxRow, InboxRow, Message]:
        row = InboxRow(
            channel="telegram",
            external_id="1",
            raw=b"{",
            received_at=now(),
            due_at=now(),
            state=State.DEAD,
            ticket_id=ticket.id,
        )
        session.add(row)
        session.flush()
        going = session.get_one(OutboxRow, first)
        going.state = State.DEAD
        held = letter_row(session, raw_letter(), State.HELD, error="spam")
        letter = letter_row(session, raw_letter(html='<img src="cid:p">', picture=PICTURE), State.DONE)
        letter.ticket_id = ticket.id
        proposed = Message(
            contact=contact_of(session, "email", "pmlp@pmlp.gov.lv", now(), name="PMLP", language="lv"),
            forwarding_id=forwarding.id,
            direction=Direction.IN,
            author=Author.INSTITUTION,
            text="Raķešu nav.",
            at=now(),
            proposed=True,
        )
        session.add(proposed)
        return row, going, held, letter, proposed

    made = Case(desk, ticket, forwarding, file, *desk.database.write(give_up))
    async with AsyncExitStack() as stack:
        for who in EVERYBODY:
            made.visitors[who] = await stack.enter_async_context(desk.visitor("" if who == "nobody" else who))
        yield made


def test_every_route_of_the_desk_is_written_down_here(desk: DeskHouse) -> None:
    found = {
        f"{method} {route.path}"
        for route in iter_route_contexts(desk.app.routes)
        for method in route.methods or ()
        if (route.path or "").startswith(("/desk", "/answer"))
    }
    assert found == set(ALLOWED)


@pytest.mark.parametrize("route", [route for route in ALLOWED if route != "POST /desk/login"])
async def test_only_the_allowed_get_through(case: Case, route: str) -> None:
    before = case.happened()
    for who in EVERYBODY:
        if who not in ALLOWED[route]:
            assert await case.asks(who, route) == refusal(who, route), who
    assert case.happened() == before
    for who in EVERYBODY:
        if who in ALLOWED[route]:  # 409: it came as far as the ticket, where somebody before had done it
            assert await case.asks(who, route) in (200, 303, 409), who


def refusal(who: str, route: str) -> int:
    """Who isn't logged in is led to the log-in; who only looks on is told so; for others it is not there."""
    if who == "nobody":
        return 303 if route.startswith("GET") else 401
    return 403 if who in LOOK_ON and route.startswith("POST") else 404


@pytest.mark.parametrize("route", [route for route in ALLOWED if route.startswith("POST")])
async def test_nothing_happens_without_the_sessions_own_token(case: Case, route: str) -> None:
    who = next((one for one in ("anna", "pēteris") if one in ALLOWED[route]), "anna")
    anothers = case.desk.all(StaffSession, person_id=case.desk.people["liene"].id)[0].csrf
    before = case.happened()
    for csrf in ("", "forged", "š", anothers):
        assert await case.asks(who, route, csrf) == 403
    assert case.happened() == before


@pytest.mark.parametrize("route", BY_LINK)
async def test_a_link_that_was_tampered_with_or_made_for_something_else_opens_nothing(case: Case, route: str) -> None:
    signing, good = case.desk.portal.signing, case.desk.link(case.forwarding).rpartition("/")[2]
    number = str(case.forwarding.id)
    bad = [
        number,
        good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:],
        good.replace(number, "99", 1),
        "x~y~z",
        f"{good}~x",
    ]
    bad += [signing.sign(LINK, number), signing.sign_for_a_time("ticket", number)]
    for token in bad:
        address = case.address(route, token)
        form = FORM | {"csrf": signing.sign("answer form", token)}
        client = case.visitors["nobody"].client
        sent = await (client.get(address) if route.startswith("GET") else client.post(address, data=form))
        assert sent.status_code == 404, token


async def test_an_expired_link_says_that_it_is_not_valid_any_more(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    link = case.desk.link(case.forwarding)
    later = time.time() + (LINK_DAYS + 1) * 86_400
    monkeypatch.setattr(time, "time", lambda: later)
    shown = await case.visitors["nobody"].opens(link)
    assert shown.status_code == 410
    assert "Saite vairs nav derīga" in shown.text
    assert case.ticket.subject not in shown.text


async def test_programs_get_problem_documents(case: Case) -> None:
    client = case.visitors["nobody"].client
    sent = await client.post("/desk/notices", headers={"Accept": "application/json"})
    assert (sent.status_code, sent.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize(
    "address",
    [
        "/desk/tickets/%00",
        "/desk/tickets/LV-2026-999999",
        "/desk/forwardings/x",
        "/desk/forwardings/99999999999999999999",
        "/desk/attachments/0",
    ],
)
async def test_what_cannot_exist_is_not_there(case: Case, address: str) -> None:
    for who in ("anna", "pēteris", "admin"):
        assert (await case.visitors[who].opens(address)).status_code == 404


async def test_a_clerk_cannot_tell_a_foreign_ticket_from_none(case: Case) -> None:
    foreign = await case.visitors["vita"].opens(f"/desk/tickets/{case.ticket.ref}")
    none = await case.visitors["vita"].opens("/desk/tickets/LV-2026-999999")
    assert foreign.text.replace(case.ticket.ref, "") == none.text.replace("LV-2026-999999", "")


async def test_sessions_do_not_mix(case: Case) -> None:
    cookies = [visitor.client.cookies.get(COOKIE) for who, visitor in case.visitors.items() if who != "nobody"]
    assert all(a != b for a, b in itertools.combinations(cookies, 2))
