"""Settings and database for a command, or a plain word on what is wrong with them."""

from typing import Any

from bot.commands import fail
from bot.first_start import prepare
from bot.migrate import migrate
from config.settings import Settings
from models.database import Database


def settings_or_fail(**given: Any) -> Settings:
    try:
        return Settings(**given)
    except ValueError as error:
        fail(f"the settings are wrong: {error}", 2)


def open_database() -> Database:
    """Migrated, with the starting catalogue, so that every command works on a fresh machine."""
    settings = settings_or_fail()
    database = Database(settings.database_url)
    migrate(database)
    prepare(database, settings.data_dir)
    return database
