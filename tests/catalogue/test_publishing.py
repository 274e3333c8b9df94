"""Versions of a service: what was published stays provable."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from catalogue.publish import publish
from catalogue.read import read
from config.flaw import Refused
from models.database import Database
from models.service import Service
from tests.catalogue.given import AT, TODAY, entries, form, in_force, institutions, yaml_file


def test_a_new_service_gets_version_one(session: Session, tmp_path: Path) -> None:
    changes = publish(session, entries(session, tmp_path, form()), AT)
    service = in_force(session)

    assert changes.added == ["vecuma-pensija"]
    assert (service.version, service.imported_at, service.also) == (1, AT, ["PMLP"])
    assert service.text("title", "ru") == "title по-русски"


def test_the_same_content_again_changes_nothing(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form()), AT)
    changes = publish(session, entries(session, tmp_path, dict(reversed(form().items()))), AT + timedelta(days=1))

    assert (changes.added, changes.changed, changes.unchanged) == ([], [], ["vecuma-pensija"])
    assert in_force(session).imported_at == AT


def test_other_content_is_a_new_version_and_the_old_one_stays(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form(price={"lv": "14 EUR"})), AT)
    changes = publish(session, entries(session, tmp_path, form(price={"lv": "20 EUR"})), AT)
    versions = session.exec(select(Service).order_by(col(Service.version))).all()

    assert changes.changed == ["vecuma-pensija"]
    assert [(s.version, s.current, s.text("price", "lv")) for s in versions] == [
        (1, False, "14 EUR"),
        (2, True, "20 EUR"),
    ]


def test_a_return_to_an_earlier_text_is_a_version_of_its_own(session: Session, tmp_path: Path) -> None:
    for price in ("14 EUR", "20 EUR", "14 EUR"):
        publish(session, entries(session, tmp_path, form(price={"lv": price})), AT)

    assert in_force(session).version == 3


def test_a_service_that_was_withdrawn_goes_on_counting(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form()), AT)
    in_force(session).current = False
    changes = publish(session, entries(session, tmp_path, form()), AT)

    assert (changes.added, in_force(session).version) == (["vecuma-pensija"], 2)


def test_services_that_are_not_in_the_file_stay(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form("pirma")), AT)
    publish(session, entries(session, tmp_path, form("otra")), AT)

    assert in_force(session, "pirma").current
    assert in_force(session, "otra").current


def test_a_file_with_one_mistake_publishes_nothing(database: Database, tmp_path: Path) -> None:
    database.write(institutions)
    path = yaml_file(tmp_path, form("pirma"), form("otra", institution="NAV"))

    with pytest.raises(Refused):
        database.write(lambda session: publish(session, read(session, path, TODAY), AT))
    with database.read() as session:
        assert session.exec(select(Service)).all() == []


def test_versions_survive_a_commit_in_the_same_transaction_as_their_successors(
    database: Database, tmp_path: Path
) -> None:
    database.write(institutions)
    for price in ("1", "2", "3"):
        path = yaml_file(tmp_path, *(form(f"s-{n}", price={"lv": price}) for n in range(20)))
        database.write(lambda session, path=path: publish(session, read(session, path, TODAY), AT))  # type: ignore[misc]
    with database.read() as session:
        assert {service.version for service in session.exec(select(Service).where(col(Service.current)))} == {3}
