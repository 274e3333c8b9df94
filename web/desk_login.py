"""Log-in and log-out."""

import asyncio
import re
import secrets
from typing import Annotated

from fastapi import APIRouter, Form
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now
from models.staff import Person
from web.desk_pages import DeskRoute, desk_page
from web.limits import is_this_machine
from web.passwords import LONGEST, is_password
from web.portal import HasPortal, Portal
from web.sessions import (
    COOKIE,
    OwnForm,
    PerhapsSignedIn,
    StaleForm,
    close_session,
    give_cookie,
    open_session,
    same,
)

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
BEFORE = "desk_before"
"""cookie of a browser that has opened the log-in page"""
PURPOSE = "desk log-in form"
OURS = re.compile(r"/desk(/[\w/-]*)?(\?[\w=&%.+-]*)?", re.ASCII)


class Throttle:
    """How often may be tried to log in; what succeeds is not held against the log-in."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._by_login = RateLimitItemPerMinute(10, 15)
        self._by_address = RateLimitItemPerHour(100)

    def allows(self, login: str, address: str) -> bool:
        """Counts the try before the password is looked at, so that many at once gain nothing."""
        if not is_this_machine(address) and not self._limiter.hit(self._by_address, "address", address):
            return False
        return self._limiter.hit(self._by_login, "login", login)

    def forget(self, login: str) -> None:
        self._limiter.clear(self._by_login, "login", login)


@router.get("/login")
async def login_page(request: Request, portal: HasPortal, staff: PerhapsSignedIn, next: str = "") -> Response:
    if staff is not None:
        return RedirectResponse(local(next), 303)
    return _form(request, portal, goes_to=local(next))


@router.post("/login")
async def log_in(
    request: Request,
    portal: HasPortal,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=4 * LONGEST)] = "",
    csrf: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    before = request.cookies.get(BEFORE, "")
    if not before or not same(csrf, portal.signing.sign(PURPOSE, before)):
        raise StaleForm
    login, throttle = login.replace("\x00", "").strip().casefold(), _throttle(request)
    if not throttle.allows(login, portal.rate_limit.address(request)):
        return _form(request, portal, goes_to=local(next), login=login, error="too_often", status=429)
    person = await _who(portal, login, password)
    if person is None:
        return _form(request, portal, goes_to=local(next), login=login, error="wrong", status=401)
    throttle.forget(login)
    secret = await portal.database.writing(lambda session: open_session(session, person, now()))
    response = RedirectResponse(local(next), 303)
    give_cookie(response, portal, secret)
    response.delete_cookie(BEFORE, path="/desk/login")
    return response


@router.post("/logout")
async def log_out(request: Request, portal: HasPortal, _staff: OwnForm) -> Response:
    secret = request.cookies.get(COOKIE, "")
    await portal.database.writing(lambda session: close_session(session, secret))
    response = RedirectResponse("/desk/login", 303)
    response.delete_cookie(COOKIE)
    return response


def local(address: str) -> str:
    """The address if it is one of the desk's own, else the desk: nobody is led elsewhere from our log-in."""
    return address if OURS.fullmatch(address) and not address.startswith("/desk/login") else "/desk"


async def _who(portal: Portal, login: str, password: str) -> Person | None:
    """The person with that log-in and password; as slow for unknown log-ins as for wrong passwords."""
    person = await portal.database.reading(lambda session: _called(session, login))
    right = await asyncio.to_thread(is_password, password, person.password_hash if person else None)
    return person if right else None


def _called(session: Session, login: str) -> Person | None:
    return session.exec(select(Person).where(func.lower(Person.login) == login, col(Person.active))).first()


def _form(
    request: Request, portal: Portal, *, goes_to: str, login: str = "", error: str = "", status: int = 200
) -> Response:
    before = request.cookies.get(BEFORE) or secrets.token_urlsafe(16)
    response = desk_page(
        request,
        "login.html",
        None,
        status=status,
        here="/desk/login",
        csrf=portal.signing.sign(PURPOSE, before),
        goes_to=goes_to,
        login=login,
        error=error,
    )
    response.set_cookie(
        BEFORE, before, path="/desk/login", httponly=True, samesite="lax", secure=portal.settings.secure_cookies
    )
    if error == "too_often":
        response.headers["Retry-After"] = "900"
    return response


def _throttle(request: Request) -> Throttle:
    """One for the application, made when first asked for."""
    state = request.app.state
    if not hasattr(state, "login_throttle"):
        state.login_throttle = Throttle()
    throttle: Throttle = state.login_throttle
    return throttle
