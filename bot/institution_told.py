"""Letters that tell an institution of something about a question it has: what a timer of the kind MAIL_IT asks for."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from bot.institution_letters import QUESTION, addressee, asked_of, mail_forwarding
from config.replies import DEFAULT, reply
from models.approval import Approval
from models.forwarding import Forwarding, ForwardingState
from models.inquiry import Inquiry
from models.institution import Institution
from models.message import Message, attach_copies, say
from models.ticket import Ticket, locked, record
from nlu.privacy import mask


def mail_institution(
    session: Session, data: Mapping[str, Any], at: datetime, link_to: Callable[[int], str]
) -> Message | None:
    """Writes the letter that `data["letter"]` names, without it the one that brings the question.

    None where the question no longer waits there, or the institution has no address.
    """
    if "letter" not in data:
        return mail_forwarding(session, data["forwarding"], at, link_to)
    forwarding = session.get_one(Forwarding, data["forwarding"])
    institution = session.get_one(Institution, forwarding.institution_id)
    if forwarding.state != ForwardingState.WAITING or not institution.email:
        return None
    ticket = locked(session, forwarding.ticket_id)
    filling, brought = _about(session, ticket, data["letter"], data.get("about", 0))
    text = reply(
        DEFAULT,
        data["letter"],
        ref=ticket.ref,
        due=forwarding.shown_due,
        link=link_to(forwarding.id or 0),
        **{name: mask(words)[:QUESTION] for name, words in filling.items()},
    )
    contact = addressee(session, institution, at)
    message = say(session, contact, None, text, at, pulled=False, forwarding_id=forwarding.id)
    session.flush()
    attach_copies(session, brought, message)
    record(session, ticket, "mailed", "bot", at, institution=institution.code, to=institution.email)
    return message


def _about(session: Session, ticket: Ticket, letter: str, about: int) -> tuple[dict[str, str], list[int]]:
    """What fills its words, and the messages whose files go along."""
    if letter == "reminder_letter":
        return {"question": "\n\n".join(message.text for message in asked_of(session, ticket))}, []
    if letter == "sent_back_letter":
        return {"text": session.get_one(Approval, about).remark}, []
    inquiry = session.get_one(Inquiry, about)
    if letter == "declined_letter":
        return {"text": inquiry.reason}, []
    wrote = session.get(Message, inquiry.reply_id) if inquiry.reply_id else None
    return {"asked": inquiry.asked, "text": wrote.text if wrote else ""}, [inquiry.reply_id or 0]
