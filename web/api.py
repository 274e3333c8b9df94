"""The REST API for mobile apps and other portals: ask, look, write more, rate, complain."""

import json
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request
from sqlmodel import Session, col, select

from models.clock import Clock, clocks_of
from models.contact import Contact
from models.message import Direction, Message
from models.moments import now, riga_date
from models.ticket import Ticket, TicketState, ticket_by_ref
from routing.clocks import calendar_of, days_of, source_of
from routing.explain import in_words
from web.api_forms import (
    Asked,
    ChoiceOut,
    ClockOut,
    Complaint,
    DayOut,
    Due,
    Further,
    MessageOut,
    Question,
    Rating,
    Reply,
    Source,
    TicketOut,
)
from web.portal import HasPortal, Portal
from web.problems import Problem, documented

router = APIRouter(
    prefix="/api/v1", tags=["questions"], responses=documented(400, 401, 404, 409, 413, 422, 429, 500, 503)
)
TOKEN = "ticket"  # noqa: S105 - the purpose of a signature


@router.post("/questions", status_code=201)
async def ask(question: Question, request: Request, portal: HasPortal) -> Asked:
    """Takes a question in: stored before the answer comes, one ticket for one `client_id`."""
    portal.rate_limit.check(request, "questions")
    said = {
        "kind": "question",
        "text": question.text,
        "language": question.language or "",
        "audience": question.audience or "",
        "contact": question.contact or "",
    }
    own_id = question.client_id or secrets.token_urlsafe(16)
    return await _hand_in(portal, f"q:{own_id}", f"q:{own_id}", said)


@router.get("/tickets/{ref}")
async def look(
    ref: str, portal: HasPortal, explain: bool = False, authorization: Annotated[str, Header()] = ""
) -> TicketOut:
    """The ticket with its messages and clocks; with `explain` each clock says day by day why it is due then."""
    _allow(portal, ref, authorization)
    return await portal.database.reading(lambda session: _ticket_out(_found(session, ref), session, explain))


@router.post("/tickets/{ref}/messages", status_code=201)
async def write(
    ref: str, further: Further, request: Request, portal: HasPortal, authorization: Annotated[str, Header()] = ""
) -> Asked:
    """Words or a choice; they join the ticket while it is open, afterwards they open a new one."""
    _allow(portal, ref, authorization)
    portal.rate_limit.check(request, "questions")
    if (further.text is None) == (further.choice is None):
        raise Problem(422, "Give either text or choice.")
    said = {"kind": "text", "text": further.text} if further.text else {"kind": "choice", "choice": further.choice}
    return await _write(portal, ref, further.client_id, said)


@router.post("/tickets/{ref}/rating", status_code=201)
async def rate(ref: str, rating: Rating, portal: HasPortal, authorization: Annotated[str, Header()] = "") -> Asked:
    """Whether the answer helped; if not, people go on with it, with the first receipt time."""
    _allow(portal, ref, authorization)
    choice = f"h:{ref}:{'yes' if rating.helped else 'no'}"
    return await _write(portal, ref, None, {"kind": "choice", "choice": choice})


@router.post("/tickets/{ref}/complaint", status_code=201)
async def complain(
    ref: str, complaint: Complaint, request: Request, portal: HasPortal, authorization: Annotated[str, Header()] = ""
) -> Asked:
    """A complaint about how the question was dealt with: a person looks into it."""
    _allow(portal, ref, authorization)
    portal.rate_limit.check(request, "questions")
    return await _write(portal, ref, complaint.client_id, {"kind": "complaint", "text": complaint.text})


def token_for(portal: Portal, ref: str) -> str:
    """Who holds it may see the ticket and write to it."""
    return portal.signing.sign(TOKEN, ref)


def _allow(portal: Portal, ref: str, authorization: str) -> None:
    """The same answer for a wrong token and for a ticket that is not there."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or portal.signing.read(TOKEN, token.strip()) != ref:
        raise Problem(401, "Send the ticket's own token as a bearer token.", {"WWW-Authenticate": "Bearer"})


async def _write(portal: Portal, ref: str, client_id: str | None, said: Mapping[str, str | None]) -> Asked:
    conversation = await portal.database.reading(lambda session: _conversation(_found(session, ref), session))
    return await _hand_in(portal, conversation, f"m:{ref}:{client_id or secrets.token_urlsafe(16)}", said)


async def _hand_in(portal: Portal, conversation: str, own_id: str, said: Mapping[str, str | None]) -> Asked:
    raw = json.dumps({**said, "conversation": conversation, "id": own_id}, ensure_ascii=False).encode()
    taken = await portal.take("api", own_id, raw, "" if own_id == conversation else conversation)
    if taken.raw != raw:
        raise Problem(409, "This client_id was used for something else.")
    if taken.given_up:
        raise Problem(503, "It is stored, but could not be worked; people look into it.")
    if not taken.worked:
        raise Problem(503, "It is stored and will be worked; ask again with the same client_id.", {"Retry-After": "2"})
    ticket = taken.ticket
    if ticket is None:  # nothing but a choice that was never offered
        raise Problem(422, " ".join(message.text for message in taken.said) or "This cannot be done.")
    return Asked(
        ticket=ticket.ref,
        token=token_for(portal, ticket.ref),
        reply=_reply(ticket, taken.said),
        due=Due(answer=taken.due),
    )


def _reply(ticket: Ticket, said: tuple[Message, ...]) -> Reply:
    """What the bot said, as one reply."""
    source = next((message.source for message in said if message.source), None)
    if source:
        kind: Literal["answer", "clarify", "route", "talk"] = "answer"
    elif ticket.state == TicketState.CLARIFYING:
        kind = "clarify"
    else:
        kind = "route" if ticket.is_open else "talk"
    return Reply(
        kind=kind,
        text="\n\n".join(message.text for message in said),
        choices=[ChoiceOut(**choice) for message in said for choice in message.choices],
        service=source["service"] if source else None,
        source=_source(source) if source else None,
    )


def _source(source: dict[str, str]) -> Source:
    return Source.model_validate({name: source[name] for name in Source.model_fields})


def _found(session: Session, ref: str) -> Ticket:
    ticket = ticket_by_ref(session, ref)
    if ticket is None:
        raise Problem(404, "There is no such ticket.")
    return ticket


def _conversation(ticket: Ticket, session: Session) -> str:
    return session.get_one(Contact, ticket.contact_id).address


def _ticket_out(ticket: Ticket, session: Session, explain: bool) -> TicketOut:
    messages = session.exec(select(Message).where(col(Message.ticket_id) == ticket.id).order_by(col(Message.id))).all()
    return TicketOut(
        ticket=ticket.ref,
        state=ticket.state,
        procedure=ticket.procedure,
        language=ticket.language,
        received_at=ticket.received_at,
        messages=[
            MessageOut(
                id=message.id or 0,
                direction="in" if message.direction == Direction.IN else "out",
                author=message.author,
                author_name=message.author_name,
                text=message.text,
                choices=[ChoiceOut(**choice) for choice in message.choices],
                source=_source(message.source) if message.source else None,
                at=message.at,
            )
            for message in messages
        ],
        clocks=[_clock_out(clock, riga_date(now()), explain) for clock in clocks_of(session, ticket.id or 0)],
    )


def _clock_out(clock: Clock, today: date, explain: bool) -> ClockOut:
    return ClockOut(
        kind=clock.kind,
        due=clock.due_on,
        first_due=clock.first_due_on,
        outcome=clock.outcome,
        owner=clock.owner,
        provisional=clock.provisional,
        late_by=calendar_of(clock).between(clock.due_on, today) if clock.is_running else clock.days_late,
        delayed_by=clock.delayed_by.split(",") if clock.delayed_by else [],
        rule=clock.rule,
        source=source_of(clock),
        calendar=clock.calendar,
        calendar_version=clock.calendar_version,
        days=[DayOut(**day) for day in in_words(days_of(clock))] if explain else None,
    )
