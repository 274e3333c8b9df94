"""What an import would change can be read before it is done."""

from pathlib import Path

from sqlmodel import Session

from catalogue.compare import diff
from catalogue.publish import publish
from tests.catalogue.given import AT, entries, form


def test_nothing_is_said_where_nothing_would_change(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form()), AT)

    assert diff(session, entries(session, tmp_path, form())) == []


def test_each_change_is_said_by_service_and_field(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form(price={"lv": "14 EUR", "en": "EUR 14"})), AT)
    changed = form(
        price={"lv": "20 EUR", "ru": "20 EUR"},
        term_working_days=None,
        keywords={"lv": ["vecums", "pensija"], "ru": ["пенсия", "возраст"]},
        questions={"lv": ["Kā saņemt vecuma-pensija?"]},
    )

    assert diff(session, entries(session, tmp_path, changed, form("jauna"))) == [
        'vecuma-pensija: term_working_days: removed "10"',
        'vecuma-pensija: price.en: removed "EUR 14"',
        'vecuma-pensija: price.lv: "14 EUR" -> "20 EUR"',
        'vecuma-pensija: price.ru: added "20 EUR"',
        "vecuma-pensija: keywords.lv: another order",
        'vecuma-pensija: keywords.ru: added "возраст"',
        'vecuma-pensija: questions.lv: removed "Cik ilgi gaidīt vecuma-pensija?"',
        'jauna: new service, "title latviski"',
    ]


def test_long_texts_are_shown_from_where_they_part(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form(who={"lv": "Ievads. " * 100 + "Vecs."})), AT)
    (line,) = diff(session, entries(session, tmp_path, form(who={"lv": "Ievads. " * 100 + "Jauns."})))[-1:]

    assert line == 'vecuma-pensija: who.lv: "…ds. Ievads. Ievads. Vecs." -> "…ds. Ievads. Ievads. Jauns."'
