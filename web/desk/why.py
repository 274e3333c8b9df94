"""What the engine makes of a ticket's question and why: a part of its page that is fetched when somebody looks.

The engine is the one that this process has learnt already; none is loaded for this.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import anyio
from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.contact import Contact
from models.institution import Institution
from models.message import Direction, Message
from models.service import Service
from models.ticket import Ticket
from nlu.understand import Understanding
from nlu.why import Near, nearest
from web.desk.access import overseen_ticket
from web.desk.alike import Alike, alike
from web.desk.pages import DeskRoute, desk_language, desk_page
from web.desk.reasons import Asked, Reason, reasons_for
from web.portal import HasPortal, Portal
from web.sessions import Overseeing

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
SERVICES = 3
"""services shown that may be meant"""


@dataclass(frozen=True, slots=True)
class MayBeMeant:
    service: Service
    confidence: float
    near: Sequence[Near]
    """its questions, keywords and titles that come nearest"""


@dataclass(frozen=True, slots=True)
class Why:
    ticket: Ticket
    asked: bool
    """whether the citizen wrote any words"""
    learnt: bool
    """whether the engine could be asked"""
    meaning: Understanding | None = None
    services: Sequence[MayBeMeant] = ()
    institutions: Sequence[tuple[Institution, Sequence[Reason]]] = ()
    alike: Sequence[Alike] = field(default=())


@dataclass(frozen=True, slots=True)
class _Question:
    ticket: Ticket
    text: str
    place: str


@router.get("/{ref}/why")
async def why(request: Request, portal: HasPortal, staff: Overseeing, ref: str, part: str = "") -> Response:
    """A page of its own, and with `part` only what stands in the ticket's page."""

    def read(session: Session) -> _Question:
        ticket = overseen_ticket(session, staff, ref)
        return _Question(ticket, _words(session, ticket), session.get_one(Contact, ticket.contact_id).municipality)

    question = await portal.database.reading(read)
    meaning = await anyio.to_thread.run_sync(_understood, portal, question)
    language = desk_language(request, staff)
    found = await portal.database.reading(lambda session: _why(session, question, meaning, language))
    template = "ticket_why.html" if part else "ticket_why_page.html"
    return desk_page(request, template, staff, here=f"/desk/tickets/{ref}/why", why=found, ticket=question.ticket)


def _understood(portal: Portal, question: _Question) -> Understanding | None:
    if portal.understand is None or not question.text.strip():
        return None
    ticket = question.ticket
    try:
        return portal.understand(question.text, ticket.language, ticket.audience, ticket.municipality or question.place)
    except RuntimeError:  # still learning
        return None


def _words(session: Session, ticket: Ticket) -> str:
    """Of the citizen's first message."""
    first = select(Message).where(col(Message.ticket_id) == ticket.id, col(Message.direction) == Direction.IN)
    message = session.exec(first.order_by(col(Message.at), col(Message.id))).first()
    return message.text if message else ""


def _why(session: Session, question: _Question, meaning: Understanding | None, language: str) -> Why:
    ticket = question.ticket
    sure = {one.code: one.confidence for one in meaning.services} if meaning else {}
    codes = list(dict.fromkeys(filter(None, [ticket.service_code, *sure])))[:SERVICES]
    rows = session.exec(select(Service).where(col(Service.code).in_(codes), col(Service.current))).all()
    services = sorted(rows, key=lambda one: codes.index(one.code))
    asked = Asked(ticket, question.text, services, language)
    wanted = select(Institution).where(col(Institution.code).in_(ticket.suggested))
    bodies = sorted(session.exec(wanted).all(), key=lambda one: ticket.suggested.index(one.code))
    return Why(
        ticket=ticket,
        asked=bool(question.text.strip()),
        learnt=meaning is not None,
        meaning=meaning,
        services=[
            MayBeMeant(one, sure.get(one.code, 0.0), nearest(question.text, ticket.language, examples_of(one)))
            for one in services
        ],
        institutions=[(body, reasons_for(session, asked, body)) for body in bodies],
        alike=alike(session, ticket, question.text) if ticket.is_open else (),
    )


def examples_of(service: Service) -> list[tuple[str, str]]:
    """What the engine learns a service by, with the language of each text."""
    questions = [(text, language) for language, texts in service.questions.items() for text in texts]
    keywords = [(text, language) for language, texts in service.keywords.items() for text in texts]
    titles = [(title, language) for language, title in service.texts.get("title", {}).items()]
    return questions + titles + keywords
