"""The command `atbilde`: quick to help, plain in what it refuses, and changing nothing when it does."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.first_start import prepare
from config.settings import ROOT, Settings
from models.database import Database
from models.institution import Institution
from models.service import Service
from models.staff import Person, StaffSession
from web.passwords import is_password
from web.session_rows import open_session

GOOD = "ozolzīle pie upes"
COMMAND = [sys.executable, "-c", "from bot.cli import main; main()"]


@pytest.fixture(scope="module")
def started(prepared_sqlite: Path, learnt: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as the first start leaves it; to be copied, since passwords and learning take a while."""
    folder = shutil.copytree(learnt, tmp_path_factory.mktemp("started") / "var")
    shutil.copy(prepared_sqlite, folder / "atbilde.db")
    database = Database(f"sqlite:///{folder / 'atbilde.db'}")
    prepare(database, folder)
    database.close()
    return folder


@pytest.fixture
def database(started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The one that the commands of a test work on."""
    shutil.copytree(started, tmp_path / "var")
    sqlite_url = f"sqlite:///{tmp_path / 'var' / 'atbilde.db'}"
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "var"))
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def atbilde(*words: str, typed: str = "", status: int = 0) -> Result:
    result = CliRunner().invoke(app, list(words), input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == status, result.output
    return result


def process(*words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "TMPDIR", "LANG")}
    return subprocess.run(
        [*COMMAND, *words],
        env={**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def people(database: Database) -> dict[str, Person]:
    with database.read() as session:
        return {person.login: person for person in session.exec(select(Person))}


def services(database: Database) -> list[tuple[str, int, bool, str]]:
    with database.read() as session:
        rows = session.exec(select(Service).order_by(col(Service.id)))
        return [(row.code, row.version, row.current, row.fingerprint) for row in rows]


def test_help_comes_at_once_because_nothing_heavy_is_loaded() -> None:
    heavy = ("aiogram", "sqlalchemy", "sqlmodel", "fastapi", "holidays", "alembic", "uvicorn", "simplemma")
    look = f"import sys, bot.cli; print([name for name in {heavy} if name in sys.modules])"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run(
        [sys.executable, "-c", look], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert loaded.stdout.strip() == "[]"
    before = os.times().children_user
    done = process("--help")
    assert done.returncode == 0
    assert os.times().children_user - before < 1.5
    for command in ("serve", "work", "migrate", "demo", "deadlines", "nlu", "catalogue", "staff"):
        assert command in done.stdout


def test_the_version_is_the_packages() -> None:
    assert atbilde("--version").output.startswith("atbilde ")


@pytest.mark.parametrize("words", [("nav",), ("staff", "nav"), ("serve", "--port", "abc"), ("nlu", "ask", "--nav")])
def test_what_there_is_not_is_refused(words: tuple[str, ...]) -> None:
    atbilde(*words, status=2)


def test_a_person_is_added_with_a_password_that_nobody_sees(database: Database) -> None:
    done = atbilde(
        "staff", "add", "anna", "--role", "clerk", "--institution", "PMLP", "--name", "Anna", typed=f"{GOOD}\n"
    )
    person = people(database)["anna"]
    assert GOOD not in done.output
    assert (person.role, person.name) == ("clerk", "Anna")
    assert is_password(GOOD, person.password_hash)
    with database.read() as session:
        assert session.get_one(Institution, person.institution_id).code == "PMLP"


@pytest.mark.parametrize("weak", ["", "short", "annaannaannaanna", "parole123456", "aaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_with_the_reason(database: Database, weak: str) -> None:
    done = atbilde("staff", "add", "anna", "--role", "clerk", "--institution", "PMLP", typed=f"{weak}\n", status=2)
    assert "password" in done.output
    assert "anna" not in people(database)


@pytest.mark.parametrize(
    ("role", "institution", "told"), [("clerk", "NAV-TĀDAS", "NAV-TĀDAS"), ("king", "PMLP", "king")]
)
def test_an_unknown_institution_or_role_is_named(database: Database, role: str, institution: str, told: str) -> None:
    done = atbilde("staff", "add", "anna", "--role", role, "--institution", institution, typed=f"{GOOD}\n", status=2)
    assert told in done.output
    assert "anna" not in people(database)


def test_nobody_is_added_twice(database: Database) -> None:
    words = ("staff", "add", "anna", "--role", "clerk", "--institution", "PMLP")
    atbilde(*words, typed=f"{GOOD}\n")
    assert "anna" in atbilde(*words, typed=f"{GOOD} otrais\n", status=1).output
    assert is_password(GOOD, people(database)["anna"].password_hash)


def test_a_new_password_ends_open_sessions(database: Database) -> None:
    atbilde("staff", "add", "anna", "--role", "clerk", "--institution", "PMLP", typed=f"{GOOD}\n")
    anna = people(database)["anna"]
    database.write(lambda session: open_session(session, anna, anna.created_at))
    atbilde("staff", "password", "anna", typed="cita garā parole 77\n")
    assert is_password("cita garā parole 77", people(database)["anna"].password_hash)
    with database.read() as session:
        assert session.exec(select(StaffSession)).all() == []


def test_a_password_for_nobody_or_a_weak_one_is_refused(database: Database) -> None:
    assert "neviens" in atbilde("staff", "password", "neviens", typed=f"{GOOD}\n", status=1).output
    atbilde("staff", "password", "vdaa", typed="short\n", status=2)


def test_the_list_shows_login_role_and_institution(database: Database) -> None:
    lines = atbilde("staff", "list").output.splitlines()
    assert "vdaa\tcoordinator\tVDAA\tVDAA koordinators" in lines
    assert "pmlp\tclerk\tPMLP\tPMLP darbinieks" in lines


def test_the_first_passwords_are_kept_where_only_the_owner_reads_them(database: Database, tmp_path: Path) -> None:
    path = tmp_path / "var" / "first-logins.txt"
    logins = dict(line.split("\t") for line in path.read_text("utf-8").splitlines())
    assert path.stat().st_mode & 0o077 == 0
    assert all(is_password(word, people(database)[login].password_hash) for login, word in logins.items())


@pytest.mark.parametrize("ending", ["yaml", "csv"])
def test_what_is_exported_is_imported_again_without_a_change(database: Database, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"services.{ending}"
    atbilde("catalogue", "export", str(file))
    before = services(database)
    assert "the file is good" in atbilde("catalogue", "check", str(file)).output
    assert "no difference" in atbilde("catalogue", "diff", str(file)).output
    assert "0 added, 0 changed" in atbilde("catalogue", "import", str(file)).output
    assert services(database) == before


def test_an_export_to_standard_output_is_the_same(database: Database, tmp_path: Path) -> None:
    atbilde("catalogue", "export", str(tmp_path / "services.yaml"))
    assert atbilde("catalogue", "export", "-").output == (tmp_path / "services.yaml").read_text("utf-8")


def exported(folder: Path) -> tuple[Path, list[dict[str, Any]]]:
    file = folder / "services.yaml"
    atbilde("catalogue", "export", str(file))
    return file, yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)["services"][:6]


def written(file: Path, forms: list[dict[str, Any]]) -> str:
    file.write_text(
        yaml.dump({"services": forms}, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), "utf-8"
    )
    return str(file)


def test_a_changed_text_is_shown_then_becomes_a_new_version(database: Database, tmp_path: Path) -> None:
    file, forms = exported(tmp_path)
    code = forms[3]["code"]
    forms[3]["price"]["lv"] = "14,00 eiro"
    name = written(file, forms)
    before = services(database)
    (line,) = atbilde("catalogue", "diff", name).output.splitlines()
    assert line.startswith(f"{code}: price.lv")
    assert services(database) == before
    assert "0 added, 1 changed" in atbilde("catalogue", "import", name).output
    assert sorted((v, current) for c, v, current, _ in services(database) if c == code) == [(1, False), (2, True)]


def test_a_mistake_is_told_by_line_and_field_and_nothing_is_changed(database: Database, tmp_path: Path) -> None:
    file, forms = exported(tmp_path)
    forms[0]["price"]["lv"] = "cita cena"
    forms[2]["institution"] = "NAV-TĀDAS"
    forms[4]["surprise"] = "x"
    name = written(file, forms)
    lines = file.read_text("utf-8").splitlines()
    wrong = next(number for number, line in enumerate(lines, 1) if "NAV-TĀDAS" in line)
    before = services(database)
    for command in ("check", "import", "diff"):
        done = atbilde("catalogue", command, name, status=1)
        assert f"services.yaml:{wrong}: institution: " in done.output
        assert "surprise" in done.output
    assert "nothing was changed" in atbilde("catalogue", "import", name, status=1).output
    assert services(database) == before


@pytest.mark.parametrize("command", ["check", "import", "diff"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"services: [", b"a: &a [*a]", b"services:\n- 1\n- x\n"])
def test_a_file_that_is_no_catalogue_is_refused(
    database: Database, tmp_path: Path, command: str, content: bytes
) -> None:
    file = tmp_path / "services.yaml"
    file.write_bytes(content)
    before = services(database)
    assert "services.yaml" in atbilde("catalogue", command, str(file), status=1).output
    assert services(database) == before


@pytest.mark.parametrize("name", ["nowhere.yaml", "services.txt"])
def test_a_file_that_is_not_there_or_of_another_kind_is_refused(database: Database, name: str) -> None:
    assert name in atbilde("catalogue", "import", name, status=1).output


def test_an_export_to_a_strange_or_closed_place_is_refused(database: Database, tmp_path: Path) -> None:
    atbilde("catalogue", "export", str(tmp_path / "services.txt"), status=2)
    atbilde("catalogue", "export", str(tmp_path / "nowhere" / "services.yaml"), status=1)


def test_a_question_is_understood_in_one_line_of_json(database: Database) -> None:
    (line,) = atbilde("nlu", "ask", "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?").stdout.splitlines()
    answer = json.loads(line)
    assert answer.keys() >= {"kind", "service", "institutions", "confidence", "language", "ms"}
    assert (answer["kind"], answer["language"]) == ("answer", "lv")
    assert answer["service"] in {code for code, *_ in services(database)}
    assert 0 <= answer["confidence"] <= 1


def test_a_batch_gives_a_line_for_each_question_in_its_order(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"text": "Labdien!", "intent": "x"}\nКак получить паспорт?\n\n{"text": "How do I get a passport?"}\n'
    )
    answers = [json.loads(line) for line in atbilde("nlu", "ask", "--batch", str(file)).stdout.splitlines()]
    assert [answer["language"] for answer in answers] == ["lv", "ru", "en"]
    typed = atbilde("nlu", "ask", "--batch", "-", typed="Labdien!\n").stdout.splitlines()
    assert len(typed) == 1


@pytest.mark.parametrize("words", [(), ("a", "--batch", "-"), ("--batch", "nowhere.jsonl")])
def test_without_a_question_or_with_two_nlu_ask_is_refused(database: Database, words: tuple[str, ...]) -> None:
    atbilde("nlu", "ask", *words, status=2)


@pytest.mark.parametrize("line", ["{", '{"words": "a"}'])
def test_a_broken_line_of_a_batch_is_named(database: Database, tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"text": "a"}}\n{line}\n')
    assert "line 2" in atbilde("nlu", "ask", "--batch", str(file), status=2).output


def test_a_fresh_database_is_made_and_migrating_again_harms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'deep' / 'new.db'}")
    for _ in range(2):
        assert "up to date" in atbilde("migrate").output
    assert (tmp_path / "deep" / "new.db").exists()


def test_serving_on_a_port_that_is_taken_says_so(sqlite_url: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = process("serve", "--port", str(port), DATABASE_URL=sqlite_url, DATA_DIR=str(tmp_path / "var"))
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert "ready" not in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PORT", "abc", "PORT"),
        ("PORT", "70000", "PORT"),
        ("QUESTIONS_PER_MINUTE", "0", "QUESTIONS_PER_MINUTE"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL"),
        ("DATABASE_URL", "oracle9://x", "DATABASE_URL"),
        ("DATABASE_URL", "postgresql://nobody:secretword@127.0.0.1:1/x", "DATABASE_URL"),
        ("DATABASE_URL", "sqlite:////proc/nowhere/a.db", "DATABASE_URL"),
    ],
)
def test_a_wrong_setting_is_told_in_one_plain_line(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    done = atbilde("migrate", status=2)
    assert told in done.output
    assert len(done.output.strip().splitlines()) == 1
    assert "secretword" not in done.output
    assert "pydantic" not in done.output


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"CHANNELS": "webchat,pigeon"}, "pigeon"),
        ({"TELEGRAM_TOKEN": "1:a", "TELEGRAM_MODE": "pigeon"}, "MODE"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ],
)
def test_a_wrong_setting_keeps_the_server_from_starting(
    database: Database, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], told: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    done = atbilde("serve", status=2)
    assert told in done.output
    assert "short" not in done.output.replace("SECRET_KEY", "")


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key"
    file.write_text("a key that is long enough for anybody\n")
    monkeypatch.setenv("SECRET_KEY_FILE", str(file))
    key = Settings().secret_key
    assert key is not None
    assert key.get_secret_value() == "a key that is long enough for anybody"
    assert "long enough" not in repr(Settings())
    monkeypatch.setenv("SECRET_KEY", "the environment itself has the last word")
    assert Settings().secret_key != key


def test_the_database_address_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "url").write_text(f"sqlite:///{tmp_path / 'from-file.db'}\n")
    monkeypatch.setenv("DATABASE_URL_FILE", str(tmp_path / "url"))
    atbilde("migrate")
    assert (tmp_path / "from-file.db").exists()


def test_a_secret_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    done = atbilde("migrate", status=2)
    assert "SECRET_KEY_FILE" in done.output.replace("\n", "")


def test_settings_are_read_from_a_file_beside_the_program(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=8123\nPUBLIC_URL=https://atbilde.example/\n")
    assert (Settings().port, Settings().link_base) == (8123, "https://atbilde.example")


def test_commands_may_run_side_by_side_on_a_fresh_database(tmp_path: Path) -> None:
    began = time.monotonic()
    given = {"DATABASE_URL": f"sqlite:///{tmp_path / 'new.db'}", "DATA_DIR": str(tmp_path / "var")}
    kept = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    running = [
        subprocess.Popen([*COMMAND, "staff", "list"], env=kept | given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    for one in running:
        out, err = one.communicate(timeout=60)
        assert one.returncode == 0, err.decode()
        assert out.decode().count("\n") == 5
    assert time.monotonic() - began < 60
