"""Where everything is kept: SQLite on one machine, PostgreSQL for many, the same code for both.

On SQLite all writes of a process go through one thread that commits what has gathered meanwhile together: one sync to
disk serves many writers, and none of them ever meets a locked database of its own making.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import structlog
from sqlalchemy import Engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, create_engine

log = structlog.get_logger()
T = TypeVar("T")
Work = Callable[[Session], T]
BATCH = 64
"""Most writers that share one commit."""
THREADS = 10
"""of our own, so that closing can wait for them; PostgreSQL is asked for as many connections"""
TRIES = 5
"""How often a transaction is run again that PostgreSQL refused as a deadlock, or that another process locked out."""


class Database:
    """Reads in any thread; writes with `write` (waits) or `writing` (awaits). A write is stored when it returns."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        if self.url.drivername in ("postgresql", "postgres"):
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._sqlite() if self.is_sqlite else self._postgres()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        self._waiting: queue.SimpleQueue[tuple[Work[Any], Future[Any]] | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._starting = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session to look things up; nothing done in it is kept."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def write(self, work: Work[T]) -> T:
        """Runs `work(session)` in one transaction and returns its result after the commit.

        `work` may run again after a deadlock, so it must do nothing but talk to its session.
        """
        if self.is_sqlite:
            return self._hand_in(work).result()
        return self._alone(work)

    async def writing(self, work: Work[T]) -> T:
        """The same for coroutines."""
        if self.is_sqlite:
            return await asyncio.wrap_future(self._hand_in(work))
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._alone, work)

    async def reading(self, look: Work[T]) -> T:
        """Runs `look(session)` in a thread and returns its result."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._look, look)

    def close(self) -> None:
        """Finishes the reads and writes handed in and gives the connections back."""
        with self._starting:
            if self._writer is not None:
                self._waiting.put(None)
                self._writer.join()
                self._writer = None
        self._threads.shutdown()
        self.engine.dispose()

    def _look(self, look: Work[T]) -> T:
        with self.read() as session:
            return look(session)

    def _alone(self, work: Work[T]) -> T:
        for attempt in range(TRIES):
            try:
                with Session(self.engine, expire_on_commit=False) as session:
                    result = work(session)
                    _commit(session)
                    return result
            except OperationalError as error:
                if attempt == TRIES - 1 or not _passing(error):
                    raise
                time.sleep(0.02 * 2**attempt)
        raise AssertionError("unreachable")

    def _hand_in(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="writer", daemon=True)
                self._writer.start()
            self._waiting.put((work, future))
        return future

    def _write_on(self) -> None:
        while self._write_some():
            pass

    def _write_some(self) -> bool:
        """One commit; False when closing. What it held, which may be large, is gone when the next is waited for."""
        if (first := self._waiting.get()) is None:
            return False
        batch = [first]
        while len(batch) < BATCH:
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
            if item is None:
                self._waiting.put(None)
                break
            batch.append(item)
        # Whoever handed in a write and was cancelled since gets none; from here on nobody can be cancelled.
        if wanted := [item for item in batch if item[1].set_running_or_notify_cancel()]:
            self._together(wanted)
        return True

    def _together(self, batch: list[tuple[Work[Any], Future[Any]]]) -> None:
        """One commit for the batch. Where any of it fails, all is undone and each is run alone."""
        if len(batch) > 1:
            try:
                with Session(self.engine, expire_on_commit=False) as session:
                    results = [work(session) for work, _ in batch]
                    _commit(session)
                for (_, future), result in zip(batch, results, strict=True):
                    future.set_result(result)
                return
            except Exception:
                log.debug("a batch of writes is run one by one", writes=len(batch), exc_info=True)
        for work, future in batch:
            self._settle(work, future)

    def _settle(self, work: Work[T], future: Future[T]) -> None:
        try:
            result = self._alone(work)
        except Exception as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    def _postgres(self) -> Engine:
        # A machine that freezes within a transaction must not keep its locks, or nobody could take its work over.
        frozen = {"options": "-c idle_in_transaction_session_timeout=30000"}
        return create_engine(self.url, pool_size=THREADS, pool_pre_ping=True, connect_args=frozen)

    def _sqlite(self) -> Engine:
        if self.url.database and self.url.database != ":memory:":
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(self.url, connect_args={"timeout": 10, "check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine


def alone(session: Session, matter: str) -> None:
    """Waits until no other transaction is at this matter. On SQLite writers are alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtextextended(:matter, 0))")
        session.connection().execute(lock, {"matter": matter})


def _commit(session: Session) -> None:
    try:
        session.commit()
    except Exception:
        # SQLite keeps the transaction open where the commit was refused: the connection must not go back to the pool.
        session.invalidate()
        raise


def _prepare(connection: Any, _record: Any) -> None:
    # The driver must not begin transactions by itself: a deferred one that reads and then writes fails at once with
    # SQLITE_BUSY_SNAPSHOT, whatever the time-out.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-4000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if threading.current_thread().name == "writer" else "BEGIN")


def _passing(error: OperationalError) -> bool:
    """Whether the same transaction may succeed in a moment: a deadlock, or another process held the lock."""
    code = getattr(error.orig, "sqlstate", None)
    return code in ("40001", "40P01") or "database is locked" in str(error.orig)
