"""Reminders by letter: the ladder's, each step once, only to institutions that can be written to."""

from sqlmodel import Session, col, select

from models.database import Database
from models.institution import institution_by_code
from models.queue import Timer
from models.staff import Role
from tests.routing.case import Case, riga
from tests.routing.people import beat, employ


def has_address(database: Database, code: str, email: str | None) -> None:
    def work(session: Session) -> None:
        institution = institution_by_code(session, code)
        assert institution is not None
        institution.email = email

    database.write(work)


def reminders(database: Database) -> list[int]:
    """Of each letter that the ladder asked for, the forwarding."""
    with database.read() as session:
        timers = session.exec(select(Timer).where(col(Timer.key).startswith("ladder:")).order_by(col(Timer.id))).all()
        return [timer.data["forwarding"] for timer in timers]


def test_the_ladder_reminds_an_institution_by_letter_on_each_of_its_steps_once(database: Database) -> None:
    has_address(database, "PMLP", "pmlp@pmlp.gov.lv")
    has_address(database, "VSAA", None)
    employ(database, Role.COORDINATOR, "VDAA")
    case = Case(database)
    pmlp, _ = case.forward("PMLP", "VSAA", at=riga(23, 13))
    for day, month in ((27, 11), (30, 11), (30, 11), (1, 12), (2, 12)):
        beat(database, riga(day, 9, month=month))
    assert reminders(database) == [pmlp.id] * 3, "the day before, the due day, the day after"
    case.answers("PMLP", "Atbilde.", at=riga(2, 10, month=12))
    beat(database, riga(3, 9, month=12))
    assert len(reminders(database)) == 3


def test_after_a_long_stop_one_letter_says_all(database: Database) -> None:
    has_address(database, "PMLP", "pmlp@pmlp.gov.lv")
    case = Case(database)
    [forwarding] = case.forward("PMLP", at=riga(23, 13))
    beat(database, riga(10, 9, month=12))
    assert reminders(database) == [forwarding.id]
