"""What became of messages beyond the provider that took them: on their way, delivered, read, or failed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant
from models.queue import OutboxRow

STAGES = ("", "sent", "delivered", "read", "failed")
"""in the order in which a message goes through them; empty: nothing was told yet"""


class SentPart(SQLModel, table=True):
    """A part of a message by the name that the provider gave it, and how far it has come."""

    __tablename__ = "sent_part"
    __table_args__ = (UniqueConstraint("channel", "name"), Index("sent_part_outbox", "outbox_id"))
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    name: str
    outbox_id: int | None = Field(default=None, foreign_key="outbox.id", ondelete="CASCADE")
    """none while the provider has told of it before it has answered the request that sent it"""
    stage: str = ""
    """one of STAGES"""
    reason: str = ""
    at: datetime = Field(sa_type=Instant)
    """when the stage was told, else when it was sent"""


def parts_called(session: Session, channel: str, names: Sequence[str]) -> list[SentPart]:
    called = select(SentPart).where(col(SentPart.channel) == channel, col(SentPart.name).in_(names))
    return list(session.exec(called.with_for_update()).all())


def parts_of(session: Session, outbox_id: int) -> list[SentPart]:
    return list(session.exec(select(SentPart).where(col(SentPart.outbox_id) == outbox_id)).all())


def how_far(session: Session, message_ids: Sequence[int | None]) -> dict[int, tuple[str, datetime]]:
    """Of each message that something was told of: the stage that all its parts have reached, and since when."""
    of_them = (
        select(OutboxRow.message_id, SentPart.stage, SentPart.at)
        .join(SentPart, col(SentPart.outbox_id) == col(OutboxRow.id))
        .where(col(OutboxRow.message_id).in_(message_ids))
    )
    reached: dict[int, tuple[str, datetime]] = {}
    for message_id, stage, at in session.exec(of_them).all():
        known = reached.get(message_id, (stage, at))
        reached[message_id] = min(known, (stage, at), key=lambda one: STAGES.index(one[0]))
    return {message_id: one for message_id, one in reached.items() if one[0]}
