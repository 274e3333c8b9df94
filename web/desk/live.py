"""What is new comes to open pages by itself: server-sent events that say what to fetch again, and who else is there.

The events carry no words of citizens: the page fetches itself again, by the same route and with the same rights.
"""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Header, Query
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from models.moments import now
from models.presence import looks
from web.desk.changes import SLACK, Change, changes_after, newest
from web.desk.pages import DeskRoute, desk_wording
from web.desk.tail import Tail, tail_of
from web.desk.watch import Watch, watched
from web.portal import HasPortal
from web.problems import Problem
from web.sessions import STREAM, SignedIn, Staff

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
MOST_PAGES = 30
"""open at once with one log-in"""
WHILE_LOADING = timedelta(seconds=10)
"""what has happened so short a time ago may not stand on the page yet that opens the connection"""
Number = Annotated[int, Query(ge=0, lt=2**53)]


@router.get("/live")
async def live(
    request: Request,
    portal: HasPortal,
    staff: SignedIn,
    place: Annotated[str, Query(max_length=100)] = "/desk",
    after: Number = 0,
    last_event_id: Annotated[str, Header()] = "",
) -> Response:
    """The page at `place` wants to know of everything after the event with that number; by default from now on.

    Who asks for no stream gets what there is at once. Raises Problem 404 and, where too many are open, 429.
    """
    tail = tail_of(request.app, portal)
    if tail.count(staff.session.token_hash if staff.session else "") >= MOST_PAGES:
        raise Problem(429, "Too many pages are open.", {"Retry-After": "60"})
    after = int(last_event_id) if re.fullmatch(r"[0-9]{1,15}", last_event_id) else after
    ticket_id, changes, number = await portal.database.reading(lambda s: _missed(s, staff, place, after))
    watch = Watch(staff, place, ticket_id, desk_wording(request, staff), number)
    watch.tell(changes, number)
    if request.headers.get("accept") != STREAM:
        return Response(watch.taken(), media_type=STREAM)
    if watch.shown:
        await portal.database.writing(lambda session: looks(session, place, watch.person_id, now()))
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_streamed(tail, watch), media_type=STREAM, headers=headers)


def _missed(session: Session, staff: Staff, place: str, after: int) -> tuple[int | None, list[Change], int]:
    ticket_id, number = watched(session, staff, place), newest(session)
    if after:
        return ticket_id, changes_after(session, after), number
    return ticket_id, changes_after(session, number - SLACK, since=now() - WHILE_LOADING), number


async def _streamed(tail: Tail, watch: Watch) -> AsyncIterator[bytes]:
    with tail.watching(watch):
        async for frames in watch.frames():
            yield frames
