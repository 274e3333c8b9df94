"""The second step of a log-in: the code of the telephone, or a recovery code."""

from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now
from models.staff import Person
from web.cookies import cookie
from web.desk.enter import HALFWAY, arrived, begin, local
from web.desk.pages import DeskRoute, desk_page
from web.portal import HasPortal, Portal
from web.second_factors import proves, recovers
from web.session_rows import Found, close_session, find_session
from web.sessions import StaleForm, same
from web.throttle import forget_tries, may_try_code

router = APIRouter(prefix="/desk/login/code", route_class=DeskRoute, include_in_schema=False)
Code = Annotated[str, Form(max_length=100)]


@router.get("")
async def code_page(request: Request, portal: HasPortal, next: str = "") -> Response:
    found = await _halfway(request, portal)
    return _page(request, found, local(next)) if found else _anew(next)


@router.post("")
async def give_code(
    request: Request,
    portal: HasPortal,
    code: Code = "",
    recovery: Code = "",
    csrf: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """A code is looked at only while there are tries left; a new session begins, and this half of one ends."""
    found = await _halfway(request, portal)
    if found is None:
        return _anew(next)
    if not same(csrf, found[0].csrf):
        raise StaleForm
    half, whose, _ = found
    at = now()
    if not await portal.database.writing(lambda session: may_try_code(session, portal.signing, whose.login, at)):
        return _page(request, found, local(next), "too_often", 429)

    def work(session: Session) -> str:
        person = session.get_one(Person, whose.id)
        right = proves(session, portal.signing, person, code, at)
        if not right and not recovers(session, portal.signing, person, recovery, at):
            return ""
        forget_tries(session, portal.signing, person.login, "code")
        close_session(session, cookie(request, portal, HALFWAY))
        return begin(session, request, portal, person, proved=True, provider_token=half.provider_token)

    secret = await portal.database.writing(work)
    return arrived(portal, secret, next) if secret else _page(request, found, local(next), "wrong", 401)


async def _halfway(request: Request, portal: Portal) -> Found | None:
    secret = cookie(request, portal, HALFWAY)
    return await portal.database.reading(lambda session: find_session(session, secret, now(), half=True))


def _anew(goes_to: str) -> Response:
    """The ten minutes are over, or nobody has given a password yet."""
    return RedirectResponse(f"/desk/login?next={local(goes_to)}", 303)


def _page(request: Request, found: Found, goes_to: str, error: str = "", status: int = 200) -> Response:
    response = desk_page(
        request,
        "login_code.html",
        None,
        status=status,
        here="/desk/login/code",
        csrf=found[0].csrf,
        goes_to=goes_to,
        error=error,
    )
    if status == 429:
        response.headers["Retry-After"] = "900"
    return response
