"""What people changed in the administration: who, when, what thing, before and after. Append-only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, event
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant, plain

SECRET = ("password", "secret", "token", "hash", "csrf", "key_")
"""parts of the names of fields whose values never come into the trail"""
HIDDEN = "•••"


class Change(SQLModel, table=True):
    """Nothing changes or deletes such a row: neither this program (see below) nor the database (triggers)."""

    __table_args__ = (Index("change_of", "thing", "name", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    actor: str = Field(index=True)
    """a log-in, `clock` for what the program does by itself, or `link` for who follows an invitation"""
    thing: str
    """the kind of thing: institution, person, setting …"""
    name: str
    """which one: its code, log-in, number or name"""
    what: str
    """what was done: added, changed, retired …"""
    before: dict[str, Any] = Field(default={}, sa_type=JSON)
    """only the fields that differ, as JSON can keep them"""
    after: dict[str, Any] = Field(default={}, sa_type=JSON)


def note_change(
    session: Session,
    actor: str,
    thing: str,
    name: str,
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    at: datetime,
) -> bool:
    """Adds to the trail, in the transaction that makes the change; False where nothing differs and nothing is noted."""
    differs = [field for field in {**before, **after} if before.get(field) != after.get(field)]
    if not differs:
        return False
    old, new = ({name: _open(name, side[name]) for name in differs if name in side} for side in (before, after))
    session.add(Change(at=at, actor=actor, thing=thing, name=name, what=what, before=old, after=new))
    return True


def changes_of(session: Session, thing: str, name: str, most: int = 20) -> list[Change]:
    """The newest first."""
    wanted = select(Change).where(col(Change.thing) == thing, col(Change.name) == name)
    return list(session.exec(wanted.order_by(col(Change.id).desc()).limit(most)))


def _open(name: str, value: Any) -> Any:
    return HIDDEN if any(part in name.casefold() for part in SECRET) else plain(value)


def _refuse(*_: object) -> None:
    raise ValueError("the trail of changes is only added to")


event.listen(Change, "before_update", _refuse)
event.listen(Change, "before_delete", _refuse)
