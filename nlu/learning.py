"""How an engine comes to know a catalogue: out of the model file in a second, or anew without holding anybody up."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import structlog

from nlu import decide, model_file
from nlu.decide import Decision
from nlu.drift import mark, outgrown
from nlu.embed import embedder
from nlu.fit_decision import fit_decision
from nlu.held_out import questions
from nlu.meaning import Competence, Entry
from nlu.model_file import UnfitError
from nlu.sense import Sense, spelling_of, texts_to_embed
from nlu.spelling import Spelling
from nlu.understand import Engine
from nlu.vectors import FILE, Vectors
from nlu.vocabulary import Vocabulary
from nlu.worth import Trial

log = structlog.get_logger()

NAME = "understanding.model"
KIND = "catalogue"
ENOUGH = 1_000
"""Fewer questions say too little about limits; then the shipped ones hold."""
MOST = 2_500
"""Questions that limits are fitted on while the desk is at work: a quarter of a minute."""


class Learner:
    """One for a process; its methods are called by one thread at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` keeps the model file; without one every start learns anew, which takes two seconds."""
        self._path = folder / NAME if folder else None
        self._shipped = Vectors.load(FILE)
        self._vectors = self._shipped.joined(Vectors.empty())
        self._decision: Decision = decide.shipped()
        self._read: dict[str, str] = {}

    @property
    def vectors(self) -> Vectors:
        """The embeddings known so far."""
        return self._vectors

    def quickly(self, entries: Sequence[Entry], competences: Sequence[Competence]) -> tuple[Engine, bool]:
        """An engine at once, and whether that is all: where texts must be embedded first it knows words only."""
        if (sense := self._load(data_of(entries, competences))) is not None:
            return self._engine(entries, competences, sense), True
        spelling = spelling_of(entries)
        new = len(self._vectors.missing(texts_to_embed(entries, competences, spelling)))
        if new or self._is_outgrown(entries):
            log.info("questions are understood by words alone until the meaning of all texts is learnt", texts=new)
            return self._engine(entries, competences, None), False
        return self._learn(entries, competences, spelling), True

    def thoroughly(self, entries: Sequence[Entry], competences: Sequence[Competence]) -> Engine:
        """Embeds what is new (20 ms a text) and fits the limits anew where the catalogue has grown out of them.

        Where another process has learnt the same meanwhile, its model file is all that is needed.
        """
        if (sense := self._load(data_of(entries, competences))) is not None:
            return self._engine(entries, competences, sense)
        spelling = spelling_of(entries)
        self._vectors.add(texts_to_embed(entries, competences, spelling), embedder().embed)
        if self._is_outgrown(entries):
            self._decision = fit_decision(entries, competences, self._vectors, most=MOST)
            log.info("the limits of the decision were fitted anew", **self._decision.figures)
        return self._learn(entries, competences, spelling)

    def trial(self, entries: Sequence[Entry], competences: Sequence[Competence]) -> Trial:
        """For trying examples out, after `thoroughly` has embedded them; without any among the entries."""
        return Trial(entries, competences, self._vectors, self._decision)

    def _is_outgrown(self, entries: Sequence[Entry]) -> bool:
        asked = sum(1 for _ in questions(entries))
        return asked >= ENOUGH and outgrown(self._decision.catalogue, mark(entries))

    def _learn(self, entries: Sequence[Entry], competences: Sequence[Competence], spelling: Spelling) -> Engine:
        sense = Sense.learn(entries, competences, self._vectors, spelling)
        engine = self._engine(entries, competences, sense)
        if self._path and sense:
            self._save(self._path, entries, competences, sense)
        return engine

    def _engine(self, entries: Sequence[Entry], competences: Sequence[Competence], sense: Sense | None) -> Engine:
        vocabulary = Vocabulary(self._read)
        engine = Engine.learn(entries, competences, sense, vocabulary)
        self._read = vocabulary.texts_read
        return engine.judging(self._decision)

    def _load(self, data: str) -> Sense | None:
        if not self._path or not self._path.exists():
            return None
        try:
            state, arrays, _ = model_file.read(self._path, KIND)
            if state["shipped"] == list(decide.shipped().catalogue):
                self._decision = Decision.read(state["decision"])
            self._read |= state["read"]
            self._vectors = self._vectors.joined(Vectors.of_arrays(arrays))
            return Sense.read(arrays, state["spelling"]) if state["data"] == data else None
        except (UnfitError, KeyError) as unfit:
            log.info("the catalogue is learnt anew", because=str(unfit))
            return None

    def _save(self, path: Path, entries: Sequence[Entry], competences: Sequence[Competence], sense: Sense) -> None:
        own = self._vectors.only(self._shipped.missing(texts_to_embed(entries, competences, sense.spelling)))
        data = data_of(entries, competences)
        state = {
            "data": data,
            "shipped": list(decide.shipped().catalogue),
            "decision": self._decision.plain(),
            "spelling": sense.spelling.words,
            "read": self._read,
        }
        try:
            model_file.write(path, KIND, data, self._decision.figures, state, sense.arrays() | own.arrays())
        except OSError as error:  # a full disk must not keep the desk from answering
            log.warning("the model file could not be written", path=str(path), error=str(error))


def data_of(entries: Sequence[Entry], competences: Sequence[Competence]) -> str:
    """The hash of all that is learnt."""
    return model_file.fingerprint([*map(asdict, entries), *map(asdict, competences)])
