"""Drafts are saved: by a script every few seconds, or by a button; and thrown away by another."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from models.draft import drop_draft
from models.moments import now
from models.presence import stops_typing
from web.desk.keep import TooLong, Typed, keep, owned_by, owned_by_link, typed_in
from web.desk.pages import DeskRoute, desk_wording, done
from web.desk.tail import tail_of
from web.desk.visit import by_link
from web.portal import HasPortal, Portal
from web.problems import Problem
from web.sessions import Acting

router = APIRouter(route_class=DeskRoute, include_in_schema=False)


async def what_is_typed(request: Request, portal: HasPortal) -> Typed | None:
    return typed_in(portal, await request.form())


WhatIsTyped = Annotated[Typed | None, Depends(what_is_typed)]


@router.post("/desk/drafts")
async def save(request: Request, portal: HasPortal, staff: Acting, typed: WhatIsTyped) -> Response:
    own = _of(owned_by(staff), typed)
    return await _save(request, portal, own, own.place)


@router.post("/desk/drafts/discard")
async def discard(request: Request, portal: HasPortal, staff: Acting, typed: WhatIsTyped) -> Response:
    own = _of(owned_by(staff), typed)
    return await _discard(request, portal, own, own.place)


@router.post("/answer/{token}/drafts")
async def save_by_link(
    request: Request, portal: HasPortal, token: str, typed: WhatIsTyped, csrf: Annotated[str, Form()] = ""
) -> Response:
    visit = by_link(portal, token, csrf)
    return await _save(request, portal, _of(owned_by_link(visit.forwarding_id), typed), visit.address)


@router.post("/answer/{token}/drafts/discard")
async def discard_by_link(
    request: Request, portal: HasPortal, token: str, typed: WhatIsTyped, csrf: Annotated[str, Form()] = ""
) -> Response:
    visit = by_link(portal, token, csrf)
    return await _discard(request, portal, _of(owned_by_link(visit.forwarding_id), typed), visit.address)


def _of(owner: str, typed: Typed | None) -> Typed:
    """What was typed, if it is the owner's. Raises Problem 409."""
    if typed is None or typed.owner != owner:
        raise Problem(409, "This form is out of date; please open the page again.")
    return typed


async def _save(request: Request, portal: Portal, typed: Typed, page: str) -> Response:
    at = now()
    try:
        kept = await portal.database.writing(lambda session: keep(session, typed, at))
    except TooLong:
        raise Problem(413, "The text is too long to be kept as a draft.") from None
    tail_of(request.app, portal).wake()
    if not _by_script(request):
        return done(page, "draft" if kept else "no_draft")
    words = desk_wording(request, None)
    return PlainTextResponse(words.t["draft"]["saved"].format(at=words.moment(at)) if kept else "")


async def _discard(request: Request, portal: Portal, typed: Typed, page: str) -> Response:
    def work(session: Session) -> None:
        drop_draft(session, typed.owner, typed.place, typed.form)
        if typed.person_id:
            stops_typing(session, typed.place, typed.person_id)

    await portal.database.writing(work)
    tail_of(request.app, portal).wake()
    return PlainTextResponse("") if _by_script(request) else done(page, "discard")


def _by_script(request: Request) -> bool:
    return "hx-request" in request.headers
