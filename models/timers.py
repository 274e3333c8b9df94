"""Many timers at once."""

from collections.abc import Sequence

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from models.queue import Timer


def put_once(session: Session, timers: Sequence[Timer]) -> None:
    """Stores those under whose key there is none yet."""
    made = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    if timers:
        rows = [timer.model_dump(exclude={"id"}) for timer in timers]
        session.connection().execute(made(Timer).on_conflict_do_nothing(), rows)
