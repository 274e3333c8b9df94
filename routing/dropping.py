"""What an institution had going on when its forwarding ends: nobody needs it any more."""

from datetime import datetime

from sqlmodel import Session

from models.approval import drop_approval
from models.forwarding import Forwarding
from models.inquiry import drop_inquiries, waiting_inquiries
from models.ticket import Ticket, record

INQUIRY = "institution asks"
"""why a ticket asks for attention, while an institution's question to the citizen waits for the coordinator"""


def drop_what_waits(
    session: Session, ticket: Ticket, forwarding: Forwarding, institution: str, at: datetime, actor: str
) -> None:
    """An answer that waits for the head, and what the citizen was to be asked."""
    if drop_approval(session, forwarding.id or 0, at, actor):
        record(session, ticket, "draft dropped", actor, at, institution=institution)
    if drop_inquiries(session, forwarding.id or 0, at, actor):
        record(session, ticket, "inquiry dropped", actor, at, institution=institution)
        asked_enough(session, ticket)


def asked_enough(session: Session, ticket: Ticket) -> None:
    """Where no institution's question waits for the coordinator any more, none asks for attention."""
    if ticket.attention == INQUIRY and not waiting_inquiries(session, ticket.id or 0):
        ticket.attention = ""
