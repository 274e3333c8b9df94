"""People who work at the desk, their sessions, and the notices they get."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class Role(StrEnum):
    COORDINATOR = "coordinator"
    CLERK = "clerk"
    """answers for one institution"""
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
    created_at: datetime = Field(sa_type=Instant)


class StaffSession(SQLModel, table=True):
    """A log-in; the cookie holds the secret, the table only its hash."""

    token_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    csrf: str
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class Notice(SQLModel, table=True):
    """Something an institution's people must know: due tomorrow, overdue, returned, could not be sent. Sent once."""

    id: int | None = Field(default=None, primary_key=True)
    institution_id: int = Field(foreign_key="institution.id", index=True)
    ticket_id: int = Field(foreign_key="ticket.id", index=True)
    kind: str
    key: str = Field(unique=True)
    at: datetime = Field(sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)


def notify(session: Session, institution_id: int, ticket_id: int, kind: str, key: str, at: datetime) -> bool:
    """Leaves a notice; False when the same one was left before."""
    if session.exec(select(Notice.id).where(col(Notice.key) == key)).first() is not None:
        return False
    session.add(Notice(institution_id=institution_id, ticket_id=ticket_id, kind=kind, key=key, at=at))
    return True
