"""The starting catalogue: complete, loaded in a moment, and never in the way of what people have changed."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session, select

from catalogue import start
from catalogue.entry import TEXTS
from catalogue.export import forms
from catalogue.known import compared
from catalogue.publish import Changes, publish
from catalogue.read import read
from catalogue.start import INSTITUTIONS, START, load_start
from config.flaw import Refused
from models.database import Database
from models.institution import Institution
from models.service import LifeSituation, Service, service_by_code
from tests.catalogue.given import AT, TODAY, form, text_file, yaml_file

LANGUAGES = ["en", "lv", "ru"]
SERVICES = 345


@pytest.fixture
def started(prepared_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """With the starting catalogue in it."""
    database = Database(f"sqlite:///{shutil.copy(prepared_sqlite, tmp_path)}")
    yield database
    database.close()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A part of the starting catalogue where a test may change it."""
    folder = tmp_path / "start"
    folder.mkdir()
    for file in ("life_situations.yaml", "services-a-lauliba.yaml", "services-a-pensionesanas.yaml"):
        shutil.copy(START / file, folder)
    return folder


def load(database: Database, folder: Path = START, institutions: Path = INSTITUTIONS) -> Changes:
    return database.write(lambda session: load_start(session, AT, folder, institutions))


def price(session: Session, code: str) -> str:
    service = service_by_code(session, code)
    assert service is not None
    return service.text("price", "lv")


def test_the_starting_catalogue_is_complete_in_all_three_languages(database: Database) -> None:
    assert len(load(database).added) == SERVICES
    with database.read() as session:
        services = session.exec(select(Service)).all()
        institutions = session.exec(select(Institution)).all()
        situations = session.exec(select(LifeSituation)).all()

    assert len(institutions) == 79
    for service in services:
        assert all(sorted(service.texts[name]) == LANGUAGES for name in TEXTS), service.code
        assert sorted(service.keywords) == LANGUAGES, service.code
        assert sorted(service.questions) == LANGUAGES, service.code
    assert all(sorted(body.name) == LANGUAGES and body.areas.get("lv") for body in institutions)
    assert all(sorted(situation.title) == LANGUAGES for situation in situations)


def test_no_question_stands_in_two_services_of_the_starting_catalogue(started: Database) -> None:
    with started.read() as session:
        asked = {
            (compared(question), form["code"])
            for form in forms(session)
            for questions in form["questions"].values()
            for question in questions
        }

    assert len({question for question, _ in asked}) == len(asked)


def test_residents_and_businesses_each_have_one_coordinator(started: Database) -> None:
    with started.read() as session:
        coordinators = session.exec(select(Institution).where(Institution.coordinates != None)).all()  # noqa: E711

    assert {body.coordinates: body.code for body in coordinators} == {"resident": "VDAA", "business": "LIAA"}


def test_a_second_start_reads_no_yaml_and_takes_no_time(started: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(start, "rows_of", None)
    began = time.perf_counter()

    assert load(started) == Changes()
    assert time.perf_counter() - began < 0.3


def test_a_machine_whose_clock_is_behind_starts_too(database: Database) -> None:
    behind = datetime(2020, 1, 1, tzinfo=UTC)

    assert len(database.write(lambda session: load_start(session, behind)).added) == SERVICES


def test_what_people_imported_is_not_overwritten_by_a_later_start(database: Database, copy: Path) -> None:
    load(database, copy)
    with database.read() as session:
        edited = next(form for form in forms(session) if form["code"] == "laulibas-registracija")
    path = yaml_file(copy, edited | {"price": {"lv": "20 EUR"}})
    database.write(lambda session: publish(session, read(session, path, TODAY), AT))
    path.unlink()
    life = copy / "life_situations.yaml"
    life.write_text(life.read_text("utf-8") + "- code: jauna\n  title: {lv: Jauna}\n", "utf-8")

    assert load(database, copy).kept == ["laulibas-registracija"]
    with database.read() as session:
        assert price(session, "laulibas-registracija") == "20 EUR"
        assert session.get(LifeSituation, "jauna") is not None


def test_a_changed_start_changes_the_services_that_people_left_alone(database: Database, copy: Path) -> None:
    load(database, copy)
    file = copy / "services-a-lauliba.yaml"
    file.write_text(file.read_text("utf-8").replace("14 EUR.", "15 EUR."), "utf-8")
    changes = load(database, copy)

    assert (changes.changed, len(changes.unchanged), changes.kept) == (["laulibas-registracija"], 1, [])
    with database.read() as session:
        assert price(session, "laulibas-registracija") == "15 EUR."


def test_the_flaws_of_all_files_are_said_together_and_nothing_is_loaded(database: Database, copy: Path) -> None:
    text_file(copy, "services: [", "services-x.yaml")
    text_file(copy, yaml_file(copy, form(audience="x")).read_bytes(), "services-y.yaml")
    with pytest.raises(Refused) as refused:
        load(database, copy)

    assert {Path(flaw.file).name for flaw in refused.value.flaws} >= {"services-x.yaml", "services-y.yaml"}
    with database.read() as session:
        assert session.exec(select(Institution)).all() == []


def test_a_missing_file_is_said_so(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        load(database, START, tmp_path / "nav.yaml")
