"""Answers that people write: an institution, or the coordinator, who makes one of several."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from config.replies import reply
from models.clock import ClockKind
from models.contact import Contact
from models.forwarding import WITH_A_SAY, Answer, Forwarding, ForwardingState, forwardings_of
from models.institution import Institution, institution_by_code
from models.message import Author, Message, say
from models.queue import OutboxRow, finish
from models.ticket import Ticket, TicketState, locked, record
from routing.clocks import reopen_clock, stop_running
from routing.delivery import MAIL, delivered, delivered_by_hand
from routing.merged import pass_on_to_merged
from routing.sources import Source, keep_receipts, listed
from routing.triage import NotPossible, after_last_forwarding, end, tell_coordinator

LONGEST = 20_000
"""most characters of an answer"""
NOT_SENT = "not sent"
SHUT = "channel closed"
"""why a ticket asks for attention, while an answer waits that cannot be sent where the citizen asked"""


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
    author: str = "",
    reachable: bool = True,
) -> Message | None:
    """The institution's answer. Asked alone, it goes to the citizen; one of several waits for the coordinator.

    So does one to a citizen who cannot be reached now where he asked (not `reachable`): the coordinator finds another
    way. `author` wrote it, where that is not who sends it. Returns the message that goes out, None where the
    coordinator writes it. Raises NotPossible.
    """
    text = worded(text)
    alone = asked_alone(session, ticket.id or 0)
    delivered_by_hand(session, ticket, forwarding, at, actor)
    end(session, ticket, forwarding, ForwardingState.ANSWERED, at, actor)
    wrote = author or actor
    answer = Answer(ticket_id=ticket.id or 0, forwarding_id=forwarding.id, author=wrote, text=text, at=at)
    session.add(answer)
    record(session, ticket, "institution answered", actor, at, institution=institution.code)
    if not alone:
        after_last_forwarding(session, ticket, at, actor)
        tell_coordinator(session, ticket, "part answered", f"part:{forwarding.id}", at)
        return None
    if not reachable:
        after_last_forwarding(session, ticket, at, actor)
        ticket.attention = SHUT
        tell_coordinator(session, ticket, SHUT, f"{SHUT}:{forwarding.id}", at)
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
    session: Session,
    contact: Contact,
    ticket: Ticket,
    text: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
    sources: Sequence[Source] = (),
    reachable: bool = True,
) -> Message:
    """The one answer of the coordinator; whatever still waits at an institution is taken back.

    `sources` are listed under it and kept. `contact` need not be the one who asked: it is the same person elsewhere,
    who is `reachable` there. Raises NotPossible.
    """
    text = worded(text)
    if not reachable:
        raise NotPossible("the citizen cannot be reached there now")
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    coordinator = institution_by_code(session, ticket.coordinator)
    if coordinator is None:
        raise NotPossible("the coordinator is not among the institutions")
    take_back_waiting(session, ticket, at, actor)
    whole = "\n\n".join(part for part in (text, listed(sources, ticket.language)) if part)
    message = _send(session, contact, ticket, coordinator, whole, at, actor, Author.COORDINATOR, pulled=pulled)
    session.flush()
    kept = [source.kept() for source in sources]
    answer = Answer(ticket_id=ticket.id or 0, author=actor, text=text, at=at, message_id=message.id, sources=kept)
    session.add(answer)
    keep_receipts(session, ticket, message, sources, at)
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


def did_not_arrive(session: Session, message: Message, reason: str, key: str, at: datetime) -> None:
    """What the channel had taken did not reach the citizen: an answer is owed again, by its old due date.

    `key` tells this failure from others, so that people are told of it once.
    """
    message.sent_at = None
    if message.ticket_id is None:
        return
    ticket = locked(session, message.ticket_id)
    clock = ticket.clock(ClockKind.ANSWER)
    if message.answers and not ticket.is_open and clock:
        reopen_clock(session, ticket, clock, at, "bot")
    ticket.attention = NOT_SENT
    record(session, ticket, NOT_SENT, "bot", at, reason=reason, message=message.id)
    tell_coordinator(session, ticket, NOT_SENT, f"{key}:{at.isoformat()}", at)


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
    pass_on_to_merged(session, ticket, message, at)
    return message


def worded(text: str) -> str:
    """The text as it is stored. Raises NotPossible where it is empty or too long."""
    text = text.replace("\x00", "").strip()
    if not text:
        raise NotPossible("the answer is empty")
    if len(text) > LONGEST:
        raise NotPossible("the answer is longer than allowed")
    return text
