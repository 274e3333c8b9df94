"""Who a person of the desk is in Slack: he links the account by a code or by the link that he got there, or ends it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now
from models.slack import link, link_of, new_code, unlink
from web.desk.pages import DeskRoute, desk_page, done
from web.portal import HasPortal, Portal
from web.sessions import Posting, SignedIn, Staff
from web.slack_link import account_of

router = APIRouter(prefix="/desk/slack", route_class=DeskRoute, include_in_schema=False)
Token = Annotated[str, Query(max_length=2000)]


@dataclass(frozen=True, slots=True)
class Linked:
    name: str
    at: datetime


@router.get("")
async def slack_page(request: Request, portal: HasPortal, staff: SignedIn) -> Response:
    return await _page(request, portal, staff)


@router.post("/code")
async def code(request: Request, portal: HasPortal, staff: Posting) -> Response:
    """Shown at once and never again: only its hash is kept."""
    if not portal.slack:
        return await _page(request, portal, staff)
    made = await portal.database.writing(lambda session: new_code(session, staff.person.id or 0, now()))
    return await _page(request, portal, staff, code=made)


@router.get("/link")
async def ask(request: Request, portal: HasPortal, staff: SignedIn, token: Token = "") -> Response:
    """Whether he is the account that asks."""
    if not token:
        return RedirectResponse("/desk/slack", 303)
    account = account_of(portal.signing, token) if portal.slack else None
    return await _page(request, portal, staff, account=account, token=token, status=200 if account else 410)


@router.post("/link")
async def confirm(
    request: Request, portal: HasPortal, staff: Posting, token: Annotated[str, Form(max_length=2000)] = ""
) -> Response:
    if not token:
        return RedirectResponse("/desk/slack", 303)
    account = account_of(portal.signing, token) if portal.slack else None
    if account is None:
        return await _page(request, portal, staff, token=token, status=410)

    def work(session: Session) -> None:
        link(session, staff.person.id or 0, account.team, account.id, account.name, now())

    await portal.database.writing(work)
    return done("/desk/slack", "slack")


@router.post("/unlink")
async def end(portal: HasPortal, staff: Posting) -> Response:
    await portal.database.writing(lambda session: unlink(session, staff.person.id or 0))
    return done("/desk/slack", "unlinked")


async def _page(request: Request, portal: Portal, staff: Staff, status: int = 200, **values: object) -> Response:
    def look(session: Session) -> Linked | None:
        found = link_of(session, staff.person.id or 0)
        return Linked(found.name or found.account, found.linked_at) if found else None

    linked = await portal.database.reading(look)
    here = "/desk/slack"
    return desk_page(request, "slack.html", staff, here=here, status=status, on=portal.slack, linked=linked, **values)
