"""Rows with leases: what is to be worked on, sent, or done at a time. They carry all work and survive every crash.

A row waits until `due_at`, is claimed with a lease, and ends as done, or dead after the last try. A lease that runs out
is taken over. Within one conversation the rows keep their order: a later one waits for the earlier.
"""

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Index,
    LargeBinary,
    UniqueConstraint,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased, defer
from sqlmodel import Field, Relationship, Session, SQLModel, col, select

from models.moments import Instant
from models.ticket import Ticket

LEASE = timedelta(seconds=60)
TRIES = 36
"""about a day: the pauses grow to an hour, so that a provider's outage of a night kills no message"""
ENDINGS = 5
"""times that whoever works on a row may end in the middle of it; then the row is to blame"""
LONGEST_PAUSE = timedelta(hours=1)
MOST_BYTES = 16 * 1024 * 1024
"""of raw payloads that are taken together; a larger one is taken alone, so that memory holds but a few copies of it"""


class State(StrEnum):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    HELD = "held"
    """a letter that must not be taken in before a person has said what it is"""
    DEAD = "dead"
    """given up; shown to staff, who may run it again"""
    DOUBTFUL = "doubtful"
    """we cannot know whether it was sent; only a person may decide to send it again"""


PENDING = (State.WAITING, State.WORKING)
PENDING_SQL = "state IN ('waiting','working')"
"""of the partial indexes; queries say it with literals, since an index with a condition serves no bound parameters"""


class Leased(SQLModel):
    """The columns that every such row has."""

    id: int | None = Field(default=None, primary_key=True)
    conversation: str = ""
    """rows of the same channel and conversation keep their order; empty: no order asked"""
    channel: str = ""
    state: str = State.WAITING
    due_at: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    lease_owner: str = ""
    attempts: int = 0
    endings: int = 0
    """times that it was taken over from somebody whose lease ran out"""
    error: str = ""


class InboxRow(Leased, table=True):
    """A raw payload as it arrived, stored before it was acknowledged."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("inbox_due", "due_at", sqlite_where=text(PENDING_SQL), postgresql_where=text(PENDING_SQL)),
        Index(
            "inbox_order",
            "channel",
            "conversation",
            "id",
            sqlite_where=text(PENDING_SQL),
            postgresql_where=text(PENDING_SQL),
        ),
        Index("inbox_received", "channel", "received_at", "state"),
    )
    external_id: str
    raw: bytes = Field(sa_type=LargeBinary)
    received_at: datetime = Field(sa_type=Instant)
    verdict: str = ""
    """what a person said of a held letter: `new`, or the party it belongs to; the log-in after a blank"""
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    ticket: Ticket | None = Relationship()


WITHOUT_RAW = defer(InboxRow.raw)  # type: ignore[arg-type]  # a column, which mypy takes for what it holds
"""an option: rows without their payloads"""


class OutboxRow(Leased, table=True):
    """One message on its way to a citizen."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_due", "due_at", sqlite_where=text(PENDING_SQL), postgresql_where=text(PENDING_SQL)),
        Index(
            "outbox_order",
            "channel",
            "conversation",
            "id",
            sqlite_where=text(PENDING_SQL),
            postgresql_where=text(PENDING_SQL),
        ),
        Index("outbox_created", "channel", "created_at", "state"),
    )
    message_id: int = Field(foreign_key="message.id", index=True)
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    language: str = "lv"
    sent_parts: list[str] = Field(default=[], sa_type=JSON)
    provider_id: str = ""
    begun: bool = False
    """a try has begun: after a crash we cannot know whether the provider took the message"""
    created_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)


class Timer(Leased, table=True):
    """Something to do at a time; it is made in the same transaction as the state that asks for it."""

    __tablename__ = "timer"
    __table_args__ = (Index("timer_due", "due_at", sqlite_where=text(PENDING_SQL), postgresql_where=text(PENDING_SQL)),)
    kind: str
    ticket_id: int = Field(default=None, foreign_key="ticket.id", index=True)
    ticket: Ticket = Relationship()
    key: str = Field(unique=True)
    """two timers with the same key are one"""
    data: dict[str, Any] = Field(default={}, sa_type=JSON)


Row = TypeVar("Row", InboxRow, OutboxRow, Timer)


def put_once(session: Session, row: InboxRow) -> int | None:
    """Stores the row unless one is there under its (channel, external id); its new id, else None."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {name: value for name, value in row.model_dump().items() if name != "id"}
    statement = insert(InboxRow).on_conflict_do_nothing().returning(col(InboxRow.id))
    return session.connection().execute(statement, values).scalar()


def claim(
    session: Session,
    table: type[Row],
    *,
    owner: str,
    at: datetime,
    limit: int = 32,
    channels: Collection[str] | None = None,
) -> list[Row]:
    """Takes up to `limit` due rows for `owner`, oldest first, none behind an unfinished one of its conversation.

    Only of the `channels`, where they are named: a process leaves alone what it has no channel for. Raw payloads are
    not loaded (see `raw_of`), and of large ones fewer are taken. What is taken over from somebody who ended comes
    alone: should this process end of it too, the rows beside it have no part in that.
    """
    due = _claimable(table, at, channels).limit(limit).with_for_update(skip_locked=True, of=table)
    found = [tuple(one) for one in session.execute(due.add_columns(_size(table), col(table.state)))]
    if not found:
        return []
    waiting = [(number, size) for number, size, state in found if state == State.WAITING]
    ids = _not_too_much(waiting) if found[0][2] == State.WAITING else [found[0][0]]
    session.execute(
        update(table)
        .where(col(table.id).in_(ids))
        .values(
            endings=case((col(table.state) == State.WORKING, col(table.endings) + 1), else_=col(table.endings)),
            state=State.WORKING,
            lease_until=at + LEASE,
            lease_owner=owner,
            attempts=col(table.attempts) + 1,
        )
        .execution_options(synchronize_session=False)
    )
    rows: Sequence[Row] = session.exec(
        _light(table).where(col(table.id).in_(ids)).order_by(col(table.id)).execution_options(populate_existing=True)
    ).all()
    for row in rows:
        if row.endings >= ENDINGS:
            bury(row, f"taken up {ENDINGS} times, and each time whoever worked on it ended")
    return [row for row in rows if row.state == State.WORKING]


def any_due(session: Session, table: type[Row], at: datetime, channels: Collection[str] | None = None) -> bool:
    """A cheap look before a claim, so that an idle process writes nothing."""
    return session.exec(_claimable(table, at, channels).limit(1)).first() is not None


def _claimable(table: type[Row], at: datetime, channels: Collection[str] | None) -> Any:
    earlier = aliased(table)
    free = or_(
        col(table.state) == State.WAITING,
        and_(col(table.state) == State.WORKING, col(table.lease_until) <= at),
    )
    blocked = exists().where(
        col(table.conversation) != "",
        col(earlier.channel) == col(table.channel),
        col(earlier.conversation) == col(table.conversation),
        col(earlier.id) < col(table.id),
        _pending(col(earlier.state)),
    )
    due = select(table.id).where(_pending(col(table.state)), col(table.due_at) <= at, free, ~blocked)
    if channels is not None:
        due = due.where(col(table.channel).in_(channels))
    return due.order_by(col(table.id))


def raw_of(session: Session, row: InboxRow) -> bytes:
    """The payload, which a claimed row comes without."""
    return session.exec(select(InboxRow.raw).where(col(InboxRow.id) == row.id)).one()


def head_of_raw(size: int) -> Any:
    """The first bytes of the payload, as a column: a list of letters must not load forty megabytes a line."""
    return func.substr(InboxRow.raw, 1, size, type_=LargeBinary)


def held(session: Session, row: Row, owner: str) -> Row | None:
    """The row as it is now, locked, if `owner` still holds its lease; None where somebody else took it over."""
    mine = session.exec(
        _light(type(row)).where(col(type(row).id) == row.id).with_for_update().execution_options(populate_existing=True)
    ).first()
    return mine if mine is not None and mine.state == State.WORKING and mine.lease_owner == owner else None


def finish(row: Leased) -> None:
    row.state = State.DONE
    row.lease_until = None
    row.error = ""


def retry(row: Leased, at: datetime, reason: str, *, after: float | None = None, tries: int = TRIES) -> bool:
    """Puts the row back with a growing, jittered pause (or `after` seconds); False when it is dead now."""
    row.error = reason[:2000]
    row.lease_until = None
    if row.attempts >= tries:
        row.state = State.DEAD
        return False
    row.state = State.WAITING
    row.due_at = at + (timedelta(seconds=after) if after is not None else pause(row.attempts))
    return True


def bury(row: Leased, reason: str, state: State = State.DEAD) -> None:
    """Gives the row up for a person to look at."""
    row.state = state
    row.error = reason[:2000]
    row.lease_until = None


def revive(row: Leased, at: datetime) -> None:
    """A person decided that the row is to be tried again."""
    row.state, row.due_at, row.attempts, row.endings, row.error = State.WAITING, at, 0, 0, ""
    if isinstance(row, OutboxRow):
        row.begun = False


def pause(attempts: int) -> timedelta:
    """1 s, 2 s, 4 s … up to an hour, each give or take a quarter, so that many do not come back at once."""
    seconds = min(2.0 ** max(attempts - 1, 0), LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, not a secret


def _light(table: type[Row]) -> Any:
    """The rows without what makes them large."""
    return select(table).options(WITHOUT_RAW) if table is InboxRow else select(table)


def _size(table: type[Row]) -> Any:
    return func.length(InboxRow.raw) if table is InboxRow else literal_column("0")


def _not_too_much(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """The first of the ids whose payloads are together within MOST_BYTES, at least one."""
    together = accumulate(size for _, size in sizes)
    within = sum(size <= MOST_BYTES for size in together)
    return [number for number, _ in sizes[: max(within, 1)]]


def _pending(state: Any) -> Any:
    return state.in_([literal_column(f"'{name}'") for name in PENDING])
