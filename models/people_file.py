"""A file of people that was uploaded and looked at, and waits until somebody says that it be applied."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from models.moments import Instant


class PeopleFile(SQLModel, table=True):
    """Kept by its hash, with a mark of what it would change: another state of the people is another mark."""

    __tablename__ = "people_file"

    id: int | None = Field(default=None, primary_key=True)
    sha256: str
    text: str
    mark: str
    by: str
    at: datetime = Field(sa_type=Instant)
    applied_at: datetime | None = Field(default=None, sa_type=Instant)
