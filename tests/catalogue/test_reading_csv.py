"""What a spreadsheet may say, and how it is told what is wrong with it."""

import csv
from pathlib import Path

import pytest
from sqlmodel import Session

from catalogue.read import read
from tests.catalogue.given import TODAY, csv_text, flaws, form, text_file, the_flaw


def csv_file(folder: Path, text: str | bytes) -> Path:
    return text_file(folder, text, "services.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_row_is_a_service_whatever_the_spreadsheet_puts_between_cells(
    delimiter: str, mark: str, session: Session, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, mark + csv_text(form(), form("otra"), delimiter=delimiter))

    assert [entry.form() for entry in read(session, path, TODAY)] == [form(), form("otra")]


def test_questions_may_stand_on_lines_of_their_own(session: Session, tmp_path: Path) -> None:
    text = csv_text(form()).replace("Kā saņemt vecuma-pensija?;Cik", '"Kā saņemt; kad?\nCik').replace("?\r\n", '?"\r\n')
    (entry,) = read(session, csv_file(tmp_path, text), TODAY)

    assert entry.questions.lv == ["Kā saņemt; kad?", "Cik ilgi gaidīt vecuma-pensija?"]


def test_columns_that_may_be_empty_may_be_left_out(session: Session, tmp_path: Path) -> None:
    short = form()
    for name in ("also", "municipality", "life_situation", "term_working_days", "keywords", "questions"):
        del short[name]
    (entry,) = read(session, csv_file(tmp_path, csv_text(short)), TODAY)

    assert (entry.also, entry.term_working_days, entry.questions.lv) == ([], None, [])


def test_empty_rows_and_columns_of_a_spreadsheet_do_not_matter(session: Session, tmp_path: Path) -> None:
    head, row = csv_text(form(), delimiter=";").splitlines()
    path = csv_file(tmp_path, f"{head};;\n;;;\n\n{row};;\n{';' * 20}\n")

    assert len(read(session, path, TODAY)) == 1


def test_an_apostrophe_that_keeps_a_formula_from_running_is_no_part_of_the_text(
    session: Session, tmp_path: Path
) -> None:
    path = csv_file(tmp_path, csv_text(form(apply={"lv": "'+371 67000000"}, who={"lv": "'Divi' cilvēki"})))
    (entry,) = read(session, path, TODAY)

    assert (entry.apply.lv, entry.who.lv) == ("+371 67000000", "'Divi' cilvēki")


def test_a_flaw_is_said_at_the_line_where_its_row_begins(session: Session, tmp_path: Path) -> None:
    path = csv_file(tmp_path, csv_text(form(who={"lv": "Viens\nDivi\nTrīs"}), form("otra", institution="NAV")))
    flaw = the_flaw(session, path)

    assert (flaw.line, flaw.field) == (5, "institution")


def test_everything_wrong_in_all_rows_is_said_at_once(session: Session, tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        csv_text(form(title={"lv": ""}), form("otra", title={"lv": "T"}, also=["VSAA"], url="x", questions={})),
    )

    assert [(flaw.line, flaw.field) for flaw in flaws(session, path)] == [
        (2, "title_lv"),
        (3, "also"),
        (3, "url"),
    ]


@pytest.mark.parametrize("column", ["code", "institution", "published_on", "title_lv", "price_lv"])
def test_a_missing_column_is_named(column: str, session: Session, tmp_path: Path) -> None:
    rows = list(csv.reader(csv_text(form()).splitlines()))
    without = [[cell for cell, name in zip(row, rows[0], strict=True) if name != column] for row in rows]
    flaw = the_flaw(session, csv_file(tmp_path, "\n".join(",".join(row) for row in without)))

    assert (flaw.field, flaw.line) == (column, 1)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (csv_text(form()).replace("who_lv", "whom_lv"), 1, "not one that a service has"),
        (csv_text(form()).replace("title_en", "title_lv"), 1, "stands here twice"),
        (csv_text(form()).splitlines()[0], 1, "holds no services"),
        (csv_text(form()) + "otra,VSAA\n", 3, "This row has 2 cells"),
        (csv_text(form()).rstrip() + ",lieks\n", 2, "but there are"),
        (csv_text(form()) + '"otra,VSAA\n\n', 3, "not CSV"),
        (csv_text(form()) + "x" * 200_000, 3, "not CSV"),
        (csv_text(form()).encode("cp1257", "replace"), 2, "not UTF-8"),
        (csv_text(form()).replace("who latviski", "who\x00"), 2, "U+0000"),
        ("", 1, "empty"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_line(
    text: str | bytes, line: int, message: str, session: Session, tmp_path: Path
) -> None:
    found = [flaw for flaw in flaws(session, csv_file(tmp_path, text)) if message in flaw.message]

    assert found
    assert found[0].line == line
