"""Log-in with a password, and log-out."""

import asyncio
import secrets
from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session, col, func, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.moments import now
from models.staff import Person, Role
from web.cookies import cookie, drop_cookie, give_cookie
from web.desk.enter import BEFORE, enter, local
from web.desk.pages import DeskRoute, desk_page
from web.desk.provider import end_address, has_provider
from web.passwords import LONGEST, hash_password, is_password, outdated
from web.portal import HasPortal, Portal
from web.session_rows import close_session
from web.sessions import COOKIE, OwnForm, PerhapsSignedIn, StaleForm, same
from web.throttle import forget_tries, may_try

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
PURPOSE = "desk log-in form"


@router.get("/login")
async def login_page(request: Request, portal: HasPortal, staff: PerhapsSignedIn, next: str = "") -> Response:
    if staff is not None:
        return RedirectResponse(local(next), 303)
    return login_form(request, portal, goes_to=local(next))


@router.post("/login")
async def log_in(
    request: Request,
    portal: HasPortal,
    login: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=4 * LONGEST)] = "",
    csrf: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    before = cookie(request, portal, BEFORE)
    if not before or not same(csrf, portal.signing.sign(PURPOSE, before)):
        raise StaleForm
    login, address = login.replace("\x00", "").strip().casefold(), portal.rate_limit.address(request)
    if not await portal.database.writing(lambda session: may_try(session, portal.signing, login, address, now())):
        return login_form(request, portal, goes_to=local(next), login=login, error="too_often", status=429)
    person = await _who(portal, login, password)
    if person is None:
        return login_form(request, portal, goes_to=local(next), login=login, error="wrong", status=401)
    if has_provider(portal) and portal.settings.passwords_for == "administrators" and person.role != Role.ADMINISTRATOR:
        return login_form(request, portal, goes_to=local(next), login=login, error="not_by_password", status=403)
    await _right(portal, person, login, password)
    return await enter(request, portal, person, next)


@router.post("/logout")
async def log_out(request: Request, portal: HasPortal, _staff: OwnForm) -> Response:
    """Here, and at the provider where he logged in."""
    secret = cookie(request, portal, COOKIE)
    token = await portal.database.writing(lambda session: close_session(session, secret))
    there = await end_address(portal, token) if token and has_provider(portal) else ""
    response = _leave(request, portal, there) if there else RedirectResponse("/desk/login", 303)
    drop_cookie(response, portal, COOKIE)
    return response


def login_form(
    request: Request, portal: Portal, *, goes_to: str, login: str = "", error: str = "", status: int = 200, **more: str
) -> Response:
    """The page; `more` fills the words of the error."""
    before = cookie(request, portal, BEFORE) or secrets.token_urlsafe(16)
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
        more=more,
        provider=portal.settings.oidc_label or portal.settings.oidc_issuer if has_provider(portal) else "",
        passwords_for=portal.settings.passwords_for,
    )
    give_cookie(response, portal, BEFORE, before)
    if error == "too_often":
        response.headers["Retry-After"] = "900"
    return response


def _leave(request: Request, portal: Portal, there: str) -> Response:
    """Not redirected: browsers let a form's answer lead to no other site than the page names in its policy."""
    provider = portal.settings.oidc_label or portal.settings.oidc_issuer
    response = desk_page(request, "login_leave.html", None, here="/desk/login", there=there, provider=provider)
    response.headers["Refresh"] = f"0; url={there}"
    return response


async def _who(portal: Portal, login: str, password: str) -> Person | None:
    """The person with that log-in and password; as slow for unknown log-ins as for wrong passwords."""
    person = await portal.database.reading(lambda session: _called(session, login))
    right = await asyncio.to_thread(is_password, password, person.password_hash if person else None)
    return person if right else None


async def _right(portal: Portal, person: Person, login: str, password: str) -> None:
    """The tries before are forgotten; a hash that was made with weaker parameters is made anew."""
    anew = await asyncio.to_thread(hash_password, password) if outdated(person.password_hash) else ""

    def work(session: Session) -> None:
        forget_tries(session, portal.signing, login, "login")
        kept = session.get_one(Person, person.id)
        if anew and kept.password_hash == person.password_hash:
            kept.password_hash = anew

    await portal.database.writing(work)


def _called(session: Session, login: str) -> Person | None:
    return session.exec(select(Person).where(func.lower(Person.login) == login, col(Person.active))).first()
