"""How often it may be tried to log in, counted in the database: for all processes, and over a restart."""

import hmac
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete

from models.log_in import Tries, count_try
from web.limits import is_this_machine
from web.signing import Signing

BY_LOGIN, LOGIN_SPAN = 10, timedelta(minutes=15)
BY_ADDRESS, ADDRESS_SPAN = 100, timedelta(hours=1)
BY_CODE, CODE_SPAN = 5, timedelta(minutes=15)
KEPT = timedelta(days=1)


def may_try(session: Session, signing: Signing, login: str, address: str, at: datetime) -> bool:
    """Counts the try before the password is looked at, so that many at once gain nothing."""
    session.exec(delete(Tries).where(col(Tries.since) <= at - KEPT))
    from_there = 0 if is_this_machine(address) else _count(session, signing, "address", address, at, ADDRESS_SPAN)
    return from_there <= BY_ADDRESS and _count(session, signing, "login", login, at, LOGIN_SPAN) <= BY_LOGIN


def may_try_code(session: Session, signing: Signing, login: str, at: datetime) -> bool:
    return _count(session, signing, "code", login, at, CODE_SPAN) <= BY_CODE


def forget_tries(session: Session, signing: Signing, login: str, *what: str) -> None:
    """What succeeds is not held against the log-in."""
    session.exec(delete(Tries).where(col(Tries.key).in_([_key(signing, one, login) for one in what])))


def _count(session: Session, signing: Signing, what: str, whose: str, at: datetime, span: timedelta) -> int:
    return count_try(session, _key(signing, what, whose), at, span)


def _key(signing: Signing, what: str, whose: str) -> str:
    return hmac.new(signing.derive("tries"), f"{what} {whose}".encode(), "sha256").hexdigest()
