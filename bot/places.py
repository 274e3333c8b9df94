"""What is to be understood of a thing a citizen did, and in which municipality."""

from sqlmodel import Session, col, select

from bot.choices import message_meant
from channels.base import Inbound, Kind
from models.contact import Contact
from models.message import Direction, Message
from models.ticket import Ticket, TicketState
from nlu.municipalities import all_places, named_in


def to_understand(session: Session, channel: str, inbound: Inbound) -> tuple[str, str]:
    """The words, and the municipality that is known for them; empty where none is.

    They are the text itself; or an earlier message, where a button is about it or the text tells what municipality
    it is about, after the bot has asked that.
    """
    if (about := message_meant(inbound.choice)) is not None:
        message = session.get(Message, about)
        return (message.text if message else ""), ""
    contact = session.exec(
        select(Contact).where(col(Contact.channel) == channel, col(Contact.address) == inbound.conversation)
    ).first()
    if contact is None:
        return inbound.words, ""
    if (place := _place_told(inbound)) and (ticket := _asked_for_place(session, contact)):
        return _question(session, ticket), place
    return inbound.words, contact.municipality


def _place_told(inbound: Inbound) -> str:
    """By a button (`p:REF:Rīga`) or by words, where they name one place."""
    if inbound.kind == Kind.CHOICE:
        place = inbound.choice.rpartition(":")[2] if inbound.choice.startswith("p:") else ""
        return place if place in all_places() else ""
    named = named_in(inbound.words) if inbound.kind == Kind.TEXT else frozenset()
    return next(iter(named)) if len(named) == 1 else ""


def _asked_for_place(session: Session, contact: Contact) -> Ticket | None:
    ticket = session.exec(
        select(Ticket)
        .where(col(Ticket.contact_id) == contact.id, col(Ticket.state) == TicketState.CLARIFYING)
        .order_by(col(Ticket.id).desc())
    ).first()
    return ticket if ticket and not ticket.offered else None


def _question(session: Session, ticket: Ticket) -> str:
    return (
        session.exec(
            select(Message.text)
            .where(col(Message.ticket_id) == ticket.id, col(Message.direction) == Direction.IN)
            .order_by(col(Message.id))
        ).first()
        or ""
    )
