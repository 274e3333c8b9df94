"""Brings the database to the newest form. Several processes may try at once: on PostgreSQL one does, the rest wait."""

from sqlalchemy import text

from config.settings import ROOT
from models.database import Database

LOCK = 4_008_400
"""any number that nothing else locks"""


def migrate(database: Database) -> None:
    from alembic import command  # late: only needed here, and slow to load
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
