"""What the pages of a ticket and of a forwarding show, gathered in one reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.clock import Clock, clocks_of
from models.contact import Contact
from models.forwarding import Answer, Forwarding, ForwardingState, answers_of, forwardings_of
from models.institution import Institution, institution_by_code
from models.message import Attachment, Message
from models.queue import OutboxRow, State
from models.service import Service, service_by_code
from models.staff import Person
from models.ticket import Event, Ticket, TicketState
from routing.answering import asked_alone
from web.desk_access import open_to
from web.portal import Portal

LINK = "forwarding"
"""purpose of the signature in an institution's link"""
LINK_DAYS = 30


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its files, and how it fares on its way if it has not arrived."""

    message: Message
    attachments: Sequence[Attachment] = ()
    stuck: OutboxRow | None = None


@dataclass(frozen=True, slots=True)
class AtInstitution:
    forwarding: Forwarding
    institution: Institution
    answer: Answer | None
    link: str
    """opens the institution's page without a log-in; empty once it has ended"""

    @property
    def waits(self) -> bool:
        return self.forwarding.state == ForwardingState.WAITING


@dataclass(frozen=True, slots=True)
class TicketView:
    ticket: Ticket
    contact: Contact
    service: Service | None
    holder: Person | None
    said: Sequence[Said]
    clocks: Sequence[Clock]
    forwardings: Sequence[AtInstitution]
    composed: Sequence[Answer]
    """what coordinators wrote"""
    events: Sequence[Event]
    institutions: Mapping[str, Institution]
    """all, by code"""

    @property
    def suggested(self) -> list[Institution]:
        return [self.institutions[code] for code in self.ticket.suggested if code in self.institutions]

    @property
    def others(self) -> list[Institution]:
        return [one for code, one in self.institutions.items() if code not in self.ticket.suggested]

    @property
    def busy(self) -> set[str]:
        """Codes of the institutions that have it now."""
        return {at.institution.code for at in self.forwardings if at.waits}

    @property
    def parts(self) -> list[AtInstitution]:
        """What institutions answered, for the coordinator to make one answer of."""
        return [at for at in self.forwardings if at.answer is not None]

    @property
    def draft(self) -> str:
        """What the one answer is made of: the institutions' words under their names, for the coordinator to edit."""
        if self.ticket.state != TicketState.COMPOSING:
            return ""
        parts = [(at.institution.called(self.ticket.language), at.answer.text) for at in self.forwardings if at.answer]
        return "\n\n".join(f"{name}:\n{text}" for name, text in parts)


@dataclass(frozen=True, slots=True)
class ForwardingView:
    forwarding: Forwarding
    ticket: Ticket
    institution: Institution
    coordinator: Institution | None
    said: Sequence[Said]
    answer: Answer | None
    alone: bool
    """nobody else is asked, so the citizen gets the answer as it is"""

    @property
    def waits(self) -> bool:
        return self.forwarding.state == ForwardingState.WAITING


def view_of(session: Session, portal: Portal, ticket: Ticket) -> TicketView:
    ticket_id = ticket.id or 0
    institutions = {i.code: i for i in session.exec(select(Institution).order_by(col(Institution.code)))}
    answers = answers_of(session, ticket_id)
    return TicketView(
        ticket=ticket,
        contact=session.get_one(Contact, ticket.contact_id),
        service=service_by_code(session, ticket.service_code) if ticket.service_code else None,
        holder=session.get(Person, ticket.taken_by) if ticket.taken_by else None,
        said=conversation(session, ticket_id),
        clocks=clocks_of(session, ticket_id),
        forwardings=[_at(portal, f, institutions, answers) for f in forwardings_of(session, ticket_id)],
        composed=[answer for answer in answers if answer.forwarding_id is None],
        events=session.exec(select(Event).where(col(Event.ticket_id) == ticket_id).order_by(col(Event.id))).all(),
        institutions=institutions,
    )


def forwarding_view(session: Session, forwarding: Forwarding) -> ForwardingView:
    ticket = session.get_one(Ticket, forwarding.ticket_id)
    return ForwardingView(
        forwarding=forwarding,
        ticket=ticket,
        institution=session.get_one(Institution, forwarding.institution_id),
        coordinator=institution_by_code(session, ticket.coordinator),
        said=conversation(session, forwarding.ticket_id, forwarding),
        answer=answer_to(session, forwarding),
        alone=asked_alone(session, forwarding.ticket_id),
    )


def answer_to(session: Session, forwarding: Forwarding) -> Answer | None:
    return session.exec(select(Answer).where(col(Answer.forwarding_id) == forwarding.id)).first()


def conversation(session: Session, ticket_id: int, forwarding: Forwarding | None = None) -> list[Said]:
    """What was said, in order; for an institution only while it had the ticket, and not how messages travel."""
    messages = session.exec(select(Message).where(col(Message.ticket_id) == ticket_id).order_by(col(Message.id))).all()
    shown = [message for message in messages if forwarding is None or open_to(forwarding, message)]
    ids = [message.id for message in shown]
    attached = select(Attachment).where(col(Attachment.message_id).in_(ids)).order_by(col(Attachment.id))
    files = session.exec(attached).all()
    rows = [] if forwarding else session.exec(select(OutboxRow).where(col(OutboxRow.message_id).in_(ids))).all()
    stuck = {row.message_id: row for row in rows if row.state != State.DONE}
    return [
        Said(message, [file for file in files if file.message_id == message.id], stuck.get(message.id or 0))
        for message in shown
    ]


def link_to(portal: Portal, forwarding: Forwarding) -> str:
    """The address that opens the forwarding for who holds it, for LINK_DAYS days from now."""
    token = portal.signing.sign_for_a_time(LINK, str(forwarding.id))
    return f"{portal.settings.link_base}/answer/{token}"


def _at(
    portal: Portal, forwarding: Forwarding, institutions: Mapping[str, Institution], answers: Sequence[Answer]
) -> AtInstitution:
    institution = next(one for one in institutions.values() if one.id == forwarding.institution_id)
    answer = next((answer for answer in answers if answer.forwarding_id == forwarding.id), None)
    waits = forwarding.state == ForwardingState.WAITING
    return AtInstitution(forwarding, institution, answer, link_to(portal, forwarding) if waits else "")
