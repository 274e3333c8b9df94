"""`atbilde nlu report`, for people and for scripts."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sqlmodel import col, update
from typer.testing import CliRunner, Result

from bot.cli import app
from models.database import Database
from models.service import Service
from nlu import embed
from nlu.arrays import Floats
from tests.nlu.starting_catalogue import services

TRAIN = '{"text": "kad atiet vilciens", "intent": "laiks"}\n{"text": "kā mainīt paroli", "intent": "parole"}\n'
TEST = '{"text": "vilciens kad", "intent": "laiks"}\n{"text": "paroli mainit", "intent": "parole"}\n'


@pytest.fixture(autouse=True)
def _here(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))


def report(*words: str) -> Result:
    result = CliRunner().invoke(app, ["nlu", "report", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def files(folder: Path, test: str = TEST) -> list[str]:
    (folder / "train").write_text(TRAIN, "utf-8")
    (folder / "test").write_text(test, "utf-8")
    return ["--train", str(folder / "train"), "--test", str(folder / "test")]


def test_labelled_files_make_a_page_for_the_owners_eyes_and_a_line_of_json(tmp_path: Path) -> None:
    result = report(*files(tmp_path), "--json", "--output", str(tmp_path / "new" / "page.html"))
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    path = Path(told["page"])
    assert (told["kind"], told["all"]["questions"], told["all"]["first"]) == ("intents", 2, 1.0)
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert path.stat().st_mode & 0o077 == 0


class Guessing:
    """Stands in for the embedding model: vectors that mean nothing."""

    def embed(self, texts: Sequence[str]) -> Floats:
        return np.random.default_rng(1).normal(size=(len(texts), 384)).astype(np.float32)


@pytest.fixture
def few(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A catalogue of some services."""
    monkeypatch.setattr(embed, "embedder", Guessing)
    codes = [service["code"] for service in services()[::90]]
    database = Database(sqlite_url)
    database.write(lambda s: s.exec(update(Service).where(col(Service.code).not_in(codes)).values(current=False)))
    database.close()


@pytest.mark.usefixtures("few")
def test_a_sample_of_the_catalogue_in_force_is_asked_and_real_questions_are_counted(tmp_path: Path) -> None:
    result = report("--json", "--sample", "12")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["kind"], told["life"]) == ("catalogue", [])
    assert (told["all"]["questions"], told["outside"]["questions"]) == (12, 4)
    page = (tmp_path / "data" / "nlu-report.html").read_text("utf-8")
    assert '<html lang="lv">' in page
    assert "Datubāzē vēl nav neviena jautājuma." in page


def test_people_are_told_the_most_important_and_where_the_page_is(tmp_path: Path) -> None:
    result = report(*files(tmp_path), "--language", "en")
    assert "2 questions, of which the engine had learnt none" in result.stdout
    page = tmp_path / "data" / "nlu-report.html"
    assert result.stdout.splitlines()[-1] == str(page)
    assert '<html lang="en">' in page.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--train", "a"], "give both"),
        (["--test", "a"], "give both"),
        (["--train", "a", "--test", "a"], "a: "),
        (["--language", "ru"], "language"),
        (["--sample", "0"], "sample"),
    ],
)
def test_what_cannot_be_done_is_refused(words: list[str], reason: str) -> None:
    result = report(*words)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert not result.stdout


def test_a_page_that_cannot_be_written_fails_with_its_path(tmp_path: Path) -> None:
    result = report(*files(tmp_path), "--output", str(tmp_path))
    assert result.exit_code == 1
    assert str(tmp_path) in result.stderr
