"""What was last read from a file into the catalogue, so that the same file is not read twice."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from models.moments import Instant


class CatalogueLoad(SQLModel, table=True):
    __tablename__ = "catalogue_load"

    name: str = Field(primary_key=True)
    fingerprint: str
    at: datetime = Field(sa_type=Instant)


def loaded(session: Session, name: str) -> str:
    """The fingerprint of what was last loaded under this name; empty where nothing was."""
    load = session.get(CatalogueLoad, name)
    return load.fingerprint if load else ""


def record_load(session: Session, name: str, fingerprint: str, at: datetime) -> None:
    load = session.get(CatalogueLoad, name)
    if load is None:
        session.add(CatalogueLoad(name=name, fingerprint=fingerprint, at=at))
    elif load.fingerprint != fingerprint:
        load.fingerprint, load.at = fingerprint, at
