"""A coordinator reminds an institution of a question."""

from fastapi import APIRouter
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.forwarding import Forwarding
from models.moments import now
from models.ticket import Ticket
from routing.reminding import remind
from web.desk.access import NotThere
from web.desk.pages import DeskRoute
from web.desk.ticket import Id, change_ticket
from web.portal import HasPortal
from web.sessions import Coordinating

router = APIRouter(prefix="/desk/tickets/{ref}/forwardings", route_class=DeskRoute, include_in_schema=False)


@router.post("/{forwarding_id}/remind")
async def remind_them(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, forwarding_id: Id
) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        forwarding = session.get(Forwarding, forwarding_id)
        if forwarding is None or forwarding.ticket_id != ticket.id:
            raise NotThere
        session.refresh(forwarding)
        remind(session, ticket, forwarding, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "remind", change, {})
