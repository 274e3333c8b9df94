"""A ticket that was merged into another is answered together with it: who hears the answer too."""

from datetime import datetime

from sqlmodel import Session

from models.message import Message
from models.queue import Timer
from models.ticket import Ticket, TicketState
from models.ticket_link import merged_into

ANSWER_TOO = "answer too"
"""kind of the timer that gives the one answer to the citizen of a merged ticket, in his channel"""


def pass_on_to_merged(session: Session, ticket: Ticket, message: Message, at: datetime) -> None:
    """In the transaction that answers: each citizen whose question was merged into this one will get the answer."""
    session.flush()
    for link in merged_into(session, ticket.id or 0):
        if session.get_one(Ticket, link.ticket_id).state == TicketState.MERGED:
            key = f"{ANSWER_TOO}:{message.id}:{link.ticket_id}"
            data = {"message": message.id}
            session.add(Timer(kind=ANSWER_TOO, ticket_id=link.ticket_id, key=key, due_at=at, data=data))
