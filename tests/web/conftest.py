"""The desk, opened anew for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.brain import Brain
from tests.web.desk_house import DeskHouse, open_house


@pytest.fixture
def desk(sqlite_url: str, brain: Brain, tmp_path: Path) -> Iterator[DeskHouse]:
    opened = open_house(sqlite_url, brain, tmp_path)
    yield opened
    opened.database.close()


@pytest.fixture
def desk_on_both(database_url: str, brain: Brain, tmp_path: Path) -> Iterator[DeskHouse]:
    """The same on SQLite and on PostgreSQL."""
    opened = open_house(database_url, brain, tmp_path)
    yield opened
    opened.database.close()
