"""What providers tell of messages that we have sent, in any order, also before they have answered the request."""

from datetime import datetime

from sqlmodel import Session

from channels.delivery import Delivery, Stage
from models.database import alone
from models.delivery import STAGES, SentPart, parts_called, parts_of
from models.message import Message
from models.queue import OutboxRow, State, bury
from routing.answering import did_not_arrive


def note_delivery(session: Session, channel: str, told: Delivery, at: datetime) -> None:
    """Keeps how far the message has come. What we do not know yet by any of its ids is kept for `name_parts`."""
    alone(session, f"{channel} deliveries")
    known = parts_called(session, channel, told.ids)
    if not any(part.outbox_id for part in known):
        there = {part.name for part in known}
        known += [SentPart(channel=channel, name=name, at=at) for name in told.ids if name not in there]
        session.add_all(known)
    for part in known:
        _advance(session, part, told.stage, told.reason, at)


def name_parts(session: Session, row: OutboxRow, provider_ids: str, at: datetime) -> None:
    """The provider took the message under these ids, joined by commas; it may have told of them already."""
    alone(session, f"{row.channel} deliveries")
    names = list(dict.fromkeys(name for name in provider_ids.split(",") if name))
    told = {part.name: part for part in parts_called(session, row.channel, names)}
    for name in names:
        part = told.get(name) or SentPart(channel=row.channel, name=name, at=at)
        part.outbox_id = row.id
        session.add(part)
    session.flush()
    if failed := next((part for part in told.values() if part.stage == Stage.FAILED), None):
        _failed(session, row, failed.reason, at)


def _advance(session: Session, part: SentPart, stage: Stage, reason: str, at: datetime) -> None:
    if STAGES.index(stage) <= STAGES.index(part.stage):
        return
    if stage == Stage.FAILED and part.stage in (Stage.DELIVERED, Stage.READ):
        return  # it is there, whatever is said later
    part.stage, part.reason, part.at = stage, reason, at
    if stage == Stage.FAILED and part.outbox_id:
        _failed(session, session.get_one(OutboxRow, part.outbox_id), reason, at)


def _failed(session: Session, row: OutboxRow, reason: str, at: datetime) -> None:
    """Counts as not sent: people see it among the problems and may send it again, whole."""
    if row.state != State.DONE:
        return
    bury(row, reason or "the provider says that it will not arrive")
    row.sent_at, row.sent_parts = None, []
    for part in parts_of(session, row.id or 0):
        part.outbox_id = None  # what is told of this try from now on says nothing of the next
    did_not_arrive(session, session.get_one(Message, row.message_id), row.error, f"outbox:{row.id}", at)
