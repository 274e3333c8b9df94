"""Files that are no catalogue at all, or mean harm."""

import os
from pathlib import Path

import pytest
from sqlmodel import Session

from config import read_text
from tests.catalogue.given import flaws, text_file, the_flaw


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (b"services:\n- code: \xe0\xe1\n", 2, "not UTF-8"),
        ("services:\n- code: a\n".encode("utf-16"), 1, "not UTF-8"),
        ("", 1, "empty"),
        (" \n\n", 1, "empty"),
        ("services:\n- code: 'a\n", 3, "not YAML"),
        ("services:\n  - a\n - b\n", 3, "not YAML"),
        ("services:\n- code: a\x00b\n", 2, "U+0000"),
        ("services:\n- code: a\u202eb\n", 2, "U+202E"),
        ("services:\n" + "- " * 2000, 2, "deeper"),
        ("services:\n" + "[" * 2000, 2, "not YAML"),
        ('services:\n- code: "a\\ud800b"\n', 2, "not YAML"),
        ("services:\n- code: a\x07b\n", 2, "U+0007"),
        ("services: []\n", 1, "list of services"),
        ("# nothing\n", 1, "list of services"),
        ("services: text\n", 1, "list of services"),
        ("entries:\n- code: a\n", 1, "no such field"),
        ("services:\n- &a\n  code: b\n", 2, "Anchors"),
        ("services:\n- code: *a\n", 2, "Anchors"),
        ("services:\n- !!python/object/apply:os.system [ls]\n", 2, "Tags"),
        ("services:\n- {<<: *base}\n", 2, "Anchors"),
        ("services:\n- ? [a]\n  : b\n", 2, "name of a field"),
        ("services:\n- " + "[" * 50 + "]" * 50, 2, "deeper"),
        ("services:\n- a\n---\nservices:\n- b\n", 3, "one document"),
        ("services:\n- just words\n", 2, "mapping"),
        ("services:\n-\n", 2, "mapping"),
    ],
)
def test_a_file_that_is_no_catalogue_is_refused_with_its_line(
    text: str | bytes, line: int, message: str, session: Session, tmp_path: Path
) -> None:
    found = flaws(session, text_file(tmp_path, text))

    assert message in found[0].message
    assert found[0].line == line


def test_a_file_of_many_laughs_costs_nothing(session: Session, tmp_path: Path) -> None:
    laughs = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]\n" for n in range(1, 40))

    assert "Anchors" in the_flaw(session, text_file(tmp_path, "l0: &l0 [ha]\n" + laughs)).message


@pytest.mark.parametrize("name", ["services.json", "services", "services.yaml.bak"])
def test_another_kind_of_file_is_refused(name: str, session: Session, tmp_path: Path) -> None:
    assert ".csv" in the_flaw(session, text_file(tmp_path, "{}", name)).message


def test_a_file_that_is_not_there_is_said_so(session: Session, tmp_path: Path) -> None:
    assert "No such file" in the_flaw(session, tmp_path / "nav.yaml").message
    (tmp_path / "folder.yaml").mkdir()
    assert "cannot be read" in the_flaw(session, tmp_path / "folder.yaml").message


def test_a_file_larger_than_20_megabytes_is_not_read(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.touch()
    os.truncate(path, read_text.MOST_BYTES + 1)

    assert "20 MB" in the_flaw(session, path).message
