"""`atbilde nlu corrections`, for people and for scripts."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from models.database import Database
from nlu.evaluate import read_rows
from tests.routing.case import riga
from tests.routing.test_corrections import asked


@pytest.fixture
def database(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def worked(database: Database) -> Database:
    """Two questions suggested rightly and wrongly, and one that nobody has yet."""
    asked(database, "PMLP").forward("PMLP", at=riga(24))
    wrong = asked(database, "PMLP", text="Mans tālrunis 26123456.\nKad būs pensija?", at=riga(24))
    wrong.forward("PMLP", at=riga(24))
    wrong.give_back("PMLP", "Nav mūsu.", at=riga(25))
    wrong.forward("VSAA", at=riga(25))
    asked(database, "PMLP", at=riga(24))
    return database


def corrections(*words: str) -> Result:
    result = CliRunner().invoke(app, ["nlu", "corrections", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.mark.usefixtures("worked")
def test_people_are_told_how_often_it_was_right_and_what_was_confused() -> None:
    result = corrections()
    assert result.exit_code == 0
    assert "3 questions went to people; of 2 " in result.stdout
    assert "right for 1 of them (50%)" in result.stdout
    assert "1 were returned" in result.stdout
    assert "confirmed: 1\n     1  PMLP -> PMLP" in result.stdout
    assert "not ours: 1\n     1  PMLP -> VSAA" in result.stdout
    assert "     1        1                  1         1  PMLP" in result.stdout


@pytest.mark.usefixtures("worked")
def test_json_is_one_object_with_the_rows() -> None:
    told = json.loads(corrections("--json").stdout)
    assert (told["tickets"], told["known"], told["right"], told["share"], told["returned"]) == (3, 2, 1, 0.5, 1)
    assert told["confusions"] == [{"suggested": "PMLP", "right": "VSAA", "count": 1}]
    assert told["kinds"] == {"confirmed": 1, "not ours": 1}
    assert told["pairs"][1] == {"kind": "not ours", "from": "PMLP", "to": "VSAA", "count": 1}
    assert told["institutions"]["PMLP"] == {"theirs": 1, "right": 1, "wrong": 1, "returned": 1}
    assert [(row["institution"], row["not"], row["right"]) for row in told["rows"]] == [
        ("PMLP", [], True),
        ("VSAA", ["PMLP"], False),
    ]


@pytest.mark.usefixtures("worked")
def test_the_file_is_read_by_evaluate_and_holds_nothing_private(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    result = corrections("--out", str(path), "--json")
    assert "rows" not in json.loads(result.stdout)
    assert [(row.text, row.intent) for row in read_rows(path)] == [
        ("Kur mainīt pasi?", "PMLP"),
        ("Mans tālrunis [tālrunis].\nKad būs pensija?", "VSAA"),
    ]
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("worked")
def test_since_a_day_only_what_came_then() -> None:
    told = json.loads(corrections("--since", "2026-11-24", "--json").stdout)
    assert (told["tickets"], told["known"], told["share"]) == (2, 1, 0.0)


@pytest.mark.usefixtures("database")
def test_where_nothing_went_to_people_it_says_so(tmp_path: Path) -> None:
    assert "0 questions went to people" in corrections().stdout
    path = tmp_path / "none.jsonl"
    assert json.loads(corrections("--json", "--out", str(path)).stdout)["share"] is None
    assert path.read_text("utf-8") == ""


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("words", "status"), [(("--since", "rīt"), 2), (("--out", "no/such/folder/file"), 1)])
def test_what_cannot_be_done_fails_with_its_reason(words: tuple[str, ...], status: int) -> None:
    result = corrections(*words)
    assert result.exit_code == status
    assert words[1] in result.stderr
    assert not result.stdout
