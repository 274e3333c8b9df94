"""What somebody has typed and not sent yet. Only its owner ever sees it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, UniqueConstraint, bindparam, text
from sqlmodel import Field, Session, SQLModel, col, delete, select

from models.moments import Instant

KEPT_FOR = timedelta(days=30)
"""a draft that nobody has touched for so long is thrown away: it may hold what a citizen told"""


class Draft(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("owner", "place", "form"),)
    id: int | None = Field(default=None, primary_key=True)
    owner: str
    """`person 12`, or `link 34` for whoever holds the link to that forwarding"""
    place: str
    """path of the page that the form stands on"""
    form: str
    fields: dict[str, Any] = Field(default={}, sa_type=JSON)
    """what was typed: a text, or a list of what was chosen"""
    saved_at: datetime = Field(sa_type=Instant, index=True)


SAVE = text(
    "INSERT INTO draft (owner, place, form, fields, saved_at) VALUES (:owner, :place, :form, :fields, :at) "
    "ON CONFLICT (owner, place, form) DO UPDATE SET fields = excluded.fields, saved_at = excluded.saved_at"
).bindparams(bindparam("fields", type_=JSON()), bindparam("at", type_=Instant()))
"""two windows may save at once"""


def save_draft(session: Session, owner: str, place: str, form: str, fields: Mapping[str, Any], at: datetime) -> bool:
    """Keeps it instead of what was kept before. Nothing typed is no draft: False, and what was kept is gone."""
    session.exec(delete(Draft).where(col(Draft.saved_at) < at - KEPT_FOR))
    if not any(fields.values()):
        drop_draft(session, owner, place, form)
        return False
    row = {"owner": owner, "place": place, "form": form, "fields": dict(fields), "at": at}
    session.connection().execute(SAVE, row)
    return True


def drop_draft(session: Session, owner: str, place: str, form: str) -> None:
    session.exec(delete(Draft).where(col(Draft.owner) == owner, col(Draft.place) == place, col(Draft.form) == form))


def drafts_of(session: Session, owner: str, place: str) -> dict[str, Draft]:
    """By form."""
    return {draft.form: draft for draft in session.exec(_of(owner, place)).all()}


def _of(owner: str, place: str) -> Any:
    return select(Draft).where(col(Draft.owner) == owner, col(Draft.place) == place)
