"""A coordinator says whether an institution's letter is its answer."""

from typing import Annotated

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.approval import Approval, waiting_approval
from models.forwarding import Answer, Forwarding
from models.message import Message
from models.moments import now
from models.ticket import Event, Ticket
from routing.by_letter import answer_by_letter, no_answer
from routing.triage import NotPossible
from web.desk.access import NotThere
from web.desk.forms import wanted
from web.desk.pages import DeskRoute
from web.desk.ticket import change_ticket
from web.portal import HasPortal
from web.sessions import Coordinating

router = APIRouter(prefix="/desk/tickets/{ref}/letters", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]


@router.post("/{message_id}/answer")
async def it_is_the_answer(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    message_id: Id,
    text: Annotated[str, Form()] = "",
) -> Response:
    """In the words `text`, which the coordinator may have changed."""

    def change(session: Session, ticket: Ticket) -> None:
        message = _letter(session, ticket, message_id)
        said = wanted(text, "text", "write_answer")
        if message.proposed:
            answer_by_letter(session, message, said, now(), staff.login, portal.pulled, portal.windows)
        elif not _answered_so(session, message, said, staff.login):
            raise NotPossible("somebody else has decided about this letter meanwhile")

    return await change_ticket(request, portal, staff, ref, f"approve-{message_id}", change, {"text": text})


@router.post("/{message_id}/no-answer")
async def it_is_no_answer(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, message_id: Id
) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        message = _letter(session, ticket, message_id)
        if message.proposed:
            no_answer(session, message, now(), staff.login)
        elif not _said_to_be_none(session, ticket, message, staff.login):
            raise NotPossible("somebody else has decided about this letter meanwhile")

    return await change_ticket(request, portal, staff, ref, f"disapprove-{message_id}", change, {})


def _letter(session: Session, ticket: Ticket, message_id: int) -> Message:
    """An institution's letter about the ticket, as it is now. Raises NotThere."""
    message = session.get(Message, message_id)
    forwarding = session.get(Forwarding, message.forwarding_id) if message and message.forwarding_id else None
    if message is None or forwarding is None or forwarding.ticket_id != ticket.id:
        raise NotThere
    session.refresh(message)
    return message


def _answered_so(session: Session, message: Message, text: str, login: str) -> bool:
    """Sent twice by an impatient click: said once."""
    answer: Answer | Approval | None = session.exec(
        select(Answer).where(col(Answer.forwarding_id) == message.forwarding_id)
    ).first()
    answer = answer or waiting_approval(session, message.forwarding_id or 0)
    return answer is not None and (answer.author, answer.text) == (login, text)


def _said_to_be_none(session: Session, ticket: Ticket, message: Message, login: str) -> bool:
    said = select(Event).where(
        col(Event.ticket_id) == ticket.id, col(Event.kind) == "letter is no answer", col(Event.actor) == login
    )
    return any(event.data.get("message") == message.id for event in session.exec(said).all())
