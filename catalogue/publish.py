"""New versions of services; an old one stays, because a citizen may rely on what it said."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, func, select

from catalogue.entry import LISTS, TEXTS, Entry, fingerprint
from models.database import alone
from models.service import Service

CATALOGUE = "catalogue"
"""what is locked by whoever changes it"""


@dataclass(frozen=True)
class Changes:
    """What a load did, by code."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    """left as people had changed them, though the starting catalogue says otherwise"""


def publish(session: Session, entries: Iterable[Entry], at: datetime) -> Changes:
    """Gives each service whose content differs a new version that is in force from now on.

    Services that are not among the entries stay as they are. The caller commits.
    """
    alone(session, CATALOGUE)
    current = in_force(session)
    newest = dict(session.exec(_newest).all())
    changes = Changes()
    new = []
    for entry in entries:
        old, mark = current.get(entry.code), fingerprint(entry.form())
        if old is not None and old.fingerprint == mark:
            changes.unchanged.append(entry.code)
            continue
        (changes.added if old is None else changes.changed).append(entry.code)
        if old is not None:
            old.current = False
        new.append(_version(entry, newest.get(entry.code, 0) + 1, mark, at))
    # One version of a code may be in force, and the database would see the new one first.
    session.flush()
    session.add_all(new)
    session.flush()
    return changes


def in_force(session: Session) -> dict[str, Service]:
    """The current version of each service, by code."""
    services = session.exec(select(Service).where(col(Service.current)).order_by(col(Service.code)))
    return {service.code: service for service in services}


_newest = select(Service.code, func.max(Service.version)).group_by(col(Service.code))


def _version(entry: Entry, version: int, mark: str, at: datetime) -> Service:
    form = entry.form()
    texts = {name: form.pop(name) for name in TEXTS}
    lists = {name: form.pop(name) for name in LISTS}
    return Service(version=version, fingerprint=mark, imported_at=at, texts=texts, **lists, **form)
