"""Whether what we write can still reach the citizen in the channel that he asked in, and how else he may be reached.

Some channels let us write only for a while after the citizen has written (WhatsApp: 24 hours). The law gives seven
working days, so their window is often closed when the answer is there.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session, col, select

from models.contact import Contact, contact_of
from models.message import last_heard
from models.ticket import Ticket

Windows = Mapping[str, timedelta]
"""by channel: how long after the citizen wrote he may be written to; a channel without one is not in it"""
NO_WINDOWS: Windows = {}
PAGE = "page"
"""the way that always is open: the ticket's own page, which the coordinator gives the citizen the link to"""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NUMBER = re.compile(r"\+?[0-9][0-9 ]{6,18}")


class Shut(StrEnum):
    WINDOW = "window"
    """he wrote too long ago"""
    GONE = "gone"
    """he blocks us, or his address is no more"""


@dataclass(frozen=True, slots=True)
class Way:
    """Another channel by which the person wants to be reached."""

    channel: str
    address: str


@dataclass(frozen=True, slots=True)
class Reach:
    """How the citizen of a ticket can be answered now."""

    shut: Shut | None = None
    since: datetime | None = None
    """when the window closed, or the contact was lost"""
    ways: Collection[Way] = field(default=())

    def way(self, channel: str) -> Way | None:
        return next((way for way in self.ways if way.channel == channel), None)


def reach(
    session: Session, contact: Contact, at: datetime, windows: Windows, pulled: Collection[str], others: Collection[str]
) -> Reach:
    """`others` are the channels that are on."""
    if contact.channel in pulled:
        return Reach()
    if contact.gone_at is not None:
        return Reach(Shut.GONE, contact.gone_at, _ways(session, contact, others))
    closed = _closed(session, contact, windows)
    if closed is not None and closed <= at:
        return Reach(Shut.WINDOW, closed, _ways(session, contact, others))
    return Reach()


def is_open(session: Session, contact: Contact, at: datetime, windows: Windows, pulled: Collection[str]) -> bool:
    """Whether a message sent now can reach the contact."""
    return reach(session, contact, at, windows, pulled, ()).shut is None


def contact_by(session: Session, ticket: Ticket, contact: Contact, way: Way, at: datetime) -> Contact:
    """The same person on that channel."""
    return contact_of(session, way.channel, way.address, at, name=contact.name, language=ticket.language)


def _closed(session: Session, contact: Contact, windows: Windows) -> datetime | None:
    """When the window closes or closed; None where there is none."""
    if (window := windows.get(contact.channel)) is None:
        return None
    return (last_heard(session, contact.id or 0) or contact.created_at) + window


def _ways(session: Session, contact: Contact, others: Collection[str]) -> list[Way]:
    """What the person gave to be reached by, where we can send there and were not turned away."""
    given = contact.reach.strip()
    way = None
    if _EMAIL.fullmatch(given):
        way = Way("email", given.casefold())
    elif _NUMBER.fullmatch(given):
        way = Way("sms", given.replace(" ", ""))
    if way is None or way.channel not in others:
        return []
    lost = select(Contact.id).where(
        col(Contact.channel) == way.channel, col(Contact.address) == way.address, col(Contact.gone_at).is_not(None)
    )
    return [] if session.exec(lost).first() else [way]
