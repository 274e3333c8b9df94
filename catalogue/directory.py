"""Institutions and life situations from their files, which an editor may change at any time."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlmodel import Session, SQLModel, col, select

from catalogue.publish import CATALOGUE, Changes
from config.flaw import Flaw, Refused
from config.read_text import text_of
from config.read_yaml import yaml_rows
from config.row import Row, judge, twice
from config.words import Email, InstitutionCode, Lists, Maybe, Sites, Slug, Strict, Titles, WordOrNone
from models.catalogue_load import record_load
from models.database import alone
from models.institution import Institution
from models.service import LifeSituation


class InstitutionEntry(Strict):
    code: InstitutionCode
    name: Titles
    kind: Literal["state", "municipal", "company", "office"]
    territorial: bool = False
    calendar: Slug = "state"
    email_domain: WordOrNone = ""
    email: Maybe[Email] = None
    web: Maybe[Sites] = None
    coordinates: Maybe[Literal["resident", "business"]] = None
    areas: Lists = Lists()


class LifeSituationEntry(Strict):
    code: Slug
    title: Titles


Named = TypeVar("Named", InstitutionEntry, LifeSituationEntry)
Table = TypeVar("Table", Institution, LifeSituation)


def load_institutions(session: Session, path: Path, at: datetime) -> Changes:
    """Adds the file's institutions and updates the known ones. Raises Refused and then changes nothing."""
    return put_institutions(session, read_institutions(path), at)


def load_life_situations(session: Session, path: Path, at: datetime) -> Changes:
    """The same for life situations."""
    return put_life_situations(session, read_life_situations(path), at)


def read_institutions(path: Path) -> list[InstitutionEntry]:
    rows, flaws = yaml_rows(text_of(path), str(path), "institutions")
    good, found = judge(rows, InstitutionEntry)
    return _all(rows, good, flaws + found + _coordinators(good))


def read_life_situations(path: Path) -> list[LifeSituationEntry]:
    rows, flaws = yaml_rows(text_of(path), str(path), "life_situations")
    good, found = judge(rows, LifeSituationEntry)
    return _all(rows, good, flaws + found)


def put_institutions(session: Session, entries: Sequence[InstitutionEntry], at: datetime) -> Changes:
    """What the file says, except of an institution that people have changed at the desk: they have the last word."""
    alone(session, CATALOGUE)
    edited = set(session.exec(select(Institution.code).where(col(Institution.edited_at).is_not(None))))
    changes = _upsert(session, Institution, [form for form in _forms(entries) if form["code"] not in edited])
    changes.kept.extend(entry.code for entry in entries if entry.code in edited)
    remember_institutions(session, at)
    return changes


def remember_institutions(session: Session, at: datetime) -> None:
    """Leaves a mark of all institutions as they are now, by which the understanding sees that there is more to learn.

    Call it in the transaction that changes one.
    """
    session.flush()
    rows = session.exec(select(Institution).order_by(col(Institution.code)))
    _remember(session, "institutions", [row.model_dump(mode="json", exclude={"id", "edited_at"}) for row in rows], at)


def put_life_situations(session: Session, entries: Sequence[LifeSituationEntry], at: datetime) -> Changes:
    alone(session, CATALOGUE)
    changes = _upsert(session, LifeSituation, _forms(entries))
    _remember(session, "life situations", _forms(entries), at)
    return changes


def _all(rows: list[Row], good: list[tuple[Row, Named]], flaws: list[Flaw]) -> list[Named]:
    if flaws := flaws + list(twice(rows)):
        raise Refused(flaws)
    return [entry for _, entry in good]


def _coordinators(good: Iterable[tuple[Row, InstitutionEntry]]) -> list[Flaw]:
    """Two institutions that coordinate the same people would each wait for the other."""
    first: dict[str, str] = {}
    flaws = []
    for row, entry in good:
        if entry.coordinates and (other := first.setdefault(entry.coordinates, entry.code)) != entry.code:
            flaws.append(row.flaw(("coordinates",), f'"{other}" already coordinates {entry.coordinates}.'))
    return flaws


def _forms(entries: Iterable[Strict]) -> list[dict[str, Any]]:
    """Plain data without the languages that have nothing to say."""
    return [
        {
            name: {language: words for language, words in value.items() if words} if isinstance(value, dict) else value
            for name, value in entry.model_dump().items()
        }
        for entry in entries
    ]


def _upsert(session: Session, table: type[Table], forms: Iterable[dict[str, Any]]) -> Changes:
    there: dict[str, Table] = {row.code: row for row in session.exec(select(table).order_by(col(table.code)))}
    changes = Changes()
    for form in forms:
        code = form["code"]
        if (row := there.get(code)) is None:
            session.add(table(**form))
            changes.added.append(code)
        elif _update(row, form):
            changes.changed.append(code)
        else:
            changes.unchanged.append(code)
    session.flush()
    return changes


def _update(row: SQLModel, form: dict[str, Any]) -> bool:
    new = {name: value for name, value in form.items() if getattr(row, name) != value}
    for name, value in new.items():
        setattr(row, name, value)
    return bool(new)


def _remember(session: Session, name: str, forms: Sequence[dict[str, Any]], at: datetime) -> None:
    plain = json.dumps(forms, sort_keys=True, ensure_ascii=False)
    record_load(session, name, hashlib.sha256(plain.encode()).hexdigest(), at)
    session.flush()
