"""What is deleted: never an open ticket, never before its time, never what must be kept, and the same once as twice."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from sqlmodel import Session, SQLModel, col, select

from bot.cleaning import Cleaner
from bot.files import Store
from models.change import Change
from models.clock import Clock
from models.contact import Contact, contact_of
from models.database import Database
from models.message import Attachment, Message, heard, say
from models.note import Note
from models.queue import InboxRow, OutboxRow, State
from models.retention import Cleaned, Cleaning, DroppedFile, LegalHold
from models.setting import CLEANING, Setting
from models.staff import Person, Role
from models.ticket import Event, Ticket, TicketState, open_ticket, record
from routing.retention import begin, begin_tonight, foresee, go_on, months_before
from web.people import add_person

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
"""three in the morning in Riga"""
SECRET = "Mans kods ir 010190-12345, e-pasts anna@example.lv"


def make(
    session: Session, state: str = TicketState.CLOSED, months: float = 30, *, who: str = "1", raw: State = State.DONE
) -> Ticket:
    """A ticket that came to its end so many months ago, with a file, a letter as it came, a note and an answer."""
    then = AT - timedelta(days=months * 30.5)
    contact = contact_of(session, "telegram", who, then, name="Anna", language="lv")
    ticket = open_ticket(session, contact, then, state=state, subject="Kods")
    session.flush()
    message = heard(session, contact, ticket, SECRET, then, external_id="x1")
    message.earlier = [SECRET]
    session.flush()
    session.add(Attachment(message_id=message.id or 0, name="Anna.pdf", media_type="x", size=1, sha256="a" * 64))
    inbox = InboxRow(
        channel="telegram", external_id=f"x{ticket.id}", raw=SECRET.encode(), received_at=then, due_at=then,
        state=raw, ticket_id=ticket.id,
    )  # fmt: skip
    session.add(inbox)
    say(session, contact, ticket, "Labdien, anna@example.lv!", then, pulled=False)
    session.flush()
    for row in session.exec(select(OutboxRow).where(col(OutboxRow.ticket_id) == ticket.id)):
        row.state = State.DONE
    session.add(Note(ticket_id=ticket.id or 0, author_id=person(session), text=SECRET, at=then))
    record(session, ticket, "received", "citizen", then, sender="anna@example.lv")
    return ticket


def person(session: Session) -> int:
    found = session.exec(select(Person)).first()
    found = found or add_person(session, "anna", "Anna", Role.COORDINATOR, "VDAA", at=AT)
    return found.id or 0


def run(database: Database, at: datetime = AT) -> Cleaning:
    database.write(lambda session: begin(session, "admin", at) and None)
    while database.write(lambda session: go_on(session, at)):
        pass
    with database.read() as session:
        return session.exec(select(Cleaning).order_by(col(Cleaning.id).desc())).first() or Cleaning(
            by="", started_at=at
        )


def everything(database: Database) -> str:
    """All that the database says about citizens, as somebody who stole it would read it."""
    tables: list[type[SQLModel]] = [Contact, Ticket, Message, InboxRow, OutboxRow, Note, Event, Attachment]
    with database.read() as session:
        return "\n".join(str(row.model_dump()) for table in tables for row in session.exec(select(table)))


def test_nothing_says_any_more_who_asked_and_the_trail_and_the_numbers_stay(database: Database) -> None:
    ticket = database.write(make)
    with database.read() as session:
        before = len(session.exec(select(Event)).all()), len(session.exec(select(Clock)).all())
        assert foresee(session, AT).words == 1
    done = run(database)
    said = everything(database)
    for private in ("010190-12345", "anna@example.lv", "Anna.pdf", "'name': 'Anna'", "'address': '1'"):
        assert private not in said
    assert "Mans kods ir [personas kods]" in said
    assert (done.words, done.ended_at is not None) == (1, True)
    with database.read() as session:
        kept = session.get_one(Ticket, ticket.id)
        assert (kept.ref, kept.state, kept.changed_at) == (ticket.ref, ticket.state, ticket.changed_at)
        assert len(session.exec(select(Event)).all()) == before[0] + 1
        assert len(session.exec(select(Clock)).all()) == before[1]
        (change,) = session.exec(select(Change).where(col(Change.thing) == "cleaning")).all()
        assert (change.actor, change.after["words"]) == ("admin", 1)


def test_files_go_first_and_words_later(database: Database) -> None:
    database.write(lambda session: make(session, months=18) and None)
    run(database)
    said = everything(database)
    assert "Anna.pdf" not in said
    assert "anna@example.lv" in said, "the words have not had their time"
    with database.read() as session:
        assert session.exec(select(InboxRow)).all() == []
        assert [file.sha256 for file in session.exec(select(DroppedFile))] == ["a" * 64]
        assert session.exec(select(Attachment)).one().refused == "deleted"


def test_two_tickets_of_one_person_are_not_told_to_be_after(database: Database) -> None:
    database.write(lambda session: [make(session) and None, make(session) and None])
    run(database)
    with database.read() as session:
        first, second = session.exec(select(Ticket)).all()
        assert first.contact_id != second.contact_id


def test_who_still_has_a_young_ticket_keeps_his_contact(database: Database) -> None:
    database.write(lambda session: [make(session) and None, make(session, months=1) and None])
    run(database)
    with database.read() as session:
        old, young = session.exec(select(Ticket).order_by(col(Ticket.id))).all()
        assert session.get_one(Contact, young.contact_id).address == "1"
        assert session.get_one(Contact, old.contact_id).name == ""


@pytest.mark.parametrize("raw", [State.DEAD, State.HELD, State.WAITING])
def test_what_waits_for_a_decision_keeps_its_ticket(database: Database, raw: State) -> None:
    database.write(lambda session: make(session, raw=raw) and None)
    assert run(database).words == 0
    assert "010190-12345" in everything(database)


def test_what_comes_after_it_was_cleaned_is_cleaned_when_its_time_comes(database: Database) -> None:
    ticket = database.write(make)
    run(database)

    def again(session: Session) -> None:
        found = session.get_one(Ticket, ticket.id)
        heard(session, session.get_one(Contact, found.contact_id), found, SECRET, AT)
        record(session, found, "citizen wrote", "citizen", AT)

    database.write(again)
    assert run(database, AT + timedelta(days=300)).words == 0
    assert run(database, AT + timedelta(days=800)).words == 1
    assert "010190-12345" not in everything(database)


@pytest.fixture(scope="module")
def shared(prepared_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    path = tmp_path_factory.mktemp("retention") / "atbilde.db"
    shutil.copy(prepared_sqlite, path)
    opened = Database(f"sqlite:///{path}")
    yield opened
    opened.close()


TICKETS = some.lists(
    some.tuples(some.sampled_from(list(TicketState)), some.integers(0, 40), some.booleans(), some.integers(1, 3)),
    max_size=5,
)


@settings(max_examples=12)
@given(TICKETS)
def test_never_an_open_one_never_before_its_time_never_one_to_be_kept_and_twice_is_once(
    shared: Database, tickets: list[tuple[TicketState, int, bool, int]]
) -> None:
    made: dict[int, tuple[TicketState, int, bool]] = {}

    def work(session: Session) -> None:
        for state, months, keep, who in tickets:
            ticket = make(session, state, months, who=str(who))
            made[ticket.id or 0] = (state, months, keep)
            if keep:
                session.add(LegalHold(ticket_id=ticket.id or 0, reason="tiesa", by="admin", at=AT))

    shared.write(work)
    run(shared)
    with shared.read() as session:
        cleaned = {row.ticket_id: row for row in session.exec(select(Cleaned))}
    for number, (state, months, keep) in made.items():
        closed = state in (TicketState.ANSWERED, TicketState.CLOSED)
        row = cleaned.get(number)
        assert (row is not None and row.words_at is not None) == (closed and not keep and months >= 24), (state, months)
        assert (row is not None) == (closed and not keep and months >= 12), (state, months)
    before = everything(shared)
    second = run(shared)
    assert (second.words, second.files) == (0, 0)
    assert everything(shared) == before


@given(some.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)), some.integers(1, 120))  # noqa: DTZ001
def test_months_before_are_calendar_months(at: datetime, months: int) -> None:
    earlier = months_before(at, months)
    assert (at.year - earlier.year) * 12 + at.month - earlier.month == months
    assert earlier.day <= at.day
    assert earlier.time() == at.time()


def test_a_run_begins_at_night_once_and_only_where_it_is_switched_on(database: Database) -> None:
    def tonight(at: datetime) -> bool:
        return database.write(lambda session: begin_tonight(session, at) is not None)

    assert not tonight(AT), "it is off until somebody has looked at what it would touch"
    database.write(lambda session: session.add(Setting(name=CLEANING, value=1, changed_by="admin", changed_at=AT)))
    assert not tonight(AT + timedelta(hours=9)), "at noon"
    assert tonight(AT)
    assert not database.write(lambda session: go_on(session, AT)), "nothing to do: it has ended"
    assert not tonight(AT + timedelta(hours=1))
    assert tonight(AT + timedelta(days=1))


async def test_the_leader_deletes_bytes_that_nobody_names_any_more(sqlite_url: str, tmp_path: Path) -> None:
    database, store = Database(sqlite_url), Store(tmp_path / "files", 1_000)
    gone, fresh, named = (store.keep(content) for content in (b"old", b"fresh", b"named"))
    for name in (gone, named):
        os.utime(store.path(name), (1, 1))

    def work(session: Session) -> None:
        ticket = make(session, months=1)
        message = heard(session, ticket.contact, ticket, "x", AT)
        session.flush()
        session.add(Attachment(message_id=message.id or 0, name="b", media_type="x", size=1, sha256=named))
        session.add_all(DroppedFile(sha256=name, at=AT) for name in (gone, fresh, named))
        make(session)
        begin(session, "admin", AT)

    database.write(work)
    for _ in range(2):
        await Cleaner(database, store).clean(AT + timedelta(hours=9))
    assert [store.path(name).exists() for name in (gone, fresh, named)] == [False, True, True]
    with database.read() as session:
        assert [row.sha256 for row in session.exec(select(DroppedFile))] == [fresh], "it is tried again later"
        done = session.exec(select(Cleaning)).one()
        assert (done.words, done.ended_at is not None) == (1, True), "the run that somebody asked for"
    assert store.keep(b"old") == gone
    assert store.read(gone) == b"old"
    database.close()
