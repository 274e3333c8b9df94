"""An empty database, and a session in which a few institutions are known."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from models.database import Database
from models.tables import metadata
from tests.catalogue.given import institutions


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'atbilde.db'}")
    metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.read() as session:
        institutions(session)
        yield session
