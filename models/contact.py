"""A person's address on a channel."""

from datetime import datetime

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class Contact(SQLModel, table=True):
    """Whom an answer goes to. One person may have several; nothing joins them without consent."""

    __table_args__ = (UniqueConstraint("channel", "address"),)
    id: int | None = Field(default=None, primary_key=True)
    channel: str
    address: str
    name: str = ""
    language: str = "lv"
    reach: str = ""
    """what the person gave of himself to be reached by (API only)"""
    greeted: bool = False
    """has seen who answers, how long it may take, and that this is no formal submission"""
    municipality: str = ""
    """that the person's last municipal matter was about"""
    gone_at: datetime | None = Field(default=None, sa_type=Instant)
    """since when the person blocks us"""
    created_at: datetime = Field(sa_type=Instant)


def contact_of(session: Session, channel: str, address: str, at: datetime, *, name: str, language: str) -> Contact:
    """The contact at that address; made at the first sight of it."""
    contact = session.exec(
        select(Contact).where(col(Contact.channel) == channel, col(Contact.address) == address)
    ).first()
    if contact is None:
        contact = Contact(channel=channel, address=address, name=name, language=language, created_at=at)
        session.add(contact)
    elif name and contact.name != name:
        contact.name = name
    if contact.gone_at is not None:
        contact.gone_at = None
    return contact
