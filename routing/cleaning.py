"""How a ticket is made anonymous, its files go, and what is left over of conversations that made no ticket.

Words stay, as statistics and the understanding need them, with everything masked that `nlu/privacy.py` knows. Whom they
came from goes: the ticket and its messages move to a contact that says nothing.
"""

from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import and_, delete, exists, update
from sqlmodel import Session, SQLModel, col, func, or_, select

from models.approval import Approval
from models.contact import Contact
from models.delivery import SentPart
from models.draft import Draft
from models.forwarding import Answer, Forwarding
from models.inquiry import Inquiry
from models.message import Attachment, Message
from models.note import Note
from models.people_file import PeopleFile
from models.queue import InboxRow, OutboxRow, State
from models.retention import DroppedFile
from models.staff import Person, StaffSession
from models.ticket import Event, Ticket
from models.translation import Translation
from nlu.privacy import mask

GONE = "gone:"
"""begins the address of a contact that says nothing"""
DELETED = "deleted"
"""instead of a file: why nobody is offered it"""
LEFT_OVER = 500
"""most rows of a kind that are dropped in one transaction"""
OF_TICKET: tuple[tuple[type[SQLModel], tuple[str, ...]], ...] = ((Answer, ("text",)), (Note, ("text",)))
OF_FORWARDING: tuple[tuple[type[SQLModel], tuple[str, ...]], ...] = (
    (Approval, ("text", "remark")),
    (Inquiry, ("text", "asked", "reason")),
)
"""tables with words about a ticket, and the columns that hold them"""
IN_EVENTS = ("sender", "to", "note", "reason", "name")
"""what of the trail's details may name a citizen"""


def clean_files(session: Session, ticket: Ticket, at: datetime) -> int:
    """Attachments and raw payloads; returns how many there were. The bytes go when this is committed."""
    numbers = _messages_of(session, ticket)
    files = session.exec(select(Attachment).where(col(Attachment.message_id).in_(numbers))).all()
    kept = [file for file in files if file.refused != DELETED]
    for file in kept:
        if file.sha256 and session.get(DroppedFile, file.sha256) is None:
            session.add(DroppedFile(sha256=file.sha256, at=at))
            session.flush()
        file.name, file.sha256, file.refused = f"…{PurePath(file.name).suffix[:10]}", "", DELETED
    session.execute(update(Message).where(col(Message.id).in_(numbers)).values(inbox_id=None))
    raw = delete(InboxRow).where(col(InboxRow.ticket_id) == ticket.id, col(InboxRow.state) == State.DONE)
    payloads: int = session.connection().execute(raw).rowcount
    return len(kept) + payloads


def clean_words(session: Session, ticket: Ticket, at: datetime) -> None:
    """Nothing says any more who asked."""
    citizen, nobody = ticket.contact_id, _nobody(session, ticket, at)
    ticket.subject, ticket.contact_id = mask(ticket.subject), nobody
    numbers = _messages_of(session, ticket)
    for message in session.exec(select(Message).where(col(Message.id).in_(numbers))).all():
        message.text, message.earlier, message.external_id = mask(message.text), [], ""
        if message.contact_id == citizen:
            message.contact_id = nobody
    session.execute(delete(Translation).where(col(Translation.message_id).in_(numbers)))
    sent = delete(OutboxRow).where(col(OutboxRow.message_id).in_(numbers), col(OutboxRow.state) == State.DONE)
    session.execute(sent)
    forwardings = session.exec(select(Forwarding).where(col(Forwarding.ticket_id) == ticket.id)).all()
    for forwarding in forwardings:
        forwarding.note, forwarding.reason = mask(forwarding.note), mask(forwarding.reason)
    _mask(session, OF_TICKET, "ticket_id", [ticket.id or 0])
    _mask(session, OF_FORWARDING, "forwarding_id", [one.id or 0 for one in forwardings])
    _mask_trail(session, ticket)
    session.flush()
    _drop_contacts(session, col(Contact.id) == citizen)


def drop_leftovers(session: Session, before: datetime, at: datetime) -> int:
    """Ended sessions, old drafts and files of people, and conversations that made no ticket; returns how many rows."""
    dropped = sum(_drop(session, table, where) for table, where in _left_over(before, at))
    said = session.exec(_small_talk(before).limit(LEFT_OVER)).all()
    if said:
        session.execute(delete(Translation).where(col(Translation.message_id).in_(said)))
        session.execute(delete(OutboxRow).where(col(OutboxRow.message_id).in_(said)))
        dropped += _drop(session, Message, col(Message.id).in_(said))
    return dropped + _drop_contacts(session, col(Contact.created_at) < before)


def count_leftovers(session: Session, before: datetime) -> int:
    """How many rows of conversations, sessions and drafts have had their time."""
    tables = [select(func.count()).select_from(table).where(where) for table, where in _left_over(before, before)]
    talk = select(func.count()).select_from(_small_talk(before).subquery())
    return sum(int(session.execute(wanted).scalar_one()) for wanted in [*tables, talk])


def _left_over(before: datetime, at: datetime) -> list[tuple[type[SQLModel], Any]]:
    unclaimed = (col(InboxRow.ticket_id).is_(None), col(InboxRow.state) == State.DONE)
    about_none = ~exists().where(col(Message.inbox_id) == InboxRow.id, col(Message.ticket_id).is_not(None))
    letters = ~exists().where(col(Message.inbox_id) == InboxRow.id, col(Message.forwarding_id).is_not(None))
    return [
        (StaffSession, col(StaffSession.expires_at) <= at),
        (Draft, col(Draft.saved_at) < before),
        (PeopleFile, col(PeopleFile.at) < before),
        (SentPart, and_(col(SentPart.outbox_id).is_(None), col(SentPart.at) < before)),
        (InboxRow, and_(*unclaimed, col(InboxRow.received_at) < before, about_none, letters)),
    ]


def _small_talk(before: datetime) -> Any:
    """Messages of no ticket and no forwarding, with no file and nothing on its way."""
    on_its_way = exists().where(col(OutboxRow.message_id) == Message.id, col(OutboxRow.state) != State.DONE)
    with_file = exists().where(col(Attachment.message_id) == Message.id)
    return select(Message.id).where(
        col(Message.ticket_id).is_(None),
        col(Message.forwarding_id).is_(None),
        col(Message.at) < before,
        ~on_its_way,
        ~with_file,
    )


def _drop(session: Session, table: type[SQLModel], where: Any) -> int:
    (key,) = table.__table__.primary_key.columns  # type: ignore[attr-defined]
    some = select(key).where(where).limit(LEFT_OVER)
    dropped: int = session.connection().execute(delete(table).where(key.in_(some))).rowcount
    return dropped


def _drop_contacts(session: Session, where: Any) -> int:
    """Those that nothing names any more."""
    named = [
        exists().where(reference == Contact.id)
        for reference in (col(Ticket.contact_id), col(Message.contact_id), col(Person.contact_id))
    ]
    return _drop(session, Contact, and_(where, *(~one for one in named)))


def _nobody(session: Session, ticket: Ticket, at: datetime) -> int:
    """The contact of that ticket which says nothing; one for each, so that two of one person's are not told to be."""
    address = f"{GONE}{ticket.id}"
    found = session.exec(
        select(Contact).where(col(Contact.channel) == ticket.channel, col(Contact.address) == address)
    ).first()
    if found is None:
        found = Contact(
            channel=ticket.channel, address=address, language=ticket.language, gone_at=at, greeted=True, created_at=at
        )
        session.add(found)
        session.flush()
    return found.id or 0


def _messages_of(session: Session, ticket: Ticket) -> list[int]:
    """With the letters between us and institutions about it."""
    forwardings = select(Forwarding.id).where(col(Forwarding.ticket_id) == ticket.id)
    wanted = select(Message.id).where(
        or_(col(Message.ticket_id) == ticket.id, col(Message.forwarding_id).in_(forwardings))
    )
    return [number for number in session.exec(wanted) if number is not None]


def _mask(
    session: Session, tables: tuple[tuple[type[SQLModel], tuple[str, ...]], ...], key: str, numbers: list[int]
) -> None:
    for table, names in tables:
        for row in session.exec(select(table).where(getattr(table, key).in_(numbers))).all():
            for name in names:
                setattr(row, name, mask(getattr(row, name)))
            if hasattr(row, "earlier"):
                row.earlier = []


def _mask_trail(session: Session, ticket: Ticket) -> None:
    """The trail stays; what it says of the citizen does not."""
    for event in session.exec(select(Event).where(col(Event.ticket_id) == ticket.id)).all():
        said = {name: mask(text) for name in IN_EVENTS if isinstance(text := event.data.get(name), str)}
        if said and any(event.data[name] != text for name, text in said.items()):
            event.data = event.data | said
