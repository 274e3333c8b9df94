"""An institution wants to know something from the citizen: it writes a question, and the coordinator sends it on."""

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.contact import Contact
from models.forwarding import Forwarding
from models.inquiry import Inquiry
from models.moments import now
from models.ticket import Ticket
from routing.inquiries import ask, decline, send_on
from routing.reaching import is_open
from web.desk.access import NotThere
from web.desk.forms import Mistake, wanted
from web.desk.pages import DeskRoute
from web.desk.ticket import change_ticket
from web.desk.visit import Case, Id, Text, Visit, by_link, change_forwarding, logged_in
from web.portal import HasPortal, Portal
from web.sessions import Acting, Coordinating

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
LONGEST = 2000
"""characters of a question, and of the reason why it is declined"""


@router.post("/desk/forwardings/{forwarding_id}/ask")
async def want_to_know(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, text: Text = ""
) -> Response:
    return await _ask(request, portal, logged_in(staff, forwarding_id), text)


@router.post("/answer/{token}/ask")
async def want_to_know_by_link(
    request: Request, portal: HasPortal, token: str, text: Text = "", csrf: Text = ""
) -> Response:
    return await _ask(request, portal, by_link(portal, token, csrf), text)


@router.post("/desk/tickets/{ref}/inquiries/{inquiry_id}/send")
async def ask_the_citizen(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, inquiry_id: Id, text: Text = ""
) -> Response:
    """In the words `text`, which the coordinator may have changed."""

    def change(session: Session, ticket: Ticket) -> None:
        inquiry, forwarding = _inquiry(session, ticket, inquiry_id)
        said = _short(wanted(text, "text", "write_question"), "text")
        contact, at = session.get_one(Contact, ticket.contact_id), now()
        send_on(
            session,
            contact,
            ticket,
            forwarding,
            inquiry,
            said,
            at,
            staff.login,
            pulled=contact.channel in portal.pulled,
            reachable=is_open(session, contact, at, portal.windows, portal.pulled),
        )

    return await change_ticket(request, portal, staff, ref, f"inquiry-{inquiry_id}", change, {"text": text})


@router.post("/desk/tickets/{ref}/inquiries/{inquiry_id}/decline")
async def do_not_ask(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, inquiry_id: Id, reason: Text = ""
) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        inquiry, forwarding = _inquiry(session, ticket, inquiry_id)
        why = _short(wanted(reason, "reason", "write_why_declined"), "reason")
        decline(session, ticket, forwarding, inquiry, why, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, f"decline-{inquiry_id}", change, {"reason": reason})


async def _ask(request: Request, portal: Portal, visit: Visit, text: str) -> Response:
    def change(case: Case) -> None:
        said = _short(wanted(text, "text", "write_question"), "text")
        ask(case.session, case.ticket, case.forwarding, said, now(), case.actor)

    return await change_forwarding(request, portal, visit, "ask", change, {"text": text})


def _inquiry(session: Session, ticket: Ticket, inquiry_id: int) -> tuple[Inquiry, Forwarding]:
    """As it is now. Raises NotThere."""
    inquiry = session.get(Inquiry, inquiry_id)
    forwarding = session.get(Forwarding, inquiry.forwarding_id) if inquiry else None
    if inquiry is None or forwarding is None or forwarding.ticket_id != ticket.id:
        raise NotThere
    session.refresh(inquiry)
    return inquiry, forwarding


def _short(text: str, where: str) -> str:
    if len(text) > LONGEST:
        raise Mistake(where, "question_too_long")
    return text
