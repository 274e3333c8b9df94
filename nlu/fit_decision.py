"""The limits of the decision, fitted on questions that the engine has not seen and on matters that it does not know."""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from nlu import topics
from nlu.arrays import Bools, Doubles, Floats
from nlu.confidence import Confidence
from nlu.decide import CLEAR_MARGIN, Decision, Judgement, Limits
from nlu.drift import mark
from nlu.embed import clean
from nlu.fit import NEVER
from nlu.meaning import Competence, Entry
from nlu.sense import Sense, spelling_of
from nlu.topics import Found
from nlu.understand import Engine
from nlu.vectors import Vectors, key_of

WRONG = 0.015
"""At most this share of the answers is wrong, and of the questions outside the catalogue answered, among those fitted
on; so that of others it is at most 2 %. Outside means: neither institution nor life situation is known."""
WRONG_BY_WORDS = 0.0075
"""The same for the fast path alone, so that something is left for the other."""
FOLDS, STRANGERS = 4, 5
"""Each question is asked of an engine without a quarter of all questions, each matter of one without a fifth of all
institutions."""
EVERY_STRANGE = 3
"""Of the questions outside every third is asked; they are of few kinds."""
ASKED_BACK = 0.75
"""Of the questions that are not answered the surest three quarters are asked back, the others go to people at once."""


class Asked(NamedTuple):
    text: str
    language: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Held:
    """What was found for held-out questions in one of the two ways, a row each."""

    evidence: Doubles
    right: Bools  # the first service is the right one; never for a question outside
    open: Bools  # neither local nor between two services that fit alike: the confidence decides


def fit_decision(
    entries: Sequence[Entry],
    competences: Sequence[Competence],
    vectors: Vectors,
    wrong: float = WRONG,
    most: int = 100_000,
) -> Decision:
    """Half a minute for 5,000 questions; `most` asks fewer. Every text must be among the vectors."""
    asked = sorted(questions(entries), key=lambda one: key_of(one.text))[:most]
    inside = _inside(entries, competences, vectors, asked)
    outside = _outside(entries, competences, vectors, asked[::EVERY_STRANGE])
    words, full = (_learn(i, o) for i, o in zip(inside, outside, strict=True))
    in_words, out_words = _sure(words, inside[0]), _sure(words, outside[0])
    fast = _limit(in_words, inside[0].right, out_words, min(WRONG_BY_WORDS, wrong / 2))
    in_full = np.where(in_words >= fast, 1.0, _sure(full, inside[1]))
    out_full = np.where(out_words >= fast, 1.0, _sure(full, outside[1]))
    right = np.where(in_words >= fast, inside[0].right, inside[1].right)
    answer = _limit(in_full, right, out_full, wrong)
    answered = in_full >= answer
    figures = {
        "questions": len(right),
        "outside": len(out_full),
        "first": float(right.mean()),
        "answered": float(answered.mean()),
        "wrong of answered": float(1 - right[answered].mean()) if answered.any() else 0.0,
        "answered of outside": float((out_full >= answer).mean()),
        "by words alone": float((in_words >= fast).mean()),
    }
    return Decision(
        Judgement(words, Limits(fast, _clarify(in_words, fast))),
        Judgement(full, Limits(answer, _clarify(in_full, answer))),
        {name: round(figure, 4) for name, figure in figures.items()},
        mark(entries),
    )


def questions(entries: Sequence[Entry]) -> Iterator[Asked]:
    for entry in entries:
        for language, texts in entry.questions.items():
            yield from (Asked(text, language, entry) for text in texts)


def _inside(
    entries: Sequence[Entry], competences: Sequence[Competence], vectors: Vectors, asked: Sequence[Asked]
) -> tuple[Held, Held]:
    """Each question asked of an engine that has not seen it."""
    pairs: list[tuple[Found, Found]] = []
    right: list[tuple[bool, bool]] = []
    for fold in range(FOLDS):
        hidden = {one.text for one in asked if key_of(one.text) % FOLDS == fold}
        engine = learn_without(entries, competences, vectors, hidden)
        for one in asked:
            if one.text in hidden:
                found = find(engine, vectors.one, one, np.zeros(len(entries), bool))
                codes = [engine.services.entries[its.order[0]].code for its in found]
                pairs.append(found)
                right.append((codes[0] == one.entry.code, codes[1] == one.entry.code))
    return _held([pair[0] for pair in pairs], [r for r, _ in right]), _held(
        [pair[1] for pair in pairs], [r for _, r in right]
    )


def _outside(
    entries: Sequence[Entry], competences: Sequence[Competence], vectors: Vectors, asked: Sequence[Asked]
) -> tuple[Held, Held]:
    """Each question asked of an engine that knows no service of its institution, nor of its life situation."""
    pairs: list[tuple[Found, Found]] = []
    spelling = spelling_of(entries)
    for fold in range(STRANGERS):
        known = [entry for entry in entries if key_of(entry.institution) % STRANGERS != fold]
        if len(known) < 2:
            continue
        engine = Engine.learn(known, competences, Sense.learn(known, competences, vectors, spelling))
        for one in asked:
            if key_of(one.entry.institution) % STRANGERS == fold:
                its = one.entry.life_situation
                hidden = np.array([bool(its) and entry.life_situation == its for entry in known], bool)
                pairs.append(find(engine, vectors.one, one, hidden))
    return _held([pair[0] for pair in pairs]), _held([pair[1] for pair in pairs])


def learn_without(
    entries: Sequence[Entry], competences: Sequence[Competence], vectors: Vectors, hidden: Container[str]
) -> Engine:
    """An engine that does not know some questions."""
    known = [
        replace(
            entry, questions={k: tuple(q for q in texts if q not in hidden) for k, texts in entry.questions.items()}
        )
        for entry in entries
    ]
    return Engine.learn(known, competences, Sense.learn(known, competences, vectors, spelling_of(entries)))


def find(engine: Engine, embed: Callable[[str], Floats], one: Asked, hidden: Bools) -> tuple[Found, Found]:
    """By words, and by words and meaning, as if the engine did not know the `hidden` services."""
    question = engine.read(one.text, one.language)
    fit = engine.fit(question)
    known = np.where(hidden, 0.0, 1.0)
    score = np.where(hidden, topics.NOT_MEANT, fit.score)
    fit = replace(fit, cover=fit.cover * known, likeness=fit.likeness * known, score=score)
    sense = engine.sense
    if sense is None:
        raise RuntimeError("this engine knows words only")
    vector = embed(sense.spelling.restore(clean(one.text)))
    near = np.where(hidden, -1.0, sense.near_services(vector))
    return (
        topics.by_words(engine.services, fit, question.places),
        topics.by_meaning(engine.services, fit, near, question.places),
    )


def _held(found: Sequence[Found], right: Sequence[bool] | None = None) -> Held:
    return Held(
        np.array([one.evidence for one in found]),
        np.array(right if right is not None else [False] * len(found), bool),
        np.array([not one.local and one.margin >= CLEAR_MARGIN for one in found], bool),
    )


def _learn(inside: Held, outside: Held) -> Confidence:
    evidence = np.concatenate([inside.evidence, outside.evidence])
    return Confidence.learn(evidence, np.concatenate([inside.right, outside.right]))


def _sure(confidence: Confidence, held: Held) -> Doubles:
    return np.where(held.open, confidence.of(held.evidence), 0.0)


def _limit(sure: Doubles, right: Bools, strange: Doubles, wrong: float) -> float:
    """The lowest that keeps to at most `wrong` of the answers and of the questions outside; NEVER where none does."""
    order = np.argsort(-sure, kind="stable")
    share = np.cumsum(~right[order]) / np.arange(1, len(order) + 1)
    answered_outside = np.searchsorted(np.sort(-strange), -sure[order], side="right") / max(1, len(strange))
    good = np.nonzero((share <= wrong) & (answered_outside <= wrong) & (sure[order] > 0))[0]
    return float(sure[order[good[-1]]]) if len(good) else NEVER


def _clarify(sure: Doubles, answer: float) -> float:
    unsure = sure[sure < answer]
    return float(np.quantile(unsure, 1 - ASKED_BACK)) if len(unsure) else 0.0
