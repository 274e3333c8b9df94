"""Who is at the desk: sessions of staff, and what a route asks for to be reached by the right people only.

The cookie holds a random secret and the table its hash, so a stolen table opens nothing. Every form carries the
session's CSRF token. A clerk who asks for what is not his is told that it is not there.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Depends, Form
from sqlmodel import Session, col, delete, select
from starlette.requests import Request
from starlette.responses import Response

from models.institution import Institution
from models.moments import now
from models.staff import Person, Role, StaffSession
from web.portal import HasPortal, Portal
from web.problems import Problem

COOKIE = "desk"
LIFETIME = timedelta(hours=12)
"""a working day with some overtime"""


class NotSignedIn(Problem):
    """Pages lead to the log-in; everything else is refused."""

    def __init__(self) -> None:
        super().__init__(401, "Please log in first.")


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


def open_session(session: Session, person: Person, at: datetime) -> str:
    """Logs the person in and returns the secret for the cookie."""
    secret = secrets.token_urlsafe(32)
    session.exec(delete(StaffSession).where(col(StaffSession.expires_at) <= at))
    session.add(
        StaffSession(
            token_hash=_hash(secret),
            person_id=person.id or 0,
            csrf=secrets.token_urlsafe(32),
            created_at=at,
            expires_at=at + LIFETIME,
        )
    )
    return secret


def staff_of(session: Session, secret: str, at: datetime) -> Staff | None:
    """Whose session that is; None where it has ended, or the person may not work here any more."""
    found = session.exec(
        select(StaffSession, Person, Institution)
        .join(Person, col(Person.id) == col(StaffSession.person_id))
        .join(Institution, col(Institution.id) == col(Person.institution_id))
        .where(col(StaffSession.token_hash) == _hash(secret), col(StaffSession.expires_at) > at, col(Person.active))
    ).first()
    return Staff(found[1], found[2], found[0].csrf) if found else None


def close_session(session: Session, secret: str) -> None:
    session.exec(delete(StaffSession).where(col(StaffSession.token_hash) == _hash(secret)))


def close_sessions_of(session: Session, person_id: int) -> None:
    """Logs the person out everywhere: for a new password, or somebody who leaves."""
    session.exec(delete(StaffSession).where(col(StaffSession.person_id) == person_id))


def give_cookie(response: Response, portal: Portal, secret: str) -> None:
    """Gone when the browser closes; the server ends it after LIFETIME in any case."""
    response.set_cookie(COOKIE, secret, httponly=True, samesite="lax", secure=portal.settings.secure_cookies)


async def perhaps_signed_in(request: Request, portal: HasPortal) -> Staff | None:
    secret = request.cookies.get(COOKIE, "")
    return await portal.database.reading(lambda session: staff_of(session, secret, now())) if secret else None


async def signed_in(staff: Annotated[Staff | None, Depends(perhaps_signed_in)]) -> Staff:
    if staff is None:
        raise NotSignedIn
    return staff


def posting(staff: Annotated[Staff, Depends(signed_in)], csrf: Annotated[str, Form()] = "") -> Staff:
    """Somebody who sends a form that his own session made."""
    if not same(csrf, staff.csrf):
        raise StaleForm
    return staff


def overseeing(staff: Annotated[Staff, Depends(signed_in)]) -> Staff:
    """A coordinator or an administrator looks."""
    return _not_a_clerk(staff)


def acting(staff: Annotated[Staff, Depends(posting)]) -> Staff:
    """Somebody who does something about a ticket; administrators only look."""
    if staff.administers:
        raise Problem(403, "Administrators look on; coordinators and clerks act.")
    return staff


def coordinating(staff: Annotated[Staff, Depends(acting)]) -> Staff:
    """A coordinator acts."""
    return _not_a_clerk(staff)


def mending(staff: Annotated[Staff, Depends(posting)]) -> Staff:
    """A coordinator or an administrator runs something again that went wrong."""
    return _not_a_clerk(staff)


PerhapsSignedIn = Annotated[Staff | None, Depends(perhaps_signed_in)]
SignedIn = Annotated[Staff, Depends(signed_in)]
Posting = Annotated[Staff, Depends(posting)]
Acting = Annotated[Staff, Depends(acting)]
Overseeing = Annotated[Staff, Depends(overseeing)]
Coordinating = Annotated[Staff, Depends(coordinating)]
Mending = Annotated[Staff, Depends(mending)]


def same(given: str, wanted: str) -> bool:
    """In constant time."""
    return bool(wanted) and secrets.compare_digest(given.encode(), wanted.encode())


def _not_a_clerk(staff: Staff) -> Staff:
    if not (staff.coordinates or staff.administers):
        raise Problem(404, "There is no such page.")
    return staff


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
