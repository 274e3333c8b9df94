"""A person's own account: password, second step, and where he is logged in."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.change import note_change
from models.log_in import SecondFactor
from models.moments import now
from models.staff import Person
from web.cookies import give_cookie
from web.desk.enter import begin
from web.desk.forms import Mistake, Refused, refused
from web.desk.pages import DeskRoute, desk_page, done
from web.desk.provider import has_provider
from web.devices import device_of
from web.identities import identities_of
from web.passwords import LONGEST, check_password_rules, hash_password, is_password
from web.portal import HasPortal, Portal
from web.session_rows import close_one, close_sessions_of, name_of, sessions_of
from web.sessions import COOKIE, AtOwnAccount, OwnForm, Staff
from web.throttle import forget_tries, may_try_code

router = APIRouter(prefix="/desk/account", route_class=DeskRoute, include_in_schema=False)
ADDRESS = "/desk/account"
Secret = Annotated[str, Form(max_length=4 * LONGEST)]


@router.get("")
async def account(request: Request, portal: HasPortal, staff: AtOwnAccount) -> Response:
    return await _page(request, portal, staff)


@router.post("/password")
async def change_password(
    request: Request, portal: HasPortal, staff: OwnForm, old: Secret = "", new: Secret = "", again: Secret = ""
) -> Response:
    """Who knows the old one sets a new one; every other session ends, and this one gets a new secret."""
    try:
        await _check(portal, staff, old, new, again)
    except Mistake as error:
        return await _page(request, portal, staff, refused("password", error, {}))
    made = await asyncio.to_thread(hash_password, new)

    def work(session: Session) -> str:
        person, at = session.get_one(Person, staff.person.id), now()
        person.password_hash = made
        close_sessions_of(session, person.id or 0)
        note_change(session, person.login, "person", person.login, "new password", {"password": 0}, {"password": 1}, at)
        kept = staff.session
        return begin(
            session,
            request,
            portal,
            person,
            proved=bool(kept and kept.proved),
            provider_token=kept.provider_token if kept else "",
        )

    response = done(ADDRESS, "password_changed")
    give_cookie(response, portal, COOKIE, await portal.database.writing(work))
    return response


@router.post("/sessions/end")
async def end_one(portal: HasPortal, staff: OwnForm, name: Annotated[str, Form(max_length=64)] = "") -> Response:
    """Ends one of his own sessions; one that has ended meanwhile has ended."""
    await portal.database.writing(lambda session: close_one(session, staff.person.id or 0, name))
    return done(ADDRESS, "session_ended")


@router.post("/sessions/end-others")
async def end_others(portal: HasPortal, staff: OwnForm) -> Response:
    this = staff.session.token_hash if staff.session else ""
    await portal.database.writing(lambda session: close_sessions_of(session, staff.person.id or 0, but=this))
    return done(ADDRESS, "sessions_ended")


async def _check(portal: Portal, staff: Staff, old: str, new: str, again: str) -> None:
    """Raises Mistake where it cannot be the new password."""
    person, at = staff.person, now()
    if not await portal.database.writing(lambda session: may_try_code(session, portal.signing, person.login, at)):
        raise Mistake("old", "too_many_tries")
    if not await asyncio.to_thread(is_password, old, person.password_hash):
        raise Mistake("old", "wrong_password")
    await portal.database.writing(lambda session: forget_tries(session, portal.signing, person.login, "code"))
    if flaw := check_password_rules(new, person.login, person.name):
        raise Mistake("new", flaw)
    if new != again:
        raise Mistake("again", "passwords_differ")
    if new == old:
        raise Mistake("new", "same_password")


async def _page(request: Request, portal: Portal, staff: Staff, problem: Refused | None = None) -> Response:
    person_id, this = staff.person.id or 0, staff.session
    factor, sessions, identities = await portal.database.reading(
        lambda session: (
            session.get(SecondFactor, person_id),
            sessions_of(session, person_id, now()),
            identities_of(session, person_id),
        )
    )
    return desk_page(
        request,
        "account.html",
        staff,
        here=ADDRESS,
        status=problem.status if problem else 200,
        problem=problem,
        factor=factor,
        needed=staff.person.role in portal.settings.totp_roles,
        sessions=[(row, name_of(row), device_of(row.device)) for row in sessions],
        this=this.token_hash if this else "",
        identities=identities,
        provider=portal.settings.oidc_label or portal.settings.oidc_issuer if has_provider(portal) else "",
    )
