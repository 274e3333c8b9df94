"""The one way in: what arrives is stored under (channel, external id) before anything acknowledges it."""

from collections.abc import Callable, Mapping

from sqlmodel import Session, col, select

from channels.base import Channel
from models.database import Database, alone
from models.moments import now
from models.queue import LEASE, PENDING, InboxRow, State, put_once

LONGEST_ID = 300


class Refused(ValueError):
    """The payload cannot be taken: too large, or without a usable id."""


class Inbox:
    """Stores what arrives. A process that also works takes the row for itself in the same commit."""

    def __init__(
        self, database: Database, owner: str, wake: Callable[[], None], largest: Mapping[str, int] | None = None
    ) -> None:
        """`largest` says by channel how many bytes a raw payload has at most."""
        self._database = database
        self._largest = largest or {}
        self._owner = owner
        self._wake = wake

    async def receive(self, channel: str, external_id: str, raw: bytes, conversation: str = "") -> bool:
        """Stores and wakes the workers; False when the same was stored before. Returns after the commit."""
        _row, new = await self.store(channel, external_id, raw, conversation, take=False)
        if new:
            self._wake()
        return new

    async def store(
        self, channel: str, external_id: str, raw: bytes, conversation: str = "", *, take: bool
    ) -> tuple[InboxRow, bool]:
        """Stores; with `take` the row is leased to this process, unless an earlier one of the conversation waits.

        Returns the stored row and whether it is new. Raises Refused.
        """
        if not 0 < len(external_id) <= LONGEST_ID:
            raise Refused(f"the id of a message has 1 to {LONGEST_ID} characters")
        if len(raw) > (most := self._largest.get(channel, Channel.largest)):
            raise Refused(f"a message has at most {most} bytes")
        at = now()

        row = InboxRow(
            channel=channel, external_id=external_id, raw=raw, conversation=conversation, received_at=at, due_at=at
        )

        def work(session: Session) -> bool:
            if conversation:
                alone(session, f"{channel} {conversation}")  # of two messages, the second must see the first
            if take and not _busy(session, channel, conversation):
                row.state, row.lease_owner, row.lease_until, row.attempts = State.WORKING, self._owner, at + LEASE, 1
            else:  # said again, because the database may run this twice
                row.state, row.lease_owner, row.lease_until, row.attempts = State.WAITING, "", None, 0
            row.id = put_once(session, row)
            return row.id is not None

        if await self._database.writing(work):
            return row, True
        return await self._database.reading(lambda session: stored(session, channel, external_id)), False


def stored(session: Session, channel: str, external_id: str) -> InboxRow:
    """The row under that id."""
    return session.exec(
        select(InboxRow).where(col(InboxRow.channel) == channel, col(InboxRow.external_id) == external_id)
    ).one()


def _busy(session: Session, channel: str, conversation: str) -> bool:
    if not conversation:
        return False
    return (
        session.exec(
            select(InboxRow.id)
            .where(
                col(InboxRow.channel) == channel,
                col(InboxRow.conversation) == conversation,
                col(InboxRow.state).in_(PENDING),
            )
            .limit(1)
        ).first()
        is not None
    )
