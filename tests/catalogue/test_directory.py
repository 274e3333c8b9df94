"""Institutions and life situations follow their files."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import Session, select

from catalogue.directory import load_institutions, load_life_situations
from config.flaw import Refused
from models.institution import Institution, institution_by_code
from models.service import LifeSituation
from tests.catalogue.given import AT, text_file


def body(code: str = "SIF", **changes: Any) -> dict[str, Any]:
    return {
        "code": code,
        "name": {"lv": "Fonds", "en": "Fund", "ru": "Фонд"},
        "kind": "state",
        "territorial": False,
        "calendar": "state",
        "email_domain": "sif.gov.lv",
        "email": None,
        "web": "sif.gov.lv; https://www.sif.gov.lv/",
        "coordinates": None,
        "areas": {"lv": ["goda ģimene"], "en": [], "ru": []},
    } | changes


def file(folder: Path, *bodies: dict[str, Any]) -> Path:
    return text_file(folder, yaml.safe_dump({"institutions": list(bodies)}, allow_unicode=True), "institutions.yaml")


def test_institutions_are_added_and_brought_up_to_date_by_code(session: Session, tmp_path: Path) -> None:
    first = load_institutions(session, file(tmp_path, body(), body("IeM IC")), AT)
    changed = body(name={"lv": "Cits"}, territorial=True, coordinates="resident")
    second = load_institutions(session, file(tmp_path, changed, body("IeM IC")), AT)
    sif = institution_by_code(session, "SIF")

    assert first.added == ["SIF", "IeM IC"]
    assert (second.changed, second.unchanged) == (["SIF"], ["IeM IC"])
    assert sif is not None
    assert (sif.called("en"), sif.territorial, sif.coordinates) == ("Cits", True, "resident")
    assert sif.areas == {"lv": ["goda ģimene"]}


def test_an_institution_that_left_the_file_stays_because_tickets_name_it(session: Session, tmp_path: Path) -> None:
    load_institutions(session, file(tmp_path, body()), AT)

    assert institution_by_code(session, "VSAA") is not None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": ""}, "code"),
        ({"name": {"en": "Fund"}}, "name.lv"),
        ({"kind": "club"}, "kind"),
        ({"territorial": "maybe"}, "territorial"),
        ({"email": "sif"}, "email"),
        ({"web": "javascript:alert(1)"}, "web"),
        ({"coordinates": "everybody"}, "coordinates"),
        ({"areas": ["a"]}, "areas"),
        ({"phone": "1"}, "phone"),
    ],
)
def test_a_wrong_institution_is_refused_with_its_field(
    changes: dict[str, Any], field: str, session: Session, tmp_path: Path
) -> None:
    before = len(session.exec(select(Institution)).all())
    with pytest.raises(Refused) as refused:
        load_institutions(session, file(tmp_path, body("NEW"), body(**changes)), AT)

    assert [flaw.field for flaw in refused.value.flaws] == [field]
    assert len(session.exec(select(Institution)).all()) == before


def test_one_institution_coordinates_the_same_people_and_a_code_stands_once(session: Session, tmp_path: Path) -> None:
    path = file(tmp_path, body(coordinates="business"), body("X", coordinates="business"), body("X"))
    with pytest.raises(Refused) as refused:
        load_institutions(session, path, AT)

    assert sorted(flaw.field for flaw in refused.value.flaws) == ["code", "coordinates"]


@pytest.mark.parametrize("top", ["", "life_situations:\n"])
def test_life_situations_stand_in_a_list_with_or_without_a_name(top: str, session: Session, tmp_path: Path) -> None:
    path = text_file(tmp_path, f"{top}- code: lauliba\n  title: {{lv: Laulība, en: Marriage}}\n")

    assert load_life_situations(session, path, AT).added == ["lauliba"]
    assert load_life_situations(session, path, AT).unchanged == ["lauliba"]
    found = session.get(LifeSituation, "lauliba")
    assert found is not None
    assert found.title == {"lv": "Laulība", "en": "Marriage"}
