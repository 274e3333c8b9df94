"""Rasa Open Source as the second engine: it says which service is meant, the built-in engine says the rest."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Protocol

import structlog

from nlu.circuit import Circuit
from nlu.decide import Limits
from nlu.meaning import Band, Candidate, Entry, Intent, Understanding
from nlu.municipalities import named_in
from nlu.rasa_wire import Guess, NoAnswer, RasaServer

if TYPE_CHECKING:
    from nlu.evaluate import Figures, Row

log = structlog.get_logger()
OFFERED = 5
"""most services and institutions named"""


class Understands(Protocol):
    """An engine."""

    def understand(self, text: str, hint: str = "", audience: str = "", place: str = "") -> Understanding: ...


class RasaEngine:
    """Asks Rasa about questions; falls back to the built-in engine while Rasa does not answer. Thread-safe."""

    def __init__(
        self, builtin: Understands, entries: Iterable[Entry], limits: Limits, server: RasaServer, circuit: Circuit
    ) -> None:
        self._builtin, self._limits, self._server, self._circuit = builtin, limits, server, circuit
        self._entries = {entry.code: entry for entry in entries}
        self._places = {code: named_in(entry.municipality) for code, entry in self._entries.items()}

    def understand(self, text: str, hint: str = "", audience: str = "", place: str = "") -> Understanding:
        """What the text means. Never raises, whatever the text and the server."""
        own = self._builtin.understand(text, hint, audience, place)
        if own.intent is not Intent.QUESTION or own.parts:
            return own  # thanks, a complaint, a personal case: no service's text would be the answer; nor one to two
        guesses = [guess for guess in self._ask(text) if guess.intent in self._entries]
        return self._judge(own, guesses, named_in(text) or frozenset(filter(None, [place]))) if guesses else own

    def _ask(self, text: str) -> list[Guess]:
        if not self._circuit.allows():
            return []
        try:
            guesses = self._server.rank(text)
        except NoAnswer as error:
            if self._circuit.failed():
                log.warning("Rasa fails and is left alone for a while; the built-in engine answers", reason=str(error))
            return []
        if self._circuit.succeeded():
            log.info("Rasa answers again")
        return guesses

    def _judge(self, own: Understanding, guesses: list[Guess], places: frozenset[str]) -> Understanding:
        """By the bands of the desk; asked back at most where Rasa has no notion of what may be wrong.

        What both engines mean, and the built-in one is sure of, is answered: among hundreds of services Rasa's own
        confidence stays low also where it is right.

        It knows no places: an entry of another one is not meant, and a municipality's own only where it is named. And
        it is sure of one of its intents even for what is in none, so what the built-in engine gives to people is
        never answered on Rasa's word alone.
        """
        meant = [guess for guess in guesses if not (places and self._of_another_place(guess.intent, places))]
        if not meant:
            return own
        best, second = meant[0], meant[1].confidence if len(meant) > 1 else 0.0
        entry = self._entries[best.intent]
        local = best is not guesses[0] or bool(entry.municipality and not places)
        unheard_of = own.band is Band.ROUTE
        agreed = own.band is Band.ANSWER and own.services[0].code == best.intent and not local
        known = replace(
            own,
            band=Band.ANSWER
            if agreed
            else self._limits.band(best.confidence, best.confidence - second, local or unheard_of),
            services=tuple(Candidate(guess.intent, round(guess.confidence, 4)) for guess in meant[:OFFERED]),
            confidence=round(best.confidence, 4),
        )
        return _answered_by(known, entry) if known.band is Band.ANSWER else known

    def _of_another_place(self, code: str, places: frozenset[str]) -> bool:
        return bool(self._entries[code].municipality) and not self._places[code] & places


def _answered_by(known: Understanding, entry: Entry) -> Understanding:
    """The institution of the service is the first; the built-in engine knows the others better than Rasa does."""
    first = Candidate(entry.institution, known.confidence)
    others = [one for one in known.institutions if one.code != entry.institution]
    return replace(known, institutions=(first, *others)[:OFFERED], competent=(entry.institution, *entry.also))


def evaluate_rasa(train: Sequence["Row"], test: Sequence["Row"], epochs: int | None = None) -> "Figures":
    """A project of `train`, trained, served and asked `test`; training time has Rasa's own start in it.

    Raises RuntimeError where Rasa is missing or fails, and ValueError where it cannot learn the rows.
    """
    from nlu import rasa_export, rasa_server
    from nlu.evaluate import ask, figures

    with TemporaryDirectory(prefix="atbilde-rasa-") as folder:
        project = Path(folder)
        rasa_export.write_project(project, rasa_export.from_rows(train), epochs=epochs)
        began = time.perf_counter()
        rasa_server.train(project)
        train_s = time.perf_counter() - began
        with rasa_server.serving(project) as running:
            server = RasaServer(running.url, timeout=30.0)
            guessed, times = ask(lambda text: _first_intent(server, text), test)
            return figures("rasa", test, guessed, train_s, times, running.most_memory_mb())


def _first_intent(server: RasaServer, text: str) -> str:
    guesses = server.rank(text)
    return guesses[0].intent if guesses else ""
