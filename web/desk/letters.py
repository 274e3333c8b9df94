"""The whole letter: all of its text, its page made safe, its files, what was wrong with it, its original to be saved.

The page stands in a frame of its own, from which nothing runs, nothing is sent and nothing is loaded from elsewhere
before somebody asks for it.
"""

import asyncio
import re
from html import escape
from typing import Annotated

import filetype
from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from channels.base import Opened
from nlu.privacy import mask
from web.desk.access import NotThere, shown_letter
from web.desk.files import HEADERS
from web.desk.forms import Refused
from web.desk.letter_view import letter_view, likely
from web.desk.pages import DeskRoute, desk_page
from web.own_words import pieces
from web.pages import static
from web.portal import HasPortal, Portal
from web.sessions import SignedIn, Staff

router = APIRouter(prefix="/desk/letters", route_class=DeskRoute, include_in_schema=False)
LONGEST = 200_000
"""characters of a text that are shown; the original has all of it"""
Id = Annotated[int, Path(ge=1, lt=2**31)]
Ref = Annotated[str, Query(max_length=100)]
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")
"""what is shown in place, by its bytes; drawings that may hold scripts are not"""
SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""no scripts; of this origin, so that the session's cookie comes along with the letter's own pictures"""
_TAG = re.compile(r'(<(?:[^"<>]|"[^"]*")*>)')


@router.get("/{inbox_id}")
async def letter(
    request: Request, portal: HasPortal, staff: SignedIn, inbox_id: Id, ref: Ref = "", pictures: bool = False
) -> Response:
    """With `ref` the page asks whose letter of that ticket it is, where it waits for a decision."""
    return await letter_page(request, portal, staff, inbox_id, ref=ref, remote=pictures)


@router.get("/{inbox_id}/page")
async def letter_in_its_looks(portal: HasPortal, staff: SignedIn, inbox_id: Id, pictures: bool = False) -> Response:
    """The letter's HTML as a document of its own; with `pictures` others may be loaded, as the reader asked."""
    opened = await _open(portal, staff, inbox_id)
    if opened.page is None:
        raise NotThere
    addresses = {name: f"/desk/letters/{inbox_id}/pictures/{number}" for name, number in opened.pictures.items()}
    safe = await asyncio.to_thread(opened.page, addresses, pictures)
    return HTMLResponse(_document(opened.subject, safe), headers=_frame_headers(pictures))


@router.get("/{inbox_id}/pictures/{number}")
async def picture(
    portal: HasPortal, staff: SignedIn, inbox_id: Id, number: Annotated[int, Path(ge=0, lt=10_000)]
) -> Response:
    """A picture that came with the letter."""
    files = (await _open(portal, staff, inbox_id)).files
    content = files[number].content if number < len(files) else None
    kind = filetype.guess_mime(content) if content else None
    if kind not in PICTURES:
        raise NotThere
    return Response(content, media_type=kind, headers=HEADERS)


@router.get("/{inbox_id}/original")
async def original(portal: HasPortal, staff: SignedIn, inbox_id: Id) -> Response:
    """As it arrived, every byte; to be saved."""
    row = await portal.database.reading(lambda session: shown_letter(session, staff, inbox_id))
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="letter-{inbox_id}.eml"'}
    return Response(row.raw, media_type="message/rfc822", headers=headers)


async def letter_page(
    request: Request,
    portal: Portal,
    staff: Staff,
    inbox_id: int,
    *,
    ref: str = "",
    remote: bool = False,
    problem: Refused | None = None,
) -> Response:
    """The page; with a decision that was not taken."""
    view = await portal.database.reading(lambda session: letter_view(session, staff, inbox_id, ref))
    opened = await asyncio.to_thread(portal.open_letter, view.raw)
    problem = problem or view.problem
    return desk_page(
        request,
        "letter.html",
        staff,
        here=f"/desk/letters/{inbox_id}",
        status=problem.status if problem else 200,
        view=view,
        letter=opened,
        pieces=pieces(opened.text[:LONGEST], opened.own[:LONGEST]),
        cut=len(opened.text) > LONGEST,
        remote=remote,
        sandbox=SANDBOX,
        likely=likely(view.sides, opened.sender),
        problem=problem,
    )


async def _open(portal: Portal, staff: Staff, inbox_id: int) -> Opened:
    row = await portal.database.reading(lambda session: shown_letter(session, staff, inbox_id))
    return await asyncio.to_thread(portal.open_letter, row.raw)


def _document(subject: str, safe: str) -> str:
    return (
        '<!doctype html><html lang="und"><head><meta charset="utf-8">'
        f'<title>{escape(mask(subject))}</title><link rel="stylesheet" href="{static("letter.css")}"></head>'
        f"<body>{_masked(safe)}</body></html>"
    )


def _masked(page: str) -> str:
    """What stands between the tags, masked."""
    return "".join(part if part.startswith("<") else mask(part) for part in _TAG.split(page))


def _frame_headers(remote: bool) -> dict[str, str]:
    elsewhere = " https: http:" if remote else ""
    policy = (
        f"default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:{elsewhere}; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'self'; sandbox {SANDBOX}"
    )
    return {**HEADERS, "Content-Security-Policy": policy, "Referrer-Policy": "no-referrer"}
