"""`atbilde staff`: new roles, where notices are sent, and people who leave."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from bot.cli import app
from models.contact import Contact
from models.database import Database
from models.moments import now
from models.staff import Person, StaffSession
from tests.channels.bot_api import TOKEN
from web.people import add_person
from web.session_rows import open_session

GOOD = "ozolzīle pie upes"


@pytest.fixture
def database(sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """With a clerk of PMLP and a coordinator, and Telegram switched on."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    opened = Database(sqlite_url)
    opened.write(lambda session: add_person(session, "anna", "Anna", "clerk", "PMLP", "-") and None)
    opened.write(lambda session: add_person(session, "vita", "Vita", "coordinator", "VDAA", "-") and None)
    yield opened
    opened.close()


def staff(*words: str, typed: str = "", status: int = 0) -> Result:
    result = CliRunner().invoke(app, ["staff", *words], input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def person(database: Database, login: str) -> Person:
    with database.read() as session:
        return next(one for one in session.exec(select(Person)) if one.login == login)


def reached(database: Database, login: str) -> tuple[str, str] | None:
    number = person(database, login).contact_id
    with database.read() as session:
        contact = session.get(Contact, number) if number else None
    return (contact.channel, contact.address) if contact else None


@pytest.mark.parametrize("role", ["lead", "head", "coordinator", "clerk", "administrator"])
def test_a_person_of_every_role_is_added(database: Database, role: str) -> None:
    staff("add", "berta", "--role", role, "--institution", "VDAA", typed=f"{GOOD}\n")
    assert person(database, "berta").role == role


def test_an_unknown_role_is_refused_with_those_there_are(database: Database) -> None:
    said = staff("add", "berta", "--role", "king", "--institution", "VDAA", typed=f"{GOOD}\n", status=2).output
    assert "'king'" in said
    assert "coordinator, lead, clerk, head, editor, auditor, administrator" in said


def test_notices_are_sent_where_the_person_is_reached(database: Database) -> None:
    staff("reach", "anna", "--channel", "telegram", "--address", " 12345 ")
    assert reached(database, "anna") == ("telegram", "12345")
    staff("reach", "anna", "--channel", "telegram", "--address", "-100777")
    assert reached(database, "anna") == ("telegram", "-100777"), "another one replaces it"
    staff("reach", "anna", "--none")
    assert reached(database, "anna") is None


def test_an_address_that_is_known_already_is_used_again(database: Database) -> None:
    """The person may have asked something as a citizen; two of the staff may share a chat."""
    database.write(
        lambda session: session.add(
            Contact(channel="telegram", address="12345", name="Annele", gone_at=now(), created_at=now())
        )
    )
    for login in ("anna", "vita"):
        staff("reach", login, "--channel", "telegram", "--address", "12345")
    with database.read() as session:
        contact = session.exec(select(Contact)).one()
    assert (contact.name, contact.gone_at) == ("Annele", None), "whoever sets it says that it can be reached"
    assert person(database, "anna").contact_id == person(database, "vita").contact_id == contact.id


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--none"),
        (("--channel", "telegram"), "--address"),
        (("--address", "12345"), "--channel"),
        (("--channel", "telegram", "--address", "12345", "--none"), "--none"),
        (("--channel", "pigeon", "--address", "12345"), "'pigeon'; channels that are on and can: telegram"),
        (("--channel", "webchat", "--address", "12345"), "'webchat'"),
        (("--channel", "api", "--address", "12345"), "'api'"),
        (("--channel", "telegram", "--address", "@anna"), "'@anna' is no chat of Telegram"),
        (("--channel", "telegram", "--address", "+371 2000"), "no chat of Telegram"),
        (("--channel", "telegram", "--address", "١٢٣"), "no chat of Telegram"),
        (("--channel", "telegram", "--address", "1" * 20), "no chat of Telegram"),
        (("--channel", "telegram", "--address", " "), "no chat of Telegram"),
    ],
)
def test_what_cannot_be_reached_is_refused_with_the_reason(
    database: Database, words: tuple[str, ...], said: str
) -> None:
    staff("reach", "anna", "--channel", "telegram", "--address", "777")
    assert said in staff("reach", "anna", *words, status=2).output
    assert reached(database, "anna") == ("telegram", "777"), "what was set stays"


def test_a_channel_that_is_off_reaches_nobody(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TELEGRAM_TOKEN")
    said = staff("reach", "anna", "--channel", "telegram", "--address", "12345", status=2).output
    assert "channels that are on and can: email" in said


def test_nobody_cannot_be_reached_nor_switched_off(database: Database) -> None:
    assert "'zane'" in staff("reach", "zane", "--none", status=1).output
    assert "'zane'" in staff("off", "zane", status=1).output
    assert "'zane'" in staff("on", "zane", status=1).output


def test_who_leaves_is_logged_out_and_may_come_back(database: Database) -> None:
    anna, vita = person(database, "anna"), person(database, "vita")
    for one in (anna, vita):
        database.write(partial(open_session, person=one, at=now()))
    staff("off", "anna")
    assert not person(database, "anna").active
    with database.read() as session:
        assert [row.person_id for row in session.exec(select(StaffSession))] == [vita.id]
    assert "anna\tclerk\tPMLP\tAnna\toff" in staff("list").output.splitlines()
    assert "vita\tcoordinator\tVDAA\tVita" in staff("list").output.splitlines()
    staff("on", "anna")
    assert person(database, "anna").active
