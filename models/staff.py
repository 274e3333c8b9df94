"""People who work at the desk, their sessions, and the notices they get."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant, plainly


class Role(StrEnum):
    COORDINATOR = "coordinator"
    LEAD = "lead"
    """the coordinator's lead: a coordinator who is told of what is overdue"""
    CLERK = "clerk"
    """answers for one institution"""
    HEAD = "head"
    """head of an institution: a clerk who is told of what is due and overdue"""
    EDITOR = "editor"
    """keeps canned replies and competences up to date; sees no tickets"""
    AUDITOR = "auditor"
    """reads everything and changes nothing"""
    ADMINISTRATOR = "administrator"


class Person(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    login: str = Field(unique=True)
    name: str = ""
    role: str
    institution_id: int = Field(foreign_key="institution.id", index=True)
    password_hash: str
    active: bool = True
    language: str = "lv"
    shortcuts: bool = True
    """whether single keys do something at the desk"""
    contact_id: int | None = Field(default=None, foreign_key="contact.id")
    """where notices are sent besides the desk"""
    created_at: datetime = Field(sa_type=Instant)


class StaffSession(SQLModel, table=True):
    """A log-in; the cookie holds the secret, the table only its hash."""

    token_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    csrf: str
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    """the last time that the person did something, to the minute; none: not since the log-in"""
    device: str = ""
    """what the browser says it is"""
    address: str = ""
    """shortened, so that it says from which network and not from which chair"""
    rights: str = ""
    """role and institution at the log-in: who is given others has to log in again"""
    half: bool = False
    """the password was right, the second step is still to come: such a session opens nothing else"""
    proved: bool = False
    """by a second step, here or at another provider"""
    provider_token: str = ""
    """encrypted: by what another provider knows the log-in that has to end there too"""


class Notice(SQLModel, table=True):
    """Something an institution's people must know: due tomorrow, overdue, returned, could not be sent. Sent once."""

    id: int | None = Field(default=None, primary_key=True)
    institution_id: int = Field(foreign_key="institution.id", index=True)
    role: str = ""
    """whom it concerns; empty: everybody there"""
    person_id: int | None = Field(default=None, foreign_key="person.id")
    """whom alone it concerns, or who stands in for him; none: all who have the role"""
    ticket_id: int | None = Field(default=None, foreign_key="ticket.id", index=True)
    """none where it is about several, or about none"""
    kind: str
    data: dict[str, Any] = Field(default={}, sa_type=JSON)
    """what fills the words of its kind: numbers, dates, references"""
    key: str = Field(unique=True)
    at: datetime = Field(sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


def notify(
    session: Session,
    institution_id: int,
    ticket_id: int | None,
    kind: str,
    key: str,
    at: datetime,
    *,
    role: str = "",
    **data: Any,
) -> Notice:
    """Leaves a notice; the same one that was left before, where there is one under that key."""
    if before := session.exec(select(Notice).where(col(Notice.key) == key)).first():
        return before
    notice = new_notice(institution_id, role, ticket_id, kind, key, at, data)
    session.add(notice)
    return notice


def new_notice(
    institution_id: int, role: str, ticket_id: int | None, kind: str, key: str, at: datetime, data: Mapping[str, Any]
) -> Notice:
    """A notice that is not stored yet."""
    return Notice(
        institution_id=institution_id, role=role, ticket_id=ticket_id, kind=kind, data=plainly(data), key=key, at=at
    )
