"""Setting up the second step of one's log-in, its recovery codes, and taking it away."""

from collections.abc import Callable
from typing import Annotated

import segno
from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.log_in import SecondFactor
from models.moments import now
from models.staff import Person
from web.desk.access import NotThere
from web.desk.enter import local
from web.desk.forms import Mistake, Refused, refused
from web.desk.pages import DeskRoute, desk_page, done
from web.portal import HasPortal, Portal
from web.sealing import seal, unseal
from web.second_factors import codes_left, proves, renew_codes, set_up, take_away
from web.session_rows import close_sessions_of
from web.sessions import Administering, AtOwnAccount, OwnForm, Staff
from web.throttle import forget_tries, may_try_code
from web.totp import address_of, new_secret, step_of

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
ADDRESS = "/desk/account/second-step"
NEW = "new second factor"
SECONDS = 3600
"""for which a secret that was shown can be taken into use"""
Code = Annotated[str, Form(max_length=100)]
Id = Annotated[int, Path(ge=1, lt=2**31)]


@router.get("/account/second-step")
async def second_step(request: Request, portal: HasPortal, staff: AtOwnAccount) -> Response:
    return await _page(request, portal, staff)


@router.post("/account/second-step")
async def set_it_up(
    request: Request,
    portal: HasPortal,
    staff: OwnForm,
    code: Code = "",
    sealed: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """The telephone has the secret when it makes the right code; the secret is stored only then."""
    secret = _shown(portal, staff, sealed)
    if secret is None:
        return await _page(request, portal, staff, refused("code", Mistake("code", "shown_too_long_ago"), {}))
    at = now()
    step = step_of(secret, code, at, 0) if await _may_try(portal, staff) else None
    if step is None:
        return await _page(request, portal, staff, refused("code", Mistake("code", "wrong_code"), {}), secret)

    def work(session: Session) -> list[str]:
        forget_tries(session, portal.signing, staff.login, "code")
        return set_up(session, portal.signing, session.get_one(Person, staff.person.id), secret, step, at)

    codes = await portal.database.writing(work)
    return _codes_page(request, staff, codes) if codes else done(ADDRESS, "second_step")


@router.post("/account/second-step/codes")
async def get_new_codes(request: Request, portal: HasPortal, staff: OwnForm, code: Code = "") -> Response:
    """Ten new recovery codes, for who has the telephone in hand."""

    def work(session: Session) -> list[str]:
        person = session.get_one(Person, staff.person.id)
        if not proves(session, portal.signing, person, code, now()):
            raise Mistake("code", "wrong_code")
        return renew_codes(session, portal.signing, person, now())

    try:
        codes = await _with_code(portal, staff, work)
    except Mistake as error:
        return await _page(request, portal, staff, refused("renew", error, {}))
    return _codes_page(request, staff, codes)


@router.post("/account/second-step/off")
async def turn_off(request: Request, portal: HasPortal, staff: OwnForm, code: Code = "") -> Response:
    """For who has the telephone in hand; whose role needs it, cannot."""

    def work(session: Session) -> list[str]:
        person = session.get_one(Person, staff.person.id)
        if person.role in portal.settings.totp_roles:
            raise Mistake("code", "second_step_needed")
        if not proves(session, portal.signing, person, code, now()):
            raise Mistake("code", "wrong_code")
        take_away(session, person, person.login, now())
        return []

    try:
        await _with_code(portal, staff, work)
    except Mistake as error:
        return await _page(request, portal, staff, refused("off", error, {}))
    return done("/desk/account", "second_step_off")


@router.post("/people/{person_id}/second-step/reset")
async def reset(
    portal: HasPortal, staff: Administering, person_id: Id, next: Annotated[str, Form()] = "/desk/admin"
) -> Response:
    """Somebody has lost his telephone and his codes: he logs in by password, everywhere anew."""

    def work(session: Session) -> None:
        person = session.get(Person, person_id)
        if person is None:
            raise NotThere
        if take_away(session, person, staff.login, now()):
            close_sessions_of(session, person_id)

    await portal.database.writing(work)
    return RedirectResponse(local(next), 303)


async def _with_code(portal: Portal, staff: Staff, work: Callable[[Session], list[str]]) -> list[str]:
    """Raises Mistake where there were too many tries."""
    if not await _may_try(portal, staff):
        raise Mistake("code", "too_many_tries")
    codes = await portal.database.writing(work)
    await portal.database.writing(lambda session: forget_tries(session, portal.signing, staff.login, "code"))
    return codes


async def _may_try(portal: Portal, staff: Staff) -> bool:
    at = now()
    return await portal.database.writing(lambda session: may_try_code(session, portal.signing, staff.login, at))


def _shown(portal: Portal, staff: Staff, sealed: str) -> str | None:
    """The secret that the page of this person showed."""
    whose, _, secret = (unseal(portal.signing, NEW, sealed, SECONDS) or "").partition(" ")
    return secret if secret and whose == str(staff.person.id) else None


async def _page(
    request: Request, portal: Portal, staff: Staff, problem: Refused | None = None, secret: str = ""
) -> Response:
    factor, left = await portal.database.reading(
        lambda session: (session.get(SecondFactor, staff.person.id), codes_left(session, staff.person))
    )
    secret = secret or new_secret()
    return desk_page(
        request,
        "account_second_step.html",
        staff,
        here=ADDRESS,
        status=problem.status if problem else 200,
        problem=problem,
        factor=factor,
        left=left,
        needed=staff.person.role in portal.settings.totp_roles,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        sealed=seal(portal.signing, NEW, f"{staff.person.id} {secret}"),
        picture=segno.make(address_of(secret, staff.login), micro=False).svg_inline(scale=5, light="#fff"),
    )


def _codes_page(request: Request, staff: Staff, codes: list[str]) -> Response:
    return desk_page(request, "account_codes.html", staff, here=ADDRESS, codes=codes)
