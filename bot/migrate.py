"""Brings the database to the newest form. Several processes may try at once: one does, the rest wait."""

from sqlalchemy import text
from sqlmodel import Session

from config.settings import ROOT
from models.database import Database

LOCK = 4_008_400
"""any number that nothing else locks"""


def migrate(database: Database) -> None:
    from alembic import command  # late: only needed here, and slow to load
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))

    def work(session: Session) -> None:
        if not database.is_sqlite:
            session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")

    database.write(work)
