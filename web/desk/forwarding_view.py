"""What an institution's page of a forwarding shows, gathered in one reading."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.forwarding import Answer, Forwarding, ForwardingState
from models.institution import Institution, institution_by_code
from models.ticket import Ticket
from routing.answering import asked_alone
from web.desk.said import Said, conversation, letters_between
from web.desk.seen import newest_event
from web.desk.work import OwnWork, own_work_on
from web.sessions import Staff


@dataclass(frozen=True, slots=True)
class ForwardingView:
    forwarding: Forwarding
    ticket: Ticket
    institution: Institution
    coordinator: Institution | None
    said: Sequence[Said]
    letters: Sequence[Said]
    """between us and the institution"""
    answer: Answer | None
    alone: bool
    """nobody else is asked, so the citizen gets the answer as it is"""
    own: OwnWork
    newest: int
    """the last thing that happened: what the page has seen"""

    @property
    def waits(self) -> bool:
        return self.forwarding.state == ForwardingState.WAITING


def forwarding_view(session: Session, forwarding: Forwarding, staff: Staff | None) -> ForwardingView:
    ticket = session.get_one(Ticket, forwarding.ticket_id)
    institution = session.get_one(Institution, forwarding.institution_id)
    return ForwardingView(
        forwarding=forwarding,
        ticket=ticket,
        institution=institution,
        coordinator=institution_by_code(session, ticket.coordinator),
        said=conversation(session, forwarding.ticket_id, forwarding),
        letters=letters_between(session, [forwarding])[forwarding.id or 0],
        answer=answer_to(session, forwarding),
        alone=asked_alone(session, forwarding.ticket_id),
        own=own_work_on(session, forwarding, institution, staff),
        newest=newest_event(session, forwarding.ticket_id),
    )


def answer_to(session: Session, forwarding: Forwarding) -> Answer | None:
    return session.exec(select(Answer).where(col(Answer.forwarding_id) == forwarding.id)).first()
