"""An institution's page of what was forwarded to it: after log-in, or by a signed link that expires.

That the link was fetched is no evidence that the institution has the question: mail scanners, previews and proxies
fetch links that nobody has read. What only a person does is: pressing "We have received it", answering, returning it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.contact import Contact
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.moments import now
from models.ticket import Ticket, locked
from routing.answering import institution_answers
from routing.delivery import delivered_by_hand
from routing.triage import NotPossible, give_back
from web.desk_access import attachment_of, shown_forwarding
from web.desk_files import download
from web.desk_forms import Mistake, Refused, refused, wanted
from web.desk_pages import DeskRoute, desk_page, done
from web.desk_view import LINK, LINK_DAYS, answer_to, forwarding_view
from web.portal import HasPortal, Portal
from web.problems import Problem
from web.sessions import Acting, SignedIn, Staff, StaleForm, same

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
DAY = 24 * 60 * 60
EVER = 100 * 365 * DAY
FORM = "answer form"
"""purpose of the signature that the form of a link's page carries"""
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who has opened a forwarding's page, and where it lies."""

    forwarding_id: int
    address: str
    csrf: str
    staff: Staff | None = None
    actor: str = ""
    """empty for a holder of the link, who is called after the institution"""


@router.get("/desk/forwardings/{forwarding_id}")
async def forwarding(request: Request, portal: HasPortal, staff: SignedIn, forwarding_id: Id) -> Response:
    return await _page(request, portal, _logged_in(staff, forwarding_id))


@router.post("/desk/forwardings/{forwarding_id}/answer")
async def answer(request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, text: Text = "") -> Response:
    return await _answer(request, portal, _logged_in(staff, forwarding_id), text)


@router.post("/desk/forwardings/{forwarding_id}/return")
async def give_it_back(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, reason: Text = ""
) -> Response:
    return await _return(request, portal, _logged_in(staff, forwarding_id), reason)


@router.post("/desk/forwardings/{forwarding_id}/received")
async def received(request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id) -> Response:
    return await _received(request, portal, _logged_in(staff, forwarding_id))


@router.get("/answer/{token}")
async def forwarding_by_link(request: Request, portal: HasPortal, token: str) -> Response:
    return await _page(request, portal, _by_link(portal, token))


@router.post("/answer/{token}/answer")
async def answer_by_link(request: Request, portal: HasPortal, token: str, text: Text = "", csrf: Text = "") -> Response:
    return await _answer(request, portal, _by_link(portal, token, csrf), text)


@router.post("/answer/{token}/return")
async def return_by_link(
    request: Request, portal: HasPortal, token: str, reason: Text = "", csrf: Text = ""
) -> Response:
    return await _return(request, portal, _by_link(portal, token, csrf), reason)


@router.post("/answer/{token}/received")
async def received_by_link(request: Request, portal: HasPortal, token: str, csrf: Text = "") -> Response:
    return await _received(request, portal, _by_link(portal, token, csrf))


@router.get("/answer/{token}/attachments/{attachment_id}")
async def attachment_by_link(portal: HasPortal, token: str, attachment_id: Id) -> Response:
    visit = _by_link(portal, token)
    attachment = await portal.database.reading(
        lambda session: attachment_of(session, session.get_one(Forwarding, visit.forwarding_id), attachment_id)
    )
    return await download(portal, attachment)


def _logged_in(staff: Staff, forwarding_id: int) -> Visit:
    return Visit(forwarding_id, f"/desk/forwardings/{forwarding_id}", staff.csrf, staff, staff.login)


def _by_link(portal: Portal, token: str, csrf: str | None = None) -> Visit:
    """Whose link that is; with a form, `csrf` must be what its page gave. Raises Problem 404, 410 or 403."""
    value = portal.signing.read_within(LINK, token, LINK_DAYS * DAY)
    if value is None:
        expired = portal.signing.read_within(LINK, token, EVER) is not None
        raise Problem(410, "This link has expired.") if expired else Problem(404, "There is no such page.")
    visit = Visit(int(value), f"/answer/{token}", portal.signing.sign(FORM, token))
    if csrf is not None and not same(csrf, visit.csrf):
        raise StaleForm
    return visit


async def _received(request: Request, portal: Portal, visit: Visit) -> Response:
    def change(session: Session, forwarding: Forwarding, ticket: Ticket, actor: str) -> None:
        delivered_by_hand(session, ticket, forwarding, now(), actor)

    return await _change(request, portal, visit, "received", change, {})


async def _answer(request: Request, portal: Portal, visit: Visit, text: str) -> Response:
    def change(session: Session, forwarding: Forwarding, ticket: Ticket, actor: str) -> None:
        said = wanted(text, "text", "write_answer")
        before = answer_to(session, forwarding)
        if before is not None and before.text == said:  # an impatient second click
            return
        contact = session.get_one(Contact, ticket.contact_id)
        institution = session.get_one(Institution, forwarding.institution_id)
        pulled = contact.channel in portal.pulled
        institution_answers(session, contact, ticket, forwarding, institution, said, now(), actor, pulled=pulled)

    return await _change(request, portal, visit, "answer", change, {"text": text})


async def _return(request: Request, portal: Portal, visit: Visit, reason: str) -> Response:
    def change(session: Session, forwarding: Forwarding, ticket: Ticket, actor: str) -> None:
        why = wanted(reason, "reason", "write_reason")
        if forwarding.state == ForwardingState.RETURNED and forwarding.reason == why:
            return
        give_back(session, ticket, forwarding, why, now(), actor)

    return await _change(request, portal, visit, "return", change, {"reason": reason})


async def _change(
    request: Request,
    portal: Portal,
    visit: Visit,
    form: str,
    change: Callable[[Session, Forwarding, Ticket, str], None],
    typed: Mapping[str, Any],
) -> Response:
    """Does it and shows what became of it; where it cannot be done, the page says why and keeps what was typed."""

    def work(session: Session) -> int:
        found = _found(session, visit)
        ticket = locked(session, found.ticket_id)
        session.refresh(found)
        change(session, found, ticket, visit.actor or _called(session, found))
        return ticket.contact_id

    try:
        contact_id = await portal.database.writing(work)
    except (NotPossible, Mistake) as error:
        return await _page(request, portal, visit, refused(form, error, typed))
    portal.wake_outbox()
    portal.said.tell(contact_id)
    return done(visit.address, form)


async def _page(request: Request, portal: Portal, visit: Visit, problem: Refused | None = None) -> Response:
    view = await portal.database.reading(lambda session: forwarding_view(session, _found(session, visit)))
    return desk_page(
        request,
        "forwarding.html",
        visit.staff,
        here=visit.address,
        csrf=visit.csrf,
        status=problem.status if problem else 200,
        view=view,
        problem=problem,
    )


def _found(session: Session, visit: Visit) -> Forwarding:
    """The forwarding, if the visitor may see it. Raises NotThere."""
    if visit.staff is not None:
        return shown_forwarding(session, visit.staff, visit.forwarding_id)
    return session.get_one(Forwarding, visit.forwarding_id)


def _called(session: Session, forwarding: Forwarding) -> str:
    """Who answers by link is known by the institution it was given to."""
    return f"link {session.get_one(Institution, forwarding.institution_id).code}"
