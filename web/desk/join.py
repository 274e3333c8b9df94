"""A coordinator merges tickets, undoes that, splits messages off, and links tickets that ask the same."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Form
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.contact import Contact
from models.message import Message
from models.moments import now
from models.ticket import REF, Ticket, TicketState, ticket_by_ref
from models.ticket_link import merging_of
from routing.competence import suggested
from routing.joining import merge, undo_merge
from routing.parting import link_duplicates, split, unlink
from web.desk.access import overseen_ticket, own_ticket
from web.desk.forms import Mistake, typed
from web.desk.pages import DeskRoute
from web.desk.ticket import change_ticket
from web.portal import HasPortal, Portal
from web.sessions import Coordinating, Staff

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
Text = Annotated[str, Form()]


@router.post("/{ref}/merge")
async def merge_into(request: Request, portal: HasPortal, staff: Coordinating, ref: str, into: Text = "") -> Response:
    """This ticket is answered together with `into`."""

    def change(session: Session, ticket: Ticket) -> None:
        other = _other(session, staff, into, "into")
        if not _is_merged_into(session, ticket, other):
            merge(session, ticket, other, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "merge", change, {"into": into})


@router.post("/{ref}/unmerge")
async def unmerge(request: Request, portal: HasPortal, staff: Coordinating, ref: str) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        undo_merge(session, ticket, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "unmerge", change, {})


@router.post("/{ref}/split")
async def split_off(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    messages: Annotated[list[int] | None, Form()] = None,
) -> Response:
    """The citizen's messages with those numbers become a ticket of their own."""
    ids = messages or []
    whose = await anyio.to_thread.run_sync(_suggested, portal, await _words(portal, staff, ref, ids))

    def change(session: Session, ticket: Ticket) -> None:
        if not ids:
            raise Mistake("messages", "choose_messages")
        pulled = session.get_one(Contact, ticket.contact_id).channel in portal.pulled
        split(session, ticket, ids, now(), staff.login, pulled=pulled, suggested=whose)

    return await change_ticket(request, portal, staff, ref, "split", change, {"messages": ids})


@router.post("/{ref}/link")
async def link(request: Request, portal: HasPortal, staff: Coordinating, ref: str, other: Text = "") -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        link_duplicates(session, ticket, _other(session, staff, other, "other"), now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "link", change, {"other": other})


@router.post("/{ref}/unlink")
async def take_link_away(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, other: Text = ""
) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        unlink(session, ticket, _other(session, staff, other, "other"), now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "unlink", change, {"other": other})


def _other(session: Session, staff: Staff, ref: str, where: str) -> Ticket:
    """Of the same coordination, locked. Raises Mistake."""
    wanted = typed(ref).upper()
    found = ticket_by_ref(session, wanted) if REF.fullmatch(wanted) else None
    if found is None or found.coordinator != staff.institution.code:
        raise Mistake(where, "no_such_ticket")
    return own_ticket(session, staff, wanted)


def _is_merged_into(session: Session, ticket: Ticket, other: Ticket) -> bool:
    """Sent twice by an impatient click."""
    link = merging_of(session, ticket.id or 0)
    return link is not None and link.other_id == other.id and ticket.state == TicketState.MERGED


async def _words(portal: Portal, staff: Staff, ref: str, ids: list[int]) -> tuple[Ticket, str]:
    def read(session: Session) -> tuple[Ticket, str]:
        ticket = overseen_ticket(session, staff, ref)
        theirs = select(Message.text).where(col(Message.ticket_id) == ticket.id, col(Message.id).in_(ids))
        return ticket, "\n\n".join(session.exec(theirs.order_by(col(Message.id))))

    return await portal.database.reading(read)


def _suggested(portal: Portal, asked: tuple[Ticket, str]) -> list[str]:
    """Institutions for the new ticket's words; none where the engine cannot be asked."""
    ticket, text = asked
    if portal.understand is None or not text.strip():
        return []
    try:
        return suggested(portal.understand(text, ticket.language, ticket.audience, ticket.municipality))
    except RuntimeError:  # still learning
        return []
