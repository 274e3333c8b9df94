"""`atbilde nlu train`: what people at the desk put right is learnt, and a running server takes it in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from bot.brain import Brain
from bot.cli import app
from models.database import Database
from models.service import Service, service_by_code
from nlu.kept_examples import NAME
from nlu.meaning import Understanding
from tests.routing.case import riga
from tests.routing.test_corrections import asked, chooses

NEW = "Čipsene gultas režīmam kavējas, tālrunis 26123456"
AGAIN = "Man kavējas čipsene gultas režīmam"
SERVICES = ("vecuma-pensija", "pases-sanemsana", "berna-kopsanas-pabalsts", "bezdarbnieka-pabalsts")


@pytest.fixture
def database(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """With a few services only: learning them takes no time."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    opened = Database(sqlite_url)

    def withdraw(session: Any) -> None:
        for service in session.exec(select(Service).where(col(Service.code).not_in(SERVICES))):
            service.current = False

    opened.write(withdraw)
    yield opened
    opened.close()


def train(*words: str) -> Result:
    result = CliRunner().invoke(app, ["nlu", "train", "--json", *words])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def trained(*words: str) -> dict[str, Any]:
    result = train(*words)
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def learns(brain: Brain) -> int:
    """How often there was something new."""
    times = 0
    while brain.learn():
        times += 1
    return times


def understood(brain: Brain) -> Understanding:
    return brain.understand(AGAIN, "", "")


def test_what_the_desk_put_right_is_learnt_by_a_running_server_and_can_be_forgotten(
    database: Database, tmp_path: Path
) -> None:
    brain = Brain(database, tmp_path)
    learns(brain)
    before = understood(brain)
    asked(database, "PMLP", text=NEW).forward("VID", at=riga(24))
    assert learns(brain) == 0  # nothing is learnt behind anybody's back

    told = trained()
    assert told["corrections"] == {
        "given": 1, "learnt": 1, "of services": 0, "ignored": {}, "against the catalogue": [],
    }  # fmt: skip
    assert learns(brain) == 1
    assert understood(brain).institutions[0].code == "VID"
    assert "26123456" not in (tmp_path / NAME).read_text("utf-8")

    assert trained("--catalogue-only")["corrections"]["learnt"] == 0
    assert learns(brain) == 1
    assert understood(brain) == before
    assert learns(Brain(database, tmp_path)) == 1  # the model file is whole


def test_a_chosen_service_gets_the_question_and_the_figures_say_what_it_helped(
    database: Database, tmp_path: Path
) -> None:
    for text in (NEW, "Cik ilgi jāgaida čipsene gultas režīmam?", "Kāpēc čipsene gultas režīmam nenāk?"):
        chooses(asked(database, "PMLP", text=text), "vecuma-pensija")
    told = trained()["corrections"]
    assert (told["learnt"], told["of services"]) == (3, 3)
    assert told["before"]["asked"] == told["after"]["asked"] == 3
    assert told["before"]["service"] < told["after"]["service"] == 3
    brain = Brain(database, tmp_path)
    learns(brain)
    assert understood(brain).service == "vecuma-pensija"


def test_a_file_is_learnt_beside_the_database_whose_word_is_newer(database: Database, tmp_path: Path) -> None:
    asked(database, "PMLP", text=AGAIN).forward("VID", at=riga(24))
    with database.read() as session:
        pension = service_by_code(session, "vecuma-pensija")
        assert pension is not None
    rows = tmp_path / "rows.jsonl"
    assert CliRunner().invoke(app, ["nlu", "corrections", "--out", str(rows)]).exit_code == 0
    given = [{"text": AGAIN, "institution": "VSAA"}, {"text": pension.questions["lv"][0], "institution": "PMLP"}]
    rows.write_text(rows.read_text("utf-8") + "\n".join(map(json.dumps, given)), "utf-8")
    told = trained("--corrections", str(rows))["corrections"]
    assert (told["given"], told["learnt"]) == (4, 1)
    assert told["ignored"] == {"against the catalogue": 1, "same words as a newer one": 2}
    assert [one["catalogue"] for one in told["against the catalogue"]] == [["vecuma-pensija"]]
    assert json.loads((tmp_path / NAME).read_text("utf-8"))["institution"] == "VID"


@pytest.mark.usefixtures("database")
def test_what_cannot_be_learnt_from_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text('{"text": "x"}', "utf-8")
    for words in (("--corrections", str(rows)), ("--corrections", "none"), ("--corrections", "x", "--catalogue-only")):
        result = train(*words)
        assert (result.exit_code, result.stdout) == (2, "")
    assert f"{rows}:1: " in train("--corrections", str(rows)).stderr
    assert not (tmp_path / NAME).exists()
