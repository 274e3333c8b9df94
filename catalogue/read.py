"""A catalogue file read and checked as a whole: either every service in it is good, or none is taken."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from sqlmodel import Session

from catalogue.entry import Entry
from catalogue.known import Known, compared, known
from catalogue.read_csv import csv_rows
from config.flaw import Flaw, Refused
from config.read_text import text_of
from config.read_yaml import yaml_rows
from config.row import Place, Row, judge, twice


def read(session: Session, path: Path, today: date) -> list[Entry]:
    """The services of a YAML or CSV file. Raises Refused, which says everything that is wrong in it."""
    rows, flaws = rows_of(path)
    return entries_of(rows, flaws, known(session, today))


def check(session: Session, path: Path, today: date) -> list[Flaw]:
    """What would keep `read` from taking the file; nothing where it is good."""
    try:
        read(session, path, today)
    except Refused as refused:
        return refused.flaws
    return []


def rows_of(path: Path) -> tuple[list[Row], list[Flaw]]:
    """The records of one file, not yet judged. Raises Refused where it cannot be read at all."""
    match path.suffix.lower():
        case ".yaml" | ".yml":
            return yaml_rows(text_of(path), str(path), "services")
        case ".csv":
            return csv_rows(text_of(path), str(path)), []
    raise Refused([Flaw(str(path), 1, "", "A catalogue file ends in .yaml, .yml or .csv.")])


def entries_of(rows: Sequence[Row], flaws: list[Flaw], known: Known) -> list[Entry]:
    """The services that the records describe. Raises Refused with these and all further flaws."""
    good, found = judge(rows, Entry, known)
    if flaws := [*flaws, *found, *twice(rows), *_same_questions(rows, known)]:
        raise Refused(flaws)
    return [entry for _, entry in good]


def _same_questions(rows: Sequence[Row], known: Known) -> Iterator[Flaw]:
    """The same question in two services could be answered by chance only."""
    codes = {row.code for row in rows}
    owners = {question: code for question, code in known.questions.items() if code not in codes}
    for row in rows:
        for place, question in _questions(row):
            owner = owners.setdefault(compared(question), row.code)
            if owner != row.code:
                yield row.flaw(place, f'"{question}" is already a question of "{owner}".')


def _questions(row: Row) -> Iterator[tuple[Place, str]]:
    """Those of a record that may have flaws of its own."""
    by_language = row.values.get("questions") if isinstance(row.values, dict) else None
    for language, questions in (by_language if isinstance(by_language, dict) else {}).items():
        for number, question in enumerate(questions if isinstance(questions, list) else []):
            if isinstance(question, str) and compared(question):
                yield ("questions", language, number), question
