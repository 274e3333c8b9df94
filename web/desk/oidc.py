"""Log-in at another provider, and what an administrator does about the accounts of people there."""

import json
from typing import Annotated

import structlog
from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.log_in import Identity
from models.moments import now
from models.staff import Person
from web.cookies import cookie, drop_cookie, give_cookie
from web.desk.access import NotThere
from web.desk.enter import enter, local
from web.desk.login import login_form
from web.desk.pages import DeskRoute
from web.desk.provider import SEAL, NotProved, ProviderDown, has_provider, issuer_of, proof_of, send_there
from web.identities import link, person_of, unlink
from web.portal import HasPortal, Portal
from web.problems import Problem
from web.sealing import seal, unseal
from web.sessions import Administering

router = APIRouter(prefix="/desk", route_class=DeskRoute, include_in_schema=False)
log = structlog.get_logger()
AWAY = "desk_away"
"""cookie of a browser that was sent to the provider; it holds what the answer must fit, encrypted"""
SECONDS = 600
"""to log in there"""
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form(max_length=255)]


@router.get("/login/provider")
async def go_there(request: Request, portal: HasPortal, next: str = "") -> Response:
    if not has_provider(portal):
        raise NotThere
    request.scope["session"] = {}
    try:
        response = await send_there(request, portal)
    except ProviderDown as error:
        return _failed(request, portal, local(next), "provider_down", 503, error)
    kept = json.dumps({"session": request.session, "next": local(next)})
    give_cookie(response, portal, AWAY, seal(portal.signing, AWAY, kept), SECONDS)
    return response


@router.get("/login/provider/back")
async def come_back(request: Request, portal: HasPortal) -> Response:
    """Whoever the provider let in is let in here, if he is employed. What was kept for the answer is used up."""
    if not has_provider(portal):
        raise NotThere
    kept = json.loads(unseal(portal.signing, AWAY, cookie(request, portal, AWAY), SECONDS) or "{}")
    request.scope["session"], goes_to = kept.get("session", {}), local(kept.get("next", ""))
    response = await _let_in(request, portal, goes_to)
    drop_cookie(response, portal, AWAY)
    return response


async def _let_in(request: Request, portal: Portal, goes_to: str) -> Response:
    if request.query_params.get("error") == "access_denied":
        return login_form(request, portal, goes_to=goes_to, error="provider_refused", status=403)
    try:
        proof = await proof_of(request, portal)
    except ProviderDown as error:
        return _failed(request, portal, goes_to, "provider_down", 503, error)
    except NotProved as error:
        return _failed(request, portal, goes_to, "not_proved", 400, error)
    by_email = portal.settings.oidc_link_by_email
    person = await portal.database.writing(lambda session: person_of(session, proof, now(), by_email=by_email))
    if person is None:
        return login_form(request, portal, goes_to=goes_to, error="not_employed", status=403, subject=proof.subject)
    token = seal(portal.signing, SEAL, proof.token)
    return await enter(request, portal, person, goes_to, provider_token=token, proved=proof.second_step)


@router.post("/people/{person_id}/accounts")
async def link_account(
    portal: HasPortal, staff: Administering, person_id: Id, subject: Text = "", next: Text = "/desk/admin"
) -> Response:
    """The account there that the provider calls so belongs to that person."""
    if not has_provider(portal):
        raise Problem(409, "There is no provider.")

    def work(session: Session) -> None:
        person = session.get(Person, person_id)
        if person is None:
            raise NotThere
        if not link(session, issuer_of(portal), subject.strip(), person, staff.login, now()):
            raise Problem(409, "This account is somebody's already.")

    await portal.database.writing(work)
    return RedirectResponse(local(next), 303)


@router.post("/people/{person_id}/accounts/{identity_id}/unlink")
async def unlink_account(
    portal: HasPortal, staff: Administering, person_id: Id, identity_id: Id, next: Text = "/desk/admin"
) -> Response:
    def work(session: Session) -> None:
        identity = session.get(Identity, identity_id)
        if identity is None or identity.person_id != person_id:
            raise NotThere
        unlink(session, identity, staff.login, now())

    await portal.database.writing(work)
    return RedirectResponse(local(next), 303)


def _failed(request: Request, portal: Portal, goes_to: str, error: str, status: int, why: Exception) -> Response:
    log.warning("log-in at the provider failed", error=error, why=f"{why.__cause__ or why!r}"[:300])
    return login_form(request, portal, goes_to=goes_to, error=error, status=status)
