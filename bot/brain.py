"""The engine that understands and the catalogue it learnt, kept up to date without a restart."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlmodel import col, select

from catalogue.learn import catalogue_stamp, competences, entries
from models.database import Database
from models.institution import Institution
from models.service import Service
from nlu.understand import Engine, Understanding

log = structlog.get_logger()
LOOK_EVERY = 5.0
"""seconds between looks whether the catalogue has changed"""


@dataclass(frozen=True, slots=True)
class Published:
    """The entries in force when the engine learnt them: what it understood is what is quoted. By code."""

    services: Mapping[str, Service]
    institutions: Mapping[str, Institution]

    def publisher_of(self, service: Service, language: str) -> str:
        """What the institution that answers for the entry is called."""
        institution = self.institutions.get(service.institution)
        return institution.called(language) if institution else service.institution


class Brain:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._stamp = ""
        self._engine: Engine | None = None
        self._published = Published({}, {})

    def published(self) -> Published:
        return self._published

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
            services = {service.code: service for service in session.exec(select(Service).where(col(Service.current)))}
            institutions = {institution.code: institution for institution in session.exec(select(Institution))}
        self._published = Published(services, institutions)
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
