"""What became of messages beyond the provider that took them: on their way, delivered, read, or failed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant
from models.queue import OutboxRow


class SentPart(SQLModel, table=True):
    """A part of a message by the name that the provider gave it, and how far it has come."""

    __tablename__ = "sent_part"
    __table_args__ = (Index("sent_part_outbox", "outbox_id"),)
    channel: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id", ondelete="CASCADE")
    """none while the provider has told of it before it has answered the request that sent it"""
    stage: str = ""
    """as in channels.delivery.Stage; empty: nothing was told yet"""
    reason: str = ""
    at: datetime = Field(sa_type=Instant)
    """when the stage was told, else when it was sent"""


def parts_called(session: Session, channel: str, names: Sequence[str]) -> list[SentPart]:
    called = select(SentPart).where(col(SentPart.channel) == channel, col(SentPart.name).in_(names))
    return list(session.exec(called.with_for_update()).all())


def parts_of(session: Session, outbox_id: int) -> list[SentPart]:
    return list(session.exec(select(SentPart).where(col(SentPart.outbox_id) == outbox_id)).all())


def stages_of(session: Session, message_ids: Sequence[int]) -> dict[int, list[SentPart]]:
    """Of each message the parts that something was told of."""
    told = (
        select(OutboxRow.message_id, SentPart)
        .join(SentPart, col(SentPart.outbox_id) == col(OutboxRow.id))
        .where(col(OutboxRow.message_id).in_(message_ids), col(SentPart.stage) != "")
    )
    found: dict[int, list[SentPart]] = {}
    for message_id, part in session.exec(told).all():
        found.setdefault(message_id, []).append(part)
    return found
