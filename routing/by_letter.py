"""An institution that answers by letter: whether it is its own, and how the letter becomes the answer."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session

from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.message import Message, attach_copies
from models.ticket import Ticket, locked, record
from routing.approval import hand_in
from routing.delivery import MAIL, delivered
from routing.reaching import NO_WINDOWS, Windows, is_open
from routing.triage import NotPossible, not_delivered, tell_coordinator

CHANNEL = "email"
"""the channel of letters"""
TO_APPROVE = "answer to approve"
"""why a ticket asks for attention, while a letter waits until a coordinator says that it is the answer"""


def is_of(institution: Institution, address: str) -> bool:
    """Whether mail from that address is the institution's: its own address, or one under its domain."""
    domain, own = address.rpartition("@")[2], institution.email_domain.casefold()
    if address and address == (institution.email or "").casefold():
        return True
    return bool(own and domain) and (domain == own or domain.endswith(f".{own}"))


def wrote(
    session: Session, ticket: Ticket, forwarding: Forwarding, message: Message, sender: str, at: datetime
) -> bool:
    """The institution's letter is there, so it has the question; True where it may become the answer."""
    if forwarding.state != ForwardingState.WAITING:
        _call_for(session, ticket, "institution wrote", message, sender, at)
        return False
    delivered(session, ticket, forwarding, at, MAIL, MAIL)
    return True


def propose(session: Session, ticket: Ticket, message: Message, sender: str, at: datetime) -> None:
    """The letter waits for a coordinator."""
    message.proposed = True
    _call_for(session, ticket, TO_APPROVE, message, sender, at)


def answer_by_letter(
    session: Session,
    message: Message,
    text: str,
    at: datetime,
    actor: str,
    pulled: Collection[str],
    windows: Windows = NO_WINDOWS,
) -> Message | None:
    """Makes the letter the institution's answer, in the words `text`; its files go along.

    `pulled` are the channels that fetch. Returns what goes to the citizen, None where its head approves it first or
    the coordinator writes the one answer of several. Raises NotPossible.
    """
    forwarding = session.get_one(Forwarding, message.forwarding_id)
    ticket = locked(session, forwarding.ticket_id)
    institution = session.get_one(Institution, forwarding.institution_id)
    sent = hand_in(
        session,
        ticket.contact,
        ticket,
        forwarding,
        institution,
        text,
        at,
        actor,
        pulled=ticket.channel in pulled,
        reachable=is_open(session, ticket.contact, at, windows, pulled),
        letter=message,
    )
    _decided(ticket, message)
    if sent is not None:
        session.flush()
        attach_copies(session, [message.id or 0], sent)
    return sent


def did_not_arrive(session: Session, ticket: Ticket, forwarding: Forwarding, reason: str, at: datetime) -> None:
    """The letter with the forwarding came back, or was refused. Where they have it at the desk, or it has ended, that
    is worth knowing and no more.
    """
    try:
        not_delivered(session, ticket, forwarding, reason or "?", at, MAIL)
    except NotPossible:
        record(session, ticket, "letter came back", MAIL, at, reason=reason)


def no_answer(session: Session, message: Message, at: datetime, actor: str) -> None:
    """A coordinator says that the letter is not the answer: it stays to be read, and the institution still owes one."""
    forwarding = session.get_one(Forwarding, message.forwarding_id)
    ticket = locked(session, forwarding.ticket_id)
    _decided(ticket, message)
    record(session, ticket, "letter is no answer", actor, at, message=message.id)


def _decided(ticket: Ticket, message: Message) -> None:
    message.proposed = False
    if ticket.attention == TO_APPROVE:
        ticket.attention = ""


def _call_for(session: Session, ticket: Ticket, attention: str, message: Message, sender: str, at: datetime) -> None:
    ticket.attention = attention
    record(session, ticket, attention, MAIL, at, message=message.id, sender=sender)
    tell_coordinator(session, ticket, attention, f"{attention}:{message.id}", at)
