"""What the understanding is given, and when it is told to learn again."""

from pathlib import Path

from sqlmodel import Session

from catalogue.directory import load_institutions
from catalogue.learn import catalogue_stamp, competences, entries
from catalogue.publish import publish
from nlu.meaning import Competence, Entry
from tests.catalogue import given
from tests.catalogue.given import AT, form
from tests.catalogue.test_directory import body, file


def test_the_understanding_learns_the_services_in_force(session: Session, tmp_path: Path) -> None:
    for title in ("Vecs", "Vecuma pensija"):
        publish(session, given.entries(session, tmp_path, form(title={"lv": title}, summary={"lv": "Īsi"})), AT)

    assert entries(session) == [
        Entry(
            code="vecuma-pensija",
            institution="VSAA",
            also=("PMLP",),
            municipality="",
            audience="resident",
            titles={"lv": "Vecuma pensija"},
            keywords={"lv": ("pensija", "vecums"), "ru": ("пенсия",)},
            questions={"lv": ("Kā saņemt vecuma-pensija?", "Cik ilgi gaidīt vecuma-pensija?")},
            summaries={"lv": "Īsi"},
            life_situation="pensionesanas",
        )
    ]


def test_the_understanding_learns_every_institution(session: Session) -> None:
    assert [competence.code for competence in competences(session)] == ["PAŠV-DZ", "PMLP", "VSAA"]
    assert competences(session)[2] == Competence("VSAA", {"lv": "Iestāde VSAA"}, {"lv": ("pensija",)}, False)


def test_the_stamp_differs_after_every_change_and_only_then(session: Session, tmp_path: Path) -> None:
    stamps = [catalogue_stamp(session)]
    publish(session, given.entries(session, tmp_path, form()), AT)
    stamps.append(catalogue_stamp(session))
    publish(session, given.entries(session, tmp_path, form(price={"lv": "1 EUR"})), AT)
    stamps.append(catalogue_stamp(session))
    given.in_force(session).current = False
    stamps.append(catalogue_stamp(session))
    load_institutions(session, file(tmp_path, body()), AT)
    stamps.append(catalogue_stamp(session))
    load_institutions(session, file(tmp_path, body(areas={"lv": ["cita joma"]})), AT)
    stamps.append(catalogue_stamp(session))

    assert len(set(stamps)) == len(stamps)
    load_institutions(session, file(tmp_path, body(areas={"lv": ["cita joma"]})), AT)
    assert catalogue_stamp(session) == stamps[-1]
