"""The catalogue that a fresh installation begins with, and what a later version of it may change."""

import hashlib
from datetime import date, datetime
from pathlib import Path

from sqlmodel import Session

from catalogue.directory import put_institutions, put_life_situations, read_institutions, read_life_situations
from catalogue.entry import Entry, fingerprint
from catalogue.known import Known
from catalogue.publish import CATALOGUE, Changes, in_force, publish
from catalogue.read import entries_of, rows_of
from config.flaw import Flaw, Refused
from config.row import Row
from config.settings import CONFIG, ROOT
from models.catalogue_load import loaded, record_load
from models.database import alone

START = ROOT / "catalogue" / "start"
INSTITUTIONS = CONFIG / "institutions.yaml"
_READER = "1"
"""Raised when the same files are to be read again, because what is made of them has changed."""


def load_start(session: Session, at: datetime, folder: Path = START, institutions: Path = INSTITUTIONS) -> Changes:
    """Institutions, life situations and services of the starting catalogue; at once where the files are as before.

    A service that people have changed since by an import stays as they left it. Raises Refused and then changes
    nothing.
    """
    alone(session, CATALOGUE)
    services, life_situations = sorted(folder.glob("services-*.yaml")), folder / "life_situations.yaml"
    mark = _mark([institutions, life_situations, *services])
    if loaded(session, "start") == mark:
        return Changes()
    bodies, situations = read_institutions(institutions), read_life_situations(life_situations)
    # A machine whose clock is behind must start too, so no date is still to come.
    codes = frozenset(body.code for body in bodies), frozenset(situation.code for situation in situations)
    entries = _entries(services, Known(*codes, today=date.max))
    put_institutions(session, bodies, at)
    put_life_situations(session, situations, at)
    changes = _publish(session, entries, at)
    record_load(session, "start", mark, at)
    session.flush()
    return changes


def _mark(files: list[Path]) -> str:
    mark = hashlib.sha256(_READER.encode())
    for file in files:
        try:
            mark.update(hashlib.sha256(file.read_bytes()).digest())
        except OSError as error:
            raise Refused([Flaw(str(file), 1, "", f"The file cannot be read: {error.strerror}.")]) from None
    return mark.hexdigest()


def _entries(files: list[Path], known: Known) -> list[Entry]:
    rows: list[Row] = []
    flaws: list[Flaw] = []
    for file in files:
        try:
            more, found = rows_of(file)
        except Refused as refused:
            more, found = [], refused.flaws
        rows += more
        flaws += found
    return entries_of(rows, flaws, known)


def _publish(session: Session, entries: list[Entry], at: datetime) -> Changes:
    """Publishes what the starting catalogue itself has changed, except where people have the last word."""
    current = in_force(session)
    wanted: list[Entry] = []
    kept: list[str] = []
    unchanged: list[str] = []
    for entry in entries:
        name, mark = f"start/{entry.code}", fingerprint(entry.form())
        before, service = loaded(session, name), current.get(entry.code)
        record_load(session, name, mark, at)
        if service is None or service.fingerprint == before:
            wanted.append(entry)
        else:
            (unchanged if service.fingerprint == mark else kept).append(entry.code)
    changes = publish(session, wanted, at)
    return Changes(changes.added, changes.changed, [*changes.unchanged, *unchanged], kept)
