"""A coordinator says which service and which municipality a question is about, and may send the catalogue's text."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from catalogue.titles import code_meant, titles
from models.contact import Contact
from models.moments import now
from models.service import Receipt, Service, service_by_code
from models.ticket import Event, Ticket
from nlu.municipalities import all_places
from routing.corrections import CHOSEN
from routing.meant import choose_place, choose_service, quote
from web.desk.forms import Mistake, typed
from web.desk.pages import DeskRoute
from web.desk.ticket import change_ticket
from web.portal import HasPortal
from web.sessions import Coordinating

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
Text = Annotated[str, Form()]


@router.post("/{ref}/service")
async def another_service(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, service: Text = "", send: Text = ""
) -> Response:
    """With `send` the citizen gets the catalogue's text of the service, as if the bot had found it."""

    def change(session: Session, ticket: Ticket) -> None:
        found = service_by_code(session, code_meant(typed(service), titles(session)))
        if found is None:
            raise Mistake("service", "choose_service")
        at = now()
        if _last_chosen(session, ticket) != found.code:  # else an impatient second click, or now the text is wanted
            choose_service(session, ticket, found, at, staff.login)
        if send and not _quoted(session, ticket, found):
            contact = session.get_one(Contact, ticket.contact_id)
            quote(session, contact, ticket, found, at, staff.login, pulled=contact.channel in portal.pulled)

    return await change_ticket(request, portal, staff, ref, "service", change, {"service": service, "send": send})


@router.post("/{ref}/municipality")
async def another_place(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, place: Text = ""
) -> Response:
    """Empty: the matter is of no certain municipality."""

    def change(session: Session, ticket: Ticket) -> None:
        named = typed(place)
        if named and named not in all_places():
            raise Mistake("place", "choose_place")
        if named != ticket.municipality:
            choose_place(session, ticket, named, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "municipality", change, {"place": place})


def _last_chosen(session: Session, ticket: Ticket) -> str:
    """The code of the service that a coordinator chose last, where it still stands."""
    event = session.exec(
        select(Event).where(col(Event.ticket_id) == ticket.id, col(Event.kind) == CHOSEN).order_by(col(Event.id).desc())
    ).first()
    return str(event.data["service"]) if event and event.data["service"] == ticket.service_code else ""


def _quoted(session: Session, ticket: Ticket, service: Service) -> bool:
    """Whether the citizen has this text as the answer already."""
    receipts = select(Receipt.id).where(
        col(Receipt.ticket_id) == ticket.id,
        col(Receipt.service_code) == service.code,
        col(Receipt.service_version) == service.version,
    )
    return not ticket.is_open and session.exec(receipts).first() is not None
