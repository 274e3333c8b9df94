"""Rasa beside the built-in engine: exported by a command, chosen by a setting."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError
from typer.testing import CliRunner, Result

from bot.brain import Brain
from bot.cli import app
from bot.second_engine import chosen
from config.settings import Settings
from models.database import Database
from nlu.rasa import RasaEngine
from nlu.understand import Engine
from tests.nlu.starting_catalogue import competences, entry, services

ROWS = '{"text": "kad atiet vilciens", "intent": "laiks"}\n{"text": "kā [mainīt](paroli)", "intent": "mana/parole"}\n'


def knows_words() -> Engine:
    return Engine.learn(map(entry, services()[:5]), competences())


def export(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["nlu", "export-rasa", *map(str, arguments)])


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def test_the_catalogue_is_exported(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    result = export(tmp_path / "rasa")
    assert result.exit_code == 0, result.output
    assert "vecuma-pensija" in read(tmp_path / "rasa" / "domain.yml")["intents"]
    assert "Kā saņemt" in (tmp_path / "rasa" / "data" / "nlu.yml").read_text("utf-8")


def test_a_file_of_rows_is_exported_without_a_database(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(ROWS, "utf-8")
    result = export(tmp_path / "rasa", "--data", tmp_path / "rows.jsonl", "--epochs", "5")
    assert result.exit_code == 0, result.output
    assert "2 examples of 2 intents" in result.stdout
    assert read(tmp_path / "rasa" / "domain.yml")["intents"] == ["laiks", "mana%2Fparole"]
    assert "epochs: 5" in (tmp_path / "rasa" / "config.yml").read_text("utf-8")


def test_a_bad_row_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(ROWS + '{"text": "x"}\n', "utf-8")
    result = export(tmp_path / "rasa", "--data", tmp_path / "rows.jsonl")
    assert (result.exit_code, ":3: " in result.stderr) == (2, True)
    assert not (tmp_path / "rasa").exists()


@pytest.mark.parametrize("rows", ['{"text": "x", "intent": "viens"}\n', '{"text": "", "intent": "a"}\n' * 2])
def test_what_rasa_cannot_learn_is_refused(tmp_path: Path, rows: str) -> None:
    (tmp_path / "rows.jsonl").write_text(rows, "utf-8")
    result = export(tmp_path / "rasa", "--data", tmp_path / "rows.jsonl")
    assert (result.exit_code, "two intents" in result.stderr) == (1, True)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text(ROWS, "utf-8")
    result = export(tmp_path / "rows.jsonl", "--data", tmp_path / "rows.jsonl")
    assert (result.exit_code, "rows.jsonl" in result.stderr) == (1, True)


def test_the_builtin_engine_is_the_default() -> None:
    assert isinstance(chosen(Settings())(knows_words()), Engine)


def test_nlu_engine_puts_rasa_before_the_builtin_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLU_ENGINE", "rasa")
    monkeypatch.setenv("NLU_RASA_URL", "http://127.0.0.1:9")
    own, question = knows_words(), next(iter(services()[0]["questions"]["lv"]))
    found = chosen(Settings())(own)
    assert isinstance(found, RasaEngine)
    assert found.understand(question) == own.understand(question)
    assert found.understand(question).service == services()[0]["code"]


def test_the_desk_understands_while_rasa_is_not_there(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLU_ENGINE", "rasa")
    monkeypatch.setenv("NLU_RASA_URL", "http://127.0.0.1:9")
    database = Database(sqlite_url)
    brain = Brain(database, choose=chosen(Settings()))
    brain.learn()
    database.close()
    assert brain.understand("Kā saņemt vecuma pensiju?", "", "").service == "vecuma-pensija"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NLU_ENGINE", "other"),
        ("NLU_RASA_URL", "127.0.0.1:5005"),
        ("NLU_RASA_URL", "http://127.0.0.1:many"),
        ("NLU_RASA_TIMEOUT", "0"),
        ("NLU_RASA_TIMEOUT", "soon"),
    ],
)
def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match=name.lower()):
        Settings()
