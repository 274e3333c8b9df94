"""An empty database, and a session in which a few institutions are known."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from models.database import Database
from models.tables import metadata
from tests.catalogue.given import institutions


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables: to copy it is ten times faster than to make them."""
    path = tmp_path_factory.mktemp("empty") / "atbilde.db"
    database = Database(f"sqlite:///{path}")
    metadata.create_all(database.engine)
    database.close()
    return path


@pytest.fixture
def database(empty: Path, tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{shutil.copy(empty, tmp_path)}")
    yield database
    database.close()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.read() as session:
        institutions(session)
        yield session
