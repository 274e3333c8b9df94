"""Which person an account at another provider belongs to: because an administrator said so, or a verified address did.

An address links only once, only where exactly one person here has it, and never an administrator's account.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from models.change import note_change
from models.contact import Contact
from models.log_in import Identity
from models.staff import Person, Role
from web.desk.provider import Proof
from web.session_rows import close_sessions_of

THING = "person"
BY_EMAIL = "e-mail"


def person_of(session: Session, proof: Proof, at: datetime, *, by_email: bool) -> Person | None:
    """Who is employed here and has that account; None otherwise."""
    identity = _identity(session, proof.issuer, proof.subject)
    if identity is not None:
        known = session.get_one(Person, identity.person_id)
        return known if known.active else None
    person = _with_address(session, proof) if by_email and proof.email else None
    if person is None or not link(session, proof.issuer, proof.subject, person, BY_EMAIL, at):
        return None
    return person


def link(session: Session, issuer: str, subject: str, person: Person, actor: str, at: datetime) -> bool:
    """False where the account is somebody else's or has no name; linked twice is linked once."""
    before = _identity(session, issuer, subject)
    if before is not None or not subject:
        return before is not None and before.person_id == person.id
    session.add(Identity(issuer=issuer, subject=subject, person_id=person.id or 0, linked_by=actor, linked_at=at))
    note_change(session, actor, THING, person.login, "account linked", {}, {"issuer": issuer, "account": subject}, at)
    return True


def unlink(session: Session, identity: Identity, actor: str, at: datetime) -> None:
    """Who is logged in by it is logged out."""
    person = session.get_one(Person, identity.person_id)
    before = {"issuer": identity.issuer, "account": identity.subject}
    session.delete(identity)
    close_sessions_of(session, identity.person_id)
    note_change(session, actor, THING, person.login, "account unlinked", before, {}, at)


def identities_of(session: Session, person_id: int) -> list[Identity]:
    return list(session.exec(select(Identity).where(col(Identity.person_id) == person_id).order_by(col(Identity.id))))


def _identity(session: Session, issuer: str, subject: str) -> Identity | None:
    called = (col(Identity.issuer) == issuer, col(Identity.subject) == subject)
    return session.exec(select(Identity).where(*called)).first()


def _with_address(session: Session, proof: Proof) -> Person | None:
    """The one person with that address, if he has no account there yet."""
    linked = select(Identity.person_id).where(col(Identity.issuer) == proof.issuer)
    found = session.exec(
        select(Person)
        .join(Contact, col(Contact.id) == col(Person.contact_id))
        .where(col(Contact.channel) == "email", func.lower(Contact.address) == proof.email.lower(), col(Person.active))
    ).all()
    if len(found) != 1 or found[0].role == Role.ADMINISTRATOR:
        return None
    return None if found[0].id in session.exec(linked).all() else found[0]
