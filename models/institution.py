"""Who is competent, and who coordinates."""

from datetime import datetime

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from models.moments import Instant


class Institution(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: dict[str, str] = Field(sa_type=JSON)
    kind: str
    territorial: bool = False
    """a role that every municipality has, not one body"""
    calendar: str = "state"
    email_domain: str = ""
    email: str | None = None
    web: str | None = None
    coordinates: str | None = None
    """whose questions it coordinates: `resident`, `business` or none"""
    approval: bool = False
    """the head approves what its people answer before it goes out"""
    areas: dict[str, list[str]] = Field(default={}, sa_type=JSON)
    edited_at: datetime | None = Field(default=None, sa_type=Instant)
    """since when people at the desk have the last word: what its file says is not taken over any more"""
    retired_at: datetime | None = Field(default=None, sa_type=Instant)
    """since when nothing is forwarded to it; it stays, because tickets name it"""

    def called(self, language: str) -> str:
        return self.name.get(language) or self.name["lv"]


def institution_by_code(session: Session, code: str) -> Institution | None:
    return session.exec(select(Institution).where(col(Institution.code) == code)).first()
