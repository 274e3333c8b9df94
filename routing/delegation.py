"""Within an institution: who of its people has a question."""

from datetime import datetime

from sqlmodel import Session

from models.absence import stand_in
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.moments import riga_date
from models.staff import Person, Role
from models.ticket import Ticket, record
from routing.delivery import delivered_by_hand
from routing.telling_institution import tell_them
from routing.triage import NotPossible

ANSWERING = (Role.CLERK, Role.HEAD, Role.COORDINATOR, Role.LEAD)
"""who answers for an institution; a coordinating one is asked now and then itself"""


def may_hold(person: Person, forwarding: Forwarding) -> bool:
    """Of the same institution, at work and with a role that answers."""
    return person.active and person.institution_id == forwarding.institution_id and person.role in ANSWERING


def delegate(
    session: Session, ticket: Ticket, forwarding: Forwarding, person: Person, at: datetime, actor: str
) -> None:
    """That person has it from now on, or whoever stands in for him while he is away. Raises NotPossible."""
    _still_here(forwarding)
    if not may_hold(person, forwarding):
        raise NotPossible("that person cannot take it")
    does = stand_in(session, person, riga_date(at))
    meant = person.id if does.id != person.id else None
    if (forwarding.held_by, forwarding.held_for) == (does.id, meant):
        return
    delivered_by_hand(session, ticket, forwarding, at, actor)
    forwarding.held_by, forwarding.held_for = does.id, meant
    instead = person.login if meant else ""
    code = _code(session, forwarding)
    record(session, ticket, "delegated", actor, at, institution=code, person=does.login, instead_of=instead)
    if does.login != actor:
        key = f"delegated:{forwarding.id}:{at.timestamp()}"
        tell_them(session, ticket, forwarding, "delegated", key, at, to=does, due=forwarding.shown_due, by=actor)


def take_back_delegation(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """Nobody in particular has it any more. Raises NotPossible."""
    _still_here(forwarding)
    if forwarding.held_by is None:
        return
    person = session.get_one(Person, forwarding.held_by)
    forwarding.held_by = forwarding.held_for = None
    record(
        session, ticket, "delegation taken back", actor, at, institution=_code(session, forwarding), person=person.login
    )


def _still_here(forwarding: Forwarding) -> None:
    if forwarding.state != ForwardingState.WAITING:
        raise NotPossible("this forwarding has ended already")


def _code(session: Session, forwarding: Forwarding) -> str:
    return session.get_one(Institution, forwarding.institution_id).code
