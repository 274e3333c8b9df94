"""A citizen's page of one question, opened by a signed link: for answers that no channel can carry to him any more."""

from fastapi import APIRouter
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.message import Message
from models.ticket import Ticket
from web.citizen import WORDS, language_names
from web.pages import language_of, page
from web.portal import HasPortal
from web.problems import Problem
from web.saying import paragraphs, when
from web.signing import Signing
from web.talk import Json

router = APIRouter(include_in_schema=False)
LINK = "question"
"""purpose of the signature in the link"""
SECONDS = 90 * 24 * 60 * 60


def question_link(signing: Signing, base: str, ticket_id: int) -> str:
    """The address that shows the question and its answer to who holds it, for 90 days from now."""
    return f"{base}/question/{signing.sign_for_a_time(LINK, str(ticket_id))}"


@router.get("/question/{token}")
async def question(request: Request, portal: HasPortal, token: str) -> Response:
    """Only looks; files stay where they were sent."""
    value = portal.signing.read_within(LINK, token, SECONDS)
    if value is None:
        raise Problem(404, "There is no such page, or its link has expired.")
    number = int(value)
    ticket, messages = await portal.database.reading(lambda s: (s.get_one(Ticket, number), _messages(s, number)))
    return page(
        request,
        "question.html",
        words=WORDS,
        language=language_of(request),
        ticket=ticket,
        messages=messages,
        paragraphs=paragraphs,
        when=when,
        languages=language_names(),
    )


def _messages(session: Session, ticket_id: int) -> list[Json]:
    """What was said, but for what lies between us and institutions."""
    of_ticket = select(Message).where(col(Message.ticket_id) == ticket_id).order_by(col(Message.id))
    shown = {"text", "source", "direction", "author", "author_name", "language"}
    return [one.model_dump(include=shown) | {"at": one.at.isoformat()} for one in session.exec(of_ticket).all()]
