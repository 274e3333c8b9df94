"""What a message becomes on its way out; as a letter it has a subject, what it answers, a quote and files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from channels.base import Choice, File, Outbound, Thread
from models.forwarding import Forwarding
from models.message import Attachment, Author, Direction, Message, in_one_letter, last_heard
from models.queue import OutboxRow, State
from models.ticket import Ticket

ReadFile = Callable[[str], bytes]
"""the bytes that are kept under a hash. Raises OSError"""
LinkTo = Callable[[int], str]
"""the address of the page of the ticket with that row number"""
FOLLOWED = 10
"""most earlier letters that one names"""


@dataclass(frozen=True, slots=True)
class Written:
    """What goes out, and the files that go along: their bytes are read when no session is open."""

    message: Outbound
    along: Sequence[Attachment] = ()

    def with_files(self, file: ReadFile) -> Outbound:
        """Raises OSError where one cannot be read."""
        read = tuple(File(one.name, one.media_type, file(one.sha256)) for one in self.along)
        return replace(self.message, files=read)


def plain(session: Session, row: OutboxRow, message: Message, link: LinkTo | None = None) -> Written:
    """`link` makes the address of a ticket's page for the citizen."""
    ticket = session.get_one(Ticket, message.ticket_id) if message.ticket_id else None
    return Written(
        Outbound(
            id=f"m{message.id}",
            conversation=row.conversation,
            text=message.text,
            choices=_choices(message),
            language=row.language,
            sent_parts=tuple(row.sent_parts),
            ref=ticket.ref if ticket else "",
            link=link(ticket.id or 0) if ticket and link else "",
            by_person=message.author != Author.BOT,
            answer=message.answers,
            heard_at=last_heard(session, message.contact_id),
        )
    )


def letter_of(session: Session, row: OutboxRow, message: Message) -> Written:
    """One letter for everything that was said in the same turn."""
    messages = [message, *(session.get_one(Message, one.message_id) for one in said_with(session, row))]
    letter = Outbound(
        id=f"m{message.id}",
        conversation=row.conversation,
        text="\n\n".join(one.text for one in messages),
        choices=tuple(choice for one in messages for choice in _choices(one)),
        language=row.language,
        thread=_thread(session, messages),
    )
    return Written(letter, _along(session, messages))


def said_with(session: Session, row: OutboxRow) -> list[OutboxRow]:
    """What was said to the same address about the same ticket at the same moment and still waits, after `row`."""
    if row.ticket_id is None:
        return []
    waiting = select(OutboxRow).where(
        in_one_letter(row), col(OutboxRow.state) == State.WAITING, col(OutboxRow.id) > row.id
    )
    return list(session.exec(waiting.order_by(col(OutboxRow.id))))


def _thread(session: Session, messages: Sequence[Message]) -> Thread | None:
    first = messages[0]
    automatic = all(one.author == Author.BOT for one in messages)
    if first.forwarding_id is not None:
        forwarding = session.get_one(Forwarding, first.forwarding_id)
        ticket = session.get_one(Ticket, forwarding.ticket_id)
        earlier = _earlier(session, col(Message.forwarding_id) == forwarding.id, first)
        return Thread(f"f{forwarding.id}", ticket.subject, ticket.ref, _ids(earlier), automatic=False)
    if (ticket_id := first.ticket_id) is None:
        return None
    ticket = session.get_one(Ticket, ticket_id)
    earlier = _earlier(session, col(Message.ticket_id) == ticket.id, first)
    asked = next((one for one in earlier if one.direction == Direction.IN), None)
    quoted = asked.text if asked else ""
    return Thread(f"t{ticket.id}", ticket.subject, ticket.ref, _ids(earlier), quoted, automatic)


def _earlier(session: Session, where: ColumnElement[bool], message: Message) -> list[Message]:
    """Of the same thread and address, the nearest first."""
    before = select(Message).where(
        where,
        col(Message.contact_id) == message.contact_id,
        col(Message.id) < message.id,
        col(Message.external_id) != "",
    )
    return list(session.exec(before.order_by(col(Message.id).desc()).limit(FOLLOWED)))


def _ids(messages: Sequence[Message]) -> tuple[str, ...]:
    return tuple(message.external_id for message in messages)


def _choices(message: Message) -> tuple[Choice, ...]:
    return tuple(Choice(choice["value"], choice["label"]) for choice in message.choices)


def _along(session: Session, messages: Sequence[Message]) -> list[Attachment]:
    ids = [message.id for message in messages]
    found = session.exec(select(Attachment).where(col(Attachment.message_id).in_(ids)).order_by(col(Attachment.id)))
    return [one for one in found.all() if one.offered]
