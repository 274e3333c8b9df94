"""Who may see which ticket. What somebody may not see is not there for him."""

from sqlmodel import Session, col, select

from models.forwarding import Forwarding, forwardings_of
from models.message import INFECTED, Attachment, Direction, Message
from models.queue import InboxRow
from models.ticket import REF, Ticket, locked, ticket_by_ref
from models.ticket_link import answered_with, with_merged
from routing.by_letter import CHANNEL
from web.problems import Problem
from web.sessions import Staff


class NotThere(Problem):
    """It does not exist, or not for this person."""

    def __init__(self) -> None:
        super().__init__(404, "There is no such page.")


def overseen_ticket(session: Session, staff: Staff, ref: str) -> Ticket:
    """A ticket of the coordinator's own coordination; any for who looks on. Raises NotThere."""
    ticket = ticket_by_ref(session, ref) if REF.fullmatch(ref) else None
    if ticket is None or not oversees(staff, ticket):
        raise NotThere
    return ticket


def own_ticket(session: Session, staff: Staff, ref: str) -> Ticket:
    """The same, locked for a change. Raises NotThere."""
    return locked(session, overseen_ticket(session, staff, ref).id or 0)


def oversees(staff: Staff, ticket: Ticket) -> bool:
    return staff.looks_on or (staff.coordinates and ticket.coordinator == staff.institution.code)


def forwarding_here(session: Session, staff: Staff, ref: str) -> Forwarding | None:
    """The newest forwarding of that ticket to the person's own institution."""
    if not REF.fullmatch(ref):
        return None
    return session.exec(
        select(Forwarding)
        .join(Ticket, col(Ticket.id) == col(Forwarding.ticket_id))
        .where(col(Ticket.ref) == ref, col(Forwarding.institution_id) == staff.institution.id)
        .order_by(col(Forwarding.id).desc())
    ).first()


def shown_forwarding(session: Session, staff: Staff, forwarding_id: int) -> Forwarding:
    """A forwarding to the person's own institution; any for who looks on. Raises NotThere."""
    forwarding = session.get(Forwarding, forwarding_id)
    if forwarding is None or not (staff.looks_on or forwarding.institution_id == staff.institution.id):
        raise NotThere
    return forwarding


def open_to(forwarding: Forwarding, message: Message) -> bool:
    """An institution sees what was said until it was done with the ticket, and nothing that came after."""
    return forwarding.ended_at is None or message.at <= forwarding.ended_at


def shown_attachment(session: Session, staff: Staff, attachment_id: int) -> Attachment:
    """A file that is offered, of a ticket or letter that the person may see. Raises NotThere."""
    attachment, message = _kept(session, attachment_id)
    if not attachment.offered or not _may_see(session, staff, message):
        raise NotThere
    return attachment


def dangerous_attachment(session: Session, staff: Staff, attachment_id: int) -> Attachment:
    """A kept file of a ticket that the person oversees, be it dangerous; none with a virus in it. Raises NotThere."""
    attachment, message = _kept(session, attachment_id)
    if attachment.refused == INFECTED or not oversees(staff, _ticket_of(session, message)):
        raise NotThere
    return attachment


def attachment_of(session: Session, forwarding: Forwarding, attachment_id: int) -> Attachment:
    """A file that is offered to the institution with that forwarding. Raises NotThere."""
    attachment, message = _kept(session, attachment_id)
    theirs = message.ticket_id in with_merged(session, forwarding.ticket_id)
    if not attachment.offered or not theirs or not open_to(forwarding, message):
        raise NotThere
    return attachment


def shown_letter(session: Session, staff: Staff, inbox_id: int) -> InboxRow:
    """A letter as it arrived: of a ticket that the person oversees or of none yet; to an institution its own.

    Raises NotThere.
    """
    row = session.get(InboxRow, inbox_id)
    if row is None or row.channel != CHANNEL:
        raise NotThere
    brought = select(Message).where(col(Message.inbox_id) == inbox_id, col(Message.direction) == Direction.IN)
    messages = session.exec(brought).all()
    tickets = [_ticket_of(session, message) for message in messages if message.ticket_id or message.forwarding_id]
    if row.ticket_id is not None:
        tickets.append(session.get_one(Ticket, row.ticket_id))
    theirs = any(message.forwarding_id and _may_see(session, staff, message) for message in messages)
    unknown = not tickets and staff.oversees
    if not (unknown or theirs or any(oversees(staff, ticket) for ticket in tickets)):
        raise NotThere
    return row


def _may_see(session: Session, staff: Staff, message: Message) -> bool:
    """Whoever oversees the ticket; an institution what it was shown of it, and its own letters."""
    ticket = _ticket_of(session, message)
    if oversees(staff, ticket):
        return True
    asked = answered_with(session, ticket.id or 0)
    theirs = [f for f in forwardings_of(session, asked) if f.institution_id == staff.institution.id]
    if message.forwarding_id is not None:
        return message.forwarding_id in [forwarding.id for forwarding in theirs]
    return any(open_to(forwarding, message) for forwarding in theirs)


def _ticket_of(session: Session, message: Message) -> Ticket:
    """Of a message to or from the citizen, or between us and an institution."""
    if message.forwarding_id is not None:
        return session.get_one(Ticket, session.get_one(Forwarding, message.forwarding_id).ticket_id)
    if message.ticket_id is None:
        raise NotThere
    return session.get_one(Ticket, message.ticket_id)


def _kept(session: Session, attachment_id: int) -> tuple[Attachment, Message]:
    attachment = session.get(Attachment, attachment_id)
    message = session.get(Message, attachment.message_id) if attachment else None
    if attachment is None or message is None or not attachment.sha256:
        raise NotThere
    return attachment, message
