"""How well an engine understands, in figures: of the catalogue, held out, or of two files of labelled questions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from nlu import told
from nlu.decide import Decision
from nlu.drift import mark, outgrown
from nlu.evaluate import Row
from nlu.fit_decision import WRONG, fit_to
from nlu.held_out import EVERY_STRANGE, FOLDS, Sought, chosen, fold_of, inside, judge, outside
from nlu.learning import ENOUGH
from nlu.meaning import Band, Competence, Entry, Intent
from nlu.privacy import mask as masked
from nlu.told import Told, share
from nlu.vectors import Vectors

SHOWN = 25
"""of the worst questions, of the pairs, and of the questions outside that were answered"""
Step = Callable[[], None]
"""called after each question, so that somebody may see how far it is"""
Item = TypeVar("Item")


def nothing() -> None:
    """Nobody looks."""


def of_catalogue(
    entries: Sequence[Entry],
    competences: Sequence[Competence],
    vectors: Vectors,
    decision: Decision,
    most: int = 100_000,
    step: Step = nothing,
    enough: int = ENOUGH,
) -> dict[str, Any]:
    """Each question asked of an engine that has not learnt it, judged by the limits of this decision.

    Where the decision was fitted on this very catalogue, confidences come from fits that had not seen the question
    either; fewer than `enough` questions say too little for that. Every text must be among the vectors. Under a minute
    for 5,000 questions; `most` asks fewer.
    """
    asked = chosen(entries, most)
    known = list(_stepping(inside(entries, competences, vectors, asked, institutions=True), step))
    strange = list(_stepping(outside(entries, competences, vectors, asked[::EVERY_STRANGE]), step))
    own = not outgrown(decision.catalogue, mark(entries))
    fits = _refit(known, strange) if own and len(asked) >= enough else []
    judges = [_with_limits_of(decision, fit) for fit in fits] or [decision] * FOLDS
    said = _told(known, judges)
    strangers = _told(strange, judges)
    bins = told.reliability([*said, *strangers])  # the confidence was fitted for both
    pairs = [(one.institution, "".join(one.institutions[:1]), one) for one in said]
    return _figures(said, decision.full.limits.answer, decision.full.limits.clarify) | {
        "kind": "catalogue",
        "reliability": bins,
        "calibration error": told.calibration_error(bins),
        "languages": {
            language: told.shares([one for one in said if one.language == language])
            for language in dict.fromkeys(one.language for one in said)
        },
        "institution confusions": told.confusions(pairs)[:SHOWN],
        "institutions": told.by_institution(said),
        "outside": _outside(strangers),
        "limits": {
            "own": own,
            "by words": decision.words.limits.answer,
            "answer": decision.full.limits.answer,
            "clarify": decision.full.limits.clarify,
            "wrong": WRONG,
            "figures": dict(decision.figures),
            "refitted": _refitted(known, strange, fits),
        },
    }


def steps_of(entries: Sequence[Entry], most: int) -> int:
    """How many steps `of_catalogue` takes."""
    asked = chosen(entries, most)
    return len(asked) + len(asked[::EVERY_STRANGE])


def of_rows(train: Sequence[Row], test: Sequence[Row], step: Step = nothing) -> dict[str, Any]:
    """Learnt from one file, asked another. Raises ValueError where the rows cannot be learnt. Texts are masked."""
    from nlu.intent_model import IntentModel

    model = IntentModel.fit([row.text for row in train], [row.intent for row in train])
    said = []
    for row in test:
        found = model.predict(row.text)
        labels = tuple(label for label, _ in found.ranked)
        said.append(Told(masked(row.text), row.intent, labels, found.confidence, found.band))
        step()
    limits = model.fitted.thresholds
    return _figures(said, limits.answer, limits.clarify) | {
        "kind": "intents",
        "unknown": sorted({row.intent for row in test} - {row.intent for row in train}),
        "limits": {"by words": limits.alone, "answer": limits.answer, "clarify": limits.clarify, "texts": len(train)},
    }


def _figures(said: Sequence[Told], answer: float, clarify: float) -> dict[str, Any]:
    """What every report has."""
    bins = told.reliability(said)
    worst = sorted((one for one in said if not one.right), key=lambda one: -one.confidence)
    return {
        "all": told.shares(said),
        "curve": told.curve(said),
        "marks": {"answer": told.on_curve(said, answer), "clarify": told.on_curve(said, clarify)},
        "reliability": bins,
        "calibration error": told.calibration_error(bins),
        "confusions": told.confusions((one.truth, "".join(one.codes[:1]), one) for one in said)[:SHOWN],
        "worst": [_said(one) for one in worst[:SHOWN]],
    }


def _said(one: Told) -> dict[str, Any]:
    return {
        "text": one.text,
        "language": one.language,
        "right": one.truth,
        "said": "".join(one.codes[:1]),
        "confidence": round(one.confidence, 4),
        "band": str(one.band),
    }


def _refit(known: Sequence[Sought], strange: Sequence[Sought]) -> list[Decision]:
    """For each fold a decision that has not seen its questions."""
    return [
        fit_to(
            [one for one in known if fold_of(one.asked.text) != fold],
            [one for one in strange if fold_of(one.asked.text) != fold],
            (),
            WRONG,
        )
        for fold in range(FOLDS)
    ]


def _with_limits_of(decision: Decision, fit: Decision) -> Decision:
    """The confidences of the fit, judged as the desk would."""
    words, full = replace(fit.words, limits=decision.words.limits), replace(fit.full, limits=decision.full.limits)
    return replace(decision, words=words, full=full)


def _told(sought: Sequence[Sought], judges: Sequence[Decision]) -> list[Told]:
    """What each was told, by the decision of its fold."""
    said = []
    for one in sought:
        way, sure, band = judge(judges[fold_of(one.asked.text)], one.ways)
        if one.intent is not Intent.QUESTION:
            band = Band.ROUTE
        text, language, entry = one.asked
        whose = (entry.institution, one.institutions)
        said.append(Told(text, entry.code, way.codes, sure, band, way.open, language, *whose))
    return said


def _outside(said: Sequence[Told]) -> dict[str, Any]:
    answered = sorted((one for one in said if one.answered), key=lambda one: -one.confidence)
    return {
        "questions": len(said),
        "answered": share(one.answered for one in said),
        "asked back": share(one.band is Band.CLARIFY for one in said),
        "examples": [_said(one) for one in answered[:SHOWN]],
    }


def _refitted(known: Sequence[Sought], strange: Sequence[Sought], fits: Sequence[Decision]) -> dict[str, float]:
    """What comes of limits, too, that were fitted without the questions asked; nothing where there are none."""
    if not fits:
        return {}
    found, far = told.shares(_told(known, fits)), _outside(_told(strange, fits))
    return {name: found[name] for name in ("answered", "wrong of answered")} | {"answered of outside": far["answered"]}


def _stepping(items: Iterable[Item], step: Step) -> Iterator[Item]:
    for item in items:
        yield item
        step()
