"""`atbilde calendar`, as people and scripts call it."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.rulebook import RulebookKeeper
from config.settings import CONFIG
from models.clock import ClockKind
from models.database import Database
from routing.horizon import horizon
from routing.rules import CALENDARS, FILES, TERMS, in_force
from tests.routing.case import Case, riga
from tests.routing.law import as_before, rules_with

TODAY = "2026-11-23"
GOOD = "2026-05-04"
"""a day on which all that is needed is known"""


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    with as_before():
        yield


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of rules, and no database."""
    folder = tmp_path / "rules"
    folder.mkdir()
    for name in FILES:
        copy(CONFIG / name, folder)
    monkeypatch.setenv("RULES_DIR", str(folder))
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    return folder


@pytest.fixture
def in_use(rules: Path, database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The same with a database whose rulebook is of those files."""
    monkeypatch.setenv("DATABASE_URL", database.url.render_as_string(hide_password=False))
    RulebookKeeper(database, rules).begin()
    return database


def calendar(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["calendar", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(calendar(*arguments, "--json").stdout)
    return answer


def test_a_check_passes_where_all_that_is_needed_is_known(rules: Path) -> None:
    result = calendar("check", "--on", GOOD)
    assert result.exit_code == 0
    assert f"calendars: {in_force().calendars.version}" in result.stdout
    assert "known until 2026" in result.stdout
    assert result.stderr == ""


def test_today_it_fails_for_there_is_no_order_for_2027(rules: Path) -> None:
    result = calendar("check", "--on", TODAY)
    assert result.exit_code == 1
    assert "order on moved working days of 2027 is not known" in result.stderr
    assert "1 July 2026" in result.stderr
    assert f"put its days into {rules / CALENDARS}" in result.stderr
    assert "moved_days_known_until" in result.stderr


@pytest.mark.parametrize(
    ("on", "missing", "passed"),
    [
        ("2026-07-01", (), False),
        ("2026-07-02", (2027,), False),
        ("2026-08-30", (2027,), False),
        ("2026-08-31", (2027,), True),
        ("2026-09-01", (2027,), True),
        ("2026-12-31", (2027,), True),
        ("2027-01-01", (2027,), True),
        ("2027-07-02", (2027, 2028), True),
    ],
)
def test_it_fails_from_the_second_of_july_or_where_a_term_reaches_further(
    rules: Path, on: str, missing: tuple[int, ...], passed: bool
) -> None:
    """Four months from 31 August end on 31 December, a holiday: so on the first working day of the next year."""
    reach = horizon(rules_with(), datetime.fromisoformat(on).date())
    assert (reach.missing, reach.is_passed) == (missing, passed)
    assert calendar("check", "--on", on).exit_code == bool(missing or passed)


def test_the_order_in_the_file_makes_it_pass(rules: Path) -> None:
    (rules / CALENDARS).write_text(
        "moved_days_known_until: 2027\n"
        "days: [{calendars: [state], off: 2027-01-04, works: 2027-01-16, reason: rīkojums}]\n"
    )
    result = calendar("check", "--on", TODAY)
    assert (result.exit_code, result.stderr) == (0, "")


def test_flaws_are_told_with_file_and_line(rules: Path) -> None:
    (rules / CALENDARS).write_text("days:\n  - {calendars: [state], off: never, reason: a}\n")
    (rules / TERMS).write_text("terms: []\n")
    result = calendar("check", "--on", GOOD)
    assert result.exit_code == 1
    assert "calendars.yaml:2: days.off: This must be a date" in result.stderr
    assert "clocks.yaml:1: terms: This list must not be empty." in result.stderr
    assert result.stdout == ""
    assert told("check")["flaws"] == sorted(result.stderr.strip().splitlines())


def test_another_folder_may_be_checked(rules: Path, tmp_path: Path) -> None:
    result = calendar("check", "--on", GOOD, "--rules", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    for name in FILES:
        assert f"{name}:1: The file cannot be read: No such file or directory." in result.stderr


def test_without_a_database_none_is_made(rules: Path, tmp_path: Path) -> None:
    assert told("check", "--on", GOOD)["provisional_clocks"] is None
    assert not (tmp_path / "none.db").exists()


def test_a_database_that_cannot_be_asked_does_not_hinder_the_check(rules: Path, tmp_path: Path) -> None:
    (tmp_path / "none.db").write_bytes(b"")
    result = calendar("check", "--on", GOOD)
    assert result.exit_code == 0
    assert "the database cannot be asked" in result.stderr


def test_running_clocks_with_a_provisional_date_are_counted(in_use: Database) -> None:
    Case(in_use, received_at=riga(21, month=12))
    Case(in_use, received_at=riga(23))
    assert "provisional due date: 1" in calendar("check", "--on", GOOD).stdout
    answer = told("check", "--on", TODAY)
    assert (answer["ok"], answer["provisional_clocks"], answer["known_until"]) == (False, 1, 2026)
    assert answer["last_due"] == "2027-03-23"
    assert len(answer["wrong"]) == 3


def test_a_year_is_shown_with_its_holidays_moved_days_and_worked_saturdays(rules: Path) -> None:
    result = calendar("show", "2026")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    for wanted in (
        "2026-01-02 Fri  off    moved         Brīvdiena (pārcelta no 17.01.2026)",
        "2026-01-17 Sat  works  worked        worked Saturday",
        "2026-06-23 Tue  off    holiday       Līgo diena",
    ):
        assert wanted in lines
    assert not any("2026-11-23" in line for line in lines), "an ordinary Monday is not worth a line"
    assert not any("provisional" in line for line in lines)


def test_the_municipal_calendar_has_no_moved_days(rules: Path) -> None:
    state, municipal = told("show", "2026"), told("show", "2026", "--calendar", "municipal")
    assert {day["kind"] for day in state["days"]} == {"holiday", "moved", "worked"}
    assert {day["kind"] for day in municipal["days"]} == {"holiday"}
    assert state["working_days"] == municipal["working_days"] == 250


def test_an_editors_days_are_shown_as_such(rules: Path) -> None:
    (rules / CALENDARS).write_text(
        "days: [{calendars: [state], off: 2027-11-29, reason: sēras}, "
        "{calendars: [state], works: 2027-12-24, reason: a}]\n"
    )
    answer = told("show", "2027")
    kinds = {day["on"]: (day["kind"], day["works"]) for day in answer["days"]}
    assert kinds["2027-11-29"] == ("added off", False)
    assert kinds["2027-12-24"] == ("added worked", True)
    assert answer["provisional"]
    assert "provisional" in calendar("show", "2027").stdout


@pytest.mark.parametrize(
    "arguments", [("show", "1990"), ("show", "2100"), ("show", "soon"), ("show", "2026", "--calendar", "mars")]
)
def test_what_cannot_be_shown_is_refused(rules: Path, arguments: tuple[str, ...]) -> None:
    result = calendar(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    if "mars" in arguments:
        assert "there are state, municipal" in result.stderr


CHANGED = "days: [{calendars: [state], off: 2026-11-30, reason: sēras}]\nmoved_days_known_until: 2027\n"


def test_a_change_is_told_before_it_is_in_force(in_use: Database, tmp_path: Path) -> None:
    case = Case(in_use)
    file = tmp_path / "new.yaml"
    file.write_text(CHANGED)
    result = calendar("diff", str(file))
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "state: 2026-11-30 off: sēras"
    assert lines[1].startswith("1 days differ; ")
    assert lines[2] == "moved days known until: 2026 → 2027"
    assert lines[3] == "open due dates that would move: 1 (VDAA 1)"
    answer = told("diff", str(file))
    assert answer["moved"] == {"VDAA": 1}
    assert answer["days"] == [{"calendar": "state", "on": "2026-11-30", "works": False, "reason": "sēras"}]
    assert str(case.clock(ClockKind.ANSWER).due_on) == "2026-12-02"


def test_it_is_compared_with_what_is_in_force_not_with_the_file(in_use: Database, rules: Path) -> None:
    """The file of the folder itself: what would come into force if the leader looked now."""
    (rules / CALENDARS).write_text(CHANGED)
    assert told("diff", str(rules / CALENDARS))["days"] != []
    assert told("diff", str(rules / CALENDARS), "--rules", str(rules))["days"] == []


def test_without_a_database_a_change_is_compared_with_the_files(rules: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("calendars: [{name: pmlp}]\n")
    answer = told("diff", str(file))
    assert (answer["days"], answer["moved"]) == ([], None)
    assert "calendar pmlp: new" in calendar("diff", str(file)).stdout


def test_a_bad_change_is_refused_with_its_line(in_use: Database, tmp_path: Path) -> None:
    file = tmp_path / "new.yaml"
    file.write_text("\ndays: never\n")
    result = calendar("diff", str(file))
    assert result.exit_code == 1
    assert result.stderr.strip() == "calendars.yaml:2: days: This must be a list."
    result = calendar("diff", str(tmp_path / "missing.yaml"), "--json")
    assert result.exit_code == 1
    assert not json.loads(result.stdout)["ok"]
