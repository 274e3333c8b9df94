"""The engine that understands and the catalogue it learnt, kept up to date without a restart."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlmodel import col, select

from bot.second_engine import Choose, builtin
from catalogue.learn import catalogue_stamp, competences, entries
from models.database import Database
from models.institution import Institution
from models.service import Service
from nlu import kept_examples
from nlu.examples import join
from nlu.learning import Learner
from nlu.meaning import Competence, Entry
from nlu.rasa import Understands
from nlu.understand import Understanding

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


class Known(NamedTuple):
    """What there is to learn."""

    entries: list[Entry]
    competences: list[Competence]


class Brain:
    def __init__(self, database: Database, folder: Path | None = None, choose: Choose = builtin) -> None:
        """`folder` keeps what was learnt (the model file), so that the next start takes a second, and the corrections
        that `atbilde nlu train` took from the desk.

        `choose` says which engine is asked once the built-in one has learnt.
        """
        self._database = database
        self._folder = folder
        self._learner = Learner(folder)
        self._choose = choose
        self._stamp = ""
        self._engine: Understands | None = None
        self._published = Published({}, {})
        self._unfinished: Known | None = None

    def published(self) -> Published:
        return self._published

    def understand(self, text: str, hint: str, audience: str, place: str = "") -> Understanding:
        """In any thread; `place` is the municipality that is known. Raises RuntimeError before the first `learn`."""
        if self._engine is None:
            raise RuntimeError("the engine has not learnt yet")
        return self._engine.understand(text, hint, audience, place)

    def learn(self) -> bool:
        """Learns catalogue and corrections anew where they have changed; the old engine serves meanwhile.

        The first time it takes a second or two: what is not embedded yet is then understood by its words, and the
        next call, which may take minutes, learns the rest.
        """
        with self._database.read() as session:
            stamp = f"{catalogue_stamp(session)} {kept_examples.stamp(self._folder)}"
            changed = stamp != self._stamp
            if changed:
                known = Known(*join(kept_examples.kept(self._folder), entries(session), competences(session)))
                services = {one.code: one for one in session.exec(select(Service).where(col(Service.current)))}
                institutions = {institution.code: institution for institution in session.exec(select(Institution))}
        if changed:
            self._take(known, Published(services, institutions))
            self._stamp = stamp
        elif self._unfinished:
            self._engine = self._choose(self._learner.thoroughly(*self._unfinished))
            self._unfinished = None
        else:
            return False
        return True

    def _take(self, known: Known, published: Published) -> None:
        if self._engine is None:
            engine, whole = self._learner.quickly(*known)
            self._unfinished = None if whole else known
        else:
            engine, self._unfinished = self._learner.thoroughly(*known), None
        self._published, self._engine = published, self._choose(engine)

    async def run(self) -> None:
        await asyncio.to_thread(self._warm_up)
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                if await asyncio.to_thread(self.learn):
                    log.info("the catalogue has changed and was learnt")
            except Exception:
                log.exception("the catalogue could not be learnt")

    def _warm_up(self) -> None:
        """The first question need not wait for dictionary and embedding model (half a second)."""
        if self._engine is not None:
            self._engine.understand("Kas te notiek, ja neviens neatbild?")
