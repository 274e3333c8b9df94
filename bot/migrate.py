"""Brings the database to the newest form. Several processes may try at once: one does, the rest wait."""

from sqlmodel import Session

from config.settings import ROOT
from models.database import Database, alone


def migrate(database: Database) -> None:
    from alembic import command  # late: only needed here, and slow to load
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))

    def work(session: Session) -> None:
        alone(session, "migrate")
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")

    database.write(work)
