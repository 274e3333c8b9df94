"""`atbilde mail replay`: a raw mail put through again, as a person does it who has found out what was wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, func, select
from typer.testing import CliRunner, Result

from bot.cli import app
from channels.mail.identity import identity
from models.database import Database
from models.message import Message
from models.queue import InboxRow, State, bury
from models.ticket import Ticket

MAIL = (
    "From: Anna <anna@example.lv>\r\nTo: atbilde@localhost\r\nSubject: Raķete\r\nMessage-ID: <1@example.lv>\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nKur Rīgā nopirkt raķeti?\r\n"
).encode()
OTHER = MAIL.replace(b"<1@", b"<2@").replace(b"anna@", b"ilze@")


@pytest.fixture
def folder(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the mails lie, on either kind of database."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "one.eml").write_bytes(MAIL)
    (tmp_path / "other.eml").write_bytes(OTHER)
    return tmp_path


def replayed(*words: object, typed: bytes = b"") -> Result:
    return CliRunner().invoke(app, ["mail", "replay", *map(str, words)], input=typed)


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def changed(database: Database, how: Callable[[InboxRow], object]) -> None:
    database.write(lambda session: how(session.exec(select(InboxRow)).one()) and None)


def test_mails_that_never_came_are_stored_as_if_they_came_now(folder: Path, database: Database) -> None:
    result = replayed(folder / "one.eml", folder / "other.eml")
    assert result.exit_code == 0, result.stderr
    assert [(line["file"], line["state"], line["ticket"]) for line in lines(result)] == [
        (str(folder / "one.eml"), "waiting", None),
        (str(folder / "other.eml"), "waiting", None),
    ]
    with database.read() as session:
        rows = session.exec(select(InboxRow).order_by(col(InboxRow.id))).all()
        assert [(row.channel, row.external_id, row.raw, row.conversation) for row in rows] == [
            ("email", identity(MAIL), MAIL, "anna@example.lv"),
            ("email", identity(OTHER), OTHER, "ilze@example.lv"),
        ]


@pytest.mark.parametrize("state", [State.DEAD, State.HELD, State.WAITING])
def test_one_that_failed_waits_or_is_held_is_tried_again_at_once(
    folder: Path, database: Database, state: State
) -> None:
    replayed("-", typed=MAIL)
    changed(database, lambda row: bury(row, "the server was mad", state))
    changed(database, lambda row: setattr(row, "attempts", 36))
    [line] = lines(replayed("-", typed=MAIL))
    assert (line["file"], line["state"]) == ("-", "waiting")
    with database.read() as session:
        row = session.exec(select(InboxRow)).one()
        assert (row.id, row.state, row.attempts, row.error) == (line["inbox"], State.WAITING, 0, "")


@pytest.mark.parametrize("state", [State.DONE, State.WORKING])
def test_what_is_done_or_in_work_is_left_and_said_so(folder: Path, database: Database, state: State) -> None:
    replayed(folder / "one.eml")
    changed(database, lambda row: setattr(row, "state", state))
    result = replayed(folder / "one.eml")
    assert result.exit_code == 0
    assert [line["state"] for line in lines(result)] == [state.value]


def test_worked_here_and_now_a_mail_becomes_one_ticket_however_often(folder: Path, database: Database) -> None:
    [first] = lines(replayed(folder / "one.eml", "--work"))
    [again] = lines(replayed(folder / "one.eml", "--work"))
    assert first == again
    assert first["state"] == "done"
    with database.read() as session:
        assert session.exec(select(Ticket.ref)).all() == [first["ticket"]]
        assert "Kur Rīgā nopirkt raķeti?" in session.exec(select(Message.text)).all()


def test_what_cannot_be_taken_is_named_and_the_rest_is_taken(folder: Path, database: Database) -> None:
    (folder / "empty.eml").write_bytes(b"\r\n")
    result = replayed(folder / "none.eml", folder / "empty.eml", folder, folder / "one.eml")
    assert result.exit_code == 1
    assert [line["file"] for line in lines(result)] == [str(folder / "one.eml")]
    for said in ("none.eml: No such file", "empty.eml: there is nothing in it", "3 of 4 could not be taken"):
        assert said in result.stderr
    with database.read() as session:
        assert _number(session) == 1


def _number(session: Session) -> int:
    return session.exec(select(func.count(col(InboxRow.id)))).one()
