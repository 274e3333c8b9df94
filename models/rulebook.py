"""The rules of the law's clocks as they were put in force, one row for each change of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
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


def refused_now(session: Session) -> RulesRefused | None:
    """What an editor has to put right, if there is anything."""
    return session.exec(
        select(RulesRefused).where(col(RulesRefused.ended_at).is_(None)).order_by(col(RulesRefused.id).desc()).limit(1)
    ).first()
