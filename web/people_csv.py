"""People as a spreadsheet has them: read, compared with those there are, taken over, and written in the same form."""

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from catalogue.read_csv import csv_lines, guarded, unguarded
from config.flaw import Flaw, Refused
from models.institution import Institution, institution_by_code
from models.staff import Person, Role
from routing.triage import NotPossible
from web.desk.forms import Mistake
from web.pages import page_words
from web.people import add_person, change_person, fits, form_of, mail_of, person_called, switch

COLUMNS = {
    "login": ("login", "lietotājvārds"),
    "name": ("name", "vārds", "vārds, uzvārds", "vārds un uzvārds"),
    "role": ("role", "loma"),
    "institution": ("institution", "iestāde"),
    "language": ("language", "valoda"),
    "mail": ("mail", "email", "e-mail", "e-pasts"),
    "active": ("active", "aktīvs"),
}
"""what the heading of each may be; the second is the one that is written"""
NEEDED = ("login", "role", "institution")
YES, NO = ("yes", "jā", "1", "true", "ja"), ("no", "nē", "0", "false", "ne")
NONE = "–"
"""written in the place of an address: none, where an empty cell leaves what there is"""
MOST = 2_000
"""rows of one file"""
FILE = "CSV"


@dataclass
class Row:
    """One line of the file and what would come of it."""

    line: int
    given: dict[str, str]
    what: str
    """new, changed, unchanged or wrong"""
    reason: str = ""
    """a key of the words for what is wrong"""
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)


def read_text(raw: bytes) -> str:
    """The file's text without Excel's mark and its line about separators. Raises Refused."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused([Flaw(FILE, raw.count(b"\n", 0, error.start) + 1, "", "not_utf8")]) from None
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return re.sub(r"\A\s*\"?sep=.\"?[ \t]*(?=\n)", "", text, flags=re.IGNORECASE)


def read_rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """Each row by the names of its columns, with its line. Raises Refused where it is no such table."""
    if not text.strip():
        raise Refused([Flaw(FILE, 1, "", "csv_empty")])
    lines = list(csv_lines(text, FILE))
    names = [_column(cell) for cell in lines[0][1]]
    first = lines[0][0]
    flaws = [
        Flaw(FILE, first, cell, "csv_column")
        for cell, name in zip(lines[0][1], names, strict=True)
        if not name and cell.strip()
    ]
    flaws += [Flaw(FILE, first, name, "csv_twice") for name, times in Counter(names).items() if name and times > 1]
    flaws += [Flaw(FILE, first, COLUMNS[name][1], "csv_missing") for name in NEEDED if name not in names]
    if not flaws and len(lines) == 1:
        flaws.append(Flaw(FILE, first, "", "csv_empty"))
    if len(lines) > MOST + 1:
        flaws.append(Flaw(FILE, lines[MOST + 1][0], "", "csv_too_many"))
    if flaws:
        raise Refused(flaws)
    return [
        (line, {name: unguarded(cell.strip()) for name, cell in zip(names, cells, strict=False) if name})
        for line, cells in lines[1:]
    ]


def plan(session: Session, text: str, actor: str, at: datetime) -> list[Row]:
    """What would come of the file, row by row. The session has done it; who only looks undoes it. Raises Refused."""
    seen: dict[str, int] = {}
    return [_tried(session, line, given, seen, actor, at) for line, given in read_rows(text)]


def mark_of_plan(rows: list[Row]) -> str:
    """Another one whenever anything else would come of the file."""
    plain = [[row.line, row.what, row.reason, row.before, row.after] for row in rows]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()


def export(session: Session, language: str) -> str:
    """All people in the form that is read, for a Latvian Excel: semicolons, and a mark that says UTF-8."""
    roles = page_words("desk", language)["roles"]
    yes, no = (page_words("desk", language)[word] for word in ("yes", "no"))
    written = io.StringIO()
    table = csv.writer(written, delimiter=";", lineterminator="\r\n")
    place = 1 if language == "lv" else 0
    table.writerow([names[place] for names in COLUMNS.values()])
    people = select(Person, Institution.code).join(Institution, col(Institution.id) == col(Person.institution_id))
    for person, code in session.exec(people.order_by(col(Person.login))):
        cells = [person.login, person.name, roles.get(person.role, person.role), code, person.language]
        cells += [mail_of(session, person), yes if person.active else no]
        table.writerow([guarded(cell) for cell in cells])
    return "\ufeff" + written.getvalue()


def _tried(session: Session, line: int, given: dict[str, str], seen: dict[str, int], actor: str, at: datetime) -> Row:
    login = given.get("login", "").casefold()
    if login and seen.setdefault(login, line) != line:
        return Row(line, given, "wrong", "csv_login_twice")
    try:
        with session.begin_nested():
            return _taken(session, line, given, actor, at)
    except Mistake as mistake:
        return Row(line, given, "wrong", mistake.key)
    except NotPossible as error:
        return Row(line, given, "wrong", str(error))


def _taken(session: Session, line: int, given: Mapping[str, str], actor: str, at: datetime) -> Row:
    """Does what the row says. Raises Mistake or NotPossible."""
    said, active = _said(given)
    person = person_called(session, given.get("login", ""))
    if person is None:
        where = institution_by_code(session, said["institution"])
        if where is None or where.retired_at:
            raise Mistake("institution", "unknown_institution")
        fits(said["role"], where)
        person = add_person(
            session, given.get("login", ""), said.get("name", ""), said["role"], where.code,
            language=said.get("language", "lv"), mail=said.get("mail", ""), actor=actor, at=at,
        )  # fmt: skip
        switch(session, person, active is not False, actor, at)
        return Row(line, dict(given), "new", after=form_of(session, person))
    before = form_of(session, person)
    change_person(session, person, said, actor, at)
    if active is not None:
        switch(session, person, active, actor, at)
    after = form_of(session, person)
    differs = [name for name in after if after[name] != before[name]]
    what = "changed" if differs else "unchanged"
    return Row(line, dict(given), what, "", *({name: side[name] for name in differs} for side in (before, after)))


def _said(given: Mapping[str, str]) -> tuple[dict[str, str], bool | None]:
    """What the row says of the person; an empty cell says nothing. Raises Mistake."""
    said = {name: given[name] for name in COLUMNS if given.get(name) and name not in ("login", "active")}
    if not given.get("login"):
        raise Mistake("login", "wrong_login")
    for name in ("role", "institution"):
        if name not in said:
            raise Mistake(name, f"unknown_{name}")
    said["role"] = _role(said["role"])
    if "language" in said:
        said["language"] = said["language"].casefold()
    if said.get("mail") in (NONE, "-"):
        said["mail"] = ""
    active = given.get("active", "").casefold()
    if active and active not in (*YES, *NO):
        raise Mistake("active", "csv_active")
    return said, active in YES if active else None


def _role(written: str) -> str:
    """By its code or by what it is called in either language."""
    written = written.casefold()
    for language in ("lv", "en"):
        for code, words in page_words("desk", language)["roles"].items():
            if written in (code, str(words).casefold()):
                return str(code)
    return written if written in list(Role) else ""


def _column(heading: str) -> str:
    heading = " ".join(heading.casefold().split())
    return next((name for name, headings in COLUMNS.items() if heading in headings), "")


def flaws_of(refused: Refused) -> Iterator[tuple[int, str, str]]:
    """Line, column and key of the words of each."""
    for flaw in refused.flaws:
        yield flaw.line, flaw.field, flaw.message
