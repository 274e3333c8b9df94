"""The first start: the starting catalogue, and people who can log in, each with a password made here and now."""

import secrets
from pathlib import Path

from sqlmodel import Session, select

from catalogue.start import load_start
from config.canned import starting_replies
from models.canned import add_starting
from models.database import Database, alone
from models.moments import now
from models.staff import Person, Role
from web.passwords import hash_password
from web.people import add_person

LOGINS = "first-logins.txt"
FIRST = (
    ("vdaa", "VDAA koordinators", Role.COORDINATOR, "VDAA"),
    ("liaa", "LIAA koordinators", Role.COORDINATOR, "LIAA"),
    ("pmlp", "PMLP darbinieks", Role.CLERK, "PMLP"),
    ("vsaa", "VSAA darbinieks", Role.CLERK, "VSAA"),
    ("admin", "Administrators", Role.ADMINISTRATOR, "VDAA"),
)


def prepare(database: Database, folder: Path) -> None:
    """Loads the starting catalogue where it has changed; canned replies and people where there are none."""
    database.write(lambda session: load_start(session, now()))
    database.write(_add_replies)
    with database.read() as session:
        if session.exec(select(Person.id).limit(1)).first() is not None:
            return
    passwords = {login: secrets.token_urlsafe(12) for login, *_ in FIRST}
    hashes = {login: hash_password(password) for login, password in passwords.items()}
    if database.write(lambda session: _add_people(session, hashes)):
        _keep(folder / LOGINS, passwords)


def _add_replies(session: Session) -> None:
    alone(session, "first start")
    add_starting(session, starting_replies(), now())


def _add_people(session: Session, hashes: dict[str, str]) -> bool:
    """False where another process was faster."""
    alone(session, "first start")
    if session.exec(select(Person.id).limit(1)).first() is not None:
        return False
    for login, name, role, institution in FIRST:
        add_person(session, login, name, role, institution, hashes[login])
    return True


def _keep(path: Path, passwords: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(f"{login}\t{password}\n" for login, password in passwords.items()), "utf-8")
