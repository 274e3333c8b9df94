"""A calendar changes while clocks run: open ones move, with their reasons; what is closed stays as it is."""

import os
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest
from sqlmodel import Session, col, select

import routing.recompute
from bot.rulebook import RulebookKeeper
from config.settings import CONFIG
from models.clock import ClockKind, Outcome, clocks_of
from models.database import Database
from models.institution import Institution, institution_by_code
from models.rulebook import newest_rulebook
from models.staff import Notice
from models.step import StepTaken
from models.ticket import Ticket, locked
from routing import submission
from routing.anew import would_move
from routing.clocks import stop_clock
from routing.escalation import tick
from routing.recompute import recompute, tell_moved
from routing.rules import CALENDARS, FILES, in_force, put_in_force
from tests.routing.case import MONDAY, Case, riga
from tests.routing.law import as_before, rules_with

DAY_OFF = 'days: [{calendars: [state, municipal], off: 2026-11-30, reason: "sēru diena"}]\n'
AT = MONDAY + timedelta(hours=1)
FORWARD, ANSWER, INSTITUTION = ClockKind.FORWARD, ClockKind.ANSWER, ClockKind.INSTITUTION


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    with as_before():
        yield


class Law:
    """An editor's file, and what the leader does after it was saved."""

    def __init__(self, database: Database, folder: Path) -> None:
        for name in FILES:
            copy(CONFIG / name, folder)
        self.database = database
        self.folder = folder
        self.keeper = RulebookKeeper(database, folder)
        self.keeper.begin()
        self.counts(MONDAY)

    def says(self, calendars: str, at: datetime = AT) -> None:
        """The file is saved, taken in, and every clock counted anew."""
        self.is_saved(calendars, at)
        self.counts(at)

    def is_saved(self, calendars: str, at: datetime = AT) -> None:
        path = self.folder / CALENDARS
        later = path.stat().st_mtime_ns + 1_000_000_000
        path.write_text(calendars, "utf-8")
        os.utime(path, ns=(later, later))
        self.keeper.look(at)

    def counts(self, at: datetime = AT) -> int:
        number = self.database.write(lambda session: recompute(session, at))
        self.database.write(lambda session: tell_moved(session, at))
        return number

    def counts_all(self) -> None:
        while self.counts():
            pass

    @property
    def moved(self) -> dict[str, int]:
        with self.database.read() as session:
            book = newest_rulebook(session)
            assert book is not None
            return book.moved

    @property
    def digests(self) -> dict[str, list[int]]:
        """By institution how many moved dates it was told of."""
        with self.database.read() as session:
            told = select(Institution.code, Notice).join(Notice, col(Notice.institution_id) == col(Institution.id))
            found: dict[str, list[int]] = {}
            for code, notice in session.exec(told.where(col(Notice.kind) == "calendar changed")):
                assert (notice.ticket_id, notice.role) == (None, "")
                found.setdefault(code, []).append(notice.data["moved"])
            return found


@pytest.fixture
def law(database: Database, tmp_path: Path) -> Law:
    return Law(database, tmp_path)


def moves(case: Case) -> list[dict[str, object]]:
    return [event.data for event in case.events if event.kind == "due moved"]


def test_an_added_day_off_moves_what_runs_over_it(database: Database, law: Law) -> None:
    case = Case(database)
    law.says(DAY_OFF)
    clock = case.clock(ANSWER)
    assert (clock.due_on, clock.first_due_on) == (date(2026, 12, 3), date(2026, 12, 2))
    assert clock.calendar_version == in_force().calendars.version
    assert clock.is_running
    assert clock.next_on == date(2026, 12, 2), "the day before the new date"
    assert case.clock(FORWARD).due_on == date(2026, 11, 24), "it ends before the day"
    assert case.clock(FORWARD).calendar_version == in_force().calendars.version


def test_the_trail_says_what_moved_and_why(database: Database, law: Law) -> None:
    case = Case(database)
    law.says(DAY_OFF)
    assert moves(case) == [
        {
            "clock": "answer",
            "old_due": "2026-12-02",
            "new_due": "2026-12-03",
            "reason": "2026-11-30 sēru diena",
            "owner": "VDAA",
            "calendar_version": in_force().calendars.version,
            "forwarding": None,
        }
    ]
    event = next(event for event in case.events if event.kind == "due moved")
    assert (event.at, event.actor) == (AT, "clock")


def test_only_the_days_of_the_term_are_named_as_the_reason(database: Database, law: Law) -> None:
    case = Case(database)
    law.says("""
days:
  - {calendars: [state], off: 2026-11-20, reason: before}
  - {calendars: [state], off: 2026-11-25, reason: one}
  - {calendars: [state], off: 2026-11-30, reason: two}
  - {calendars: [state], off: 2026-12-14, reason: after}
  - {calendars: [municipal], off: 2026-11-26, reason: elsewhere}
""")
    assert [data["reason"] for data in moves(case)] == ["2026-11-25 one; 2026-11-30 two"]
    assert case.clock(ANSWER).due_on == date(2026, 12, 4)


def test_an_institutions_clock_and_the_date_it_is_shown_move_too(database: Database, law: Law) -> None:
    case = Case(database)
    case.forward("PMLP", at=MONDAY)
    assert case.clock(INSTITUTION).due_on == case.forwardings[0].shown_due == date(2026, 12, 1)
    law.says(DAY_OFF)
    assert case.clock(INSTITUTION).due_on == case.forwardings[0].shown_due == date(2026, 12, 2)
    assert {data["clock"]: data["forwarding"] for data in moves(case)} == {
        "answer": None,
        "institution": case.forwardings[0].id,
    }


def test_what_is_shown_stays_the_earlier_of_both(database: Database, law: Law) -> None:
    """Forwarded late: the citizen's date is the earlier one, and it moves."""
    case = Case(database)
    case.forward("PMLP", at=riga(26))
    assert case.forwardings[0].shown_due == case.clock(ANSWER).due_on == date(2026, 12, 2)
    law.says(DAY_OFF, riga(26, 13))
    assert case.forwardings[0].shown_due == case.clock(ANSWER).due_on == date(2026, 12, 3)
    assert case.clock(INSTITUTION).due_on == date(2026, 12, 7)


def test_a_day_of_one_calendar_moves_only_the_clocks_of_that_calendar(database: Database, law: Law) -> None:
    case = Case(database)
    case.forward("PMLP", "RDPAD", at=MONDAY)
    by = {clock.owner: clock.calendar for clock in case.clocks if clock.kind == INSTITUTION}
    assert by == {"PMLP": "state", "RDPAD": "municipal"}
    law.says("days: [{calendars: [municipal], off: 2026-11-30, reason: pilsētas svētki}]")
    assert {data["owner"] for data in moves(case)} == {"RDPAD"}
    assert case.clock(ANSWER).due_on == date(2026, 12, 2)


def test_what_is_closed_is_not_touched(database: Database, law: Law) -> None:
    answered, open_one = Case(database), Case(database)
    answered.composes("Lūdzu.", at=MONDAY)
    before = [clock.model_dump() for clock in answered.clocks]
    shown = answered.trail
    law.says(DAY_OFF)
    assert [clock.model_dump() for clock in answered.clocks] == before
    assert answered.trail == shown
    assert len(moves(open_one)) == 1


def test_moved_twice_and_back_again_keeps_the_first_promise(database: Database, law: Law) -> None:
    case = Case(database)
    law.says(DAY_OFF)
    law.says("days: [{calendars: [state], off: 2026-11-30, until: 2026-12-01, reason: sēras}]")
    assert case.clock(ANSWER).due_on == date(2026, 12, 4)
    law.says("days: []")
    clock = case.clock(ANSWER)
    assert clock.due_on == clock.first_due_on == date(2026, 12, 2)
    assert [(data["old_due"], data["new_due"]) for data in moves(case)] == [
        ("2026-12-02", "2026-12-03"),
        ("2026-12-03", "2026-12-04"),
        ("2026-12-04", "2026-12-02"),
    ]
    assert moves(case)[1]["reason"] == "2026-12-01 sēras"
    assert moves(case)[2]["reason"] == "2026-11-30 working day; 2026-12-01 working day"


def test_two_changes_before_the_next_count_are_one_move_with_both_reasons(database: Database, law: Law) -> None:
    case = Case(database)
    law.is_saved(DAY_OFF)
    law.says(DAY_OFF.replace("}]", "}, {calendars: [state], off: 2026-12-01, reason: vēl}]"))
    assert [(data["new_due"], data["reason"]) for data in moves(case)] == [
        ("2026-12-04", "2026-11-30 sēru diena; 2026-12-01 vēl")
    ]


def test_a_day_off_that_comes_to_be_worked_moves_it_earlier(database: Database, law: Law) -> None:
    case = Case(database)
    law.says("days: [{calendars: [state], works: 2026-11-28, reason: pārcelta}]")
    assert (case.clock(ANSWER).due_on, case.clock(ANSWER).first_due_on) == (date(2026, 12, 1), date(2026, 12, 2))


def test_who_is_due_earlier_than_he_was_told_today_is_told_today(database: Database, law: Law) -> None:
    case = Case(database)
    tuesday = riga(1, 10, month=12)
    case.forward("PMLP", at=MONDAY)
    database.write(lambda session: tick(session, tuesday))
    assert case.clock(ANSWER).next_on == date(2026, 12, 2)
    law.says("days: [{calendars: [state], works: 2026-11-28, reason: pārcelta}]", tuesday)
    assert (case.clock(ANSWER).due_on, case.clock(ANSWER).next_on) == (date(2026, 12, 1), date(2026, 12, 1))
    before = len(case.events)
    database.write(lambda session: tick(session, tuesday))
    assert ("reminded", "answer", "2026-12-01") in [
        (event.kind, event.data.get("clock"), event.data.get("due")) for event in case.events[before:]
    ]


def test_what_the_ladder_said_of_the_same_date_is_not_said_again(database: Database, law: Law) -> None:
    """The calendar goes back and forth on one day: each step is taken once, and no tick fails on having taken it."""
    case = Case(database)
    tuesday = riga(1, 10, month=12)
    database.write(lambda session: tick(session, tuesday))
    for text in (DAY_OFF, "days: []", DAY_OFF, "days: []"):
        law.says(text, tuesday)
        database.write(lambda session: tick(session, tuesday))
    clock = case.clock(ANSWER)
    assert (clock.due_on, clock.climbed_on) == (date(2026, 12, 2), tuesday.date())
    with database.read() as session:
        steps = session.exec(select(StepTaken).where(col(StepTaken.clock_id) == clock.id))
        assert [(step.due_on, step.day) for step in steps] == [(date(2026, 12, 2), -1)]


def test_a_submission_that_was_put_off_keeps_its_day_unless_that_is_off(database: Database, law: Law) -> None:
    case = Case(database)

    def convert(session: Session) -> None:
        ticket = session.get_one(Ticket, case.id)
        submission.convert(
            session, ticket.contact, ticket, date(2026, 11, 23), "parakstīts", AT, "anna", pulled=case.pulled
        )

    def extend(session: Session) -> None:
        ticket = session.get_one(Ticket, case.id)
        submission.extend(
            session, ticket.contact, ticket, date(2027, 2, 1), "sarežģīts", AT, "anna", pulled=case.pulled
        )

    case.changes(convert)
    assert case.clock(ANSWER).due_on == date(2026, 12, 23)
    law.says("days: [{calendars: [state], off: 2026-12-23, reason: sēras}]")
    assert case.clock(ANSWER).due_on == date(2026, 12, 28), "a term in months is moved on from a day off"
    case.changes(extend)
    law.says("days: [{calendars: [state], off: 2026-11-30, reason: sēras}]")
    assert case.clock(ANSWER).due_on == date(2027, 2, 1)
    law.says("days: [{calendars: [state], off: 2027-02-01, reason: sēras}]")
    assert case.clock(ANSWER).due_on == date(2027, 2, 2)
    law.says("days: []")
    assert case.clock(ANSWER).due_on == date(2027, 2, 1)


def test_dates_are_no_longer_provisional_when_the_order_is_known(database: Database, law: Law) -> None:
    case = Case(database, received_at=riga(21, month=12))
    clock = case.clock(ANSWER)
    assert (clock.due_on, clock.provisional) == (date(2027, 1, 5), True)
    assert not case.clock(FORWARD).provisional
    law.says("moved_days_known_until: 2027", riga(21, 13, month=12))
    clock = case.clock(ANSWER)
    assert (clock.due_on, clock.provisional) == (date(2027, 1, 5), False)
    assert moves(case) == []
    law.says("days: []", riga(21, 14, month=12))
    assert case.clock(ANSWER).provisional


def test_the_order_of_the_new_year_moves_what_runs_over_it(database: Database, law: Law) -> None:
    case = Case(database, received_at=riga(21, month=12))
    law.says(
        "moved_days_known_until: 2027\n"
        "days: [{calendars: [state], off: 2027-01-04, works: 2027-01-16, reason: rīkojums Nr. 1}]",
        riga(21, 13, month=12),
    )
    clock = case.clock(ANSWER)
    assert (clock.due_on, clock.first_due_on, clock.provisional) == (date(2027, 1, 6), date(2027, 1, 5), False)
    assert [data["reason"] for data in moves(case)] == ["2027-01-04 rīkojums Nr. 1"]


def test_an_institution_gets_a_calendar_of_its_own_and_loses_it(database: Database, law: Law) -> None:
    case = Case(database)
    case.forward("PMLP", at=MONDAY)
    law.says("""
calendars: [{name: pmlp, institutions: [PMLP]}]
days: [{calendars: [pmlp], off: 2026-11-30, reason: inventūra}]
""")
    clock = case.clock(INSTITUTION)
    assert (clock.calendar, clock.due_on) == ("pmlp", date(2026, 12, 2))
    assert case.forwardings[0].shown_due == date(2026, 12, 2)
    assert case.clock(ANSWER).due_on == date(2026, 12, 2), "the citizen's term is none of its concern"
    law.says("days: []")
    clock = case.clock(INSTITUTION)
    assert (clock.calendar, clock.due_on) == ("state", date(2026, 12, 1))
    assert [data["reason"] for data in moves(case)] == ["state → pmlp; 2026-11-30 inventūra", "pmlp → state"]


def test_everybody_concerned_gets_one_digest(database: Database, law: Law) -> None:
    for _ in range(3):
        Case(database).forward("PMLP", at=MONDAY)
    Case(database).forward("VSAA", at=MONDAY)
    law.says(DAY_OFF)
    law.counts()
    assert law.moved == {"VDAA": 4, "PMLP": 3, "VSAA": 1}
    assert law.digests == {"VDAA": [8], "LIAA": [8], "PMLP": [3], "VSAA": [1]}


def test_where_nothing_moved_nobody_is_told(database: Database, law: Law) -> None:
    Case(database)
    law.says("days: [{calendars: [state], off: 2027-06-01, reason: vēlāk}]")
    assert law.moved == {}
    assert law.digests == {}


def test_the_digest_waits_until_all_are_counted(database: Database, law: Law, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [Case(database) for _ in range(4)]  # each with two clocks
    monkeypatch.setattr(routing.recompute, "BATCH", 3)
    law.is_saved(DAY_OFF)
    assert law.counts() == 3
    assert law.digests == {}
    law.counts_all()
    assert law.digests == {"VDAA": [4], "LIAA": [4]}
    assert [case.clock(ANSWER).due_on for case in cases] == [date(2026, 12, 3)] * 4
    assert [len(moves(case)) for case in cases] == [1] * 4


def test_a_batch_that_fails_leaves_nothing_half_done_and_is_done_by_the_next(
    database: Database, law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [Case(database) for _ in range(3)]
    monkeypatch.setattr(routing.recompute, "BATCH", 2)
    law.is_saved(DAY_OFF)
    law.counts()

    def power_fails(*_: object) -> None:
        raise RuntimeError("power")

    with monkeypatch.context() as during:
        during.setattr(routing.recompute, "show_dues", power_fails)
        with pytest.raises(RuntimeError):
            law.counts_all()
    moved = sum(len(moves(case)) for case in cases)
    assert moved == sum(case.clock(ANSWER).due_on == date(2026, 12, 3) for case in cases) < 3
    law.counts_all()
    assert [len(moves(case)) for case in cases] == [1] * 3
    assert law.moved == {"VDAA": 3}


def test_a_clock_that_a_process_still_started_by_the_old_calendar_is_caught(database: Database, law: Law) -> None:
    Case(database)
    behind = in_force()
    law.says(DAY_OFF)
    now = in_force()
    put_in_force(behind)
    late = Case(database)
    assert late.clock(ANSWER).due_on == date(2026, 12, 2)
    put_in_force(now)
    law.counts(AT + timedelta(seconds=5))
    assert late.clock(ANSWER).due_on == date(2026, 12, 3)
    assert law.digests["VDAA"] == [1, 2], "told again, with the number as it is now"


def test_nothing_to_do_costs_nothing(database: Database, law: Law) -> None:
    Case(database)
    assert law.counts() == 0
    assert law.counts() == 0


def test_what_a_change_would_move_is_known_before_and_changes_nothing(database: Database, law: Law) -> None:
    case = Case(database)
    case.forward("PMLP", at=MONDAY)
    then = rules_with(DAY_OFF)
    with database.read() as session:
        assert would_move(session, then) == {"VDAA": 1, "PMLP": 1}
        assert would_move(session, in_force()) == {}
    assert case.clock(ANSWER).due_on == date(2026, 12, 2)


def test_a_clock_whose_calendar_is_no_more_is_counted_by_the_states(database: Database, law: Law) -> None:
    """Also where the directory of institutions names a calendar that an editor has taken out."""
    case = Case(database)

    def named(session: Session) -> None:
        found = institution_by_code(session, "PMLP")
        assert found is not None
        found.calendar = "special"

    law.says("calendars: [{name: special, based_on: municipal}]")
    database.write(named)
    case.forward("PMLP", at=MONDAY)
    assert case.clock(INSTITUTION).calendar == "special"
    law.says("days: []")
    assert case.clock(INSTITUTION).calendar == "state"


def test_a_clock_that_is_stopped_just_now_stays_stopped(postgres_url: str, tmp_path: Path) -> None:
    """Somebody answers while the calendar is counted anew: neither waits for ever, and nothing is resurrected."""
    database = Database(postgres_url)
    law = Law(database, tmp_path)
    case, other = Case(database), Case(database)
    law.is_saved(DAY_OFF)
    holds, go_on = threading.Event(), threading.Event()

    def answer(session: Session) -> None:
        ticket = locked(session, case.id)
        for clock in ticket.clocks:
            stop_clock(session, ticket, clock, AT, "anna")
        session.flush()
        holds.set()
        go_on.wait(20)

    answering = threading.Thread(target=lambda: database.write(answer))
    answering.start()
    assert holds.wait(20)
    law.counts()
    assert other.clock(ANSWER).due_on == date(2026, 12, 3), "others are not held up"
    assert law.digests == {}, "one is still to be counted, for all that is known"
    go_on.set()
    answering.join(20)
    law.counts()
    assert [clock.outcome for clock in case.clocks] == [Outcome.IN_TIME, Outcome.IN_TIME]
    assert case.clock(ANSWER).due_on == date(2026, 12, 2)
    assert moves(case) == []
    assert law.digests == {"VDAA": [1], "LIAA": [1]}
    database.close()


def test_who_answers_while_it_is_counted_waits_and_then_stops_the_clock(postgres_url: str, tmp_path: Path) -> None:
    database = Database(postgres_url)
    law = Law(database, tmp_path)
    case = Case(database)
    law.is_saved(DAY_OFF)
    holds, go_on = threading.Event(), threading.Event()

    def count(session: Session) -> None:
        recompute(session, AT)
        session.flush()
        holds.set()
        go_on.wait(20)

    def answer(session: Session) -> None:
        ticket = locked(session, case.id)
        for clock in clocks_of(session, case.id):
            stop_clock(session, ticket, clock, AT, "anna")

    counting = threading.Thread(target=lambda: database.write(count))
    answering = threading.Thread(target=lambda: database.write(answer))
    counting.start()
    assert holds.wait(20)
    answering.start()
    answering.join(0.3)
    assert answering.is_alive()
    go_on.set()
    counting.join(20)
    answering.join(20)
    clock = case.clock(ANSWER)
    assert (clock.outcome, clock.due_on) == (Outcome.IN_TIME, date(2026, 12, 3))
    stopped = [event.data["due"] for event in case.events if event.kind == "clock stopped"]
    assert "2026-12-03" in stopped
    database.close()
