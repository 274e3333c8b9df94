"""How well the starting catalogue is understood: nested, so that nothing tested was seen by learning or by fitting.

A fifth of the institutions is unknown altogether (their questions are outside), a fifth of the questions of the others
is kept for testing; the limits of the decision are fitted on the rest. One JSON line for each split and language, and
one for times and memory. Two minutes a split; `python -m bench.bench_understanding 3` runs three of them.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from catalogue.learn import start_competences, start_entries
from config.settings import ROOT
from nlu import decide
from nlu.embed import embedder
from nlu.fit_decision import fit_decision
from nlu.held_out import Asked, find, judge, learn_without, questions
from nlu.meaning import Competence, Entry
from nlu.sense import texts_to_embed
from nlu.told import Told, share, shares
from nlu.understand import Band, Engine
from nlu.vectors import FILE, Vectors, key_of

PART = 5
REAL = ROOT.parent / "shared" / "data" / "questions-dev.jsonl"


def main(splits: int = 1) -> None:
    entries, known, vectors = start_entries(), start_competences(), Vectors.load(FILE)
    for split in range(splits):
        engine, outer = _learn(entries, known, vectors, split)
        _quality(engine, entries, outer, split)
    _real(_whole(entries, known, vectors))
    _times(_whole(entries, known, vectors), [one.text for one in questions(entries)][::5])


def _learn(
    entries: Sequence[Entry], known: Sequence[Competence], vectors: Vectors, split: int
) -> tuple[Engine, set[str]]:
    outer = {entry.institution for entry in entries if key_of(f"{split} {entry.institution}") % PART == 0}
    inner = [_without_tests(entry, split) for entry in entries if entry.institution not in outer]
    vectors.add(texts_to_embed(inner, known), embedder().embed)  # spelt by fewer texts, some are others
    began = time.perf_counter()
    decision = fit_decision(inner, known, vectors)
    took = time.perf_counter() - began
    print(json.dumps({"bench": "limits", "split": split, "seconds": round(took, 1), **decision.figures}))
    return learn_without(inner, known, vectors, frozenset()).judging(decision), outer


def _is_test(text: str, split: int) -> bool:
    return key_of(f"{split} {text}") % PART == 0


def _without_tests(entry: Entry, split: int) -> Entry:
    kept = {k: tuple(q for q in texts if not _is_test(q, split)) for k, texts in entry.questions.items()}
    return replace(entry, questions=kept)


def _quality(engine: Engine, entries: Sequence[Entry], outer: set[str], split: int) -> None:
    asked = list(questions(entries))
    tests = [one for one in asked if one.entry.institution not in outer and _is_test(one.text, split)]
    said = [_told(engine, one) for one in tests]
    for language in ("lv", "en", "ru", ""):
        figures = shares([one for one in said if language in ("", one.language)])
        print(json.dumps({"bench": "catalogue", "split": split, "language": language or "all", **figures}))
    outside = [one for one in asked if one.entry.institution in outer]
    answered = [_is_answered(engine, one, strictly=True) for one in outside]
    farther = [_is_answered(engine, one, strictly=False) for one in outside]
    figures = {"institution unknown": share(answered), "life situation unknown too": share(farther)}
    print(json.dumps({"bench": "outside answered", "split": split, "questions": len(outside), **figures}))


def _is_answered(engine: Engine, one: Asked, strictly: bool) -> bool:
    """Whether a question of an unknown institution is answered; not `strictly`, of an unknown life situation too."""
    situations = [] if strictly or not one.entry.life_situation else [one.entry.life_situation]
    hidden = np.array([entry.life_situation in situations for entry in engine.services.entries], bool)
    vector = engine.embed(engine.read(one.text, one.language))
    decision = engine.decision or decide.shipped()
    return judge(decision, find(engine, lambda _: vector, one, hidden))[2] is Band.ANSWER


def _told(engine: Engine, one: Asked) -> Told:
    found = engine.understand(one.text, one.language)
    return Told(
        text=one.text,
        truth=one.entry.code,
        codes=tuple(candidate.code for candidate in found.services),
        confidence=found.confidence,
        band=found.band,
        language=one.language,
        institution=one.entry.institution,
        institutions=tuple(candidate.code for candidate in found.institutions),
    )


def _whole(entries: Sequence[Entry], known: Sequence[Competence], vectors: Vectors) -> Engine:
    return learn_without(entries, known, vectors, frozenset())


def _real(engine: Engine) -> None:
    """Questions that citizens have asked, where they are at hand."""
    if REAL.exists():
        rows: list[dict[str, Any]] = [json.loads(line) for line in REAL.read_text("utf-8").splitlines()]
        found = [[one.code for one in engine.understand(row["text"], row["lang"]).institutions] for row in rows]
        first = [row["institution"] in codes[:1] for row, codes in zip(rows, found, strict=True)]
        third = [row["institution"] in codes[:3] for row, codes in zip(rows, found, strict=True)]
        print(json.dumps({"bench": "real", "questions": len(rows), "first": share(first), "in three": share(third)}))


def _times(engine: Engine, texts: Sequence[str]) -> None:
    times = []
    for text in texts:
        began = time.perf_counter()
        engine.understand(f"{text} ")
        times.append((time.perf_counter() - began) * 1000)
    cuts = statistics.quantiles(times, n=100)
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {"p50_ms": cuts[49], "p95_ms": cuts[94], "p99_ms": cuts[98], "rss_mb": rss}
    print(json.dumps({"bench": "times", **{name: round(figure, 1) for name, figure in figures.items()}}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
