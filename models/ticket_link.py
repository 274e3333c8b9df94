"""How two tickets belong together: one was merged into the other, split off from it, or asks the same."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.moments import Instant

STANDS_SQL = "ended_at IS NULL"


class Kind(StrEnum):
    MERGED = "merged"
    """`ticket_id` is answered together with `other_id`"""
    SPLIT = "split"
    """`ticket_id` was made of messages of `other_id`"""
    DUPLICATE = "duplicate"
    """both ask the same; each is answered by itself"""


class TicketLink(SQLModel, table=True):
    """Never deleted: one that does not stand any more has ended."""

    __tablename__ = "ticket_link"
    __table_args__ = (
        Index(
            "ticket_link_merged",
            "ticket_id",
            unique=True,
            sqlite_where=text(f"kind = 'merged' AND {STANDS_SQL}"),
            postgresql_where=text(f"kind = 'merged' AND {STANDS_SQL}"),
        ),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    other_id: int = Field(foreign_key="ticket.id", index=True)
    at: datetime = Field(sa_type=Instant)
    by: str
    """log-in"""
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    ended_by: str = ""
    was: dict[str, Any] = Field(default={}, sa_type=JSON)
    """what has to be put back where a merging is undone"""

    def end(self, at: datetime, by: str) -> None:
        self.ended_at, self.ended_by = at, by


def new_link(session: Session, kind: Kind, ticket_id: int, other_id: int, at: datetime, by: str) -> TicketLink:
    link = TicketLink(kind=kind, ticket_id=ticket_id, other_id=other_id, at=at, by=by)
    session.add(link)
    return link


def links_of(session: Session, ticket_id: int) -> list[TicketLink]:
    """Those that stand, either way."""
    either = or_(col(TicketLink.ticket_id) == ticket_id, col(TicketLink.other_id) == ticket_id)
    standing = select(TicketLink).where(either, col(TicketLink.ended_at).is_(None))
    return list(session.exec(standing.order_by(col(TicketLink.id))))


def merged_into(session: Session, ticket_id: int) -> list[TicketLink]:
    """The tickets that are answered together with that one."""
    return [link for link in links_of(session, ticket_id) if link.kind == Kind.MERGED and link.other_id == ticket_id]


def merging_of(session: Session, ticket_id: int) -> TicketLink | None:
    """Into what that one was merged."""
    theirs = links_of(session, ticket_id)
    return next((link for link in theirs if link.kind == Kind.MERGED and link.ticket_id == ticket_id), None)


def with_merged(session: Session, ticket_id: int) -> list[int]:
    """The ticket and those that are answered with it."""
    return [ticket_id, *(link.ticket_id for link in merged_into(session, ticket_id))]


def answered_with(session: Session, ticket_id: int) -> int:
    """The ticket that one was merged into, else itself."""
    link = merging_of(session, ticket_id)
    return link.other_id if link else ticket_id


def standing_link(session: Session, ids: Sequence[int], kind: Kind) -> TicketLink | None:
    """Between those two, whichever way."""
    first, second = ids
    found = [link for link in links_of(session, first) if link.kind == kind]
    return next((link for link in found if second in (link.ticket_id, link.other_id)), None)
