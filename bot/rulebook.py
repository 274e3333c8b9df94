"""Puts the law's rules in force: from their files where an editor has changed them, in every process alike.

The leader reads the files; what is good becomes a row that every process follows, so that all count alike, and so that
the last good rules stay in force after a restart with broken files. What is wrong is told to staff with file and line.
"""

import hashlib
import json
from datetime import date, datetime
from pathlib import Path

import structlog
from sqlalchemy import text, update
from sqlmodel import Session, col, select

from config.flaw import Refused
from models.calendar_day import calendar_days, calendar_days_mark, days_text
from models.clock import RUNNING_SQL, Clock
from models.database import Database
from models.institution import Institution
from models.moments import now, riga_date
from models.rulebook import Rulebook, RulesRefused, hold_rulebook, newest_rulebook, refused_now
from models.staff import Notice, notify
from routing.calendars import differences
from routing.holidays import package_version
from routing.rules import FILES, LADDER, Rules, put_in_force, read_rules, rules_from, understood, with_desk_days

log = structlog.get_logger()
Signature = tuple[tuple[int, ...], ...]
REFUSED = "rules refused"
FLAWS_TOLD = 5
"""most flaws named in a notice; the page of the calendar shows all"""


class RulebookKeeper:
    """Keeps the rules of this process those of the newest rulebook, and as leader the rulebook that of the files."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._followed: int | None = None
        self._understood = False
        self._seen: Signature | None = None

    def begin(self) -> None:
        """Before anything is counted. Raises Refused where neither the files nor an earlier rulebook can be used."""
        self.follow()
        if not self._understood:
            rules = self._read()
            self._database.write(lambda session: _put(session, rules, now()))
            self.follow()

    def follow(self) -> None:
        """Takes over what any process has put in force; one that this program cannot read changes nothing here."""
        with self._database.read() as session:
            newest = session.exec(select(Rulebook.id).order_by(col(Rulebook.id).desc()).limit(1)).first()
            if newest is None or newest == self._followed:
                return
            texts = session.get_one(Rulebook, newest).texts
        self._followed = newest
        try:
            rules = rules_from(texts)
        except Refused:
            log.exception("the rulebook is not understood; what was in force in this process stays", rulebook=newest)
        else:
            put_in_force(rules)
            self._understood = True
            log.info("rules in force", rulebook=newest, calendars=rules.calendars.version)

    def look(self, at: datetime) -> None:
        """The leader's look at the files and at the days that were added at the desk.

        Where they have changed they are put in force, or refused and told.
        """
        signature = self._signature()
        if signature == self._seen:
            return
        try:
            rules = self._read()
        except Refused as refused:
            flaws = [str(flaw) for flaw in refused.flaws]
            if self._signature() == signature:
                log.error("the rules are refused; those before stay in force", flaws=flaws)
                self._database.write(lambda session: _refuse(session, flaws, at))
                self._seen = signature
        else:
            if self._signature() == signature:  # else somebody is saving just now: the next look sees all of it
                self._database.write(lambda session: _put(session, rules, at))
                self.follow()
                self._seen = signature

    def _read(self) -> Rules:
        """Raises Refused."""
        with self._database.read() as session:
            days = days_text(calendar_days(session))
        return with_desk_days(read_rules(self._folder), days)

    def _signature(self) -> Signature:
        """Changes with every save, also of a day at the desk; an unreadable file counts as one of no size."""
        with self._database.read() as session:
            marks: list[tuple[int, ...]] = [calendar_days_mark(session)]
        for name in FILES:
            try:
                stat = (self._folder / name).stat()
                marks.append((stat.st_mtime_ns, stat.st_size, stat.st_ino))
            except OSError:
                marks.append((0, 0, 0))
        return tuple(marks)


def _put(session: Session, rules: Rules, at: datetime) -> None:
    """A new rulebook, unless the newest one says the same; what was refused before is done with."""
    hold_rulebook(session)
    _repaired(session, at)
    newest = newest_rulebook(session)
    fingerprint = _fingerprint(rules)
    if newest is not None and newest.fingerprint == fingerprint:
        return
    before = understood(newest)
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


def _fingerprint(rules: Rules) -> str:
    said = json.dumps([package_version(), sorted(rules.texts.items())])
    return hashlib.sha256(said.encode()).hexdigest()


def _refuse(session: Session, flaws: list[str], at: datetime) -> None:
    """Staff are told once of the same flaws, however often the file is saved with them."""
    hold_rulebook(session)
    mark = hashlib.sha256("\n".join(flaws).encode()).hexdigest()
    before = refused_now(session)
    if before is not None and before.fingerprint == mark:
        return
    _repaired(session, at)
    refused = RulesRefused(fingerprint=mark, flaws=flaws, at=at)
    session.add(refused)
    session.flush()
    coordinating = select(Institution).where(col(Institution.coordinates).is_not(None))
    for institution in session.exec(coordinating).all():
        key = f"{REFUSED}:{refused.id}:{institution.code}"
        notify(
            session, institution.id or 0, None, REFUSED, key, at, flaws=flaws[:FLAWS_TOLD], more=len(flaws[FLAWS_TOLD:])
        )


def _repaired(session: Session, at: datetime) -> None:
    """What was refused before is done with, and nobody need read of it any more."""
    refused = refused_now(session)
    if refused is None:
        return
    refused.ended_at = at
    unseen = select(Notice).where(col(Notice.key).like(f"{REFUSED}:{refused.id}:%"), col(Notice.seen_at).is_(None))
    for notice in session.exec(unseen).all():
        notice.seen_at = at
