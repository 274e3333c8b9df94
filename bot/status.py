"""How a ticket stands, in the citizen's words."""

from datetime import date

from sqlmodel import Session, col, select

from config.replies import reply
from models.clock import ClockKind
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.ticket import Ticket


def answer_by(ticket: Ticket) -> date:
    """The date promised to the citizen."""
    clock = ticket.clock(ClockKind.ANSWER)
    if clock is None:
        raise LookupError(f"{ticket.ref} has no answer clock")
    return clock.due_on


def status_text(session: Session, ticket: Ticket) -> str:
    names = session.exec(
        select(Institution)
        .join(Forwarding, col(Forwarding.institution_id) == col(Institution.id))
        .where(col(Forwarding.ticket_id) == ticket.id, col(Forwarding.state) == ForwardingState.WAITING)
    ).all()
    return reply(
        ticket.language,
        f"status.{ticket.state}",
        ref=ticket.ref,
        date=answer_by(ticket),
        institutions=", ".join(institution.called(ticket.language) for institution in names),
    )
