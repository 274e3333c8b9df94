"""A coordinator says which service a question is about, and may answer it from the catalogue."""

from datetime import datetime

from sqlmodel import Session

from models.contact import Contact
from models.institution import institution_by_code
from models.message import Message
from models.service import Service
from models.ticket import Ticket, record
from nlu.municipalities import moved_to
from routing.answering import take_back_waiting
from routing.quoting import answer_from_catalogue
from routing.triage import NotPossible


def choose_service(session: Session, ticket: Ticket, service: Service, at: datetime, actor: str) -> None:
    """The question is about that service: its institutions are suggested now, and the engine can learn it.

    The same service again confirms the engine's. Raises NotPossible.
    """
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    institutions = [service.institution, *(code for code in service.also if code != service.institution)]
    record(
        session,
        ticket,
        "service chosen",
        actor,
        at,
        old_service=ticket.service_code,
        service=service.code,
        old_suggested=ticket.suggested,
        suggested=institutions,
    )
    ticket.service_code, ticket.suggested = service.code, institutions


def choose_place(session: Session, ticket: Ticket, place: str, at: datetime, actor: str) -> None:
    """The question is about that municipality, or about none (an empty `place`): its own bodies are suggested now.

    Raises NotPossible.
    """
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    institutions = list(moved_to(place, ticket.suggested))
    record(
        session,
        ticket,
        "municipality chosen",
        actor,
        at,
        old_municipality=ticket.municipality,
        municipality=place,
        old_suggested=ticket.suggested,
        suggested=institutions,
    )
    if ticket.contact.municipality == ticket.municipality:  # what was remembered of the person was as wrong
        ticket.contact.municipality = place
    ticket.municipality, ticket.suggested = place, institutions


def quote(
    session: Session, contact: Contact, ticket: Ticket, service: Service, at: datetime, actor: str, *, pulled: bool
) -> Message:
    """The entry goes to the citizen word for word; whatever still waits at an institution is taken back.

    Raises NotPossible.
    """
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    take_back_waiting(session, ticket, at, actor)
    publisher = institution_by_code(session, service.institution)
    name = publisher.called(ticket.language) if publisher else service.institution
    ticket.attention = ""
    return answer_from_catalogue(session, contact, ticket, service, name, at, actor=actor, pulled=pulled)
