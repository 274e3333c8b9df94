"""A person's second factor as it is stored: set up, asked for, renewed, taken away."""

import hmac
import secrets
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from models.change import note_change
from models.log_in import RecoveryCode, SecondFactor
from models.staff import Person
from web.sealing import seal, unseal
from web.signing import Signing
from web.totp import step_of

PURPOSE = "second factor"
CODES = 10
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
"""no letters or digits that look alike"""
LENGTH = 10
"""letters of a recovery code: nearly 50 bits"""
THING = "person"


def set_up(session: Session, signing: Signing, person: Person, secret: str, step: int, at: datetime) -> list[str]:
    """The person's telephone has the secret; returns his recovery codes. Nothing where there is one already."""
    if second_factor(session, person) is not None:
        return []
    sealed = seal(signing, PURPOSE, secret)
    session.add(SecondFactor(person_id=person.id or 0, sealed=sealed, last_step=step, since=at))
    note_change(session, person.login, THING, person.login, "second step set up", {"on": False}, {"on": True}, at)
    return new_codes(session, signing, person)


def second_factor(session: Session, person: Person) -> SecondFactor | None:
    """Kept from others until the commit, so that a code is good once also where it comes twice at once."""
    return session.get(SecondFactor, person.id, with_for_update=True, populate_existing=True)


def proves(session: Session, signing: Signing, person: Person, code: str, at: datetime) -> bool:
    """Whether that is the telephone's code of now; it is good once."""
    factor = second_factor(session, person)
    secret = unseal(signing, PURPOSE, factor.sealed) if factor else None
    if factor is None or secret is None:
        return False
    step = step_of(secret, code, at, factor.last_step)
    if step is None:
        return False
    factor.last_step = step
    return True


def recovers(session: Session, signing: Signing, person: Person, code: str, at: datetime) -> bool:
    """Whether that is one of the person's recovery codes that was not used yet; now it is."""
    row = session.get(RecoveryCode, _hash(signing, person, code), with_for_update=True, populate_existing=True)
    if row is None or row.used_at is not None:
        return False
    row.used_at = at
    left = codes_left(session, person)
    before, after = {"left": left + 1}, {"left": left}
    note_change(session, person.login, THING, person.login, "recovery code used", before, after, at)
    return True


def codes_left(session: Session, person: Person) -> int:
    unused = select(func.count(col(RecoveryCode.code_hash))).where(
        col(RecoveryCode.person_id) == person.id, col(RecoveryCode.used_at).is_(None)
    )
    return session.exec(unused).one()


def renew_codes(session: Session, signing: Signing, person: Person, at: datetime) -> list[str]:
    """The same, and the trail says so."""
    before = {"left": codes_left(session, person)}
    codes = new_codes(session, signing, person)
    note_change(session, person.login, THING, person.login, "recovery codes renewed", before, {"left": CODES}, at)
    return codes


def new_codes(session: Session, signing: Signing, person: Person) -> list[str]:
    """Ten new ones instead of all that there were; nobody can read them again."""
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(CODES)]
    session.add_all(RecoveryCode(code_hash=_hash(signing, person, one), person_id=person.id or 0) for one in codes)
    return [f"{one[:5]}-{one[5:]}" for one in codes]


def take_away(session: Session, person: Person, actor: str, at: datetime) -> bool:
    """No second step any more; False where there was none."""
    factor = second_factor(session, person)
    if factor is None:
        return False
    session.delete(factor)
    session.exec(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    note_change(session, actor, THING, person.login, "second step taken away", {"on": True}, {"on": False}, at)
    return True


def _hash(signing: Signing, person: Person, code: str) -> str:
    plain = "".join(code.casefold().replace("-", "").split())
    return hmac.new(signing.derive("recovery codes"), f"{person.id} {plain}".encode(), "sha256").hexdigest()
