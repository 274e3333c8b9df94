"""The rules of the law's clocks as they were put in force, one row for each change of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, text
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class Rulebook(SQLModel, table=True):
    """The newest row is in force in every process; the earlier ones say by what earlier clocks were counted."""

    id: int | None = Field(default=None, primary_key=True)
    version: str
    """of the calendars"""
    texts: dict[str, str] = Field(sa_type=JSON)
    """of the files, by their names"""
    fingerprint: str
    """of the texts and the holidays' package"""
    differences: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    """the days that differ from the row before: calendar, on, works, reason"""
    at: datetime = Field(sa_type=Instant)
    moved: dict[str, int] = Field(default={}, sa_type=JSON)
    """how many due dates moved, by the institution whose clock it is"""
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    """when every open clock was counted anew and staff were told"""


class RulesRefused(SQLModel, table=True):
    """Files that an editor changed and that could not be put in force; what was in force before still is."""

    __tablename__ = "rules_refused"

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str
    flaws: list[str] = Field(sa_type=JSON)
    """file, line and reason of each"""
    at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    """when the files were good again"""


def newest_rulebook(session: Session) -> Rulebook | None:
    return session.exec(select(Rulebook).order_by(col(Rulebook.id).desc()).limit(1)).first()


def rulebook_of(session: Session, version: str) -> Rulebook | None:
    """The newest one whose calendars have that version."""
    wanted = select(Rulebook).where(col(Rulebook.version) == version)
    return session.exec(wanted.order_by(col(Rulebook.id).desc()).limit(1)).first()


def rulebooks(session: Session, most: int) -> list[Rulebook]:
    """The newest first."""
    return list(session.exec(select(Rulebook).order_by(col(Rulebook.id).desc()).limit(most)))


def hold_rulebook(session: Session) -> None:
    """Until the commit nobody else writes a rulebook: of two that begin at once, one does and the other sees it.

    A lock on one row, since the first rulebook has none yet that could be locked. The row counts the attempts.
    """
    session.connection().execute(
        text(
            "INSERT INTO counter (name, last) VALUES ('rulebook', 1) "
            "ON CONFLICT (name) DO UPDATE SET last = counter.last + 1"
        )
    )


def refused_now(session: Session) -> RulesRefused | None:
    """What an editor has to put right, if there is anything."""
    return session.exec(
        select(RulesRefused).where(col(RulesRefused.ended_at).is_(None)).order_by(col(RulesRefused.id).desc()).limit(1)
    ).first()
