"""Settings and database for a command, or a plain word on what is wrong with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from bot.commands import fail
from bot.first_start import prepare
from bot.migrate import migrate
from config.settings import Settings
from models.database import Database


def settings_or_fail(**given: Any) -> Settings:
    with plain_words():
        return Settings(**given)


def open_database(*, ready: bool = True) -> Database:
    """Migrated, with the starting catalogue unless told otherwise, so that commands work on a fresh machine."""
    settings = settings_or_fail()
    with plain_words():
        database = Database(settings.database_url)
        migrate(database)
        if ready:
            prepare(database, settings.data_dir)
        return database


@contextmanager
def plain_words() -> Iterator[None]:
    """Ends the command with one line where a setting is wrong or the database does not answer."""
    try:
        yield
    except ValueError as error:
        fail(f"the settings are wrong: {_said(error)}", 2)
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        fail(f"the database named by DATABASE_URL cannot be used: {reason}", 2)


def _said(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        prefix = "" if error.title == Settings.__name__ else f"{error.title}: "
        return "; ".join(f"{prefix}{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
    return _said(error.__cause__) if isinstance(error.__cause__, ValueError) else str(error)
