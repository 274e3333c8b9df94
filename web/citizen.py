"""Citizens' pages: the first page, and the talk for browsers without JavaScript."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlmodel import Session
from starlette.datastructures import FormData

from config.replies import LANGUAGES
from models.moments import now, riga_date
from web.chat_code import code_address
from web.chat_house import chat_house
from web.pages import language_of, page, page_words
from web.portal import HasPortal, Portal, portal_of
from web.problems import Problem
from web.promises import Promise, promises_to
from web.saying import paragraphs, when
from web.talk import (
    LONGEST,
    VISITOR,
    Choose,
    Hints,
    Json,
    Say,
    contact_id_of,
    messages_after,
    new_visitor,
    token_of,
    visitor_of,
)

log = structlog.get_logger()
router = APIRouter(include_in_schema=False)
WORDS = "pages"
FORM = "chat form"
FORM_SECONDS = 24 * 3600
COOKIE_SECONDS = 90 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why something could not be sent, and the words the citizen had written."""

    key: str
    status: int
    text: str


@router.get("/")
async def home(request: Request) -> Response:
    return await show(request, "home.html")


@router.get("/talk")
async def talk(request: Request) -> Response:
    return await show(request, "talk.html")


@router.get("/ask")
async def nothing_asked() -> Response:
    return RedirectResponse("/", 303)


@router.post("/ask")
async def ask(request: Request, portal: HasPortal) -> Response:
    """A question or a pressed button from a form; then the talk is shown."""
    form = await request.form()
    text, nonce = _field(form, "text"), _field(form, "nonce")
    visitor = _sender(request, portal, form)
    if visitor is None:
        return await show(request, "talk.html", Trouble("stale", 403, text))
    try:
        said = _said(text, _field(form, "value"), nonce)
    except ValidationError:
        return await show(request, "talk.html", Trouble("too_long" if text.strip() else "empty", 422, text))
    try:
        chat_house(request).check_rate(request, visitor)
        taken = await chat_house(request).hand_in(visitor, said, Hints(language=language_of(request)))
    except Problem:
        return await show(request, "talk.html", Trouble("too_many", 429, text))
    except Exception:
        log.exception("a question could not be stored")
        return await show(request, "talk.html", Trouble("failed", 503, text))
    query = urlencode({} if taken.worked else {"waits": 1})
    return RedirectResponse(f"/talk{'?' if query else ''}{query}#last", 303)


@router.post("/talk/new")
async def new_talk(request: Request, portal: HasPortal) -> Response:
    form = await request.form()
    response = RedirectResponse("/", 303)
    if _sender(request, portal, form) is not None:
        _remember(response, portal, new_visitor())
    return response


async def show(request: Request, template: str, trouble: Trouble | None = None) -> Response:
    """A page with the chat in it."""
    portal = portal_of(request)
    visitor = visitor_of(portal, request.cookies.get(VISITOR))
    messages, promises = await portal.database.reading(
        lambda session: (_messages(session, visitor), _promises(session, visitor))
    )
    language = language_of(request)
    response = page(
        request,
        template,
        words=WORDS,
        language=language,
        status=trouble.status if trouble else 200,
        messages=messages,
        promises=promises,
        paragraphs=paragraphs,
        when=when,
        trouble=trouble,
        longest=LONGEST,
        waits="waits" in request.query_params,
        **chat_values(portal, visitor := visitor or new_visitor()),
    )
    _remember(response, portal, visitor)
    return response


def chat_values(portal: Portal, visitor: str) -> dict[str, Any]:
    """What `_chat.html` needs to know of the visitor."""
    return {
        "code": code_address(),
        "token": token_of(portal, visitor),
        "form_token": portal.signing.sign_for_a_time(FORM, visitor),
        "nonce": secrets.token_urlsafe(12),
        "languages": language_names(),
    }


def language_names() -> dict[str, str]:
    """Each language by its own name, for the links at the top of every page."""
    return {code: page_words(WORDS, code)["language_name"] for code in LANGUAGES}


def _messages(session: Session, visitor: str | None) -> list[Json]:
    contact_id = contact_id_of(session, visitor) if visitor else None
    return messages_after(session, contact_id, 0) if contact_id else []


def _promises(session: Session, visitor: str | None) -> list[Promise]:
    contact_id = contact_id_of(session, visitor) if visitor else None
    return promises_to(session, contact_id, riga_date(now())) if contact_id else []


def _sender(request: Request, portal: Portal, form: FormData) -> str | None:
    """Who sent the form; None where another site may have made the browser send it."""
    visitor = visitor_of(portal, request.cookies.get(VISITOR))
    made_for = portal.signing.read_within(FORM, _field(form, "form_token"), FORM_SECONDS)
    return visitor if visitor is not None and visitor == made_for else None


def _said(text: str, value: str, nonce: str) -> Say | Choose:
    """Its id is made of the form and the words: a double click counts once, other words after going back count too."""
    known = hashlib.sha256(f"{nonce}\n{value}\n{text}".encode()).hexdigest()[:32]
    return Choose(id=known, value=value) if value else Say(id=known, text=text)


def _remember(response: Response, portal: Portal, visitor: str) -> None:
    response.set_cookie(
        VISITOR,
        token_of(portal, visitor),
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="lax",
        secure=portal.settings.secure_cookies,
    )


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
