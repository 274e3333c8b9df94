"""`atbilde deadlines`, as scripts call it."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from config.settings import CONFIG
from routing.rules import FILES, put_in_force, read_rules


@pytest.fixture(autouse=True)
def shipped_rules_afterwards() -> Iterator[None]:
    """The command counts by the rules it was given, for the rest of its process: here that is all the other tests."""
    yield
    put_in_force(read_rules())


def deadlines(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, ["deadlines", *arguments], input=stdin)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def batch(folder: Path, *rows: str) -> Result:
    file = folder / "batch.jsonl"
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return deadlines("--batch", str(file))


def test_json_is_one_line_with_the_dates() -> None:
    result = deadlines("--received", "2026-11-23", "--forwarded", "2026-11-24", "--json")
    assert result.exit_code == 0
    (told,) = lines(result)
    assert (told["forward"], told["answer"], told["institution"]) == ("2026-11-24", "2026-12-02", "2026-12-02")
    assert "explanation" not in told


def test_json_with_explanation_has_every_day() -> None:
    (told,) = lines(deadlines("--received", "2025-04-30", "--json", "--explain"))
    days = told["explanation"]["answer"]
    assert (days[0]["on"], days[-1]["on"]) == ("2025-05-01", told["answer"])
    assert sum(day["counted"] for day in days) == 7


def test_for_people_there_is_a_table_with_rule_and_calendar() -> None:
    result = deadlines("--received", "2026-12-21")
    assert result.exit_code == 0
    for word in ("forward", "2026-12-22", "answer", "2027-01-05", "provisional"):
        assert word in result.stdout


def test_for_people_an_explanation_says_why_each_day_counts() -> None:
    result = deadlines("--received", "2025-04-30", "--explain")
    assert result.exit_code == 0
    for words in ("2025-05-01 Thu", "Darba svētki", "2025-05-10 Sat   5  worked Saturday", "MK 400"):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("moment", "day"), [("2026-11-23T21:59:59Z", "2026-11-23"), ("2026-11-23T22:00:00Z", "2026-11-24")]
)
def test_an_instant_counts_on_its_date_in_riga(moment: str, day: str) -> None:
    (told,) = lines(deadlines("--received", moment, "--json"))
    assert told["received"] == day


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "--received or --batch"),
        (("--received", "rīt"), "received: 'rīt'"),
        (("--received", "2026-11-23T10:00:00"), "no time zone"),
        (("--received", "2026-11-23", "--calendar", "martian"), "there are state, municipal"),
        (("--received", "2026-11-23", "--forwarded", "2026-11-20"), "before it was received"),
        (("--received", "1990-01-01"), "are known from"),
        (("--received", "2090-01-01"), "in the future"),
        (("--received", "2026-11-23", "--procedure", "wish"), "'wish'"),
        (("--batch", "no-such-file.jsonl"), "no-such-file.jsonl"),
        (("--batch", "."), "."),
    ],
)
def test_what_cannot_be_computed_says_why_and_fails(arguments: tuple[str, ...], reason: str) -> None:
    result = deadlines(*arguments)
    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stdout == ""


def test_a_batch_gives_one_line_for_each(tmp_path: Path) -> None:
    result = batch(
        tmp_path,
        '{"received": "2026-11-23"}',
        "",
        '{"received": "2025-12-31", "forwarded": "2025-12-31", "calendar": "municipal"}',
        '{"received": "2026-11-23", "forwarded": null, "calendar": null, "something": "else"}',
    )
    assert result.exit_code == 0
    first, second, third = lines(result)
    assert first["answer"] == third["answer"] == "2026-12-02"
    assert (second["calendar"], second["institution"]) == ("municipal", "2026-01-09")


def test_a_bad_line_gives_its_error_in_place_and_the_others_are_still_computed(tmp_path: Path) -> None:
    bad = [
        "not json",
        "[]",
        "7",
        "null",
        "{}",
        '{"received": null}',
        '{"received": 20261123}',
        '{"received": "2026-13-01"}',
        '{"received": "2026-11-23", "calendar": "martian"}',
        '{"received": "2026-11-23", "calendar": ["state"]}',
        '{"received": "2026-11-23", "forwarded": "2026-11-20"}',
        '{"received": "9999-12-31T23:59:59Z"}',
        '{"received": "1066-10-14"}',
    ]
    good = '{"received": "2026-11-23"}'
    rows = [row for pair in ((good, line) for line in bad) for row in pair] + [good]
    result = batch(tmp_path, *rows)
    assert result.exit_code not in (0, None)
    assert f"{len(bad)} lines" in result.stderr
    told = lines(result)
    assert len(told) == len(rows)
    for number, answer in enumerate(told, 1):
        if number % 2:
            assert answer["answer"] == "2026-12-02"
        else:
            assert f"batch.jsonl:{number}: " in answer["error"], rows[number - 1]


def test_bytes_that_are_no_text_spoil_only_their_line(tmp_path: Path) -> None:
    file = tmp_path / "batch.jsonl"
    good = b'{"received": "2026-11-23"}\n'
    file.write_bytes(good + b'{"received": "\xff\xfe"}\n' + good)
    result = deadlines("--batch", str(file))
    assert result.exit_code == 1
    first, second, third = lines(result)
    assert first == third
    assert "batch.jsonl:2: " in second["error"]


def test_a_batch_comes_from_standard_input_too() -> None:
    result = deadlines("--batch", "-", stdin='{"received": "2026-11-23"}\n{"received": "2026-11-24"}')
    assert result.exit_code == 0
    assert [told["answer"] for told in lines(result)] == ["2026-12-02", "2026-12-03"]


def test_an_empty_batch_is_no_mistake(tmp_path: Path) -> None:
    result = batch(tmp_path, "", "  ")
    assert (result.exit_code, result.stdout) == (0, "")


def test_the_published_examples_in_one_batch(shared_data: Path, tmp_path: Path) -> None:
    with (shared_data / "deadlines.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    asked = [json.dumps({"received": row["received"], "forwarded": row["received"]}) for row in rows]
    for row, told in zip(rows, lines(batch(tmp_path, *asked)), strict=True):
        assert (told["forward"], told["institution"], told["answer"]) == (row["plus_1"], row["plus_6"], row["plus_7"])


def test_a_submission_has_the_terms_of_its_own_law() -> None:
    (told,) = lines(deadlines("--received", "2026-11-24", "--procedure", "submission", "--json", "--explain"))
    assert (told["forward"], told["answer"], told["extension"]) == ("2026-12-03", "2026-12-28", "2027-03-24")
    assert [day["on"] for day in told["explanation"]["answer"]] == [f"2026-12-{day}" for day in (24, 25, 26, 27, 28)]
    assert "Iesniegumu likums" in told["terms"]["answer"]["source"]


def test_other_rules_may_be_tried_before_they_are_in_force(tmp_path: Path) -> None:
    for name in FILES:
        shutil.copy(CONFIG / name, tmp_path)
    days = tmp_path / "calendars.yaml"
    days.write_text('days:\n- {calendars: [state], off: 2026-11-27, reason: "storm"}\n', "utf-8")
    (told,) = lines(deadlines("--received", "2026-11-23", "--rules", str(tmp_path), "--json", "--explain"))
    assert told["answer"] == "2026-12-03"
    assert {"on": "2026-11-27", "counted": False, "reason": "storm"}.items() <= told["explanation"]["answer"][3].items()
    assert told["calendar_version"] != "holidays 0.109"
    days.write_text("days:\n- {calendars: [state], off: 2026-02-30, reason: storm}\n", "utf-8")
    refused = deadlines("--received", "2026-11-23", "--rules", str(tmp_path))
    assert refused.exit_code == 2
    assert "calendars.yaml:2: days.off: There is no such date as 2026-02-30." in refused.stderr
