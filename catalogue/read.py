"""A catalogue file read and checked as a whole: either every service in it is good, or none is taken."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlmodel import Session, col, select

from catalogue.entry import Entry
from catalogue.flaw import Flaw, Refused
from catalogue.read_csv import csv_rows
from catalogue.read_text import text_of
from catalogue.read_yaml import yaml_rows
from catalogue.row import Row, judge, twice
from models.institution import Institution
from models.service import LifeSituation, Service


@dataclass(frozen=True)
class Known:
    """What the services of a file may refer to, and the questions that other services already answer."""

    institutions: frozenset[str]
    life_situations: frozenset[str]
    questions: dict[str, str]
    """by the question as it is compared: the code of the service that answers it"""


def read(session: Session, path: Path, today: date) -> list[Entry]:
    """The services of a YAML or CSV file. Raises Refused, which says everything that is wrong in it."""
    rows, flaws = rows_of(path)
    return entries_of(rows, flaws, known(session), today)


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


def known(session: Session) -> Known:
    """What the database holds."""
    services = session.exec(select(Service.code, Service.questions).where(col(Service.current)))
    return Known(
        frozenset(session.exec(select(Institution.code))),
        frozenset(session.exec(select(LifeSituation.code))),
        {_compared(text): code for code, questions in services for texts in questions.values() for text in texts},
    )


def entries_of(rows: Iterable[Row], flaws: list[Flaw], known: Known, today: date) -> list[Entry]:
    """The services that the records describe. Raises Refused with these and all further flaws."""
    good, found = judge(rows, Entry)
    flaws = flaws + found + twice((row, entry.code) for row, entry in good)
    for row, entry in good:
        flaws += _references(row, entry, known)
        if entry.published_on > today:
            flaws.append(row.flaw(("published_on",), f"{entry.published_on} is still to come."))
    flaws += _same_questions(good, known)
    if flaws:
        raise Refused(flaws)
    return [entry for _, entry in good]


def _references(row: Row, entry: Entry, known: Known) -> list[Flaw]:
    flaws = []
    if entry.institution not in known.institutions:
        flaws.append(row.flaw(("institution",), f'There is no institution "{entry.institution}".'))
    for number, code in enumerate(entry.also):
        if code not in known.institutions:
            flaws.append(row.flaw(("also", number), f'There is no institution "{code}".'))
        elif code == entry.institution:
            flaws.append(row.flaw(("also", number), f'"{code}" is the institution of the service itself.'))
    if entry.life_situation and entry.life_situation not in known.life_situations:
        flaws.append(row.flaw(("life_situation",), f'There is no life situation "{entry.life_situation}".'))
    return flaws


def _same_questions(good: list[tuple[Row, Entry]], known: Known) -> list[Flaw]:
    """The same question in two services could be answered by chance only."""
    codes = {entry.code for _, entry in good}
    owners = {question: code for question, code in known.questions.items() if code not in codes}
    flaws = []
    for row, entry in good:
        for language, questions in entry.questions.model_dump().items():
            for number, question in enumerate(questions):
                owner = owners.setdefault(_compared(question), entry.code)
                if owner != entry.code:
                    message = f'"{question}" is already a question of "{owner}".'
                    flaws.append(row.flaw(("questions", language, number), message))
    return flaws


def _compared(question: str) -> str:
    return " ".join(question.casefold().split()).strip(" ?!.…")
