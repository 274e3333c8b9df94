import json
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu import model_file, sample
from nlu.arrays import Floats, unit
from nlu.embed import Embedder
from nlu.intent_fit import words_of
from nlu.intent_model import IntentModel, Prediction
from nlu.meaning import Band

GERMAN = {
    "Abfahrt": ["wann fährt der nächste Zug ab", "Abfahrt der U-Bahn?", "wann kommt der Bus", "wann geht die S-Bahn"],
    "passwort_ändern": ["wie ändere ich mein Passwort", "neues Passwort setzen", "Kennwort vergessen", "Passwort weg"],
    "КонтоLöschen": [
        "Konto löschen",
        "ich will mein Konto entfernen",
        "Account schließen",
        "wie lösche ich mein Profil",
    ],
}


class Cheap(Embedder):
    """Vectors that mean nothing, at no cost: each word its own direction."""

    def _compute(self, texts):  # type: ignore[no-untyped-def]
        return unit(np.array([self._of(text) for text in texts], np.float32))

    def _of(self, text: str) -> Floats:
        vector = np.full(384, 0.01, np.float32)
        for word in text.split():
            vector += np.random.default_rng(list(word.encode())).standard_normal(384, np.float32)
        return vector


def rows(by_label: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    pairs = [(text, label) for label, texts in by_label.items() for text in texts]
    return [text for text, _ in pairs], [label for _, label in pairs]


@pytest.fixture(scope="module")
def german() -> IntentModel:
    return IntentModel.fit(*rows(GERMAN))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("wann fährt der Zug nach Berlin ab?", "Abfahrt"),
        ("Passwort ändern bitte", "passwort_ändern"),
        ("bitte mein Konto loeschen", "КонтоLöschen"),
        ("How can I change my password?", "passwort_ändern"),
    ],
)
def test_any_language_and_any_label_can_be_learnt(german: IntentModel, text: str, label: str) -> None:
    predicted = german.predict(text)
    assert predicted.label == label == predicted.ranked[0][0]
    assert sum(sure for _, sure in predicted.ranked) == pytest.approx(1.0)


def test_a_text_that_was_learnt_needs_no_embedding(german: IntentModel) -> None:
    assert not german.predict("wann fährt der nächste Zug ab").embedded


def test_a_text_of_another_kind_is_embedded_and_not_answered(german: IntentModel) -> None:
    strange = german.predict("Kas uzvarēja hokeja spēlē?")
    assert strange.embedded
    assert strange.band is not Band.ANSWER


def test_a_model_out_of_its_file_says_the_same(german: IntentModel, tmp_path: Path) -> None:
    german.save(tmp_path / "model", "hash", {"accuracy": 1.0})
    loaded = IntentModel.load(tmp_path / "model", "hash")
    for text in ("", "Zug", "Passwort", "Hilfe mit dem Profil", "кто там"):
        assert loaded.predict(text) == german.predict(text)


def test_a_model_of_other_data_or_damaged_is_not_used(german: IntentModel, tmp_path: Path) -> None:
    path = tmp_path / "model"
    with pytest.raises(model_file.UnfitError, match="not there"):
        IntentModel.load(path)
    german.save(path, "hash")
    with pytest.raises(model_file.UnfitError, match="its data is hash, not another"):
        IntentModel.load(path, "another")
    whole = path.read_bytes()
    for damaged in (b"", b"PK", whole[: len(whole) // 2], b"\x00" * 5_000):
        path.write_bytes(damaged)
        with pytest.raises(model_file.UnfitError, match="cannot be read"):
            IntentModel.load(path)


def test_a_model_of_other_libraries_is_not_used(
    german: IntentModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    german.save(tmp_path / "model")
    monkeypatch.setattr(model_file, "libraries", lambda: {"numpy": "0.1"})
    with pytest.raises(model_file.UnfitError, match="its libraries"):
        IntentModel.load(tmp_path / "model")


def test_learning_twice_gives_the_same_model(german: IntentModel) -> None:
    again = IntentModel.fit(*rows(GERMAN))
    for text in ("Zug", "Profil entfernen", "?"):
        assert again.predict(text) == german.predict(text)


def test_threads_may_share_a_model(german: IntentModel) -> None:
    texts = [f"wie ändere ich {word}" for word in ("das Konto", "mein Passwort", "den Bus", "nichts")] * 5
    with ThreadPoolExecutor(8) as pool:
        predicted = list(pool.map(german.predict, texts))
    assert predicted == [german.predict(text) for text in texts]


def test_a_single_label_is_guessed_and_never_sure() -> None:
    model = IntentModel.fit(["kā saņemt pabalstu", "pabalsts"], ["Pabalsts", "Pabalsts"], embed=Cheap())
    assert model.predict("pabalsts").label == "Pabalsts"
    assert model.predict("pabalsts").band is Band.CLARIFY


def test_one_example_of_each_label_is_enough_to_begin() -> None:
    model = IntentModel.fit(["kad atiet vilciens", "mainīt paroli", "dzēst kontu"], ["a", "b", "c"], embed=Cheap())
    assert [model.predict(text).label for text in ("kad vilciens", "paroli", "dzest kontu")] == ["a", "b", "c"]


def test_a_single_text_can_be_learnt() -> None:
    assert IntentModel.fit(["x"], ["y"], embed=Cheap()).predict("z").label == "y"


def test_texts_without_words_can_be_learnt_beside_others() -> None:
    texts = ["", " ", "😀", "kad atiet vilciens", "kad nāk vilciens"]
    model = IntentModel.fit(texts, ["tukšs", "tukšs", "tukšs", "vilciens", "vilciens"], embed=Cheap())
    assert model.predict("vilciens kad").label == "vilciens"
    assert isinstance(model.predict(""), Prediction)


def test_the_same_text_under_two_labels_is_not_answered_for_sure() -> None:
    texts = ["kā saņemt pabalstu"] * 4 + ["kad atiet vilciens", "vilciena laiks"]
    model = IntentModel.fit(texts, ["a", "b", "a", "b", "c", "c"], embed=Cheap())
    assert model.predict("kā saņemt pabalstu").band is not Band.ANSWER


def test_a_label_for_none_of_these_has_no_topic_of_its_own() -> None:
    texts, labels = rows(GERMAN)
    model = IntentModel.fit([*texts, "Wetter morgen"], [*labels, "None"], embed=Cheap())
    assert model.predict("Konto löschen").label == "КонтоLöschen"
    assert model.predict("").label != "None"


@settings(max_examples=20)
@given(
    st.lists(st.tuples(st.text(max_size=20), st.text(st.characters(codec=None), max_size=8)), min_size=1, max_size=12)
)
def test_whatever_texts_and_labels_can_be_learnt_saved_and_asked(rows: list[tuple[str, str]]) -> None:
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    model = IntentModel.fit(texts, labels, embed=Cheap())
    with TemporaryDirectory() as folder:
        model.save(Path(folder) / "model")
        loaded = IntentModel.load(Path(folder) / "model", embed=Cheap())
    for text in [*texts, "", "cits teksts"]:
        predicted = model.predict(text)
        assert predicted.label in labels
        assert 0.0 <= predicted.confidence <= 1.0
        assert loaded.predict(text) == predicted


def test_nothing_to_learn_is_refused() -> None:
    with pytest.raises(ValueError, match="no text"):
        IntentModel.fit([], [])


def test_many_texts_are_learnt_in_bounded_time_and_rare_labels_keep_all_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "MOST_TEXTS", 150)
    words = random.Random(7)
    texts = [f"bieži {words.randrange(400)} {words.randrange(400)}" for _ in range(10_000)]
    texts += [f"reti jautā {number}" for number in range(20)]
    labels = ["bieži"] * 10_000 + ["reti"] * 20
    learnt, of = sample.sample(texts, labels)
    assert Counter(of) == {"bieži": 130, "reti": 20}
    assert len(set(learnt)) == 150
    model = IntentModel.fit(texts, labels, embed=Cheap())
    assert model.predict("ko reti jautā").label == "reti"


def test_a_text_said_twice_counts_once() -> None:
    assert sample.sample(["A  b", "a b", "a b", "c"], ["x", "x", "y", "x"]) == (["A  b", "a b", "c"], ["x", "y", "x"])


def test_too_many_labels_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 1000 labels"):
        sample.sample([f"t{n}" for n in range(1_001)], [f"l{n}" for n in range(1_001)])


@pytest.mark.parametrize("label", ["FindConnection", "find_connection", "find-connection", "Find  Connection"])
def test_a_label_is_read_as_words(label: str) -> None:
    assert words_of(label) == "find connection"


@pytest.mark.parametrize(("name", "least"), [("chatbot", 1.0), ("askubuntu", 0.91), ("webapps", 0.86)])
def test_published_sets_are_told_apart(shared_data: Path, name: str, least: float) -> None:
    (train, labels), (test, truth) = (_published(shared_data, name, part) for part in ("train", "test"))
    model = IntentModel.fit(train, labels)
    predicted = [model.predict(text) for text in test]
    right = [one.label == label for one, label in zip(predicted, truth, strict=True)]
    assert sum(right) / len(right) >= least
    answered = [good for good, one in zip(right, predicted, strict=True) if one.band is Band.ANSWER]
    assert sum(answered) / len(answered) >= 0.95
    assert sum(not one.embedded for one in predicted) / len(predicted) >= 0.7


def _published(shared_data: Path, name: str, part: str) -> tuple[list[str], list[str]]:
    lines = (shared_data / "nlu" / f"{name}-lv-{part}.jsonl").read_text("utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    return [row["text"] for row in read], [row["intent"] for row in read]
