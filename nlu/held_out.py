"""Questions of the catalogue, asked of engines that have not learnt them or know nothing of their matter."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol, TypeVar

import numpy as np

from nlu import topics
from nlu.arrays import Bools, Doubles, Floats
from nlu.decide import CLEAR_MARGIN, Decision
from nlu.embed import clean
from nlu.meaning import Band, Competence, Entry, Intent
from nlu.question import Question
from nlu.sense import Sense, spelling_of
from nlu.topics import Found
from nlu.understand import Engine
from nlu.vectors import Vectors, key_of
from nlu.vocabulary import Vocabulary

FOLDS, STRANGERS = 8, 5
"""Each question is asked of an engine without an eighth of all questions, each matter of one without a fifth of all
institutions."""
EVERY_STRANGE = 3
"""Of the questions outside every third is asked; they are of few kinds."""
KEPT = 3
"""services kept of what was found: as many as a citizen is asked among"""


class Asked(NamedTuple):
    text: str
    language: str
    entry: Entry


class Way(NamedTuple):
    """What was found in one of the two ways: by words, or by words and meaning."""

    codes: tuple[str, ...]  # of services, best first
    evidence: Doubles
    margin: float
    vague: bool

    @property
    def open(self) -> bool:
        """Neither vague nor between two services that fit alike: the confidence decides."""
        return not self.vague and self.margin >= CLEAR_MARGIN


class Sought(NamedTuple):
    asked: Asked
    ways: tuple[Way, Way]
    intent: Intent  # what is no question goes to people, whatever was found
    institutions: tuple[str, ...]  # best first; none where they were not wanted


def questions(entries: Sequence[Entry]) -> Iterator[Asked]:
    for entry in entries:
        for language, texts in entry.questions.items():
            yield from (Asked(text, language, entry) for text in texts)


def chosen(entries: Sequence[Entry], most: int) -> list[Asked]:
    """All questions, or so many of them, in an order that has nothing to do with the catalogue's."""
    return sorted(questions(entries), key=lambda one: key_of(one.text))[:most]


def fold_of(text: str) -> int:
    return key_of(text) % FOLDS


def inside(
    entries: Sequence[Entry],
    competences: Sequence[Competence],
    vectors: Vectors,
    asked: Sequence[Asked],
    *,
    institutions: bool = False,
) -> Iterator[Sought]:
    """Each question asked of an engine that has not seen it."""
    nothing = np.zeros(len(entries), bool)
    read: dict[str, str] = {}  # no text is taken to its words twice
    for fold in range(FOLDS):
        hidden = {one.text for one in asked if fold_of(one.text) == fold}
        if hidden:
            vocabulary = Vocabulary(read)
            engine = learn_without(entries, competences, vectors, hidden, vocabulary)
            read |= vocabulary.texts_read
            yield from (_seek(engine, vectors, one, nothing, institutions) for one in asked if one.text in hidden)


def outside(
    entries: Sequence[Entry], competences: Sequence[Competence], vectors: Vectors, asked: Sequence[Asked]
) -> Iterator[Sought]:
    """Each question asked of an engine that knows no service of its institution, nor of its life situation."""
    spelling = spelling_of(entries)
    read: dict[str, str] = {}
    for fold in range(STRANGERS):
        known = [entry for entry in entries if key_of(entry.institution) % STRANGERS != fold]
        strange = [one for one in asked if key_of(one.entry.institution) % STRANGERS == fold]
        if len(known) < 2 or not strange:
            continue
        vocabulary = Vocabulary(read)
        engine = Engine.learn(known, competences, Sense.learn(known, competences, vectors, spelling), vocabulary)
        read |= vocabulary.texts_read
        for one in strange:
            its = one.entry.life_situation
            hidden = np.array([bool(its) and entry.life_situation == its for entry in known], bool)
            yield _seek(engine, vectors, one, hidden, institutions=False)


def learn_without(
    entries: Sequence[Entry],
    competences: Sequence[Competence],
    vectors: Vectors,
    hidden: Container[str],
    vocabulary: Vocabulary | None = None,
) -> Engine:
    """An engine that does not know some questions."""
    known = [
        replace(
            entry, questions={k: tuple(q for q in texts if q not in hidden) for k, texts in entry.questions.items()}
        )
        for entry in entries
    ]
    sense = Sense.learn(known, competences, vectors, spelling_of(entries))
    return Engine.learn(known, competences, sense, vocabulary)


def find(engine: Engine, embed: Callable[[str], Floats], one: Asked, hidden: Bools) -> tuple[Found, Found]:
    """By words, and by words and meaning, as if the engine did not know the `hidden` services."""
    return _find(engine, engine.read(one.text, one.language), _vector(engine, embed, one), hidden)


class Judged(Protocol):
    """What a decision looks at: a Way, or what a Way is made of."""

    @property
    def evidence(self) -> Doubles: ...
    @property
    def margin(self) -> float: ...
    @property
    def vague(self) -> bool: ...


Its = TypeVar("Its", bound=Judged)


def judge(decision: Decision, ways: tuple[Its, Its]) -> tuple[Its, float, Band]:
    """The way that decides, how sure it is, and what that allows: words alone where they are enough."""
    for judgement, its in zip((decision.words, decision.full), ways, strict=True):
        sure = judgement.sure(its.evidence)
        band = judgement.limits.band(sure, its.margin, its.vague)
        if band is Band.ANSWER:
            break
    return its, sure, band


def _seek(engine: Engine, vectors: Vectors, one: Asked, hidden: Bools, institutions: bool) -> Sought:
    question, vector = engine.read(one.text, one.language), _vector(engine, vectors.one, one)
    entries = engine.services.entries
    words, full = (
        Way(tuple(entries[at].code for at in its.order[:KEPT]), its.evidence, its.margin, its.vague)
        for its in _find(engine, question, vector, hidden)
    )
    ranked = engine.rank(question, vector)[:KEPT] if institutions else ()
    return Sought(one, (words, full), question.intent, tuple(candidate.code for candidate in ranked))


def _find(engine: Engine, question: Question, vector: Floats, hidden: Bools) -> tuple[Found, Found]:
    fit = engine.fit(question)
    known = np.where(hidden, 0.0, 1.0)
    score = np.where(hidden, topics.NOT_MEANT, fit.score)
    fit = replace(fit, cover=fit.cover * known, likeness=fit.likeness * known, score=score)
    near = np.where(hidden, -1.0, _sense(engine).near_services(vector))
    owners = engine.owners(question, vector, near)
    return (
        topics.by_words(engine.services, fit, question.places),
        topics.by_meaning(engine.services, fit, near, owners, question.places),
    )


def _vector(engine: Engine, embed: Callable[[str], Floats], one: Asked) -> Floats:
    return embed(_sense(engine).spelling.restore(clean(one.text)))


def _sense(engine: Engine) -> Sense:
    if engine.sense is None:
        raise RuntimeError("this engine knows words only")
    return engine.sense
