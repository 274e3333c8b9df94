"""One ticket becomes two, and two that ask the same are linked."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from config.replies import reply
from models.clock import ClockKind
from models.contact import Contact
from models.message import Author, Message, say
from models.ticket import Ticket, open_ticket, record
from models.ticket_link import Kind, new_link, standing_link
from nlu.privacy import mask
from routing.clocks import due_of, start_clock
from routing.inquiries import is_no_reply
from routing.triage import NotPossible, hand_to_people

SUBJECT = 120
"""characters of the question that stand for it in lists"""


def split(
    session: Session,
    ticket: Ticket,
    messages: Sequence[int],
    at: datetime,
    actor: str,
    *,
    pulled: bool,
    suggested: Sequence[str] = (),
) -> Ticket:
    """Those messages are a question of their own, received when the first of them was. Raises NotPossible."""
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    wrote = select(Message).where(col(Message.ticket_id) == ticket.id, col(Message.author) == Author.CITIZEN)
    theirs = session.exec(wrote.order_by(col(Message.at), col(Message.id))).all()
    chosen = [message for message in theirs if message.id in messages]
    if len(chosen) < len(set(messages)) or not chosen:
        raise NotPossible("these messages are not at this question any more")
    if len(chosen) == len(theirs):
        raise NotPossible("a message must stay with the question")
    contact = session.get_one(Contact, ticket.contact_id)
    new = open_ticket(
        session,
        contact,
        chosen[0].at,
        audience=ticket.audience,
        coordinator=ticket.coordinator,
        language=ticket.language,
        subject=mask(chosen[0].text)[:SUBJECT],
        municipality=ticket.municipality,
        suggested=list(suggested),
    )
    session.flush()
    record(session, new, "received", "citizen", at, channel=ticket.channel)
    due = due_of(new, ClockKind.ANSWER, new.received_on)
    start_clock(session, new, ClockKind.ANSWER, due, new.coordinator, at)
    hand_to_people(session, new, at, actor, "split off")
    for message in chosen:
        message.ticket_id = new.id
        is_no_reply(session, message)
    new_link(session, Kind.SPLIT, new.id or 0, ticket.id or 0, at, actor)
    record(session, ticket, "question split off", actor, at, other=new.ref)
    say(session, contact, new, reply(new.language, "routed", ref=new.ref, date=due.on), at, pulled=pulled)
    return new


def link_duplicates(session: Session, ticket: Ticket, other: Ticket, at: datetime, actor: str) -> None:
    """Both ask the same; once is enough. Raises NotPossible."""
    if ticket.id == other.id:
        raise NotPossible("a question cannot be joined with itself")
    if standing_link(session, (ticket.id or 0, other.id or 0), Kind.DUPLICATE) is None:
        new_link(session, Kind.DUPLICATE, ticket.id or 0, other.id or 0, at, actor)
        record(session, ticket, "linked", actor, at, other=other.ref)
        record(session, other, "linked", actor, at, other=ticket.ref)


def unlink(session: Session, ticket: Ticket, other: Ticket, at: datetime, actor: str) -> None:
    """They do not ask the same after all; once is enough."""
    if link := standing_link(session, (ticket.id or 0, other.id or 0), Kind.DUPLICATE):
        link.end(at, actor)
        record(session, ticket, "unlinked", actor, at, other=other.ref)
        record(session, other, "unlinked", actor, at, other=ticket.ref)
