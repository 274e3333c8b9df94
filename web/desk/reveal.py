"""The unmasked text of one message, shown once to who says why; the trail keeps who looked, at what and why."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.message import Author, Message
from models.moments import now
from models.ticket import Ticket, locked, record
from models.ticket_link import with_merged
from nlu.privacy import mask
from web.desk.access import NotThere, open_to, own_ticket, shown_forwarding
from web.desk.forms import Mistake, refused
from web.desk.more import REASONS
from web.desk.pages import DeskRoute, desk_page
from web.desk.ticket import ticket_page
from web.portal import HasPortal
from web.problems import Problem
from web.sessions import Acting, Coordinating

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]


@router.post("/tickets/{ref}/messages/{message_id}/reveal")
async def reveal(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    message_id: Id,
    why: Annotated[str, Form()] = "",
) -> Response:
    """The page with the text in it; it is in no address and in no copy of the page, and opened again it is masked."""

    def look(session: Session) -> dict[int, str]:
        if why not in REASONS:
            raise Mistake("why", "choose_why")
        ticket = own_ticket(session, staff, ref)
        return {message_id: revealed(session, ticket, message_id, staff.login, why)}

    try:
        shown = await portal.database.writing(look)
    except Mistake as error:
        return await ticket_page(request, portal, staff, ref, refused(f"reveal-{message_id}", error, {}))
    return await ticket_page(request, portal, staff, ref, revealed=shown)


@router.post("/forwardings/{forwarding_id}/messages/{message_id}/reveal")
async def reveal_to_institution(
    request: Request,
    portal: HasPortal,
    staff: Acting,
    forwarding_id: Id,
    message_id: Id,
    why: Annotated[str, Form()] = "",
) -> Response:
    """A page with that message alone, where the house lets institutions look (INSTITUTIONS_REVEAL)."""

    def look(session: Session) -> tuple[Message, str]:
        forwarding = shown_forwarding(session, staff, forwarding_id)
        ticket, message = locked(session, forwarding.ticket_id), session.get(Message, message_id)
        if not portal.settings.institutions_reveal or message is None or not open_to(forwarding, message):
            raise NotThere
        if why not in REASONS:
            raise Problem(422, "Say why you need it.")
        return message, revealed(session, ticket, message_id, staff.login, why)

    message, text = await portal.database.writing(look)
    here = f"/desk/forwardings/{forwarding_id}"
    return desk_page(request, "revealed.html", staff, here=here, message=message, text=text)


def revealed(session: Session, ticket: Ticket, message_id: int, actor: str, why: str) -> str:
    """The text as it was written, and an event that says who looked. Raises NotThere."""
    message = session.get(Message, message_id)
    ids = with_merged(session, ticket.id or 0)
    if message is None or message.ticket_id not in ids or message.author != Author.CITIZEN:
        raise NotThere
    if mask(message.text) != message.text:  # else there is nothing that was hidden
        record(session, ticket, "revealed", actor, now(), number=message_id, why=why)
    return message.text
