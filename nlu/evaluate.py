"""How well an engine tells intents apart, and what that costs: trained on one file, asked another."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

LONGEST_LINE = 1_000_000


class Row(NamedTuple):
    text: str
    intent: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Times in milliseconds a question; memory is the most the process has held, in megabytes."""

    engine: str
    accuracy: float
    macro_f1: float
    train_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    rss_mb: float


class RowsError(ValueError):
    """A file that cannot be used; the text says file, line and reason."""


def evaluate_builtin(train: Sequence[Row], test: Sequence[Row]) -> Figures:
    """The built-in engine in this process. Raises ValueError where it cannot learn the rows."""
    began = time.perf_counter()
    from nlu.intent_model import IntentModel

    model = IntentModel.fit([row.text for row in train], [row.intent for row in train])
    train_s = time.perf_counter() - began
    guessed, times = ask(lambda text: model.predict(text).label, test)
    return figures("builtin", test, guessed, train_s, times, most_memory_mb())


def ask(predict: Callable[[str], str], test: Sequence[Row]) -> tuple[list[str], list[float]]:
    """The intent an engine says for each text, and how long each took (ms)."""
    guessed, times = [], []
    for row in test:
        began = time.perf_counter()
        guessed.append(predict(row.text))
        times.append((time.perf_counter() - began) * 1000)
    return guessed, times


def figures(
    engine: str, test: Sequence[Row], guessed: Sequence[str], train_s: float, times_ms: Sequence[float], rss_mb: float
) -> Figures:
    truth = [row.intent for row in test]
    p50, p95, p99 = (round(float(np.percentile(times_ms, share)), 2) for share in (50, 95, 99))
    return Figures(
        engine,
        round(sum(map(str.__eq__, truth, guessed)) / len(truth), 4),
        round(macro_f1(truth, guessed), 4),
        round(train_s, 2),
        p50,
        p95,
        p99,
        round(rss_mb, 1),
    )


def macro_f1(truth: Sequence[str], guessed: Sequence[str]) -> float:
    """The mean of F1 over all intents that are in the test or were guessed."""
    pairs = list(zip(truth, guessed, strict=True))
    scores = []
    for intent in sorted({*truth, *guessed}):
        right = pairs.count((intent, intent))
        scores.append(2 * right / (truth.count(intent) + guessed.count(intent)))
    return sum(scores) / len(scores)


def read_rows(path: Path) -> list[Row]:
    """One {"text", "intent"} a line, blank lines aside. Raises RowsError."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RowsError(f"{path}: {error}") from None
    # not splitlines(): JSON may hold U+2028 as it is
    rows = [_row(line, f"{path}:{number}") for number, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not rows:
        raise RowsError(f"{path}: there are no rows")
    return rows


def most_memory_mb() -> float:
    """The most memory this process has held; 0 where the system does not say."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def _row(line: str, where: str) -> Row:
    if len(line) > LONGEST_LINE:
        raise RowsError(f"{where}: longer than {LONGEST_LINE} characters")
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RowsError(f"{where}: no JSON: {error}") from None
    if not isinstance(row, dict):
        raise RowsError(f'{where}: not an object {{"text", "intent"}}')
    for name in Row._fields:
        if not isinstance(row.get(name), str):
            raise RowsError(f'{where}: {"no" if name not in row else "not a text:"} "{name}"')
    if not row["intent"].strip():
        raise RowsError(f'{where}: "intent" is empty')
    return Row(row["text"], row["intent"])
