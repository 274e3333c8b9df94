"""Deletes what has had its time, as leader and a little at each beat, so that nothing else waits for it."""

import asyncio
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from bot.files import Files
from models.database import Database
from models.message import Attachment
from models.retention import DroppedFile, cleaning_now
from routing.retention import begin_tonight, go_on, is_night

log = structlog.get_logger()
AT_A_BEAT = 4
"""batches in a row; the next beat goes on"""
FILES_AT_A_BEAT = 100


class Cleaner:
    def __init__(self, database: Database, store: Files) -> None:
        self._database = database
        self._store = store

    async def clean(self, at: datetime) -> None:
        """What is due at this beat; where nothing is, that is a look or two."""
        if await self._database.reading(lambda session: cleaning_now(session) is None):
            begun = is_night(at) and await self._database.writing(lambda s: begin_tonight(s, at) is not None)
            if not begun and not await self._database.reading(_any_dropped):
                return
        for _ in range(AT_A_BEAT):
            if not await self._database.writing(lambda session: go_on(session, at)):
                break
        await self._drop_files()

    async def _drop_files(self) -> None:
        """Only bytes that no attachment names; a crash in between leaves the row, and the next beat tries again."""
        names = await self._database.reading(_droppable)
        gone = []
        for name in names:
            try:
                if await asyncio.to_thread(self._store.drop, name):
                    gone.append(name)
            except OSError:
                log.exception("a file that nobody needs could not be deleted", file=name)
        if names:
            await self._database.writing(lambda session: _forget(session, gone))


def _any_dropped(session: Session) -> bool:
    return session.exec(select(DroppedFile.sha256).limit(1)).first() is not None


def _droppable(session: Session) -> list[str]:
    """The oldest ones; those that somebody has sent again meanwhile are left to `_forget`."""
    named = select(Attachment.id).where(col(Attachment.sha256) == col(DroppedFile.sha256)).exists()
    wanted = select(DroppedFile.sha256).where(~named).order_by(col(DroppedFile.at)).limit(FILES_AT_A_BEAT)
    return list(session.exec(wanted))


def _forget(session: Session, gone: list[str]) -> None:
    """What is deleted is done with, and so is what an attachment names again."""
    for row in session.exec(select(DroppedFile)).all():
        again = select(Attachment.id).where(col(Attachment.sha256) == row.sha256).limit(1)
        if row.sha256 in gone or session.exec(again).first() is not None:
            session.delete(row)
