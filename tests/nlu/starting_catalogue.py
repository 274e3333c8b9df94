"""The starting catalogue as the engine learns it, and the same with questions held out."""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from nlu.sense import Sense, spelling_of
from nlu.spelling import Spelling
from nlu.understand import Competence, Engine, Entry
from nlu.vectors import FILE, Vectors
from nlu.vocabulary import Vocabulary

ROOT = Path(__file__).resolve().parents[2]
DEV_QUESTIONS = ROOT.parent / "shared" / "data" / "questions-dev.jsonl"


class Asked(NamedTuple):
    """A question of the catalogue, its language, and the service that answers it."""

    text: str
    language: str
    service: str


@cache
def services() -> tuple[dict[str, Any], ...]:
    files = sorted((ROOT / "catalogue" / "start").glob("services-*.yaml"))
    read = [yaml.load(file.read_text("utf-8"), yaml.CSafeLoader) for file in files]
    return tuple(service for file in read for service in file["services"])


@cache
def competences() -> tuple[Competence, ...]:
    read = yaml.safe_load((ROOT / "config" / "institutions.yaml").read_text("utf-8"))
    return tuple(
        Competence(i["code"], i["name"], {k: tuple(v) for k, v in i["areas"].items()}, i["territorial"])
        for i in read["institutions"]
    )


def entry(service: dict[str, Any], keep: Callable[[int], bool] = lambda _: True) -> Entry:
    """One service of the file; `keep` says by its place which question is learnt."""
    questions = {k: tuple(q for at, q in enumerate(v) if keep(at)) for k, v in service["questions"].items()}
    return Entry(
        code=service["code"],
        institution=service["institution"],
        also=tuple(service["also"]),
        municipality=service["municipality"] or "",
        audience=service["audience"],
        titles=service["title"],
        keywords={k: tuple(v) for k, v in service["keywords"].items()},
        questions=questions,
        summaries=service["summary"],
        life_situation=service["life_situation"],
    )


def asked(keep: Callable[[int], bool] = lambda _: True) -> Iterable[Asked]:
    """The questions of all services whose place in their list is wanted."""
    for service in services():
        for language, questions in service["questions"].items():
            yield from (Asked(q, language, service["code"]) for at, q in enumerate(questions) if keep(at))


@cache
def vectors() -> Vectors:
    """Those that are shipped: no test embeds the catalogue."""
    return Vectors.load(FILE)


@cache
def engine() -> Engine:
    """Knows everything the starting catalogue holds."""
    return _engine(lambda _: True)


@cache
def engine_without(fold: int, folds: int) -> Engine:
    """Has not seen every `folds`-th question of each service, beginning at `fold`."""
    return _engine(lambda at: at % folds != fold)


def _engine(keep: Callable[[int], bool]) -> Engine:
    return learn([entry(service, keep) for service in services()])


def learn(known: Sequence[Entry]) -> Engine:
    """An engine that knows these services; spelt as in the whole catalogue, of which all texts are embedded."""
    vocabulary = Vocabulary(_read)
    engine = Engine.learn(known, competences(), Sense.learn(known, competences(), vectors(), _spelling()), vocabulary)
    _read.update(vocabulary.texts_read)
    return engine


@cache
def _spelling() -> Spelling:
    return spelling_of([entry(service) for service in services()])


_read: dict[str, str] = {}
"""what was read of each text: no engine takes it to its words again"""
