"""The engine that understands, kept up to date with the catalogue without a restart."""

import asyncio

import structlog

from catalogue.learn import catalogue_stamp, competences, entries
from models.database import Database
from nlu.understand import Engine, Understanding

log = structlog.get_logger()
LOOK_EVERY = 5.0
"""seconds between looks whether the catalogue has changed"""


class Brain:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._stamp = ""
        self._engine: Engine | None = None

    def understand(self, text: str, hint: str, audience: str) -> Understanding:
        """In any thread. Raises RuntimeError before the first `learn`."""
        if self._engine is None:
            raise RuntimeError("the engine has not learnt yet")
        return self._engine.understand(text, hint, audience)

    def learn(self) -> bool:
        """Learns the catalogue anew where it has changed; the old engine serves meanwhile."""
        with self._database.read() as session:
            stamp = catalogue_stamp(session)
            if stamp == self._stamp:
                return False
            known, competent = entries(session), competences(session)
        self._engine = Engine.learn(known, competent)
        self._stamp = stamp
        return True

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if await asyncio.to_thread(self.learn):
                    log.info("the catalogue has changed and was learnt")
            except Exception:
                log.exception("the catalogue could not be learnt")
