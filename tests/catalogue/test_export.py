"""An export says everything that an import needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from catalogue.entry import LISTS, TEXTS
from catalogue.export import export_csv, export_yaml
from catalogue.publish import publish
from catalogue.read import read
from models.database import Database
from models.tables import metadata
from tests.catalogue.given import AT, TODAY, entries, form, institutions, text_file

letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") | st.sampled_from("\n\t;,'\"=+-@#:{}[]&*!|>%")
words = st.text(letters, min_size=1, max_size=40).filter(lambda text: text.strip("; \n\t") and text.strip() and " ".join(text.split()).strip("; "))
texts = st.fixed_dictionaries({"lv": words}, optional={"en": words, "ru": words})
lists = st.fixed_dictionaries({}, optional={language: st.lists(words, max_size=4) for language in ("lv", "en", "ru")})
services = st.fixed_dictionaries(
    {name: texts for name in TEXTS} | {"keywords": lists, "questions": lists},
    optional={"term_working_days": st.integers(0, 1000), "municipality": words, "also": st.just([])},
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, Path]]:
    folder = tmp_path_factory.mktemp("export")
    database = Database(f"sqlite:///{folder / 'atbilde.db'}")
    metadata.create_all(database.engine)
    yield database, folder
    database.close()
