"""The three files together: read, refused, put in force as one."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from shutil import copy

import pytest

from config.flaw import Refused
from config.settings import CONFIG
from models.rulebook import Rulebook
from routing.rules import CALENDARS, FILES, LADDER, TERMS, calendar, in_force, put_in_force, read_rules, understood
from tests.routing.case import MONDAY
from tests.routing.law import as_before, rules_with


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        copy(CONFIG / name, tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    with as_before():
        yield


def refused(folder: Path) -> list[str]:
    with pytest.raises(Refused) as error:
        read_rules(folder)
    return [str(flaw).replace(f"{folder}/", "") for flaw in error.value.flaws]


def test_the_files_that_came_with_the_program_are_good(folder: Path) -> None:
    rules = read_rules(folder)
    assert set(rules.texts) == set(FILES)
    assert rules.calendars.version == in_force().calendars.version


def test_what_is_put_in_force_counts_from_then_on() -> None:
    put_in_force(rules_with("calendars: [{name: pmlp}]"))
    assert calendar("pmlp").name == "pmlp"
    put_in_force(rules_with())
    with pytest.raises(ValueError, match="there are state, municipal"):
        calendar("pmlp")


def test_flaws_of_all_files_are_told_at_once(folder: Path) -> None:
    (folder / CALENDARS).write_text("bad: 1\n")
    (folder / TERMS).write_text("terms: []\n")
    (folder / LADDER).write_text("quiet: never\n")
    assert {flaw.split(":")[0] for flaw in refused(folder)} == set(FILES)


def test_a_file_without_a_letter_is_refused_for_so_it_looks_while_it_is_being_saved(folder: Path) -> None:
    """Comments alone are an editor's word that nothing differs; nothing at all is a full disk or a half-done save."""
    (folder / CALENDARS).write_text("\n\n")
    assert refused(folder) == [f"{CALENDARS}:1: The file is empty."]
    (folder / CALENDARS).write_text("# nothing differs\n")
    assert read_rules(folder).calendars.version == rules_with("{}").calendars.version


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_by_name(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refused(folder) == [f"{name}:1: The file cannot be read: No such file or directory."]


def test_a_folder_in_place_of_a_file_is_refused(folder: Path) -> None:
    (folder / CALENDARS).unlink()
    (folder / CALENDARS).mkdir()
    assert refused(folder) == [f"{CALENDARS}:1: The file cannot be read: Is a directory."]


def test_a_file_that_is_not_utf_8_is_refused(folder: Path) -> None:
    (folder / CALENDARS).write_bytes("days: []\n# svētki\n".encode("cp1257"))
    assert refused(folder) == [f"{CALENDARS}:2: The file is not UTF-8; save it as UTF-8 and try again."]


def test_a_file_of_windows_is_taken(folder: Path) -> None:
    text = 'days:\r\n  - {calendars: [state], off: 2026-11-30, reason: "ē"}\r\n'
    (folder / CALENDARS).write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert not read_rules(folder).calendars["state"].works(date(2026, 11, 30))


def test_a_rulebook_that_this_program_cannot_read_is_none() -> None:
    good = rules_with()
    assert understood(None) is None
    assert understood(Rulebook(version="1", texts={CALENDARS: "years: 7"}, fingerprint="", at=MONDAY)) is None
    book = understood(Rulebook(version="1", texts=dict(good.texts), fingerprint="", at=MONDAY))
    assert book is not None
    assert book.calendars.version == good.calendars.version
