"""What was said about a ticket, to the citizen or between us and an institution, as its pages show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models.delivery import how_far
from models.forwarding import Forwarding
from models.message import Attachment, Direction, Message
from models.queue import InboxRow, OutboxRow, State
from models.ticket_link import with_merged
from routing.by_letter import CHANNEL
from web.desk.access import open_to


@dataclass(frozen=True, slots=True)
class Said:
    """A message with its files, and how it fares on its way if it has not arrived."""

    message: Message
    attachments: Sequence[Attachment] = ()
    stuck: OutboxRow | None = None
    letter: int | None = None
    """number of the letter that it came by, which may be looked at whole"""
    stage: tuple[str, datetime] | None = None
    """how far the provider says that it has come, and since when"""


def conversation(session: Session, ticket_id: int, forwarding: Forwarding | None = None) -> list[Said]:
    """What was said, also of tickets merged into it, in order; for an institution only while it had the ticket, and not
    how messages travel.
    """
    theirs = col(Message.ticket_id).in_(with_merged(session, ticket_id))
    messages = session.exec(select(Message).where(theirs).order_by(col(Message.id))).all()
    if forwarding is None:
        return _said(session, messages)
    return [
        Said(one.message, one.attachments) for one in _said(session, [m for m in messages if open_to(forwarding, m)])
    ]


def letters_between(session: Session, forwardings: Sequence[Forwarding]) -> dict[int, list[Said]]:
    """By forwarding: the letters between us and the institution, in order. The citizen never sees them."""
    ids = [forwarding.id for forwarding in forwardings]
    messages = select(Message).where(col(Message.forwarding_id).in_(ids)).order_by(col(Message.id))
    letters: dict[int, list[Said]] = {forwarding.id or 0: [] for forwarding in forwardings}
    for one in _said(session, session.exec(messages).all()):
        letters[one.message.forwarding_id or 0].append(one)
    return letters


def _said(session: Session, messages: Sequence[Message]) -> list[Said]:
    ids = [message.id for message in messages]
    attached = select(Attachment).where(col(Attachment.message_id).in_(ids)).order_by(col(Attachment.id))
    files = session.exec(attached).all()
    rows = session.exec(select(OutboxRow).where(col(OutboxRow.message_id).in_(ids), col(OutboxRow.state) != State.DONE))
    stuck = {row.message_id: row for row in rows.all()}
    letters, stages = _letters(session, messages), how_far(session, ids)
    return [
        Said(
            message,
            [file for file in files if file.message_id == message.id],
            stuck.get(message.id or 0),
            message.inbox_id if message.direction == Direction.IN and message.inbox_id in letters else None,
            stages.get(message.id or 0),
        )
        for message in messages
    ]


def _letters(session: Session, messages: Sequence[Message]) -> set[int]:
    """Numbers of the letters among what brought the messages."""
    brought = {message.inbox_id for message in messages if message.inbox_id and message.direction == Direction.IN}
    by_letter = select(InboxRow.id).where(col(InboxRow.id).in_(brought), col(InboxRow.channel) == CHANNEL)
    return {number or 0 for number in session.exec(by_letter).all()} if brought else set()
