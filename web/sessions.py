"""Who is at the desk, and what a route asks for to be reached by the right people only.

Every form carries the session's CSRF token. A clerk who asks for what is not his is told that it is not there.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Form
from sqlmodel import Session
from starlette.requests import Request

from models.institution import Institution
from models.log_in import SecondFactor
from models.moments import now
from models.staff import Person, Role, StaffSession
from web.cookies import cookie
from web.portal import HasPortal, Portal
from web.problems import Problem
from web.session_rows import find_session, is_fresh, saw

COOKIE = "desk"
STREAM = "text/event-stream"
"""what a page that stands open asks for by itself: no sign that anybody sits there"""


class NotSignedIn(Problem):
    """Pages lead to the log-in; everything else is refused."""

    def __init__(self) -> None:
        super().__init__(401, "Please log in first.")


class SecondStepMissing(Problem):
    """The role needs a second factor and the person has none yet: pages lead to where it is set up."""

    def __init__(self) -> None:
        super().__init__(403, "Please set up the second step of your log-in first.")


class StaleForm(Problem):
    """The form was not made by this session."""

    def __init__(self) -> None:
        super().__init__(403, "This form is out of date; please open the page again.")


@dataclass(frozen=True, slots=True)
class Staff:
    """Somebody who is logged in."""

    person: Person
    institution: Institution
    csrf: str
    session: StaffSession | None = None
    must_set_up: bool = False
    """the role needs a second factor and the person has none"""

    @property
    def login(self) -> str:
        return self.person.login

    @property
    def coordinates(self) -> bool:
        """A coordinator or their lead; a head of an institution may do what its clerks may."""
        return self.person.role in (Role.COORDINATOR, Role.LEAD)

    @property
    def administers(self) -> bool:
        return self.person.role == Role.ADMINISTRATOR

    @property
    def audits(self) -> bool:
        """Reads everything and changes nothing but what is his own account."""
        return self.person.role == Role.AUDITOR

    @property
    def edits(self) -> bool:
        """Keeps texts up to date and sees no tickets."""
        return self.person.role == Role.EDITOR

    @property
    def looks_on(self) -> bool:
        """Sees the tickets of all coordinators, and acts on none."""
        return self.administers or self.audits

    @property
    def oversees(self) -> bool:
        """Sees tickets as a coordinator does: his own institution's, or all where he looks on."""
        return self.coordinates or self.looks_on

    @property
    def home(self) -> str:
        """Where the day begins."""
        return "/desk/admin" if self.edits else "/desk"


async def perhaps_signed_in(request: Request, portal: HasPortal) -> Staff | None:
    secret, at = cookie(request, portal, COOKIE), now()
    staff = await portal.database.reading(lambda session: _staff(session, portal, secret, at)) if secret else None
    if staff and staff.session and not is_fresh(staff.session, at) and not _by_itself(request):
        await portal.database.writing(partial(saw, token_hash=staff.session.token_hash, at=at))
    return staff


async def at_own_account(staff: Annotated[Staff | None, Depends(perhaps_signed_in)]) -> Staff:
    """Anybody who is logged in: for what concerns nobody but himself."""
    if staff is None:
        raise NotSignedIn
    return staff


def own_form(staff: Annotated[Staff, Depends(at_own_account)], csrf: Annotated[str, Form()] = "") -> Staff:
    """The same with a form that his own session made."""
    return _with_token(staff, csrf)


def present(staff: Annotated[Staff, Depends(at_own_account)]) -> Staff:
    """Anybody who may work here, editors too: for pages on which no ticket is seen."""
    if staff.must_set_up:
        raise SecondStepMissing
    return staff


def signed_in(staff: Annotated[Staff, Depends(present)]) -> Staff:
    """Anybody who may see tickets at all; which ones, `desk_access` says."""
    if staff.edits:
        raise Problem(404, "There is no such page.")
    return staff


def posting(staff: Annotated[Staff, Depends(signed_in)], csrf: Annotated[str, Form()] = "") -> Staff:
    """Somebody who may change something, with a form that his own session made; auditors may not."""
    return _no_auditor(_with_token(staff, csrf))


def overseeing(staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
    """A coordinator, an auditor or an administrator looks."""
    return _not_a_clerk(staff)


def acting(staff: Annotated[Staff, Depends(posting)]) -> Staff:
    """Somebody who does something about a ticket; administrators only look."""
    if staff.looks_on:
        raise Problem(403, "Administrators look on; coordinators and clerks act.")
    return staff


def coordinating(staff: Annotated[Staff, Depends(acting)]) -> Staff:
    """A coordinator acts."""
    return _not_a_clerk(staff)


def mending(staff: Annotated[Staff, Depends(posting)]) -> Staff:
    """A coordinator or an administrator runs something again that went wrong."""
    return _not_a_clerk(staff)


def seeing_administration(staff: Annotated[Staff, Depends(present)]) -> Staff:
    """An administrator's page is opened by him or by an auditor."""
    return _one_of(staff, staff.looks_on)


def administering(staff: Annotated[Staff, Depends(present)], csrf: Annotated[str, Form()] = "") -> Staff:
    """An administrator changes something."""
    return _one_of(_no_auditor(_with_token(staff, csrf)), staff.administers)


def seeing_texts(staff: Annotated[Staff, Depends(present)]) -> Staff:
    """An editor's page is opened by him, an administrator or an auditor."""
    return _one_of(staff, staff.edits or staff.looks_on)


def editing(staff: Annotated[Staff, Depends(present)], csrf: Annotated[str, Form()] = "") -> Staff:
    """An editor or an administrator changes a text."""
    return _one_of(_no_auditor(_with_token(staff, csrf)), staff.edits or staff.administers)


PerhapsSignedIn = Annotated[Staff | None, Depends(perhaps_signed_in)]
AtOwnAccount = Annotated[Staff, Depends(at_own_account)]
OwnForm = Annotated[Staff, Depends(own_form)]
Present = Annotated[Staff, Depends(present)]
SignedIn = Annotated[Staff, Depends(signed_in)]
Posting = Annotated[Staff, Depends(posting)]
Acting = Annotated[Staff, Depends(acting)]
Overseeing = Annotated[Staff, Depends(overseeing)]
Coordinating = Annotated[Staff, Depends(coordinating)]
Mending = Annotated[Staff, Depends(mending)]
SeeingAdministration = Annotated[Staff, Depends(seeing_administration)]
Administering = Annotated[Staff, Depends(administering)]
SeeingTexts = Annotated[Staff, Depends(seeing_texts)]
Editing = Annotated[Staff, Depends(editing)]


def same(given: str, wanted: str) -> bool:
    """In constant time."""
    return bool(wanted) and secrets.compare_digest(given.encode(), wanted.encode())


def _not_a_clerk(staff: Staff) -> Staff:
    return _one_of(staff, staff.oversees)


def _one_of(staff: Staff, may: bool) -> Staff:
    if not may:
        raise Problem(404, "There is no such page.")
    return staff


def _with_token(staff: Staff, csrf: str) -> Staff:
    if not same(csrf, staff.csrf):
        raise StaleForm
    return staff


def _no_auditor(staff: Staff) -> Staff:
    if staff.audits:
        raise Problem(403, "Auditors read and change nothing.")
    return staff


def _by_itself(request: Request) -> bool:
    """A page that stands open listens, and fetches what is new: no sign that anybody sits there."""
    return request.headers.get("accept") == STREAM or (request.method == "GET" and "hx-request" in request.headers)


def _staff(session: Session, portal: Portal, secret: str, at: datetime) -> Staff | None:
    found = find_session(session, secret, at)
    if found is None:
        return None
    row, person, institution = found
    needs = person.role in portal.settings.totp_roles and not row.proved
    return Staff(person, institution, row.csrf, row, needs and session.get(SecondFactor, person.id) is None)
