"""Every route of the desk, for everybody: who may open what is written down here once and asked of the application."""

import itertools
import re
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from sqlmodel import Session

from bot.brain import Brain
from models.contact import contact_of
from models.forwarding import Forwarding
from models.log_in import Identity
from models.message import Attachment, Author, Direction, Message
from models.moments import now
from models.note import Note
from models.queue import InboxRow, OutboxRow, State
from models.staff import StaffSession
from models.ticket import Event, Ticket
from tests.web.admin_rows import administration_rows, invitation_of
from tests.web.desk_house import DeskHouse, Visitor, open_house
from tests.web.institution_rows import institution_rows
from tests.web.letters import PICTURE, letter_row, raw_letter
from web.desk.view import LINK, LINK_DAYS
from web.session_rows import hash_of
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

ADMINISTRATION = {
    "GET /desk/admin": LOOK_ON | {"elīna"},
    **{
        f"GET /desk/admin/{part}": LOOK_ON
        for part in (
            "institutions",
            "institutions/new",
            "institutions/of",
            "institutions/{institution_id}",
            "people",
            "people.csv",
            "people/new",
            "people/of",
            "people/import",
            "people/{staff_id}",
            "roles",
            "calendar",
            "settings",
            "retention",
            "channels",
            "changes",
        )
    },
    **{
        f"GET /desk/admin/{part}": LOOK_ON | {"elīna"}
        for part in ("competences", "competences/{institution_id}", "canned", "canned/new", "canned/{reply_id}")
    },
    **{
        f"POST /desk/admin/{part}": {"admin"}
        for part in (
            "institutions",
            "institutions/{institution_id}",
            "institutions/{institution_id}/retire",
            "institutions/{institution_id}/back",
            "people",
            "people/import",
            "people/import/{file_id}/apply",
            "people/{staff_id}",
            "people/{staff_id}/off",
            "people/{staff_id}/on",
            "people/{staff_id}/password",
            "people/{staff_id}/invitation",
            "calendar",
            "calendar/{day_id}/remove",
            "settings",
            "retention",
            "retention/run",
            "retention/keep",
            "retention/keep/{ref}/end",
        )
    },
    **{
        f"POST /desk/admin/{part}": {"admin", "elīna"}
        for part in (
            "competences/{institution_id}",
            "canned",
            "canned/{reply_id}",
            "canned/{reply_id}/retire",
            "canned/{reply_id}/back",
        )
    },
    "GET /desk/invitation/{invitation}": {*EVERYBODY},
    "POST /desk/invitation/{invitation}": {*EVERYBODY},
}
"""what administrators change and auditors read; texts are an editor's too"""

ALLOWED = {
    **ADMINISTRATION,
    "GET /desk/login": {*EVERYBODY},
    "GET /desk": LOGGED_IN,
    "GET /desk/forwardings": WORKERS,
    "GET /desk/live": WORKERS,
    "GET /desk/keys": LOGGED_IN,
    "POST /desk/keys": LOGGED_IN,
    "POST /desk/drafts": WORKERS - LOOK_ON,
    "POST /desk/drafts/discard": WORKERS - LOOK_ON,
    "GET /desk/problems": OVERSEERS,
    "GET /desk/calendar": OVERSEERS,
    "GET /desk/held": OVERSEERS,
    "POST /desk/held/{inbox_id}": OVERSEERS - LOOK_ON,
    "GET /desk/letters/{inbox_id}": COORDINATOR | LOOK_ON,
    "GET /desk/letters/{inbox_id}/page": COORDINATOR | LOOK_ON,
    "GET /desk/letters/{inbox_id}/pictures/{number}": COORDINATOR | LOOK_ON,
    "GET /desk/letters/{inbox_id}/original": COORDINATOR | LOOK_ON,
    "GET /desk/terms": WORKERS,
    "GET /desk/dashboard": OVERSEERS,
    "GET /desk/dashboard/{figure}.csv": OVERSEERS,
    "GET /desk/statistics": WORKERS,
    "GET /desk/statistics/{figure}.csv": WORKERS,
    "GET /desk/tickets/{ref}": COORDINATOR | INSTITUTION | LOOK_ON,  # the clerk is led to his forwarding of it
    "GET /desk/forwardings/{forwarding_id}": INSTITUTION | LOOK_ON,
    "GET /desk/attachments/{attachment_id}": COORDINATOR | INSTITUTION | LOOK_ON,
    "POST /desk/attachments/{attachment_id}/anyway": COORDINATOR,
    "POST /desk/login": set(),  # these five are tried in test_sessions, test_totp and test_oidc
    "GET /desk/login/code": set(),
    "POST /desk/login/code": set(),
    "GET /desk/login/provider": set(),
    "GET /desk/login/provider/back": set(),
    "GET /desk/account": LOGGED_IN,
    "POST /desk/account/password": LOGGED_IN,
    "POST /desk/account/sessions/end": LOGGED_IN,
    "POST /desk/account/sessions/end-others": LOGGED_IN,
    "GET /desk/account/second-step": LOGGED_IN,
    "POST /desk/account/second-step": LOGGED_IN,
    "POST /desk/account/second-step/codes": LOGGED_IN,
    "POST /desk/account/second-step/off": LOGGED_IN,
    "POST /desk/people/{person_id}/second-step/reset": {"admin"},
    "POST /desk/people/{person_id}/accounts": {"admin"},
    "POST /desk/people/{person_id}/accounts/{identity_id}/unlink": {"admin"},
    "POST /desk/logout": LOGGED_IN,
    "POST /desk/notices": WORKERS - LOOK_ON,
    "POST /desk/bulk": OVERSEERS - LOOK_ON,
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
    "POST /desk/tickets/{ref}/municipality": COORDINATOR,
    "POST /desk/tickets/{ref}/notes": COORDINATOR,
    "POST /desk/tickets/{ref}/notes/{note_id}": COORDINATOR,
    "GET /desk/tickets/{ref}/why": COORDINATOR | LOOK_ON,
    "GET /desk/tickets/{ref}/canned/{canned_id}": COORDINATOR,
    "POST /desk/tickets/{ref}/insert/{form}": COORDINATOR,
    "POST /desk/tickets/{ref}/messages/{message_id}/reveal": COORDINATOR,
    "POST /desk/tickets/{ref}/messages/{message_id}/translate": COORDINATOR,
    "POST /desk/forwardings/{forwarding_id}/messages/{message_id}/reveal": set(),  # off; tried in test_desk_ticket_page
    "POST /desk/tickets/{ref}/translate-answer": COORDINATOR,
    "POST /desk/tickets/{ref}/merge": COORDINATOR,
    "POST /desk/tickets/{ref}/unmerge": COORDINATOR,
    "POST /desk/tickets/{ref}/split": COORDINATOR,
    "POST /desk/tickets/{ref}/link": COORDINATOR,
    "POST /desk/tickets/{ref}/unlink": COORDINATOR,
    "POST /desk/tickets/{ref}/letters/{message_id}/answer": COORDINATOR,
    "POST /desk/tickets/{ref}/letters/{message_id}/no-answer": COORDINATOR,
    "POST /desk/tickets/{ref}/convert": COORDINATOR,
    "POST /desk/tickets/{ref}/extend": COORDINATOR,
    "POST /desk/forwardings/{forwarding_id}/received": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/answer": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/return": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/ask": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/delegate": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/take-back": INSTITUTION,
    "POST /desk/forwardings/{forwarding_id}/drafts/{approval_id}/approve": {"zigrīda"},
    "POST /desk/forwardings/{forwarding_id}/drafts/{approval_id}/send-back": {"zigrīda"},
    "POST /desk/tickets/{ref}/forwardings/{forwarding_id}/remind": COORDINATOR,
    "POST /desk/tickets/{ref}/inquiries/{inquiry_id}/send": COORDINATOR,
    "POST /desk/tickets/{ref}/inquiries/{inquiry_id}/decline": COORDINATOR,
    "GET /desk/absence": WORKERS,
    "POST /desk/absence": WORKERS - LOOK_ON,
    "POST /desk/absence/{absence_id}/end": INSTITUTION,
    "GET /desk/slack": WORKERS,
    "POST /desk/slack/code": WORKERS - {"aivars"},
    "GET /desk/slack/link": WORKERS,
    "POST /desk/slack/link": WORKERS - {"aivars"},
    "POST /desk/slack/unlink": WORKERS - {"aivars"},
    "GET /answer/{token}": {*EVERYBODY},
    "GET /answer/{token}/attachments/{attachment_id}": {*EVERYBODY},
    "POST /answer/{token}/received": {*EVERYBODY},
    "POST /answer/{token}/answer": {*EVERYBODY},
    "POST /answer/{token}/drafts": {*EVERYBODY},
    "POST /answer/{token}/drafts/discard": {*EVERYBODY},
    "POST /answer/{token}/return": {*EVERYBODY},
    "POST /answer/{token}/ask": {*EVERYBODY},
}
LOG_IN = {route for route in ALLOWED if route.partition(" ")[2].startswith("/desk/login") and not ALLOWED[route]}
OUTSIDE = {
    "GET /": "public",
    "GET /ask": "public",
    "POST /ask": "public",
    "GET /talk": "ticket",
    "POST /talk/new": "public",
    "GET /question/{token}": "ticket",
    "GET /chat/frame": "public",
    "GET /chat/code/{version}/{name}": "public",
    "GET /widget.js": "public",
    "GET /about": "public",
    "GET /privacy": "public",
    "GET /accessibility": "public",
    "GET /widget-demo": "public",
    "WS /chat": "ticket",
    "POST /chat/session": "public",
    "POST /chat/messages": "ticket",
    "GET /chat/messages": "ticket",
    "POST /api/v1/questions": "public",
    "GET /api/v1/tickets/{ref}": "ticket",
    "POST /api/v1/tickets/{ref}/messages": "ticket",
    "POST /api/v1/tickets/{ref}/rating": "ticket",
    "POST /api/v1/tickets/{ref}/complaint": "ticket",
    "GET /api/v1/deadlines": "public",
    "GET /deadlines": "public",
    "GET /openapi.json": "public",
    "GET /healthz": "public",
    "GET /readyz": "public",
    "GET /metrics": "public",
}
"""everything else: for anybody, or for who has the token of one conversation; being logged in opens none of it"""
A_LETTERS_PAGE = "GET /desk/letters/{inbox_id}/page"
INLINE = re.compile(r"<[^>]* style=|<[^>]* on[a-z]+=|<style|<script(?![^>]* src=)|javascript:", re.IGNORECASE)
"""what the policy forbids, so a page that has it is broken"""
BY_LINK = [route for route in ALLOWED if "{token}" in route]
FORM = {
    "text": "x", "reason": "x", "institutions": "VSAA", "notice": "1", "attention": "x", "holder": "",
    "received_on": "2026-11-23", "until": "2027-01-04", "service": "vecuma-pensija", "what": "new",
    "remark": "x", "act": "mine", "pick": "LV-2026-000001~",
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
    identity: Identity
    note: Note
    visitors: dict[str, Visitor] = field(default_factory=dict)
    shown: httpx.Response = field(default_factory=lambda: httpx.Response(200))
    """what came last"""
    numbers: dict[str, int] = field(default_factory=dict)
    """of what the institution has going on"""

    def address(self, route: str, token: str = "") -> str:
        row = self.inbox.id if "inbox" in route else self.outbox.id
        return route.split(" ")[1].format(
            person_id=self.desk.people["pēteris"].id, identity_id=self.identity.id,
            ref=self.ticket.ref, forwarding_id=self.forwarding.id, attachment_id=self.file.id, row_id=row,
            inbox_id=(self.held if "held" in route else self.letter).id, number=0, message_id=self.proposed.id,
            figure="took_institution", form="answer", canned_id=1, note_id=self.note.id,
            token=token or self.desk.link(self.forwarding).rpartition("/")[2],
            invitation=invitation_of(self.desk), **self.numbers,
        )  # fmt: skip

    def csrf(self, who: str, route: str, address: str) -> str:
        if "{token}" in route:
            return self.desk.portal.signing.sign("answer form", address.split("/")[2])
        if "{invitation}" in route:
            return self.desk.portal.signing.sign("desk invitation form", address.split("/")[3])
        return self.session_of(who).csrf if who != "nobody" else ""

    def session_of(self, who: str) -> StaffSession:
        """As it is now: a log-out or a new password ends it."""
        secret = self.visitors[who].client.cookies[COOKIE]
        return self.desk.all(StaffSession, token_hash=hash_of(secret))[0]

    async def asks(self, who: str, route: str, csrf: str | None = None) -> int:
        address = self.address(route)
        if route.startswith("GET"):
            self.shown = await self.visitors[who].opens(address)
        else:
            form = FORM | {"csrf": self.csrf(who, route, address) if csrf is None else csrf}
            self.shown = await self.visitors[who].client.post(address, data=form)
        return self.shown.status_code

    def happened(self) -> int:
        return len(self.desk.all(Event))


@pytest.fixture(scope="module")
def desk(prepared_sqlite: Path, brain: Brain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskHouse]:
    """One for all: each test brings its own ticket into it."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(prepared_sqlite, folder / "atbilde.db")
    opened = open_house(f"sqlite:///{folder / 'atbilde.db'}", brain, folder)
    yield opened
    opened.database.close()


@pytest.fixture
async def case(desk: DeskHouse) -> AsyncIterator[Case]:
    ticket = desk.asked()
    (forwarding,) = desk.forwarded(ticket, "PMLP")
    file = desk.attached(ticket)

    first = desk.all(OutboxRow, ticket_id=ticket.id)[0].id

    def give_up(session: Session) -> tuple[InboxRow, OutboxRow, InboxRow, InboxRow, Message, Identity, Note]:
        row = InboxRow(
            channel="telegram",
            external_id=uuid.uuid4().hex,
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
        clerk = desk.people["pēteris"].id or 0
        account = Identity(issuer="i", subject=uuid.uuid4().hex, person_id=clerk, linked_by="admin", linked_at=now())
        session.add(account)
        note = Note(ticket_id=ticket.id or 0, author_id=desk.people["anna"].id or 0, text="Mums.", at=now())
        session.add(note)
        return row, going, held, letter, proposed, account, note

    made = Case(desk, ticket, forwarding, file, *desk.database.write(give_up))
    made.numbers = institution_rows(desk, forwarding) | administration_rows(desk)
    async with AsyncExitStack() as stack:
        for who in EVERYBODY:
            made.visitors[who] = await stack.enter_async_context(desk.visitor("" if who == "nobody" else who))
        yield made


def test_every_route_is_written_down_here(desk: DeskHouse) -> None:
    """A new one has to say who may use it."""
    found = {
        f"{method} {route.path}"
        for route in iter_route_contexts(desk.app.routes)
        for method in (route.methods or {"WS"}) - {"HEAD"}
        if (route.path or "") != "/static"
    }
    assert found == {*ALLOWED, *OUTSIDE}


async def test_who_may_not_is_refused_on_every_route_and_nothing_happens(case: Case) -> None:
    before = case.happened()
    wrong = [
        (who, route, got)
        for route in ALLOWED
        if route not in LOG_IN
        for who in EVERYBODY
        if who not in ALLOWED[route] and (got := await case.asks(who, route)) != refusal(who, route)
    ]
    assert wrong == []
    assert case.happened() == before


async def test_who_may_look_does_and_the_page_lets_nothing_in_that_is_not_its_own(case: Case) -> None:
    wrong = [
        (who, route, got, flaw)
        for route in ALLOWED
        if route.startswith("GET")
        for who in EVERYBODY
        if who in ALLOWED[route]
        for got in [await case.asks(who, route)]
        if (flaw := unsafe(case.shown, route)) or got not in (200, 303)
    ]
    assert wrong == []


def unsafe(shown: httpx.Response, route: str) -> str:
    """What the browser would be allowed that it should not be; empty where nothing is."""
    policy = shown.headers.get("content-security-policy", "")
    if route == A_LETTERS_PAGE:  # its looks are its sender's: no script runs in it, and it is sent nowhere
        policy = policy.replace("style-src 'self' 'unsafe-inline'", "") if " sandbox " in policy else policy
    if not policy.startswith("default-src 'none'") or "unsafe" in policy or "*" in policy or " http:" in policy:
        return policy or "no policy"
    if shown.headers.get("x-content-type-options") != "nosniff" or "referrer-policy" not in shown.headers:
        return "headers"
    if "text/html" not in shown.headers.get("content-type", "") or route == A_LETTERS_PAGE:
        return ""
    found = INLINE.search(shown.text)
    return found.group() if found else ""


async def test_outside_the_desk_a_log_in_opens_no_ticket(case: Case) -> None:
    """Neither one's own nor another's: there it is the conversation's token that counts, and another's is none."""
    anothers = case.desk.portal.signing.sign("ticket", "LV-2026-999999")
    for route, kind in OUTSIDE.items():
        method, _, path = route.partition(" ")
        address = path.format(ref=case.ticket.ref, version="x", name="x", token="x")
        for who, token in itertools.product(("nobody", "pēteris", "vita", "admin"), ("", anothers)):
            if method == "WS":
                continue
            headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"} if token else {}
            sent = await case.visitors[who].client.request(
                method, address, headers=headers, json={} if method == "POST" else None
            )
            assert case.ticket.subject not in sent.text, route
            assert kind == "public" or not sent.is_success or path == "/talk", route
            assert sent.status_code < 500 or path == "/readyz", route


@pytest.mark.parametrize("route", [route for route in ALLOWED if route.startswith("POST") and ALLOWED[route]])
async def test_who_may_act_does(case: Case, route: str) -> None:
    """As far as the ticket or the form: somebody before may have done it (409), or too little was filled in (422)."""
    for who in EVERYBODY:
        if who in ALLOWED[route]:
            assert await case.asks(who, route) in (200, 303, 409, 422), who


def refusal(who: str, route: str) -> int:
    """Who isn't logged in is led to the log-in; who only looks on is told so; for others it is not there."""
    if who == "nobody":
        return 303 if route.startswith("GET") else 401
    return 403 if who in LOOK_ON and route.startswith("POST") else 404


async def test_nothing_happens_without_the_sessions_own_token(case: Case) -> None:
    before = case.happened()
    wrong = [
        (who, route, csrf, got)
        for route in ALLOWED
        if route.startswith("POST") and route not in LOG_IN
        for who in [next((one for one in ("anna", "pēteris", "admin") if one in ALLOWED[route]), "anna")]
        for csrf in ("", "forged", "š", case.session_of("liene").csrf)
        if (got := await case.asks(who, route, csrf)) != 403
    ]
    assert wrong == []
    assert case.happened() == before


@pytest.mark.parametrize("route", BY_LINK)
async def test_a_link_that_was_tampered_with_or_made_for_something_else_opens_nothing(case: Case, route: str) -> None:
    signing, good = case.desk.portal.signing, case.desk.link(case.forwarding).rpartition("/")[2]
    number = str(case.forwarding.id)
    bad = [
        number,
        good[:-9] + ("A" if good[-9] != "A" else "B") + good[-8:],
        good.replace(number, f"{number}9", 1),
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
