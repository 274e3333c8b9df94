"""Which engine understands: the built-in one, or Rasa with the built-in one behind it."""

from collections.abc import Callable

from config.settings import Settings
from nlu import decide
from nlu.circuit import Circuit
from nlu.rasa import RasaEngine, Understands
from nlu.rasa_wire import RasaServer
from nlu.understand import Engine

Choose = Callable[[Engine], Understands]
"""From the built-in engine that has learnt the catalogue to the one that is asked."""


def builtin(engine: Engine) -> Understands:
    return engine


def chosen(settings: Settings) -> Choose:
    """What NLU_ENGINE says. The circuit outlives the engines: a new catalogue does not make Rasa well."""
    if settings.nlu_engine == "builtin":
        return builtin
    server, circuit = RasaServer(settings.nlu_rasa_url, settings.nlu_rasa_timeout), Circuit()

    def with_rasa(engine: Engine) -> Understands:
        limits = (engine.decision or decide.shipped()).full.limits
        return RasaEngine(engine, engine.services.entries, limits, server, circuit)

    return with_rasa
