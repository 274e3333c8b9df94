"""What proves who somebody at the desk is, besides a password: second factors, accounts elsewhere, counted failures."""

from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import insert as insert_on_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite
from sqlmodel import Field, Session, SQLModel

from models.moments import Instant


class SecondFactor(SQLModel, table=True):
    """The secret that a person's telephone makes codes from (RFC 6238), encrypted."""

    person_id: int = Field(primary_key=True, foreign_key="person.id", sa_column_kwargs={"autoincrement": False})
    sealed: str
    last_step: int
    """the span of 30 seconds of the last code that was taken: neither it nor an earlier one is taken again"""
    since: datetime = Field(sa_type=Instant)


class RecoveryCode(SQLModel, table=True):
    """A code that replaces the telephone once; only its keyed hash is kept."""

    code_hash: str = Field(primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class Identity(SQLModel, table=True):
    """An account at another provider that belongs to a person here."""

    __table_args__ = (UniqueConstraint("issuer", "subject"),)
    id: int | None = Field(default=None, primary_key=True)
    issuer: str
    subject: str
    """what the provider's claim says that people are told apart by"""
    person_id: int = Field(foreign_key="person.id", index=True)
    linked_by: str
    """who said so: a log-in, or `e-mail`"""
    linked_at: datetime = Field(sa_type=Instant)


class Tries(SQLModel, table=True):
    """How often it was tried to log in, with one log-in or from one address, since a moment."""

    key: str = Field(primary_key=True)
    """a keyed hash: what is typed as a log-in is now and then a password"""
    number: int
    since: datetime = Field(sa_type=Instant, index=True)


def count_try(session: Session, key: str, at: datetime, span: timedelta) -> int:
    """How many tries there are within the span, with this one; exact when many come at once."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    insert = insert_on_postgresql if postgresql else insert_on_sqlite
    session.execute(insert(Tries).values(key=key, number=0, since=at).on_conflict_do_nothing())
    row = session.get_one(Tries, key, with_for_update=True, populate_existing=True)
    if row.since + span <= at:
        row.number, row.since = 0, at
    row.number += 1
    return row.number
