"""An institution's answer that waits for the head of the institution, and what became of it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class ApprovalState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    """it went out, as it was or as the head changed it"""
    SENT_BACK = "sent back"
    """with a remark: it has to be written anew"""
    REPLACED = "replaced"
    """another answer was handed in instead"""
    DROPPED = "dropped"
    """the forwarding ended meanwhile"""


WAITS_SQL = "state = 'waiting'"


class Approval(SQLModel, table=True):
    """One answer handed in; a new one for each change, so that nobody approves what he has not read."""

    __table_args__ = (
        Index(
            "approval_waiting",
            "forwarding_id",
            unique=True,
            sqlite_where=text(WAITS_SQL),
            postgresql_where=text(WAITS_SQL),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    forwarding_id: int = Field(foreign_key="forwarding.id", index=True)
    author: str
    """log-in, `link` and the institution's code, or the sender of the letter"""
    text: str
    at: datetime = Field(sa_type=Instant)
    message_id: int | None = Field(default=None, foreign_key="message.id")
    """the institution's letter that brought it; its files go along"""
    state: str = ApprovalState.WAITING
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    remark: str = ""
    """why it was sent back"""


def approvals_of(session: Session, forwarding_id: int) -> list[Approval]:
    """In the order in which they were handed in."""
    return list(
        session.exec(select(Approval).where(col(Approval.forwarding_id) == forwarding_id).order_by(col(Approval.id)))
    )


def waiting_approval(session: Session, forwarding_id: int) -> Approval | None:
    """The answer that waits for the head now."""
    waits = select(Approval).where(
        col(Approval.forwarding_id) == forwarding_id, col(Approval.state) == ApprovalState.WAITING
    )
    return session.exec(waits).first()


def drop_approval(session: Session, forwarding_id: int, at: datetime, by: str) -> bool:
    """The forwarding has ended otherwise; True where an answer was waiting."""
    if (waiting := waiting_approval(session, forwarding_id)) is None:
        return False
    waiting.state, waiting.decided_by, waiting.decided_at = ApprovalState.DROPPED, by, at
    return True
