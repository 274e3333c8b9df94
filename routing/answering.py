"""Answers: quoted from the catalogue, written by an institution, or composed by the coordinator from several."""

from datetime import datetime

from sqlmodel import Session

from config.replies import reply, words
from models.clock import ClockKind
from models.contact import Contact
from models.forwarding import WITH_A_SAY, Answer, Forwarding, ForwardingState, forwardings_of
from models.institution import Institution, institution_by_code
from models.message import Author, Message, say
from models.queue import OutboxRow, finish
from models.service import Receipt, Service
from models.ticket import Ticket, TicketState, locked, record
from routing.clocks import stop_running
from routing.delivery import MAIL, delivered, delivered_by_hand
from routing.triage import NotPossible, after_last_forwarding, end, tell_coordinator

LONGEST = 20_000
"""most characters of an answer"""


def catalogue_text(service: Service, institution: str, language: str) -> str:
    """The entry word for word, with where it comes from."""
    labels = words(language)["fields"]
    parts = [service.text("title", language), service.text("summary", language)]
    parts += [f"{label}: {text}" for field, label in labels.items() if (text := service.text(field, language))]
    day = service.published_on.strftime("%d.%m.%Y")
    parts.append(reply(language, "source", institution=institution, date=day, version=service.version, url=service.url))
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
    record(session, ticket, "answered from the catalogue", actor, at, service=service.code, version=service.version)
    ticket.service_code = service.code
    if not whole:
        return message
    ticket.state = TicketState.ANSWERED
    stop_running(session, ticket, ClockKind.FORWARD, at, actor, needed=False)
    if pulled:
        stop_running(session, ticket, ClockKind.ANSWER, at, actor)
    return message


def institution_answers(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    forwarding: Forwarding,
    institution: Institution,
    text: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
) -> Message | None:
    """The institution's answer. Asked alone, it goes to the citizen; one of several waits for the coordinator.

    Returns the message that goes out, None where the coordinator writes it. Raises NotPossible.
    """
    text = _worded(text)
    alone = asked_alone(session, ticket.id or 0)
    delivered_by_hand(session, ticket, forwarding, at, actor)
    end(session, ticket, forwarding, ForwardingState.ANSWERED, at, actor)
    answer = Answer(ticket_id=ticket.id or 0, forwarding_id=forwarding.id, author=actor, text=text, at=at)
    session.add(answer)
    record(session, ticket, "institution answered", actor, at, institution=institution.code)
    if not alone:
        after_last_forwarding(session, ticket, at, actor)
        tell_coordinator(session, ticket, "part answered", f"part:{forwarding.id}", at)
        return None
    message = _send(session, contact, ticket, institution, text, at, actor, Author.INSTITUTION, pulled=pulled)
    session.flush()
    answer.message_id = message.id
    tell_coordinator(session, ticket, "institution answered", f"answered:{forwarding.id}", at)
    return message


def asked_alone(session: Session, ticket_id: int) -> bool:
    """Whether a single institution has a say, so that its answer goes out as it is."""
    return len([f for f in forwardings_of(session, ticket_id) if f.state in WITH_A_SAY]) == 1


def coordinator_answers(
    session: Session, contact: Contact, ticket: Ticket, text: str, at: datetime, actor: str, *, pulled: bool
) -> Message:
    """The one answer of the coordinator; whatever still waits at an institution is taken back. Raises NotPossible."""
    text = _worded(text)
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    coordinator = institution_by_code(session, ticket.coordinator)
    if coordinator is None:
        raise NotPossible("the coordinator is not among the institutions")
    take_back_waiting(session, ticket, at, actor)
    message = _send(session, contact, ticket, coordinator, text, at, actor, Author.COORDINATOR, pulled=pulled)
    session.flush()
    session.add(Answer(ticket_id=ticket.id or 0, author=actor, text=text, at=at, message_id=message.id))
    return message


def take_back_waiting(session: Session, ticket: Ticket, at: datetime, actor: str) -> None:
    """What still waits at an institution needs no answer any more."""
    for forwarding in forwardings_of(session, ticket.id or 0):
        if forwarding.state == ForwardingState.WAITING:
            end(session, ticket, forwarding, ForwardingState.WITHDRAWN, at, actor)


def answer_was_sent(session: Session, ticket: Ticket, at: datetime) -> None:
    """The evidence that stops the citizen's clock: the channel took the answer.

    Not where the question was opened again while the answer was on its way: another one is owed now.
    """
    if not ticket.is_open:
        stop_running(session, ticket, ClockKind.ANSWER, at, "clock")


def mark_sent(session: Session, row: OutboxRow, at: datetime) -> None:
    """The evidence that a message went out, by the channel's word or a person's."""
    finish(row)
    row.sent_at = at
    message = session.get_one(Message, row.message_id)
    message.sent_at = at
    if message.answers and message.ticket_id:
        answer_was_sent(session, locked(session, message.ticket_id), at)
    if message.forwarding_id:
        forwarding = session.get_one(Forwarding, message.forwarding_id)
        delivered(session, locked(session, forwarding.ticket_id), forwarding, at, MAIL, "bot")


def _send(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    institution: Institution,
    text: str,
    at: datetime,
    actor: str,
    author: Author,
    *,
    pulled: bool,
) -> Message:
    name = institution.called(ticket.language)
    head = reply(ticket.language, "person_answers", name=name, ref=ticket.ref)
    message = say(
        session,
        contact,
        ticket,
        f"{head}\n\n{text}",
        at,
        pulled=pulled,
        author=author,
        author_name=name,
        answers=True,
    )
    ticket.state, ticket.attention = TicketState.ANSWERED, ""
    record(session, ticket, "answered", actor, at, institution=institution.code)
    stop_running(session, ticket, ClockKind.FORWARD, at, actor, needed=False)  # what had still to be forwarded
    if pulled:
        answer_was_sent(session, ticket, at)
    return message


def _worded(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if not text:
        raise NotPossible("the answer is empty")
    if len(text) > LONGEST:
        raise NotPossible("the answer is longer than allowed")
    return text
