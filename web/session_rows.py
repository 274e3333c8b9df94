"""Sessions of staff as they are stored: opened, found again, listed and ended.

The cookie holds a random secret and the table its hash, so a stolen table opens nothing.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, func, select

from models.institution import Institution
from models.staff import Person, StaffSession

LIFETIME = timedelta(hours=12)
"""a working day with some overtime"""
IDLE = timedelta(hours=2)
"""so long nobody has done anything: the chair is empty"""
HALF = timedelta(minutes=10)
"""to type the code of the second step"""
MINUTE = timedelta(minutes=1)
Found = tuple[StaffSession, Person, Institution]


def open_session(
    session: Session,
    person: Person,
    at: datetime,
    *,
    device: str = "",
    address: str = "",
    half: bool = False,
    proved: bool = False,
    provider_token: str = "",
) -> str:
    """Logs the person in and returns the secret for the cookie; `half` waits for the second step."""
    secret = secrets.token_urlsafe(32)
    session.exec(delete(StaffSession).where(col(StaffSession.expires_at) <= at))
    session.add(
        StaffSession(
            token_hash=hash_of(secret),
            person_id=person.id or 0,
            csrf=secrets.token_urlsafe(32),
            created_at=at,
            expires_at=at + (HALF if half else LIFETIME),
            device=device[:300],
            address=shortened(address),
            rights=rights_of(person),
            half=half,
            proved=proved,
            provider_token=provider_token,
        )
    )
    return secret


def find_session(session: Session, secret: str, at: datetime, *, half: bool = False) -> Found | None:
    """Whose session that is; None where it has ended, or the person may not work here any more or as another."""
    alive = (col(StaffSession.token_hash) == hash_of(secret), *_alive(at), col(StaffSession.half) == half)
    found = session.exec(
        select(StaffSession, Person, Institution)
        .join(Person, col(Person.id) == col(StaffSession.person_id))
        .join(Institution, col(Institution.id) == col(Person.institution_id))
        .where(*alive, col(Person.active))
    ).first()
    return found if found and found[0].rights == rights_of(found[1]) else None


def saw(session: Session, token_hash: str, at: datetime) -> None:
    """Somebody did something."""
    if row := session.get(StaffSession, token_hash):
        row.seen_at = at


def is_fresh(row: StaffSession, at: datetime) -> bool:
    """Whether its last sight was written down within the minute."""
    return row.seen_at is not None and row.seen_at > at - MINUTE


def sessions_of(session: Session, person_id: int, at: datetime) -> Sequence[StaffSession]:
    """Where the person is logged in, the last seen first."""
    whose = (col(StaffSession.person_id) == person_id, ~col(StaffSession.half), *_alive(at))
    return session.exec(select(StaffSession).where(*whose).order_by(_seen().desc())).all()


def living(session: Session, hashes: Collection[str], at: datetime) -> set[str]:
    """Which of those sessions are still open, by the hashes of their secrets: one look for many."""
    rows = session.exec(
        select(StaffSession, Person)
        .join(Person, col(Person.id) == col(StaffSession.person_id))
        .where(col(StaffSession.token_hash).in_(hashes), *_alive(at), col(Person.active))
    ).all()
    return {row.token_hash for row, person in rows if row.rights == rights_of(person)}


def close_session(session: Session, secret: str) -> str:
    """Ends it; returns the encrypted token of the provider where he logged in, if it was elsewhere."""
    row = session.get(StaffSession, hash_of(secret))
    if row is None:
        return ""
    session.delete(row)
    return row.provider_token


def close_sessions_of(session: Session, person_id: int, *, but: str = "") -> None:
    """Logs the person out everywhere: for a new password, or somebody who leaves; `but` is the hash of one to keep."""
    session.exec(
        delete(StaffSession).where(col(StaffSession.person_id) == person_id, col(StaffSession.token_hash) != but)
    )


def close_one(session: Session, person_id: int, name: str) -> None:
    """Ends the person's session of that name; nobody else's."""
    for row in session.exec(select(StaffSession).where(col(StaffSession.person_id) == person_id)).all():
        if name_of(row) == name:
            session.delete(row)


def name_of(row: StaffSession) -> str:
    """What a form calls it: neither the secret nor what is stored of it."""
    return hash_of(row.token_hash)[:16]


def shortened(address: str) -> str:
    """The network: 203.0.113.0/24, 2001:db8::/48; empty where it is none."""
    try:
        return str(ip_network((address, 24 if ip_address(address).version == 4 else 48), strict=False))
    except ValueError:
        return ""


def rights_of(person: Person) -> str:
    return f"{person.role} {person.institution_id}"


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _alive(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (col(StaffSession.expires_at) > at, _seen() > at - IDLE)


def _seen() -> ColumnElement[datetime]:
    return func.coalesce(col(StaffSession.seen_at), col(StaffSession.created_at))
