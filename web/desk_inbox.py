"""What a staff member sees first: the coordinator's queues, or the institution's tray, and the notices."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now
from web.desk_held import count_held
from web.desk_notices import mark_seen, notices_of
from web.desk_pages import DeskRoute, desk_page, desk_wording
from web.desk_problems import count_problems
from web.desk_queues import Queue, Tray, forwardings_in, tickets_in
from web.portal import HasPortal, Portal
from web.sessions import Acting, Present, SignedIn, Staff

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
RowId = Annotated[int, Field(ge=1, lt=2**31)]
Words = Annotated[str, Query(max_length=100)]


@router.get("")
async def desk(
    request: Request,
    portal: HasPortal,
    staff: Present,
    queue: Queue = Queue.TRIAGE,
    tray: Tray = Tray.TO_ANSWER,
    q: Words = "",
    page: PageNumber = 1,
) -> Response:
    if staff.edits:
        return RedirectResponse(staff.home, 303)
    if not staff.oversees:
        return await _tray_page(request, portal, staff, tray, q, page)
    words = _plain(q)
    listing, problems, waiting, notices = await portal.database.reading(
        lambda s: (
            tickets_in(s, staff, queue, words, page, now()),
            count_problems(s, staff),
            count_held(s, staff),
            notices_of(s, staff, desk_wording(request, staff)),
        )
    )
    return desk_page(
        request,
        "inbox.html",
        staff,
        listing=listing,
        queue=queue,
        queues=list(Queue),
        sought=words,
        problems=problems,
        held=waiting,
        notices=notices,
    )


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


async def _tray_page(request: Request, portal: Portal, staff: Staff, which: Tray, q: str, page: int) -> Response:
    words = _plain(q)
    listing, notices = await portal.database.reading(
        lambda s: (forwardings_in(s, staff, which, words, page), notices_of(s, staff, desk_wording(request, staff)))
    )
    return desk_page(
        request, "tray.html", staff, listing=listing, tray=which, trays=list(Tray), sought=words, notices=notices
    )


def _plain(words: str) -> str:
    return words.replace("\x00", "").strip()
