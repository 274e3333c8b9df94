"""Puts the law's rules in force: from their files where an editor has changed them, in every process alike.

The leader reads the files; what is good becomes a row that every process follows, so that all count alike, and so that
the last good rules stay in force after a restart with broken files. What is wrong is told to staff with file and line.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from config.flaw import Refused
from config.read_text import text_of
from models.clock import RUNNING_SQL, Clock
from models.database import Database
from models.institution import Institution
from models.moments import now, riga_date
from models.rulebook import Rulebook, RulesRefused, newest_rulebook, refused_now
from models.staff import notify
from routing.calendars import Calendars
from routing.holidays import package_version
from routing.rules import FILES, LADDER, Rules, put_in_force, read_rules, rules_from

log = structlog.get_logger()
Signature = tuple[tuple[int, int, int], ...]


class RulebookKeeper:
    """Keeps the rules of this process those of the newest rulebook, and as leader the rulebook that of the files."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._followed: int | None = None
        self._seen: Signature | None = None

    def begin(self) -> None:
        """Before anything is counted. Raises Refused where neither the files nor an earlier rulebook can be used."""
        try:
            self.follow()
        except Refused:
            log.exception("the rulebook in the database is not understood; the files are read instead")
        if self._followed is None:
            rules = read_rules(self._folder)
            self._database.write(lambda session: _put(session, rules, now()))
            self.follow()

    def follow(self) -> None:
        """Takes over what any process has put in force."""
        with self._database.read() as session:
            newest = session.exec(select(Rulebook.id).order_by(col(Rulebook.id).desc()).limit(1)).first()
            if newest is None or newest == self._followed:
                return
            rules = rules_from(session.get_one(Rulebook, newest).texts)
        put_in_force(rules)
        self._followed = newest
        log.info("rules in force", rulebook=newest, calendars=rules.calendars.version)

    def look(self, at: datetime) -> None:
        """The leader's look at the files: where they have changed they are put in force, or refused and told."""
        signature = self._signature()
        if signature == self._seen:
            return
        try:
            rules = read_rules(self._folder)
        except Refused as refused:
            self._refuse(refused, at)
        else:
            self._database.write(lambda session: _put(session, rules, at))
            self.follow()
        self._seen = signature

    def _refuse(self, refused: Refused, at: datetime) -> None:
        flaws = [str(flaw) for flaw in refused.flaws]
        log.error("the rules are refused; those before stay in force", flaws=flaws)
        mark = hashlib.sha256("\n".join([*flaws, *self._readable()]).encode()).hexdigest()
        self._database.write(lambda session: _tell_refused(session, mark, flaws, at))

    def _readable(self) -> list[str]:
        texts = []
        for name in FILES:
            try:
                texts.append(text_of(self._folder / name))
            except Refused:
                texts.append("")
        return texts

    def _signature(self) -> Signature:
        """Changes with every save; an unreadable file counts as one of no size."""
        marks = []
        for name in FILES:
            try:
                stat = (self._folder / name).stat()
                marks.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
            except OSError:
                marks.append((0, 0, 0))
        return tuple(marks)


def differences(before: Calendars, after: Calendars) -> Iterator[dict[str, Any]]:
    """The days that an editor's changes make different, calendar by calendar."""
    for name, calendar in after.by_name.items():
        earlier = before.by_name.get(name) or before["state"]
        for on in sorted(earlier.changes.keys() | calendar.changes.keys()):
            if calendar.works(on) != earlier.works(on):
                yield {"calendar": name, "on": on.isoformat(), "works": calendar.works(on), "reason": calendar.why(on)}


def _put(session: Session, rules: Rules, at: datetime) -> None:
    """A new rulebook, unless the newest one says the same; what was refused before is done with."""
    if refused := refused_now(session):
        refused.ended_at = at
    newest = newest_rulebook(session)
    fingerprint = _fingerprint(rules)
    if newest is not None and newest.fingerprint == fingerprint:
        return
    before = _understood(newest)
    session.add(
        Rulebook(
            version=rules.calendars.version,
            texts=dict(rules.texts),
            fingerprint=fingerprint,
            differences=list(differences(before.calendars, rules.calendars)) if before else [],
            at=at,
        )
    )
    if newest is not None and newest.texts.get(LADDER) != rules.texts[LADDER]:
        _climb_anew(session, riga_date(at))


def _climb_anew(session: Session, today: date) -> None:
    """The ladder has changed: the next tick looks at every running clock and sets the date of its next step."""
    session.execute(update(Clock).where(text(RUNNING_SQL)).values(next_on=today))


def _understood(book: Rulebook | None) -> Rules | None:
    try:
        return rules_from(book.texts) if book else None
    except (Refused, KeyError):
        return None


def _fingerprint(rules: Rules) -> str:
    said = json.dumps([package_version(), sorted(rules.texts.items())])
    return hashlib.sha256(said.encode()).hexdigest()


def _tell_refused(session: Session, mark: str, flaws: list[str], at: datetime) -> None:
    before = refused_now(session)
    if before is not None and before.fingerprint == mark:
        return
    if before is not None:
        before.ended_at = at
    refused = RulesRefused(fingerprint=mark, flaws=flaws, at=at)
    session.add(refused)
    session.flush()
    coordinating = select(Institution).where(col(Institution.coordinates).is_not(None))
    for institution in session.exec(coordinating).all():
        key = f"rules refused:{refused.id}:{institution.code}"
        notify(session, institution.id or 0, None, "rules refused", key, at, flaws=flaws[:5])
