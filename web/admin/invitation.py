"""An invitation: a signed link by which somebody sets his own password, once, within three days.

Nothing is stored for it: the link names the password that it replaces (its hash's hash), so it opens nothing any more
as soon as a new one is set, by itself or in another way.
"""

import asyncio
import hashlib
from typing import Annotated

from fastapi import APIRouter, Form
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.moments import now
from models.staff import Person
from web.desk.forms import Mistake, Refused, refused
from web.desk.pages import DeskRoute, desk_page
from web.passwords import LONGEST, SHORTEST, check_password_rules, hash_password
from web.people import set_password
from web.portal import HasPortal, Portal
from web.problems import Problem
from web.sessions import StaleForm, same

router = APIRouter(prefix="/desk/invitation", route_class=DeskRoute, include_in_schema=False)
PURPOSE, FORM = "desk invitation", "desk invitation form"
DAYS = 3
BY_LINK = "link"
"""who sets a password so, in the trail"""


class Gone(Problem):
    """Too old, used already, or never ours."""

    def __init__(self) -> None:
        super().__init__(410, "This invitation is not valid any more; please ask for another one.")


def invite(portal: Portal, person: Person) -> str:
    """The whole address."""
    token = portal.signing.sign_for_a_time(PURPOSE, f"{person.id}.{_password_mark(person)}")
    return f"{portal.settings.link_base}/desk/invitation/{token}"


@router.get("/{invitation}")
async def invitation_page(request: Request, portal: HasPortal, invitation: str) -> Response:
    person = await portal.database.reading(lambda session: _invited(session, portal, invitation))
    return _page(request, portal, invitation, person)


@router.post("/{invitation}")
async def accept(
    request: Request,
    portal: HasPortal,
    invitation: str,
    password: Annotated[str, Form(max_length=4 * LONGEST)] = "",
    again: Annotated[str, Form(max_length=4 * LONGEST)] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    if not same(csrf, portal.signing.sign(FORM, invitation)):
        raise StaleForm
    person = await portal.database.reading(lambda session: _invited(session, portal, invitation))
    try:
        _good(password, again, person.login)
    except Mistake as error:
        return _page(request, portal, invitation, person, refused("password", error, {}))
    hashed = await asyncio.to_thread(hash_password, password)

    def work(session: Session) -> None:
        set_password(session, _invited(session, portal, invitation, lock=True), hashed, BY_LINK, now())

    await portal.database.writing(work)
    return desk_page(request, "admin/invited.html", None, here="/desk/login", person=person)


def _invited(session: Session, portal: Portal, token: str, *, lock: bool = False) -> Person:
    """Whom the link is for. Raises Gone."""
    number, _, mark = (portal.signing.read_within(PURPOSE, token, DAYS * 86_400) or "").partition(".")
    person = session.get(Person, int(number), with_for_update=lock, populate_existing=lock) if number else None
    if person is None or not person.active or not same(mark, _password_mark(person)):
        raise Gone
    return person


def _good(password: str, again: str, login: str) -> None:
    """Raises Mistake with the reason in the words of `check_password_rules`."""
    if reason := check_password_rules(password, login):
        raise Mistake("password", reason)
    if password != again:
        raise Mistake("again", "passwords_differ")


def _password_mark(person: Person) -> str:
    return hashlib.sha256(f"{person.id} {person.password_hash}".encode()).hexdigest()[:32]


def _page(
    request: Request, portal: Portal, invitation: str, person: Person, problem: Refused | None = None
) -> Response:
    return desk_page(
        request,
        "admin/invitation.html",
        None,
        here=f"/desk/invitation/{invitation}",
        status=problem.status if problem else 200,
        csrf=portal.signing.sign(FORM, invitation),
        invitation=invitation,
        person=person,
        problem=problem,
        shortest=SHORTEST,
    )
