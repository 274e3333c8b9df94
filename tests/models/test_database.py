"""What a write promises: it is stored when it returns, it fails alone, and it is never lost on the way."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlmodel import Session, col, select

from models.contact import Contact, contact_of
from models.database import BATCH, TRIES, Database, Work
from models.ticket import Counter, Event

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
PATIENCE = 60
"""seconds to wait for a thread: far more than it needs, so that a busy machine fails no test"""


def add(name: str, number: int = 0) -> Work[str]:
    """A write that stores a counter, fails where there is one already, and returns its name."""

    def work(session: Session) -> str:
        session.add(Counter(name=name, last=number))
        session.flush()
        return name

    return work


def stored(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.exec(select(Counter.name).where(~col(Counter.name).startswith("LV-"))))


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    yield opened
    opened.close()


@contextmanager
def writer_busy(database: Database) -> Iterator[None]:
    """While it lasts the writing thread is held up, so that what is handed in gathers into one batch."""
    begun, go_on = threading.Event(), threading.Event()

    def wait(_session: Session) -> None:
        begun.set()
        assert go_on.wait(PATIENCE)

    holding = database._hand_in(wait)
    assert begun.wait(PATIENCE)
    try:
        yield
    finally:
        go_on.set()
        holding.result(PATIENCE)


@contextmanager
def counting(database: Database, happening: str) -> Iterator[list[str]]:
    """Notes each time the engine does that, e.g. `commit`."""
    seen: list[str] = []

    def note(*_: object) -> None:
        seen.append(happening)

    event.listen(database.engine, happening, note)
    yield seen
    event.remove(database.engine, happening, note)


def test_many_concurrent_writers_are_all_stored_and_only_the_one_that_fails_is_undone(database: Database) -> None:
    def one(number: int) -> str:
        if number % 10 != 3:
            return database.write(add(f"n{number}"))

        def fails_half_way(session: Session) -> None:
            add(f"n{number}")(session)
            raise ValueError(f"number {number}")

        with pytest.raises(ValueError, match=f"number {number}"):
            database.write(fails_half_way)
        return ""

    with ThreadPoolExecutor(8) as threads:
        returned = set(threads.map(one, range(60))) - {""}
    assert returned == stored(database) == {f"n{number}" for number in range(60) if number % 10 != 3}


def test_writes_that_gathered_share_one_commit(sqlite: Database) -> None:
    with counting(sqlite, "commit") as commits:
        with writer_busy(sqlite):
            futures = [sqlite._hand_in(add(f"n{number}")) for number in range(20)]
        assert [future.result(PATIENCE) for future in futures] == [f"n{number}" for number in range(20)]
    assert len(commits) == 1


def test_a_batch_has_an_end(sqlite: Database) -> None:
    with counting(sqlite, "commit") as commits:
        with writer_busy(sqlite):
            futures = [sqlite._hand_in(add(f"n{number}")) for number in range(2 * BATCH + 1)]
        for future in futures:
            future.result(PATIENCE)
    assert len(commits) == 3


def test_what_breaks_a_rule_of_the_database_is_undone_alone_within_a_batch(sqlite: Database) -> None:
    with writer_busy(sqlite):
        futures: list[Future[str]] = [sqlite._hand_in(add(name)) for name in ("a", "b", "a", "c")]
    assert [futures[n].result(PATIENCE) for n in (0, 1, 3)] == ["a", "b", "c"]
    with pytest.raises(Exception, match="UNIQUE"):
        futures[2].result(PATIENCE)
    assert stored(sqlite) == {"a", "b", "c"}


def breaks_the_commit(session: Session) -> None:
    """Points to a ticket that there is none of, in a way that only the commit finds out."""
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    session.add(Event(ticket_id=99, at=AT, kind="received", actor="citizen"))


def test_were_the_common_commit_refused_each_write_is_run_alone(sqlite: Database) -> None:
    with writer_busy(sqlite):
        good = [sqlite._hand_in(add(f"n{number}")) for number in range(3)]
        bad = sqlite._hand_in(breaks_the_commit)
        good += [sqlite._hand_in(add(f"n{number}")) for number in range(3, 5)]
    assert [future.result(PATIENCE) for future in good] == [f"n{number}" for number in range(5)]
    with pytest.raises(IntegrityError):
        bad.result(PATIENCE)
    assert stored(sqlite) == {f"n{number}" for number in range(5)}


def test_after_a_refused_commit_the_database_works_on(sqlite: Database) -> None:
    for _ in range(3):
        with pytest.raises(IntegrityError):
            sqlite.write(breaks_the_commit)
    assert sqlite.write(add("a")) == "a"


def test_a_full_disk_fails_only_the_write_that_does_not_fit(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as session:
        pages = session.execute(text("PRAGMA page_count")).scalar_one()
    database.engine.dispose()

    def little_room(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages + 20}")

    event.listen(database.engine, "connect", little_room)
    with writer_busy(database):
        good = [database._hand_in(add("a"))]
        bad = database._hand_in(add("b" * 1_000_000))
        good += [database._hand_in(add("c"))]
    assert [future.result(PATIENCE) for future in good] == ["a", "c"]
    with pytest.raises(OperationalError, match="full"):
        bad.result(PATIENCE)
    assert stored(database) == {"a", "c"}
    database.close()


def test_the_result_comes_after_the_commit(database: Database) -> None:
    order: list[str] = []
    event.listen(database.engine, "commit", lambda _connection: order.append("commit"))

    def work(session: Session) -> str:
        add("a")(session)
        order.append("worked")
        return "a"

    database.write(work)
    order.append("returned")
    assert order == ["worked", "commit", "returned"]
    other = Database(database.url.render_as_string(hide_password=False))
    assert stored(other) == {"a"}
    other.close()


def test_a_later_write_of_the_batch_sees_the_earlier(sqlite: Database) -> None:
    def more(session: Session) -> int:
        counter = session.get_one(Counter, "a")
        counter.last += 1
        return counter.last

    with writer_busy(sqlite):
        sqlite._hand_in(add("a"))
        futures = [sqlite._hand_in(more) for _ in range(10)]
    assert [future.result(PATIENCE) for future in futures] == list(range(1, 11))


async def test_coroutines_write_and_read_together(database: Database) -> None:
    written = await asyncio.gather(*(database.writing(add(f"n{number}")) for number in range(30)))
    assert set(written) == await database.reading(lambda _session: stored(database))
    with pytest.raises(ZeroDivisionError):
        await database.writing(lambda _session: 1 // 0)


async def test_a_coroutine_that_is_cancelled_takes_only_its_own_write_with_it(sqlite: Database) -> None:
    with writer_busy(sqlite):
        waiting = [asyncio.create_task(sqlite.writing(add(f"n{number}"))) for number in range(4)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.gather(waiting[1], return_exceptions=True)
    assert await asyncio.wait_for(asyncio.gather(waiting[0], *waiting[2:]), PATIENCE) == ["n0", "n2", "n3"]
    assert waiting[1].cancelled()
    assert stored(sqlite) == {"n0", "n2", "n3"}


async def test_a_cancelled_write_that_has_begun_is_still_settled(sqlite: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(session: Session) -> str:
        begun.set()
        assert go_on.wait(PATIENCE)
        return add("a")(session)

    task = asyncio.create_task(sqlite.writing(work))
    await asyncio.to_thread(begun.wait, PATIENCE)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    go_on.set()
    assert await asyncio.wait_for(sqlite.writing(add("b")), PATIENCE) == "b"
    assert stored(sqlite) == {"a", "b"}


def test_close_finishes_what_was_handed_in(sqlite: Database) -> None:
    with writer_busy(sqlite):
        futures = [sqlite._hand_in(add(f"n{number}")) for number in range(100)]
        closing = threading.Thread(target=sqlite.close)
        closing.start()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    assert all(future.done() for future in futures)
    assert len(stored(sqlite)) == 100


def test_a_database_that_was_closed_opens_again_for_who_still_needs_it(database: Database) -> None:
    database.write(add("a"))
    database.close()
    database.close()
    assert database.write(add("b")) == "b"
    assert stored(database) == {"a", "b"}


def test_reading_keeps_nothing(database: Database) -> None:
    database.write(add("a", 1))
    with database.read() as session:
        add("b")(session)
        session.get_one(Counter, "a").last = 7
        session.flush()
    with database.read() as session:
        assert session.get_one(Counter, "a").last == 1
    assert stored(database) == {"a"}
    assert database.write(add("b")) == "b", "and holds no lock"


def test_nobody_sees_half_a_write(database: Database) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def work(session: Session) -> None:
        add("a")(session)
        inside.set()
        assert go_on.wait(PATIENCE)
        add("b")(session)

    with ThreadPoolExecutor(1) as thread:
        writing = thread.submit(database.write, work)
        assert inside.wait(PATIENCE)
        assert stored(database) == set()
        go_on.set()
        writing.result(PATIENCE)
    assert stored(database) == {"a", "b"}


def test_two_processes_on_one_file_do_not_lose_an_update(sqlite_url: str) -> None:
    both = [Database(sqlite_url), Database(sqlite_url)]
    both[0].write(add("a"))

    def more(session: Session) -> None:
        session.get_one(Counter, "a").last += 1

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: both[number % 2].write(more), range(60)))
    with both[0].read() as session:
        assert session.get_one(Counter, "a").last == 60
    for database in both:
        database.close()


def test_two_transactions_that_wait_for_each_other_both_end_well(postgresql: Database) -> None:
    for name in ("a", "b"):
        postgresql.write(add(name))
    both_hold = threading.Barrier(2)
    tries: list[str] = []

    def crossing(first: str, second: str) -> Work[None]:
        def work(session: Session) -> None:
            tries.append(first)
            session.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
            lock = text("UPDATE counter SET last = last + 1 WHERE name = :name")
            session.execute(lock, {"name": first})
            if tries.count(first) == 1:
                both_hold.wait(PATIENCE)
            session.execute(lock, {"name": second})

        return work

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(postgresql.write, crossing(*pair)) for pair in ("ab", "ba")]:
            done.result(PATIENCE)
    assert len(tries) == 3, "one of the two was refused, and only it was run again"
    with postgresql.read() as session:
        assert {c.last for c in session.exec(select(Counter).where(col(Counter.name).in_(["a", "b"])))} == {2}


def test_a_transaction_refused_as_not_serializable_is_run_again(postgresql: Database) -> None:
    postgresql.write(add("a"))
    tries = []

    def work(session: Session) -> int:
        tries.append(1)
        session.connection(execution_options={"isolation_level": "SERIALIZABLE"})
        counter = session.get_one(Counter, "a")
        if len(tries) == 1:
            with Session(postgresql.engine) as other:
                other.get_one(Counter, "a").last = 10
                other.commit()
        counter.last += 1
        session.flush()
        return counter.last

    assert postgresql.write(work) == 11
    assert len(tries) == 2


def test_what_is_refused_every_time_is_told_at_last(postgresql: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("models.database.time.sleep", pauses.append)
    tries = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(text("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$"))

    with pytest.raises(OperationalError):
        postgresql.write(work)
    assert len(tries) == TRIES
    assert pauses == sorted(pauses)
    assert len(pauses) == TRIES - 1


def test_another_mistake_is_not_tried_again(database: Database) -> None:
    tries = []

    def work(session: Session) -> None:
        tries.append(1)
        session.execute(text("SELECT no_such_column FROM counter"))

    with pytest.raises(Exception, match="no_such_column"):
        database.write(work)
    assert len(tries) == 1


def test_a_moment_without_time_zone_is_refused(database: Database) -> None:
    naive = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - that is what is refused
    with pytest.raises(StatementError, match="without time zone"):
        database.write(lambda session: _contact(session, naive))
    with database.read() as session:
        assert session.exec(select(Contact)).all() == []
        with pytest.raises(StatementError, match="without time zone"):
            session.exec(select(Contact).where(col(Contact.created_at) < naive)).all()


def test_a_moment_comes_back_the_same_and_in_utc(database: Database) -> None:
    riga = ZoneInfo("Europe/Riga")
    for moment in (
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(2026, 3, 29, 4, 0, tzinfo=riga),
        datetime(2026, 10, 25, 3, 30, fold=1, tzinfo=riga),
        AT,
        datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=riga),
    ):
        number = database.write(lambda session, at=moment: _contact(session, at, str(at)))  # type: ignore[misc]
        with database.read() as session:
            found = session.get_one(Contact, number).created_at
            assert found == moment.astimezone(UTC)
            assert found.utcoffset() == timedelta(0)
            same = select(Contact.id).where(col(Contact.created_at) >= moment)
            assert session.exec(same).one() == number, "compared in the database as well"


def test_no_moment_stays_none(database: Database) -> None:
    number = database.write(lambda session: _contact(session, AT))
    with database.read() as session:
        assert session.get_one(Contact, number).gone_at is None


def test_moments_of_any_zone_sort_by_time(database: Database) -> None:
    riga, utc = ZoneInfo("Europe/Riga"), UTC
    moments = [
        datetime(2026, 10, 25, 3, 30, tzinfo=riga),
        datetime(2026, 10, 25, 0, 45, tzinfo=utc),
        datetime(2026, 10, 25, 3, 0, fold=1, tzinfo=riga),
    ]
    for number, moment in enumerate(moments):
        database.write(lambda s, n=number, m=moment: _contact(s, m, f"c{n}"))  # type: ignore[misc]
    with database.read() as session:
        assert list(session.exec(select(Contact.address).order_by(col(Contact.created_at)))) == ["c0", "c1", "c2"]


def test_an_sqlite_file_is_made_with_its_folder_and_safe_settings(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/some/folder/atbilde.db")
    with database.read() as session:
        pragma = {name: session.execute(text(f"PRAGMA {name}")).scalar_one() for name in
                  ("journal_mode", "synchronous", "foreign_keys")}  # fmt: skip
    assert pragma == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    database.close()


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_way_to_write_a_postgresql_address_takes_psycopg(scheme: str) -> None:
    database = Database(f"{scheme}://user:secret@localhost:1/none")
    assert database.engine.driver == "psycopg"
    assert not database.is_sqlite
    database.close()


def _contact(session: Session, at: datetime, address: str = "anna") -> int:
    contact = contact_of(session, "webchat", address, at, name="Anna", language="lv")
    session.flush()
    return contact.id or 0
