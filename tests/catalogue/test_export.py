"""An export says everything that an import needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from catalogue.entry import LISTS, TEXTS
from catalogue.export import export_csv, export_yaml
from catalogue.publish import publish
from catalogue.read import read
from models.database import Database
from models.tables import metadata
from tests.catalogue.given import AT, TODAY, entries, form, institutions, text_file

MARKS = "\n\t;,'\"=+-@#:{}[]&*!|>%~?"
letters = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Cn"]) | st.sampled_from(MARKS)
words = st.text(letters, min_size=1, max_size=30).map(lambda text: f"{text}a{text}")
texts = st.fixed_dictionaries({"lv": words}, optional={"en": words, "ru": words})
lists = st.fixed_dictionaries({}, optional={language: st.lists(words, max_size=4) for language in ("lv", "en", "ru")})
services = st.fixed_dictionaries(
    dict.fromkeys(TEXTS, texts) | dict.fromkeys(LISTS, lists),
    optional={
        "term_working_days": st.none() | st.integers(0, 1000),
        "municipality": words,
        "also": st.just([]),
        "life_situation": st.just(""),
    },
)
Export = Callable[[Session], str]
FORMS: list[tuple[Export, str]] = [
    (export_yaml, "a.yaml"),
    (export_csv, "a.csv"),
    (lambda session: export_csv(session, excel=True), "b.csv"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Path]]:
    folder = tmp_path_factory.mktemp("export")
    database = Database(f"sqlite:///{folder / 'atbilde.db'}")
    metadata.create_all(database.engine)
    yield database, folder
    database.close()


@pytest.mark.parametrize(("export", "name"), FORMS)
@settings(deadline=None, max_examples=60)
@given(changes=services)
def test_an_import_of_an_export_changes_nothing_whatever_the_words(
    changes: dict[str, Any], export: Export, name: str, place: tuple[Database, Path]
) -> None:
    database, folder = place
    with database.read() as session:  # nothing is committed, so each example begins with an empty catalogue
        institutions(session)
        publish(session, entries(session, folder, form(**changes), form("otra")), AT)
        path = text_file(folder, export(session), name)
        again = publish(session, read(session, path, TODAY), AT)

        assert (again.added, again.changed, again.unchanged) == ([], [], ["otra", "vecuma-pensija"])
        assert export(session).encode() == path.read_bytes()


@pytest.mark.parametrize(("export", "name"), FORMS)
def test_only_versions_in_force_are_exported(export: Export, name: str, session: Session, tmp_path: Path) -> None:
    for price in ("14 EUR", "20 EUR"):
        publish(session, entries(session, tmp_path, form(price={"lv": price})), AT)
    (entry,) = read(session, text_file(tmp_path, export(session), name), TODAY)

    assert entry.price.lv == "20 EUR"


def test_a_yaml_export_reads_like_the_starting_catalogue(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form()), AT)

    assert export_yaml(session).startswith(
        "services:\n- code: vecuma-pensija\n  institution: VSAA\n  also:\n  - PMLP\n"
    )
    assert "published_on: 2026-11-02\n" in export_yaml(session)
    assert "Kā saņemt vecuma-pensija?" in export_yaml(session)


def test_a_csv_export_runs_no_formula_in_a_spreadsheet(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form(price={"lv": "=HYPERLINK(1)"}, who={"lv": "+371 67000000"})), AT)

    assert ",'=HYPERLINK(1)," in export_csv(session)
    assert ",'+371 67000000," in export_csv(session)


def test_a_csv_export_for_excel_has_what_latvian_excel_expects(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form()), AT)

    assert export_csv(session, excel=True).startswith("\ufeffcode;institution;also;")
    assert export_csv(session).startswith("code,institution,also,")
