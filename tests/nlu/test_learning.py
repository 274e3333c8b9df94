"""How an engine learns: at once from what is kept, the rest in peace, and never from what belongs to other data."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nlu import learning, model_file
from nlu.arrays import Floats
from nlu.learning import NAME, Learner
from nlu.meaning import Entry
from nlu.understand import Engine
from nlu.vectors import Vectors
from tests.nlu.starting_catalogue import competences, entry, services

QUESTION = "Kur var uzzināt, cik liels pienākas, kad cilvēks sasniedzis gadus, lai vairs nestrādātu?"


@pytest.fixture(scope="module")
def known() -> list[Entry]:
    return [entry(service) for service in services()]


class Guessing:
    """Stands in for the embedding model: vectors that mean nothing."""

    def embed(self, texts: Sequence[str]) -> Floats:
        return np.random.default_rng(1).normal(size=(len(texts), 384)).astype(np.float32)


def learnt(folder: Path, known: list[Entry]) -> tuple[Engine, bool]:
    return Learner(folder).quickly(known, competences())


def test_a_fresh_machine_embeds_nothing(known: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "embedder", None)
    engine, whole = learnt(tmp_path, known)

    assert whole
    assert engine.sense is not None


def test_the_model_file_gives_the_same_engine_and_says_where_it_is_from(
    known: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = learnt(tmp_path, known)
    monkeypatch.setattr(learning, "fit_decision", None)  # read, not learnt again
    second, whole = learnt(tmp_path, known)

    assert whole
    assert second.understand(QUESTION) == first.understand(QUESTION)
    _, _, about = model_file.read(tmp_path / NAME, "catalogue")
    assert set(about) >= {"data", "figures", "libraries"}


def test_a_damaged_model_file_is_learnt_anew(known: list[Entry], tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"PK\x03\x04 no model")

    assert learnt(tmp_path, known)[1]
    model_file.read(tmp_path / NAME, "catalogue")


def test_new_texts_are_understood_by_their_words_until_they_are_embedded(known: list[Entry], tmp_path: Path) -> None:
    new = replace(known[0], code="jauns", titles={"lv": "Zilo kaķu licence"}, keywords={}, questions={}, summaries={})
    learner = Learner(tmp_path)
    engine, whole = learner.quickly([*known, new], competences())
    assert (engine.sense, whole) == (None, False)
    assert engine.understand("zilo kaķu licence").service == "jauns"
    assert engine.understand("Kā saņemt vecuma pensiju?").service == "vecuma-pensija"

    assert learner.thoroughly([*known, new], competences()).sense is not None
    again, whole = Learner(tmp_path).quickly([*known, new], competences())
    assert whole
    assert again.understand("zilo kaķu licence").service == "jauns"


def test_a_catalogue_that_has_become_another_gets_limits_of_its_own(
    known: list[Entry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "ENOUGH", 300)
    monkeypatch.setattr(learning, "MOST", 200)
    learner = Learner(tmp_path)
    other = known[::9]
    owners = [one for one in competences() if one.code in {entry.institution for entry in other}]
    monkeypatch.setattr(learning, "embedder", Guessing)
    assert not learner.quickly(other, owners)[1]
    engine = learner.thoroughly(other, owners)

    assert engine.decision is not None
    assert engine.decision.figures["questions"] == 200
    state, _, _ = model_file.read(tmp_path / NAME, "catalogue")
    assert state["decision"] == json.loads(json.dumps(engine.decision.plain()))


def test_vectors_survive_a_file_and_a_byte_a_dimension(tmp_path: Path) -> None:
    exact = np.random.default_rng(1).normal(size=(3, 384)).astype(np.float32)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    vectors = Vectors.empty()
    assert vectors.add(["a", "b", "a", "c"], lambda texts: exact[: len(texts)]) == 3
    vectors.save(tmp_path / "vectors")

    kept = Vectors.load(tmp_path / "vectors")
    assert kept.missing(["c", "d", "d"]) == ["d"]
    assert np.sum(kept.of(["a", "b", "c"]) * exact, axis=1).min() > 0.9998
    assert len(Vectors.load(tmp_path / "none")) == 0
