"""Letters between us and the institutions: the forwarding goes out, and the answer comes by pressing Reply."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from bot.turn import Turn
from config.replies import DEFAULT, reply
from models.contact import Contact, contact_of
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.message import Author, Direction, Message, attach_copies, say
from models.setting import APPROVE_LETTERS, chosen
from models.ticket import Ticket, locked, record
from nlu.privacy import mask
from routing.answering import LONGEST
from routing.by_letter import CHANNEL, answer_by_letter, propose, wrote

QUESTION = 20_000
"""most characters of the question in a letter; the page has all of it"""


def institution_wrote(turn: Turn, ticket: Ticket, forwarding: Forwarding, institution: Institution) -> None:
    """Its letter is the answer, at once or when a coordinator or its head has approved it; a further one is for the
    coordinator.

    One that was held, where a person said whose it is, waits too: what it says has not been approved with that. So
    does one without words of its own or with more than an answer may have.
    """
    turn.ticket = ticket
    message, sender = _keep(turn, forwarding, institution), turn.letter.sender
    if not wrote(turn.session, ticket, forwarding, message, sender, turn.at):
        return
    if _approved(turn) or turn.verdict or not 0 < len(turn.inbound.text.strip()) <= LONGEST:
        propose(turn.session, ticket, message, sender, turn.at)
    else:
        ways, text = turn.ways, turn.inbound.text
        sent = answer_by_letter(turn.session, message, text, turn.at, sender, ways.pulled, ways.windows)
        turn.said += [sent] if sent else []


def _approved(turn: Turn) -> bool:
    """As somebody chose at the desk, else as EMAIL_ANSWERS says."""
    by_desk = chosen(turn.session, APPROVE_LETTERS)
    return turn.ways.approve_letters if by_desk is None else bool(by_desk)


def mail_forwarding(
    session: Session, forwarding_id: int, at: datetime, link_to: Callable[[int], str]
) -> Message | None:
    """Writes the letter that brings a question to its institution; None where it no longer waits or has no address.

    Personal codes and the like are masked: a letter lies in mailboxes for years. The page that
    `link_to` gives the address of shows all.
    """
    forwarding = session.get_one(Forwarding, forwarding_id)
    institution = session.get_one(Institution, forwarding.institution_id)
    if forwarding.state != ForwardingState.WAITING or not institution.email:
        return None
    ticket = locked(session, forwarding.ticket_id)
    contact = addressee(session, institution, at)
    asked = asked_of(session, ticket)
    text = reply(
        DEFAULT,
        "forwarding_letter",
        ref=ticket.ref,
        due=forwarding.shown_due,
        note=f"{forwarding.note}\n\n" if forwarding.note else "",
        question=mask("\n\n".join(message.text for message in asked))[:QUESTION],
        link=link_to(forwarding_id),
    )
    message = say(session, contact, None, text, at, pulled=False, forwarding_id=forwarding.id)
    session.flush()
    attach_copies(session, [one.id or 0 for one in asked], message)
    record(session, ticket, "mailed", "bot", at, institution=institution.code, to=institution.email)
    return message


def addressee(session: Session, institution: Institution, at: datetime) -> Contact:
    """The institution that has an address, as somebody whom letters go to."""
    address, name = (institution.email or "").casefold(), institution.called(DEFAULT)
    return contact_of(session, CHANNEL, address, at, name=name, language=DEFAULT)


def asked_of(session: Session, ticket: Ticket) -> list[Message]:
    """What the citizen wrote, the oldest first."""
    wrote = select(Message).where(col(Message.ticket_id) == ticket.id, col(Message.direction) == Direction.IN)
    return list(session.exec(wrote.order_by(col(Message.id))))


def _keep(turn: Turn, forwarding: Forwarding, institution: Institution) -> Message:
    message = Message(
        contact=turn.contact,
        forwarding_id=forwarding.id,
        direction=Direction.IN,
        author=Author.INSTITUTION,
        author_name=institution.code,
        text=turn.inbound.text,
        external_id=turn.inbound.external_id,
        at=turn.received_at,
    )
    turn.session.add(message)
    turn.session.flush()
    turn.heard = message
    return message
