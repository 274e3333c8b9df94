"""What a YAML file may say, and how it is told what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from catalogue.publish import publish
from catalogue.read import read
from config.flaw import Refused
from tests.catalogue.given import AT, TODAY, entries, flaws, form, the_flaw, yaml_file


def test_a_good_file_is_read_as_it_stands(session: Session, tmp_path: Path) -> None:
    (entry,) = entries(session, tmp_path, form())

    assert entry.form() == form()
    assert flaws(session, tmp_path / "services.yaml") == []


def test_only_latvian_is_required(session: Session, tmp_path: Path) -> None:
    (entry,) = entries(session, tmp_path, form(price={"lv": "Bez maksas", "en": "", "ru": None}))

    assert entry.form()["price"] == {"lv": "Bez maksas"}


def test_values_stay_the_text_that_was_written(session: Session, tmp_path: Path) -> None:
    path = yaml_file(tmp_path, form())
    path.write_text(path.read_text("utf-8").replace("price latviski", "14.00").replace("who latviski", "no"), "utf-8")
    (entry,) = read(session, path, TODAY)

    assert (entry.price.lv, entry.who.lv) == ("14.00", "no")


def test_a_list_item_stands_on_one_line(session: Session, tmp_path: Path) -> None:
    (entry,) = entries(session, tmp_path, form(questions={"lv": [" Kas\n  tas ir?; "]}))

    assert entry.questions.lv == ["Kas tas ir?"]


def test_letters_are_composed_so_that_a_code_from_another_system_is_known(session: Session, tmp_path: Path) -> None:
    (entry,) = entries(session, tmp_path, form(institution="PAS\u030cV-DZ"))

    assert entry.institution == "PAŠV-DZ"


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"code": "Vecuma pensija"}, "code", "small Latin letters"),
        ({"code": None}, "code", "must be text"),
        ({"code": ["a"]}, "code", "must be text"),
        ({"institution": "NAV"}, "institution", 'no institution "NAV"'),
        ({"also": ["PMLP", "NAV"]}, "also", 'no institution "NAV"'),
        ({"also": ["VSAA"]}, "also", "of the service itself"),
        ({"also": ["PMLP", "PMLP"]}, "also", "twice"),
        ({"also": "PMLP"}, "also", "must be a list"),
        ({"life_situation": "nav"}, "life_situation", 'no life situation "nav"'),
        ({"audience": "everybody"}, "audience", "'resident', 'business' or 'both'"),
        ({"published_on": "2026-11-24"}, "published_on", "still to come"),
        ({"published_on": "2026-02-30"}, "published_on", "no such date"),
        ({"published_on": "24.11.2026"}, "published_on", "a date such as"),
        ({"published_on": 1790000000}, "published_on", "a date such as"),
        ({"url": "javascript:alert(1)"}, "url", "http"),
        ({"url": "https://"}, "url", "http"),
        ({"url": "https://a b.lv"}, "url", "http"),
        ({"url": "https://[::1"}, "url", "http"),
        ({"url": "https://a.lv:port"}, "url", "http"),
        ({"url": "https://latvija.gov.lv@evil.example/"}, "url", "user name"),
        ({"term_working_days": "ten"}, "term_working_days", "whole number"),
        ({"term_working_days": -1}, "term_working_days", "at least 0"),
        ({"term_working_days": 1001}, "term_working_days", "at most 1000"),
        ({"title": {"lv": "x" * 301}}, "title.lv", "longer than 300"),
        ({"title": {"en": "Pension"}}, "title.lv", "required"),
        ({"title": {"lv": " "}}, "title.lv", "empty"),
        ({"title": "Pensija"}, "title", "mapping"),
        ({"who": {"lv": "x" * 4001}}, "who.lv", "longer than 4000"),
        ({"who": {"lv": "Kas?", "de": "Wer?"}}, "who.de", "no such field"),
        ({"who": {"lv": "a\x00b"}}, "who.lv", "U+0000"),
        ({"who": {"lv": "a\x1bb"}}, "who.lv", "U+001B"),
        ({"keywords": {"lv": [f"vārds {number}" for number in range(201)]}}, "keywords.lv", "more than 200"),
        ({"keywords": {"lv": "pensija"}}, "keywords.lv", "must be a list"),
        ({"questions": {"lv": [""]}}, "questions.lv", "empty"),
        ({"questions": {"lv": ["x" * 501]}}, "questions.lv", "longer than 500"),
        ({"owner": "VSAA"}, "owner", "no such field"),
    ],
)
def test_a_wrong_value_is_said_with_its_field(
    changes: dict[str, Any], field: str, message: str, session: Session, tmp_path: Path
) -> None:
    flaw = the_flaw(session, yaml_file(tmp_path, form(**changes)))

    assert flaw.field == field
    assert message in flaw.message


def test_a_missing_field_is_said_at_the_service_that_lacks_it(session: Session, tmp_path: Path) -> None:
    second = form("otra")
    del second["audience"]
    path = yaml_file(tmp_path, form(), second)
    flaw = the_flaw(session, path)

    assert (flaw.field, flaw.message) == ("audience", "This field is required.")
    assert path.read_text("utf-8").splitlines()[flaw.line - 1] == "- code: otra"


def test_everything_wrong_is_said_at_once_and_each_with_its_line(session: Session, tmp_path: Path) -> None:
    path = yaml_file(
        tmp_path,
        form("pirma", url="ftp://a.lv", questions={"lv": ["Viens?", "x" * 501]}),
        form("otra", institution="NAV", title={"lv": "Labi", "en": "x" * 301}, questions={"lv": ["viens"]}),
    )
    lines = path.read_text("utf-8").splitlines()

    assert [(flaw.field, lines[flaw.line - 1].split()[0]) for flaw in flaws(session, path)] == [
        ("url", "url:"),
        ("questions.lv", "-"),
        ("institution", "institution:"),
        ("title.en", "en:"),
        ("questions.lv", "-"),
    ]


def test_a_flaw_reads_like_a_compilers(session: Session, tmp_path: Path) -> None:
    path = yaml_file(tmp_path, form(institution="NAV"))

    assert str(the_flaw(session, path)) == f'{path}:3: institution: There is no institution "NAV".'


def test_a_code_stands_once_in_a_file(session: Session, tmp_path: Path) -> None:
    path = yaml_file(tmp_path, form(), form(questions={"lv": ["Cits?"]}))

    assert f"{path}:2" in the_flaw(session, path).message


def test_two_services_do_not_share_a_question(session: Session, tmp_path: Path) -> None:
    first, second = form("pirma", questions={"lv": ["Kā saņemt?"]}), form("otra", questions={"ru": ["kā  saņemt"]})
    flaw = the_flaw(session, yaml_file(tmp_path, first, second))

    assert flaw.field == "questions.ru"
    assert '"pirma"' in flaw.message


def test_a_question_of_a_published_service_is_not_taken_over(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form("pirma", questions={"lv": ["Kā saņemt?"]})), AT)
    path = yaml_file(tmp_path, form("otra", questions={"lv": ["Kā saņemt?"]}))

    assert '"pirma"' in the_flaw(session, path).message


def test_a_question_may_move_to_another_service_in_one_file(session: Session, tmp_path: Path) -> None:
    publish(session, entries(session, tmp_path, form("pirma", questions={"lv": ["Kā saņemt?"]})), AT)
    moved = (form("pirma", questions={}), form("otra", questions={"lv": ["Kā saņemt?"]}))

    assert flaws(session, yaml_file(tmp_path, *moved)) == []


def test_a_field_stands_once_in_a_service(session: Session, tmp_path: Path) -> None:
    path = yaml_file(tmp_path, form())
    path.write_text(path.read_text("utf-8") + "  code: otra\n", "utf-8")

    assert the_flaw(session, path).message == "This field is already at line 2."


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(session: Session, tmp_path: Path) -> None:
    path = yaml_file(tmp_path, form(who={"lv": "Viens.\nDivi."}))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))

    assert read(session, path, TODAY)[0].who.lv == "Viens.\nDivi."


def test_all_flaws_travel_with_the_refusal(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        entries(session, tmp_path, form(audience="x", url="y"))

    assert [flaw.field for flaw in refused.value.flaws] == ["audience", "url"]
    assert len(str(refused.value).splitlines()) == 2
