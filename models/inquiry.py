"""What an institution wants to know from the citizen: asked through the coordinator."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, Session, SQLModel, col, select

from models.forwarding import Forwarding, ForwardingState
from models.moments import Instant


class InquiryState(StrEnum):
    WAITING = "waiting"
    """for the coordinator"""
    ASKED = "asked"
    """the citizen has been asked"""
    DECLINED = "declined"
    REPLIED = "replied"
    DROPPED = "dropped"
    """the forwarding ended meanwhile"""


OPEN_INQUIRY = (InquiryState.WAITING, InquiryState.ASKED)
WAITS_SQL = "state = 'waiting'"


class Inquiry(SQLModel, table=True):
    __table_args__ = (
        Index(
            "inquiry_waiting",
            "forwarding_id",
            unique=True,
            sqlite_where=text(WAITS_SQL),
            postgresql_where=text(WAITS_SQL),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    forwarding_id: int = Field(foreign_key="forwarding.id", index=True)
    author: str
    """log-in, or `link` and the institution's code"""
    text: str
    at: datetime = Field(sa_type=Instant)
    state: str = InquiryState.WAITING
    decided_by: str = ""
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    asked: str = ""
    """as it went to the citizen"""
    reason: str = ""
    """why the coordinator declined"""
    message_id: int | None = Field(default=None, foreign_key="message.id")
    """that carried it to the citizen"""
    reply_id: int | None = Field(default=None, foreign_key="message.id")
    """the first thing the citizen wrote after it"""


def inquiries_of(session: Session, forwarding_id: int) -> list[Inquiry]:
    """In the order in which they were made."""
    return list(
        session.exec(select(Inquiry).where(col(Inquiry.forwarding_id) == forwarding_id).order_by(col(Inquiry.id)))
    )


def asked_about(session: Session, ticket_id: int) -> list[tuple[Inquiry, Forwarding]]:
    """Inquiries that the citizen has not replied to, of institutions that still have the ticket."""
    return list(
        session.exec(
            select(Inquiry, Forwarding)
            .join(Forwarding, col(Forwarding.id) == col(Inquiry.forwarding_id))
            .where(
                col(Forwarding.ticket_id) == ticket_id,
                col(Forwarding.state) == ForwardingState.WAITING,
                col(Inquiry.state) == InquiryState.ASKED,
            )
            .order_by(col(Inquiry.id))
        ).all()
    )


def waiting_inquiries(session: Session, ticket_id: int) -> list[Inquiry]:
    """Those of all institutions that wait for the coordinator."""
    return list(
        session.exec(
            select(Inquiry)
            .join(Forwarding, col(Forwarding.id) == col(Inquiry.forwarding_id))
            .where(col(Forwarding.ticket_id) == ticket_id, col(Inquiry.state) == InquiryState.WAITING)
            .order_by(col(Inquiry.id))
        ).all()
    )


def drop_inquiries(session: Session, forwarding_id: int, at: datetime, by: str) -> bool:
    """The forwarding has ended; True where one was open."""
    opened = select(Inquiry).where(col(Inquiry.forwarding_id) == forwarding_id, col(Inquiry.state).in_(OPEN_INQUIRY))
    found = session.exec(opened).all()
    for inquiry in found:
        inquiry.state, inquiry.decided_by, inquiry.decided_at = InquiryState.DROPPED, by, at
    return bool(found)
