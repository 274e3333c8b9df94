"""The law's rules while the program runs: an editor saves a file, and every process counts by it or says why not."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy

import pytest
from sqlmodel import col, select

import bot.rulebook
from bot.rulebook import RulebookKeeper
from config.flaw import Refused
from config.settings import CONFIG
from models.clock import ClockKind
from models.database import Database
from models.institution import Institution
from models.rulebook import Rulebook, RulesRefused, newest_rulebook, refused_now
from models.staff import Notice
from routing.rules import CALENDARS, FILES, LADDER, TERMS, calendar, in_force, put_in_force, read_rules
from tests.routing.case import Case
from tests.routing.law import as_before, rules_with

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=5)
ON = date(2026, 11, 30)
OFF = 'days: [{calendars: [state], off: 2026-11-30, reason: "sēru diena"}]\n'
BAD = "days: [{calendars: [state], off: never, reason: a}]\n"
FLAW = "calendars.yaml:1: days.off: This must be a date such as 2026-11-02."


@pytest.fixture(autouse=True)
def ends() -> Iterator[None]:
    with as_before():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "rules"
    made.mkdir()
    for name in FILES:
        copy(CONFIG / name, made)
    return made


class Process:
    """A process of its own: only what a keeper knows; what is in force is shared by all of this test."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.keeper = RulebookKeeper(database, folder)
        self.keeper.begin()
        self.at = AT

    def beats(self, *, leads: bool = True) -> None:
        """As the schedule does."""
        self.at += MOMENT
        self.keeper.follow()
        if leads:
            self.keeper.look(self.at)


def save(folder: Path, text: str, name: str = CALENDARS) -> None:
    """As an editor does; the time of the file is surely another one."""
    path = folder / name
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text, "utf-8")
    os.utime(path, ns=(before + 1_000_000_000, before + 1_000_000_000))


def books(database: Database) -> list[Rulebook]:
    with database.read() as session:
        return list(session.exec(select(Rulebook).order_by(col(Rulebook.id))))


def refusals(database: Database) -> list[RulesRefused]:
    with database.read() as session:
        return list(session.exec(select(RulesRefused).order_by(col(RulesRefused.id))))


def told(database: Database) -> list[tuple[str, list[str], bool]]:
    """To whom, which flaws, whether it is seen; the first told first."""
    with database.read() as session:
        rows = session.exec(
            select(Notice, Institution.code)
            .join(Institution, col(Institution.id) == col(Notice.institution_id))
            .where(col(Notice.kind) == "rules refused")
            .order_by(col(Notice.id))
        )
        return [(code, notice.data["flaws"], notice.seen_at is not None) for notice, code in rows]


def test_the_first_start_makes_a_rulebook_of_the_files(database: Database, folder: Path) -> None:
    save(folder, OFF)
    Process(database, folder)
    (book,) = books(database)
    assert book.texts[CALENDARS] == OFF
    assert book.version == in_force().calendars.version
    assert book.differences == []
    assert not calendar("state").works(ON)


def test_a_saved_file_is_in_force_at_the_next_beat(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    process.beats()
    assert calendar("state").works(ON)
    save(folder, OFF)
    process.beats()
    assert not calendar("state").works(ON)
    first, second = books(database)
    assert first.version != second.version
    assert (second.at, second.told_at, second.moved) == (process.at, None, {})
    assert second.differences == [
        {"calendar": "state", "on": "2026-11-30", "works": False, "reason": "sēru diena"},
    ]


def test_beats_without_a_change_make_no_rulebook(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    for _ in range(3):
        process.beats()
    save(folder, (folder / CALENDARS).read_text("utf-8"))
    process.beats()
    assert len(books(database)) == 1


def test_who_does_not_lead_follows_and_reads_no_files(database: Database, folder: Path, tmp_path: Path) -> None:
    leader, other = Process(database, folder), Process(database, tmp_path / "nothing here")
    save(folder, OFF)
    other.beats(leads=False)
    assert calendar("state").works(ON)
    leader.beats()
    with as_before():  # what is in force is one for all processes of this test, so the other has to begin without it
        put_in_force(rules_with())
        other.beats(leads=False)
        assert not calendar("state").works(ON)


def test_a_rulebook_may_return_to_what_it_was(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    before = (folder / CALENDARS).read_text("utf-8")
    for text in (OFF, before):
        save(folder, text)
        process.beats()
    first, second, third = books(database)
    assert first.fingerprint == third.fingerprint != second.fingerprint
    assert [(day["on"], day["works"]) for day in third.differences] == [("2026-11-30", True)]
    assert calendar("state").works(ON)


def test_terms_and_ladder_are_taken_in_too(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    more = '  - {procedure: question, clock: answer, working_days: 10, valid_from: 2026-11-01, source: "MK 500"}\n'
    save(folder, (folder / TERMS).read_text("utf-8") + more, TERMS)
    process.beats()
    assert in_force().terms.on("question", "answer", date(2026, 11, 23)).working_days == 10
    save(folder, (folder / LADDER).read_text("utf-8").replace("digest_from: 4", "digest_from: 9"), LADDER)
    process.beats()
    assert in_force().ladder.digest_from == 9
    assert len(books(database)) == 3


def test_a_changed_ladder_is_climbed_by_the_clocks_that_run(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    case = Case(database, received_at=AT)
    assert case.clock(ClockKind.ANSWER).next_on == date(2026, 12, 1)
    save(folder, (folder / LADDER).read_text("utf-8").replace("digest_from: 4", "digest_from: 9"), LADDER)
    process.beats()
    assert case.clock(ClockKind.ANSWER).next_on == AT.date()


def test_a_bad_file_leaves_what_is_in_force_and_staff_are_told_once(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    save(folder, OFF)
    process.beats()
    save(folder, BAD)
    for _ in range(3):
        process.beats()
    assert not calendar("state").works(ON)
    assert len(books(database)) == 2
    assert [(row.flaws, row.ended_at) for row in refusals(database)] == [([FLAW], None)]
    assert sorted(told(database)) == [("LIAA", [FLAW], False), ("VDAA", [FLAW], False)]
    save(folder, BAD + "# saved again\n")
    process.beats()
    assert len(told(database)) == 2, "the same flaws are no news"


def test_other_flaws_are_told_again(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    save(folder, BAD)
    process.beats()
    save(folder, "calendar: 7\n")
    process.beats()
    first, second = refusals(database)
    assert (first.ended_at, second.ended_at) == (process.at, None)
    other = ["calendars.yaml:1: calendar: There is no such field."]
    expected = [(code, flaws, seen) for flaws, seen in (([FLAW], True), (other, False)) for code in ("LIAA", "VDAA")]
    assert sorted(told(database)) == sorted(expected)


@pytest.mark.parametrize("mended", [OFF, None], ids=["to something new", "to what is in force"])
def test_a_repaired_file_ends_the_matter(database: Database, folder: Path, mended: str | None) -> None:
    process = Process(database, folder)
    before = (folder / CALENDARS).read_text("utf-8")
    save(folder, BAD)
    process.beats()
    save(folder, mended or before)
    process.beats()
    with database.read() as session:
        assert refused_now(session) is None
    assert [seen for _, _, seen in told(database)] == [True, True]
    assert calendar("state").works(ON) is (mended is None)
    save(folder, BAD)
    process.beats()
    assert len(told(database)) == 4, "the same mistake made anew is told anew"


def test_after_a_restart_with_a_bad_file_the_last_good_rules_stay(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    save(folder, OFF)
    process.beats()
    save(folder, BAD)
    process.beats()
    again = Process(database, folder)
    again.beats()
    assert not calendar("state").works(ON)
    assert len(books(database)) == 2
    assert len(told(database)) == 2, "they were told before the restart"


def test_a_file_that_went_bad_while_nothing_ran_is_told(database: Database, folder: Path) -> None:
    Process(database, folder)
    save(folder, BAD)
    process = Process(database, folder)
    process.beats()
    assert [flaws for _, flaws, _ in told(database)] == [[FLAW], [FLAW]]


def test_without_any_good_rules_nothing_starts(database: Database, folder: Path) -> None:
    save(folder, BAD)
    with pytest.raises(Refused, match=r"calendars\.yaml:1: days\.off"):
        Process(database, folder)
    assert books(database) == []


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_told_and_coming_back_mends_it(database: Database, folder: Path, name: str) -> None:
    process = Process(database, folder)
    process.beats()
    text = (folder / name).read_text("utf-8")
    (folder / name).unlink()
    process.beats()
    ((flaw,),) = {tuple(flaws) for _, flaws, _ in told(database)}
    assert f"{name}:1: The file cannot be read: No such file or directory." in flaw
    save(folder, text, name)
    process.beats()
    assert refusals(database)[0].ended_at == process.at
    assert len(books(database)) == 1


def test_many_flaws_are_told_in_part_and_kept_in_full(database: Database, folder: Path) -> None:
    process = Process(database, folder)
    save(folder, "days:\n" + "  - {calendars: [state], off: never, reason: a}\n" * 20)
    process.beats()
    assert len(refusals(database)[0].flaws) == 20
    assert {len(flaws) for _, flaws, _ in told(database)} == {5}


def test_a_file_that_changes_while_it_is_read_is_read_again(
    database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An editor that empties the file before writing it must not be caught between the two."""
    process = Process(database, folder)
    read = read_rules

    def while_it_is_saved(folder: Path) -> object:
        rules = read(folder)
        save(folder, OFF)
        return rules

    save(folder, "# nothing yet\n")
    monkeypatch.setattr(bot.rulebook, "read_rules", while_it_is_saved)
    process.beats()
    assert len(books(database)) == 1
    monkeypatch.undo()
    process.beats()
    assert [book.texts[CALENDARS] for book in books(database)[1:]] == [OFF]


def test_a_newer_package_makes_a_new_version(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Process(database, folder).beats()
    for module in ("bot.rulebook", "routing.calendars"):
        monkeypatch.setattr(f"{module}.package_version", lambda: "holidays 9.9")
    Process(database, folder).beats()
    first, second = books(database)
    assert first.version != second.version == "holidays 9.9"
    assert in_force().calendars.version == "holidays 9.9"


def test_of_two_that_start_at_once_one_makes_the_rulebook(database: Database, folder: Path) -> None:
    """On PostgreSQL neither would see the other's first row before its commit; here they wait for each other."""
    both = threading.Barrier(4)
    failed: list[Exception] = []

    def start() -> None:
        both.wait()
        try:
            RulebookKeeper(database, folder).begin()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert len(books(database)) == 1


def test_a_rulebook_that_this_program_cannot_read_is_replaced_by_the_files(database: Database, folder: Path) -> None:
    """E.g. after going back to an earlier version of the program."""
    strange = Rulebook(version="holidays 99", texts={CALENDARS: "centuries: []"}, fingerprint="x", at=AT)
    database.write(lambda session: session.add(strange))
    process = Process(database, folder)
    assert [book.version for book in books(database)][1:] == [in_force().calendars.version]
    database.write(
        lambda session: session.add(
            Rulebook(version="holidays 99", texts={CALENDARS: "centuries: []"}, fingerprint="y", at=AT)
        )
    )
    process.beats(leads=False)
    assert calendar("state").works(ON), "a newer program's rules are left to it; here all goes on as before"
    with database.read() as session:
        newest = newest_rulebook(session)
    assert newest is not None
    assert newest.fingerprint == "y"
