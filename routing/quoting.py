"""Answers quoted word for word from the catalogue, and the proof of them that is kept."""

from datetime import datetime

from sqlmodel import Session

from config.replies import reply, words
from models.clock import ClockKind
from models.contact import Contact
from models.message import Message, say
from models.service import Receipt, Service
from models.ticket import Ticket, TicketState, record
from routing.clocks import stop_running
from routing.merged import pass_on_to_merged


def catalogue_text(service: Service, institution: str, language: str) -> str:
    """The entry word for word, with where it comes from."""
    day = service.published_on.strftime("%d.%m.%Y")
    source = reply(language, "source", institution=institution, date=day, version=service.version, url=service.url)
    return f"{catalogue_words(service, language)}\n\n{source}"


def catalogue_words(service: Service, language: str) -> str:
    """The entry word for word."""
    labels = words(language)["fields"]
    parts = [service.text("title", language), service.text("summary", language)]
    parts += [f"{label}: {text}" for field, label in labels.items() if (text := service.text(field, language))]
    return "\n\n".join(parts)


def answer_from_catalogue(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    service: Service,
    publisher: str,
    at: datetime,
    *,
    pulled: bool,
    actor: str = "bot",
    whole: bool = True,
) -> Message:
    """Quotes the entry, names its publisher, keeps the Receipt, and asks whether it helped.

    Not `whole`, it answers one of several questions: the ticket stays open, and nothing is asked.
    """
    language = service.language_of_answer(ticket.language)
    text = catalogue_text(service, publisher, language)
    question = reply(ticket.language, "did_it_help")
    message = say(
        session,
        contact,
        ticket,
        f"{text}\n\n{question}" if whole else text,
        at,
        pulled=pulled,
        source=service.source() | {"institution_name": publisher},
        choices=[
            {"value": f"h:{ticket.ref}:yes", "label": reply(ticket.language, "yes")},
            {"value": f"h:{ticket.ref}:no", "label": reply(ticket.language, "no")},
        ]
        if whole
        else (),
        answers=whole,
        language=language,
    )
    keep_receipt(session, ticket, message, service, language, text, at)
    record(session, ticket, "answered from the catalogue", actor, at, service=service.code, version=service.version)
    ticket.service_code = service.code
    if not whole:
        return message
    ticket.state = TicketState.ANSWERED
    stop_running(session, ticket, ClockKind.FORWARD, at, actor, needed=False)
    if pulled:
        stop_running(session, ticket, ClockKind.ANSWER, at, actor)
    pass_on_to_merged(session, ticket, message, at)
    return message


def keep_receipt(
    session: Session, ticket: Ticket, message: Message, service: Service, language: str, text: str, at: datetime
) -> None:
    """Proof of what the citizen was given of that version: he may rely on it."""
    session.add(
        Receipt(
            ticket=ticket,
            message=message,
            service_code=service.code,
            service_version=service.version,
            institution=service.institution,
            language=language,
            url=service.url,
            published_on=service.published_on,
            text=text,
            at=at,
        )
    )
