"""`atbilde mail parse`: a line of JSON for each mail, which scripts rely on."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app

PDF = b"%PDF-1.4\n%\xe2\xe3\n"
MAIL = (
    b"From: Anna <Anna@Example.LV>\nTo: Desk <desk+T1@desk.lv>\nCc: x@y.lv\nSubject: =?utf-8?Q?J=C4=81?=\n"
    b"In-Reply-To: <b@c>\nReferences: <a@c> <b@c>\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    b"Content-Type: text/plain; charset=utf-8\n\n" + "Lūdzu!\n\n> vecs\n".encode() + b"--b\n"
    b"Content-Type: application/octet-stream; name=l.bin\n\n" + PDF + b"\n--b--\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.eml").write_bytes(MAIL)
    (tmp_path / "box").write_bytes(
        b"From a@b Mon Nov  2 10:00:00 2026\nFrom: a@b.lv\n\none\n\n"
        b"From a@b Mon Nov  2 10:00:00 2026\nFrom: c@d.lv\n\ntwo\n"
    )
    return tmp_path


def run(*words: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["mail", "parse", *words], input=typed)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_mail_is_one_line_with_what_it_says(folder: Path) -> None:
    file = str(folder / "one.eml")
    result = run(file)
    assert result.exit_code == 0
    assert lines(result) == [
        {
            "file": file,
            "kind": "message",
            "from": "anna@example.lv",
            "to": ["desk+t1@desk.lv", "x@y.lv"],
            "subject": "Jā",
            "text": "Lūdzu!\n\n> vecs",
            "reply": "Lūdzu!",
            "attachments": [{"name": "l.bin", "type": "application/pdf", "size": len(PDF)}],
            "references": ["b@c", "a@c"],
        }
    ]


def test_a_mail_is_read_from_standard_input() -> None:
    result = run("-", typed=MAIL)
    assert [(line["file"], line["from"]) for line in lines(result)] == [("-", "anna@example.lv")]


def test_a_mailbox_of_several_is_a_line_each(folder: Path) -> None:
    assert [(line["from"], line["text"]) for line in lines(run(str(folder / "box")))] == [
        ("a@b.lv", "one"),
        ("c@d.lv", "two"),
    ]


def test_a_file_that_is_not_there_is_told_after_the_others_were_done(folder: Path) -> None:
    result = run(str(folder / "none.eml"), str(folder), str(folder / "one.eml"))
    assert result.exit_code == 1
    assert len(lines(result)) == 1
    assert "none.eml: No such file or directory" in result.stderr
    assert "2 of 3 could not be read" in result.stderr


def test_a_type_that_the_bytes_do_not_tell_is_as_the_mail_says() -> None:
    part = b"--b\nContent-Type: text/csv; name=a.csv\n\na;b\n--b--\n"
    result = run("-", typed=b"From: a@b.lv\nContent-Type: multipart/mixed; boundary=b\n\n" + part)
    assert lines(result)[0]["attachments"] == [{"name": "a.csv", "type": "text/csv", "size": 3}]
