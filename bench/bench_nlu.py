"""The built-in engine on the published intent sets and on texts that are no questions: one JSON line each.

    python -m bench.bench_nlu [SET…]

Each set in a process of its own: accuracy, training time, answer times, memory and cold start from a model file. Needs
../shared/data/nlu. Embeddings are not reused between training and asking. Rasa's figures on the same sets:
`atbilde nlu evaluate --engine rasa`.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from config.settings import ROOT
from nlu.evaluate import Row, ask, evaluate_builtin, most_memory_mb, read_rows
from nlu.intent_model import IntentModel

DATA = ROOT.parent / "shared" / "data" / "nlu"
SETS = ("chatbot-lv", "askubuntu-lv", "webapps-lv")
NO_QUESTIONS = ("a", "ā", "<a ", "&amp;", "\x00", "\u200b", "a\u0304\u0301", "ﷺ", "语言", "😀", "Kā saņemt pensiju? ")
TRIES = 10


def main() -> None:
    if not DATA.is_dir():
        print(json.dumps({"bench": "nlu", "skipped": f"needs the published sets in {DATA}"}))
        return
    if "--here" in sys.argv:
        _one_set(sys.argv[-1])
        return
    for name in sys.argv[1:] or SETS:
        subprocess.run([sys.executable, "-m", "bench.bench_nlu", "--here", name], cwd=ROOT, check=True)


def _one_set(name: str) -> None:
    train, test = (read_rows(DATA / f"{name}-{part}.jsonl") for part in ("train", "test"))
    found = evaluate_builtin(train, test)
    model = IntentModel.fit([row.text for row in train], [row.intent for row in train])
    print(json.dumps({"bench": "nlu", "set": name, **asdict(found), **_bands(model, test), **_cold(model, test)}))
    if name == SETS[0]:
        print(json.dumps({"bench": "nlu, 20,000 characters", **_long_texts(model)}))


def _bands(model: IntentModel, test: Sequence[Row]) -> dict[str, float]:
    """Share of questions answered for sure, how many of those rightly, and how many needed an embedding."""
    asked = [(model.predict(row.text), row.intent) for row in test]
    answered = [said.label == intent for said, intent in asked if said.band == "answer"]
    embedded = sum(said.embedded for said, _ in asked)
    return {
        "answered": round(len(answered) / len(asked), 3),
        "right_of_answered": round(sum(answered) / max(1, len(answered)), 3),
        "embedded": round(embedded / len(asked), 3),
    }


def _cold(model: IntentModel, test: Sequence[Row]) -> dict[str, float]:
    """A new process that loads the model file and answers one question: with Python's own start, and without."""
    code = (
        "import sys, time; began = time.perf_counter()\n"
        "from pathlib import Path; from nlu.intent_model import IntentModel\n"
        "IntentModel.load(Path(sys.argv[1])).predict(sys.argv[2]); print(time.perf_counter() - began)"
    )
    longest = max((row.text for row in test), key=len)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        model.save(path)
        began = time.perf_counter()
        command = [sys.executable, "-c", code, str(path), longest]
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
        whole = time.perf_counter() - began
        size = path.stat().st_size
    return {"cold_s": round(whole, 2), "load_s": round(float(done.stdout), 2), "file_mb": round(size / 1e6, 2)}


def _long_texts(model: IntentModel) -> dict[str, float]:
    texts = [(f"{number} " + piece * 20_000)[:20_000] for number in range(TRIES) for piece in NO_QUESTIONS]
    _, times = ask(lambda text: model.predict(text).label, [Row(text, "") for text in texts])
    p50, p99 = np.percentile(times, (50, 99))
    return {"texts": len(texts), "p50_ms": round(p50, 1), "p99_ms": round(p99, 1), "rss_mb": round(most_memory_mb(), 1)}


if __name__ == "__main__":
    main()
