"""What a staff member sees first: the coordinator's queues, or the institution's tray, and the notices."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query
from pydantic import Field
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now
from nlu.privacy import PERSONAL_CODE
from web.desk.filters import NAMES, Asked, asked_of, choices_of, without_code
from web.desk.held import count_held
from web.desk.list import tickets_in
from web.desk.notices import mark_seen, notices_of
from web.desk.pages import DeskRoute, desk_page, desk_wording
from web.desk.problems import count_problems
from web.desk.queues import GROUPS, Listing, Queue
from web.desk.tray import Tray, forwardings_in
from web.portal import HasPortal, Portal
from web.sessions import Acting, Present, SignedIn, Staff

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
RowId = Annotated[int, Field(ge=1, lt=2**31)]
Words = Annotated[str, Query(max_length=100)]
LIST = "list"
"""the part of the page that a browser may ask for alone, to put it in the place of the one before"""


@router.get("")
async def desk(
    request: Request,
    portal: HasPortal,
    staff: Present,
    queue: Queue | None = None,
    tray: Tray = Tray.TO_ANSWER,
    q: Words = "",
    page: PageNumber = 1,
    part: str = "",
) -> Response:
    if staff.edits:
        return RedirectResponse(staff.home, 303)
    if not staff.oversees:
        return await _tray_page(request, portal, staff, tray, q, page)
    asked = asked_of(request.query_params, queue, q, page)
    if part == LIST:
        return await _list_alone(request, portal, staff, asked)
    if _untidy(request, asked):
        return RedirectResponse(asked.address(private="yes" if asked.private else ""), 303)
    return await _inbox_page(request, portal, staff, asked)


@router.get("/forwardings")
async def forwardings(
    request: Request,
    portal: HasPortal,
    staff: SignedIn,
    tray: Tray = Tray.TO_ANSWER,
    q: Words = "",
    page: PageNumber = 1,
) -> Response:
    """What was forwarded to the person's own institution: a coordinating one is asked now and then itself."""
    return await _tray_page(request, portal, staff, tray, q, page)


@router.post("/notices")
async def seen(portal: HasPortal, staff: Acting, notice: Annotated[list[RowId], Form()]) -> Response:
    """The person has seen the notices of his institution with these numbers."""
    await portal.database.writing(lambda session: mark_seen(session, staff, notice))
    return RedirectResponse("/desk", 303)


async def _inbox_page(request: Request, portal: Portal, staff: Staff, asked: Asked) -> Response:
    wording = desk_wording(request, staff)

    def look(session: Session) -> dict[str, Any]:
        listing, held = _listing(session, staff, asked)
        return {
            "listing": listing,
            "held": held,
            "problems": count_problems(session, staff),
            "notices": notices_of(session, staff, wording),
            "choices": choices_of(session, None if staff.looks_on else staff.institution.id, wording),
        }

    values = await portal.database.reading(look)
    return desk_page(request, "inbox.html", staff, asked=asked, groups=GROUPS, **values)


async def _list_alone(request: Request, portal: Portal, staff: Staff, asked: Asked) -> Response:
    listing, held = await portal.database.reading(lambda session: _listing(session, staff, asked))
    here = asked.address()
    return desk_page(
        request, "inbox_list.html", staff, here=here, asked=asked, groups=GROUPS, listing=listing, held=held
    )


def _listing(session: Session, staff: Staff, asked: Asked) -> tuple[Listing, int]:
    return tickets_in(session, staff, asked, now()), count_held(session, staff)


def _untidy(request: Request, asked: Asked) -> bool:
    """Forms send their empty fields along; and a personal code must not stay in an address."""
    said = request.query_params
    return any(not said[name] for name in ("queue", "q", "order", *NAMES) if name in said) or bool(
        PERSONAL_CODE.search(said.get("q", ""))
    )


async def _tray_page(request: Request, portal: Portal, staff: Staff, which: Tray, q: str, page: int) -> Response:
    if PERSONAL_CODE.search(q):  # it must not stay in an address
        return RedirectResponse(f"{request.url.path}?{urlencode({'tray': which, 'q': without_code(q)})}", 303)
    words = q.replace("\x00", "").strip()
    listing, notices = await portal.database.reading(
        lambda s: (forwardings_in(s, staff, which, words, page), notices_of(s, staff, desk_wording(request, staff)))
    )
    return desk_page(
        request, "tray.html", staff, listing=listing, tray=which, trays=list(Tray), sought=words, notices=notices
    )
