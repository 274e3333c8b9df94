"""What a coordinator does about a ticket's terms: evidence of delivery, a formal submission, an answer put off."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.contact import Contact
from models.forwarding import Forwarding, ForwardingState
from models.moments import now
from models.ticket import Procedure, Ticket
from routing.delivery import delivered
from routing.submission import convert, extend
from routing.triage import not_delivered
from web.desk.access import NotThere
from web.desk.forms import Mistake, typed
from web.desk.pages import DeskRoute
from web.desk.ticket import Id, change_ticket, ticket_page
from web.portal import HasPortal
from web.sessions import Coordinating

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
REASON = 2000
"""most characters of a reason; the citizen reads it when an answer is put off"""
Text = Annotated[str, Form()]


@router.post("/{ref}/forwardings/{forwarding_id}/arrived")
async def arrived(request: Request, portal: HasPortal, staff: Coordinating, ref: str, forwarding_id: Id) -> Response:
    """The coordinator has passed the link on and says so."""

    def change(session: Session, ticket: Ticket) -> None:
        delivered(session, ticket, _forwarding_of(session, ticket, forwarding_id), now(), staff.login, staff.login)

    return await change_ticket(request, portal, staff, ref, "arrived", change, {})


@router.post("/{ref}/forwardings/{forwarding_id}/missed")
async def missed(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, forwarding_id: Id, reason: Text = ""
) -> Response:
    """It came back, or the institution says that it never came."""
    form = f"missed-{forwarding_id}"

    def change(session: Session, ticket: Ticket) -> None:
        forwarding = _forwarding_of(session, ticket, forwarding_id)
        why = _reason(reason, "write_missed")
        if forwarding.state == ForwardingState.UNDELIVERED and forwarding.reason == why:
            return
        not_delivered(session, ticket, forwarding, why, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, form, change, {"reason": reason})


@router.post("/{ref}/convert")
async def convert_ticket(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    received_on: Text = "",
    reason: Text = "",
    look: Text = "",
) -> Response:
    """It is a formal submission. With `look` the page only shows which dates would come of it."""
    written = {"received_on": received_on, "reason": reason}
    if look:
        return await ticket_page(request, portal, staff, ref, looked=written)

    def change(session: Session, ticket: Ticket) -> None:
        on, why = _day(received_on, "received_on"), _reason(reason, "write_why_formal")
        contact = session.get_one(Contact, ticket.contact_id)
        convert(session, contact, ticket, on, why, now(), staff.login, pulled=contact.channel in portal.pulled)

    return await change_ticket(request, portal, staff, ref, "convert", change, written)


@router.post("/{ref}/extend")
async def extend_ticket(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, until: Text = "", reason: Text = ""
) -> Response:
    """The answer to a submission is put off, and the citizen is told."""

    def change(session: Session, ticket: Ticket) -> None:
        on, why = _day(until, "until"), _reason(reason, "write_why_longer")
        if any(clock.extended_to == on for clock in ticket.clocks) and ticket.procedure == Procedure.SUBMISSION:
            return  # an impatient second click
        contact = session.get_one(Contact, ticket.contact_id)
        extend(session, contact, ticket, on, why, now(), staff.login, pulled=contact.channel in portal.pulled)

    return await change_ticket(request, portal, staff, ref, "extend", change, {"until": until, "reason": reason})


def _forwarding_of(session: Session, ticket: Ticket, forwarding_id: int) -> Forwarding:
    """Raises NotThere where it is another ticket's."""
    forwarding = session.get(Forwarding, forwarding_id)
    if forwarding is None or forwarding.ticket_id != ticket.id:
        raise NotThere
    return forwarding


def _day(text: str, where: str) -> date:
    """What a date field sends. Raises Mistake."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Mistake(where, "not_a_date") from None


def _reason(text: str, missing: str) -> str:
    """Raises Mistake where there is none, or where it is too long."""
    text = typed(text)
    if not text:
        raise Mistake("reason", missing)
    if len(text) > REASON:
        raise Mistake("reason", "reason_too_long")
    return text
