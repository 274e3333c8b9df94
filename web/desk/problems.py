"""What went wrong on the way in or out and waits for a person: run it again, or say that it was sent."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, col, func, or_, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.message import Message, in_one_letter
from models.moments import now
from models.queue import WITHOUT_RAW, InboxRow, OutboxRow, State, head_of_raw, revive
from models.ticket import Ticket, locked, record
from nlu.privacy import mask
from routing.answering import mark_sent
from routing.by_letter import CHANNEL
from web.desk.access import NotThere, oversees
from web.desk.enter import local
from web.desk.pages import DeskRoute, desk_page
from web.portal import HasPortal
from web.sessions import Mending, Overseeing, Staff

router = APIRouter(prefix="/desk/problems", route_class=DeskRoute, include_in_schema=False)
GIVEN_UP = (State.DEAD, State.DOUBTFUL)
NOT_SENT = ("not sent", "sent or not")
"""why a ticket asked for attention, when it was for a message that did not go out"""
MOST = 100
PREVIEW = 2_000
"""characters of a raw payload that are shown"""
HEAD = 4 * PREVIEW
"""bytes that hold as many, whatever they are"""
Id = Annotated[int, Path(ge=1, lt=2**31)]
GoesTo = Annotated[str, Form()]


Row = TypeVar("Row", InboxRow, OutboxRow)


@dataclass(frozen=True, slots=True)
class Stuck:
    """A row that was given up, the ticket it belongs to if any, and what is in it, masked."""

    row: InboxRow | OutboxRow
    ticket: Ticket | None
    size: int
    preview: str


@router.get("")
async def problems(request: Request, portal: HasPortal, staff: Overseeing) -> Response:
    coming, going = await portal.database.reading(lambda session: (_coming(session, staff), _going(session, staff)))
    return desk_page(request, "problems.html", staff, coming=coming, going=going)


@router.post("/inbox/{row_id}/again")
async def take_in_again(portal: HasPortal, staff: Mending, row_id: Id, next: GoesTo = "/desk/problems") -> Response:
    await portal.database.writing(lambda session: _revive_inbox(session, staff, row_id))
    return RedirectResponse(local(next), 303)


@router.post("/outbox/{row_id}/again")
async def send_again(portal: HasPortal, staff: Mending, row_id: Id, next: GoesTo = "/desk/problems") -> Response:
    await portal.database.writing(lambda session: _revive_outbox(session, staff, row_id))
    portal.wake_outbox()
    return RedirectResponse(local(next), 303)


@router.post("/outbox/{row_id}/sent")
async def it_was_sent(portal: HasPortal, staff: Mending, row_id: Id, next: GoesTo = "/desk/problems") -> Response:
    """Somebody has made sure that the citizen has it: that is the evidence."""
    await portal.database.writing(lambda session: _was_sent(session, staff, row_id))
    return RedirectResponse(local(next), 303)


def count_problems(session: Session, staff: Staff) -> int:
    """How many rows wait for somebody like that."""
    coming = session.exec(of_those_seen(InboxRow, staff, GIVEN_UP, func.count(col(InboxRow.id)))).one()
    return int(coming + session.exec(of_those_seen(OutboxRow, staff, GIVEN_UP, func.count(col(OutboxRow.id)))).one())


def _coming(session: Session, staff: Staff) -> list[Stuck]:
    asked = of_those_seen(InboxRow, staff, GIVEN_UP, InboxRow, Ticket, func.length(InboxRow.raw), head_of_raw(HEAD))
    found = session.exec(asked.options(WITHOUT_RAW).order_by(col(InboxRow.id).desc()).limit(MOST))
    return [
        Stuck(row, ticket, size, mask(head.decode("utf-8", "replace")[:PREVIEW])) for row, ticket, size, head in found
    ]


def _going(session: Session, staff: Staff) -> list[Stuck]:
    found = session.exec(
        of_those_seen(OutboxRow, staff, GIVEN_UP, OutboxRow, Ticket).order_by(col(OutboxRow.id).desc()).limit(MOST)
    )
    stuck = []
    for row, ticket in found.all():
        text = session.get_one(Message, row.message_id).text
        stuck.append(Stuck(row, ticket, len(text.encode()), mask(text[:PREVIEW])))
    return stuck


def of_those_seen(
    table: type[InboxRow] | type[OutboxRow], staff: Staff, states: Collection[State], *columns: Any
) -> Any:
    """Asks for the rows in those states that the person may see: of tickets he oversees, and of none."""
    asked = select(*columns).select_from(table).outerjoin(Ticket, col(Ticket.id) == col(table.ticket_id))
    asked = asked.where(col(table.state).in_(states))
    if staff.looks_on:
        return asked
    return asked.where(or_(col(table.ticket_id).is_(None), col(Ticket.coordinator) == staff.institution.code))


def _revive_inbox(session: Session, staff: Staff, row_id: int) -> None:
    row, _ticket = _locked(session, InboxRow, staff, row_id)
    if row.state in GIVEN_UP:
        revive(row, now())


def _revive_outbox(session: Session, staff: Staff, row_id: int) -> None:
    row, ticket = _locked(session, OutboxRow, staff, row_id)
    if row.state in GIVEN_UP:
        for one in _same_letter(session, row):
            revive(one, now())
        _mended(session, ticket, "sent again", staff)


def _was_sent(session: Session, staff: Staff, row_id: int) -> None:
    row, ticket = _locked(session, OutboxRow, staff, row_id)
    if row.state in GIVEN_UP:
        for one in _same_letter(session, row):
            mark_sent(session, one, now())
        _mended(session, ticket, "said to be sent", staff)


def _same_letter(session: Session, row: OutboxRow) -> list[OutboxRow]:
    """All that was given up of the letter in which it went out; elsewhere every message goes by itself."""
    if row.channel != CHANNEL or row.ticket_id is None:
        return [row]
    given_up = select(OutboxRow).where(in_one_letter(row), col(OutboxRow.state).in_(GIVEN_UP))
    return list(session.exec(given_up.order_by(col(OutboxRow.id)).with_for_update()))


def _mended(session: Session, ticket: Ticket | None, what: str, staff: Staff) -> None:
    if ticket is None:
        return
    record(session, ticket, what, staff.login, now())
    if ticket.attention in NOT_SENT:
        ticket.attention = ""


def _locked(session: Session, table: type[Row], staff: Staff, row_id: int) -> tuple[Row, Ticket | None]:
    """The row with its ticket, both kept from others until the commit. Raises NotThere."""
    found = session.get(table, row_id)
    ticket = locked(session, found.ticket_id) if found and found.ticket_id else None
    if found is None or (ticket is not None and not oversees(staff, ticket)):
        raise NotThere
    session.refresh(found, with_for_update=True)
    return found, ticket
