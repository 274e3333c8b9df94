"""Telling people of the steps: one notice or one digest, a message to those with an address, each exactly once."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import Session, col, select

from config.replies import LANGUAGES
from models.clock import Clock, ClockKind
from models.contact import Contact
from models.database import Database
from models.queue import OutboxRow, State
from models.staff import Person, Role
from models.step import StepTaken
from models.ticket import Ticket
from routing import telling
from routing.clocks import move_clock, reopen_clock
from routing.notices import notice_text
from routing.telling import LISTED, tell
from tests.routing.case import Case, riga
from tests.routing.people import DESK, beat, employ, look, messages, notices, told

CLERK, HEAD, COORDINATOR, LEAD = Role.CLERK, Role.HEAD, Role.COORDINATOR, Role.LEAD


def say_so(database: Database, day: int, hour: int = 12, month: int = 11) -> int:
    at = riga(day, hour, month=month)
    return database.write(lambda session: tell(session, at, DESK))


def untold(database: Database) -> int:
    with database.read() as session:
        return len(session.exec(select(StepTaken.id).where(col(StepTaken.told_at).is_(None))).all())


def forwarded(database: Database) -> Case:
    """To an institution with a clerk, on Monday 23 November: due on 1 December, for the citizen on the 2nd."""
    case = Case(database)
    case.forward("PMLP", at=riga(23, 15))
    return case


def test_a_step_becomes_a_notice_for_the_role(database: Database) -> None:
    employ(database, CLERK, "PMLP")
    case = forwarded(database)
    beat(database, riga(30))
    (notice,) = notices(database)
    assert (told(database), notice.ticket_id) == ([("PMLP", "clerk", "due soon")], case.id)
    assert notice.data == {"ref": case.ticket.ref, "due": "2026-12-01", "days": 0, "owner": "PMLP"}
    with database.read() as session:
        step = session.exec(select(StepTaken)).one()
    assert (step.told_at, step.notice_id) == (riga(30), notice.id)


def test_a_coordinator_is_told_that_the_term_is_an_institutions(database: Database) -> None:
    employ(database, CLERK, "PMLP")
    employ(database, LEAD, "VDAA")
    forwarded(database)
    for day in (1, 2):
        beat(database, riga(day, month=12))
    assert told(database) == [
        ("VDAA", "coordinator", "institution due today"),
        ("VDAA", "coordinator", "due soon"),
        ("PMLP", "clerk", "due today"),
        ("VDAA", "coordinator", "institution overdue"),
        ("VDAA", "coordinator", "due today"),
        ("VDAA", "lead", "institution overdue"),
        ("PMLP", "clerk", "overdue"),
    ]


def test_fewer_than_many_are_told_one_by_one_and_many_in_one_digest(database: Database) -> None:
    cases = [Case(database) for _ in range(3)]
    beat(database, riga(24))
    assert told(database) == [("VDAA", "coordinator", "due today")] * 3
    cases.append(Case(database))
    beat(database, riga(25))
    assert told(database)[3:] == [("VDAA", "coordinator", "digest")]
    digest = notices(database)[-1]
    assert digest.ticket_id is None
    refs = [case.ticket.ref for case in cases]
    assert digest.data == {"overdue": 4, "today": 0, "soon": 0, "refs": refs}


def test_a_digest_lists_the_most_urgent_first(database: Database) -> None:
    """What is due earliest is overdue longest; then what is due today; then what is due soon."""
    employ(database, CLERK, "PMLP")
    soon = Case(database, riga(20))
    soon.forward("PMLP", at=riga(23, 15))
    late = Case(database, riga(25))
    today = Case(database, riga(27))
    latest = Case(database, riga(24))
    beat(database, riga(30))
    digest = next(notice for notice in notices(database) if notice.kind == "digest")
    assert digest.data["refs"] == [case.ticket.ref for case in (latest, late, today, soon)]
    assert (digest.data["overdue"], digest.data["today"], digest.data["soon"]) == (2, 1, 1)


def test_a_digest_names_a_ticket_once_and_not_too_many(database: Database) -> None:
    employ(database, CLERK, "PMLP")
    cases = [Case(database) for _ in range(LISTED + 3)]
    for case in cases[:3]:
        case.forward("PMLP", at=riga(23, 15))
    beat(database, riga(3, month=12))
    digest = next(notice for notice in notices(database) if notice.kind == "digest")
    assert len(digest.data["refs"]) == len(set(digest.data["refs"])) == LISTED
    assert digest.data["overdue"] == 2 * (LISTED + 3), "each has its own clock and the citizen's, or the institution's"


def test_each_role_of_each_institution_has_its_own_digest(database: Database) -> None:
    for role in (CLERK, HEAD):
        employ(database, role, "PMLP")
    for _ in range(4):
        forwarded(database)
    for _ in range(2):
        Case(database).forward("PMLP", at=riga(24, 9))
    beat(database, riga(1, month=12))
    kinds = told(database)
    assert kinds.count(("PMLP", "clerk", "digest")) == 1
    assert kinds.count(("PMLP", "head", "digest")) == 1
    assert kinds.count(("VDAA", "coordinator", "digest")) == 1


def test_who_answered_meanwhile_is_not_told(database: Database) -> None:
    employ(database, CLERK, "PMLP")
    case = forwarded(database)
    look(database, riga(2, month=12))
    case.answers("PMLP", "Jā.", at=riga(2, 13, month=12))
    assert say_so(database, 2, 14, 12) > 0
    assert told(database) == [("VDAA", "", "institution answered")]
    assert untold(database) == 0


def test_nobody_is_told_of_a_date_that_has_moved_meanwhile(database: Database) -> None:
    case = Case(database)
    number = case.clock(ClockKind.FORWARD).id
    look(database, riga(24))

    def put_off(session: Session) -> None:
        clock = session.get_one(Clock, number)
        move_clock(session, clock.ticket, clock, riga(27).date(), riga(24, 13), "anna", "storm")

    database.write(put_off)
    say_so(database, 24, 14)
    assert notices(database) == []
    beat(database, riga(27))
    assert notices(database)[0].data["due"] == "2026-11-27"


def test_of_a_clock_that_was_reopened_only_the_new_steps_are_told(database: Database) -> None:
    employ(database, CLERK, "PMLP")
    case = forwarded(database)
    number = case.clock(ClockKind.INSTITUTION).id
    look(database, riga(30))
    case.answers("PMLP", "Jā.", at=riga(30, 13))

    def reopen(session: Session) -> None:
        clock = session.get_one(Clock, number)
        reopen_clock(session, clock.ticket, clock, riga(30, 14), "bot")

    database.write(reopen)
    say_so(database, 30, 14)
    assert [one for one in told(database) if one[0] == "PMLP"] == []
    beat(database, riga(30, 15))
    assert [one for one in told(database) if one[0] == "PMLP"] == [("PMLP", "clerk", "due soon")]


def test_a_message_goes_to_each_of_the_role_who_gave_an_address(database: Database) -> None:
    employ(database, CLERK, "PMLP", chat="1")
    employ(database, CLERK, "PMLP", chat="2", language="en")
    employ(database, CLERK, "PMLP", chat="3", language="ru")
    employ(database, CLERK, "PMLP")
    employ(database, CLERK, "VSAA", chat="4")
    employ(database, HEAD, "PMLP", chat="5")
    employ(database, CLERK, "PMLP", chat="6", active=False)
    ref = forwarded(database).ticket.ref
    beat(database, riga(30))
    assert messages(database) == [
        ("1", f"{ref}: tuvojas termiņš, jāpagūst līdz 2026. gada 1. decembrim.\n{DESK}"),
        ("2", f"{ref}: due soon, by 1 December 2026.\n{DESK}"),
        ("3", f"{ref}: скоро истекает срок (1 декабря 2026 г.).\n{DESK}"),
    ]
    with database.read() as session:
        rows = session.exec(select(OutboxRow)).all()
    assert {(row.channel, row.state, row.ticket_id, row.due_at) for row in rows} == {
        ("telegram", State.WAITING, None, riga(30))
    }


def test_nothing_is_sent_to_an_address_that_is_gone_nor_to_who_left_later(database: Database) -> None:
    gone = employ(database, CLERK, "PMLP", chat="1")
    leaves = employ(database, CLERK, "PMLP", chat="2")
    forwarded(database)
    look(database, riga(30))

    def both_go(session: Session) -> None:
        session.get_one(Contact, gone.contact_id).gone_at = riga(30, 12)
        session.get_one(Person, leaves.id).active = False

    database.write(both_go)
    say_so(database, 30, 13)
    assert messages(database) == []
    assert told(database) == [("PMLP", "clerk", "due soon")], "the desk keeps it all the same"


def test_two_who_share_an_address_get_one_message(database: Database) -> None:
    for _ in range(2):
        employ(database, CLERK, "PMLP", chat="1")
    forwarded(database)
    beat(database, riga(30))
    assert len(messages(database)) == 1


def test_a_digest_is_one_message(database: Database) -> None:
    employ(database, COORDINATOR, "VDAA", chat="1")
    refs = [Case(database).ticket.ref for _ in range(5)]
    beat(database, riga(25))
    assert messages(database) == [("1", f"Termiņi: nokavēti 5, šodien beidzas 0, tuvojas 0. {', '.join(refs)}\n{DESK}")]


def test_what_was_told_is_told_no_more(database: Database) -> None:
    employ(database, COORDINATOR, "VDAA", chat="1")
    Case(database)
    beat(database, riga(24))
    assert [say_so(database, 24, 13), say_so(database, 25)] == [0, 0]
    assert (len(notices(database)), len(messages(database))) == (1, 1)


def test_a_crash_between_the_step_and_the_word_loses_nothing(database: Database) -> None:
    employ(database, COORDINATOR, "VDAA", chat="1")
    Case(database)
    look(database, riga(24))
    assert (notices(database), messages(database)) == ([], [])

    def crashes(session: Session) -> None:
        tell(session, riga(24), DESK)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), database.read() as session:
        crashes(session)
    assert (notices(database), messages(database), untold(database)) == ([], [], 1)
    say_so(database, 24, 13)
    assert (len(notices(database)), len(messages(database)), untold(database)) == (1, 1, 0)


@pytest.mark.parametrize(("day", "hour"), [(27, 18), (27, 23), (28, 7), (28, 12), (29, 12), (30, 7)])
def test_what_was_not_told_before_the_evening_waits_for_the_next_working_morning(
    database: Database, day: int, hour: int
) -> None:
    """Taken on Friday 27 November a second before six; the process was killed right then."""
    Case(database, riga(26))
    look(database, riga(27, 17, 59, second=59))
    assert say_so(database, day, hour) == 0
    assert (notices(database), untold(database)) == ([], 1)
    assert say_so(database, 30, 8) == 1
    assert told(database) == [("VDAA", "coordinator", "due today")]


def test_on_a_day_off_of_one_calendar_those_of_another_are_told(database: Database) -> None:
    """Monday 22 June 2026: the state has it off, municipalities work."""
    municipal, state = Case(database, riga(18, month=6)), Case(database, riga(18, month=6))
    numbers = [municipal.clock(ClockKind.FORWARD).id, state.clock(ClockKind.FORWARD).id]
    look(database, riga(19, month=6))

    def change(session: Session) -> None:
        session.get_one(Clock, numbers[0]).calendar = "municipal"

    database.write(change)
    assert say_so(database, 22, month=6) == 1
    assert [notice.ticket_id for notice in notices(database)] == [municipal.id]
    assert say_so(database, 25, month=6) == 1


def test_a_calendar_that_is_no_more_goes_by_the_states(database: Database) -> None:
    number = Case(database, riga(26)).clock(ClockKind.FORWARD).id
    look(database, riga(27))

    def lose(session: Session) -> None:
        session.get_one(Clock, number).calendar = "of-old"

    database.write(lose)
    assert [say_so(database, 28), say_so(database, 30)] == [0, 1]


def test_more_than_fit_into_one_transaction_are_told_in_several_and_a_digest_stays_whole(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    employ(database, CLERK, "PMLP")
    for _ in range(6):
        forwarded(database)
    look(database, riga(3, month=12))
    monkeypatch.setattr(telling, "MOST", 5)
    monkeypatch.setattr(telling, "MARKED", 4)
    with database.read() as session:
        per_role = Counter(session.exec(select(StepTaken.role)).all())
    asked = [say_so(database, 3, month=12) for _ in range(3)]
    assert sorted(asked) == sorted([*per_role.values(), 0])
    assert sorted(told(database)) == [("PMLP", "clerk", "digest"), ("VDAA", "coordinator", "digest")]
    assert untold(database) == 0


def test_two_that_believe_to_lead_tell_once(database_url: str) -> None:
    databases = [Database(database_url), Database(database_url)]
    employ(databases[0], COORDINATOR, "VDAA", chat="1")
    employ(databases[0], LEAD, "VDAA", chat="2")
    for _ in range(3):
        Case(databases[0])
    look(databases[0], riga(25))
    together = threading.Barrier(2)

    def work_off(mine: Database) -> int:
        together.wait(20)
        return sum(mine.write(lambda session: tell(session, riga(25), DESK)) for _ in range(10))

    with ThreadPoolExecutor(2) as threads:
        steps = sum(threads.map(work_off, databases))
    assert steps == 9, "the missed day and today's: three for the coordinator twice, three for the lead"
    assert len(notices(databases[0])) == 6
    assert sorted(address for address, _ in messages(databases[0])) == ["1"] * 3 + ["2"] * 3
    for database in databases:
        database.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_has_its_words_in_every_language(database: Database, language: str) -> None:
    employ(database, CLERK, "PMLP")
    forwarded(database)
    for day, month in ((30, 11), (1, 12), (2, 12)):
        beat(database, riga(day, month=month))
    for _ in range(4):
        Case(database, riga(2, month=12))
    beat(database, riga(3, month=12))
    said = {notice.kind: notice_text(notice, language) for notice in notices(database)}
    assert said.keys() >= {
        "due soon",
        "due today",
        "overdue",
        "institution due today",
        "institution overdue",
        "digest",
    }
    assert not any("{" in words or "None" in words for words in said.values())


def test_a_ticket_of_another_coordinator_is_told_there(database: Database) -> None:
    Case(database, coordinator="LIAA")
    beat(database, riga(24))
    assert told(database) == [("LIAA", "coordinator", "due today")]
    with database.read() as session:
        assert session.exec(select(Ticket)).one().coordinator == "LIAA"
