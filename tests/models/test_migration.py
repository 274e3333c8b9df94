"""A database of an earlier form becomes one of today's: nothing in it is lost, and the program works with it."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from bot.migrate import migrate
from config.settings import ROOT
from models.clock import Clock, Outcome, clocks_of
from models.database import Database
from models.forwarding import Forwarding
from models.search import told_by_database
from models.staff import Notice, Person
from models.tables import metadata
from models.ticket import Event, Ticket, ticket_by_ref
from routing.answering import coordinator_answers
from routing.escalation import tick
from routing.recompute import recompute
from routing.telling import tell
from tests.conftest import postgres_copy

RECEIVED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AT = datetime(2026, 12, 2, 10, 0, tzinfo=UTC)
TABLES = (
    "institution",
    "person",
    "staffsession",
    "contact",
    "ticket",
    "event",
    "forwarding",
    "message",
    "clock",
    "notice",
)


@pytest.fixture
def empty_sqlite(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'old.db'}"


@pytest.fixture
def empty_postgres(postgres: str) -> Iterator[str]:
    with postgres_copy(postgres, "template1") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest) -> Iterator[Database]:
    database = Database(request.getfixturevalue(f"empty_{request.param}"))
    yield database
    database.close()


@pytest.fixture
def old(empty: Database) -> Database:
    """Of the first form, with people at work."""
    empty.write(lambda session: _upgrade(session, "0001"))
    empty.write(_fill)
    return empty


def _upgrade(session: Session, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = session.connection()
    command.upgrade(config, to)


def _fill(session: Session) -> None:
    at = RECEIVED.replace(tzinfo=None) if session.get_bind().dialect.name == "sqlite" else RECEIVED

    def put(table: str, **row: Any) -> None:
        row = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        names = ", ".join(row)
        session.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)

    for number, code, coordinates in ((1, "VDAA", "resident"), (2, "PMLP", None)):
        put(
            "institution", id=number, code=code, name={"lv": code}, kind="state", territorial=False, calendar="state",
            email_domain="", coordinates=coordinates, areas=[],
        )  # fmt: skip
        put(
            "person", id=number, login=code.lower(), name="", role="coordinator" if coordinates else "clerk",
            institution_id=number, password_hash="x", active=True, language="lv", created_at=at,
        )  # fmt: skip
    put("staffsession", token_hash="t", person_id=1, csrf="c", created_at=at, expires_at=at)
    put(
        "contact", id=1, channel="telegram", address="77", name="Anna", language="lv", reach="", greeted=True,
        created_at=at,
    )  # fmt: skip
    for number in (1, 2):
        put(
            "ticket", id=number, ref=f"LV-2026-00000{number}", contact_id=1, channel="telegram", audience="resident",
            language="lv", state="composing" if number == 1 else "answered", subject="Pase", received_at=at,
            service_code="", confidence=0, band="", intent="", suggested=[], offered=[], coordinator="VDAA", rating="",
            attention="", changed_at=at,
        )  # fmt: skip
        put("event", id=number, ticket_id=number, at=at, kind="received", actor="citizen", data={"a": "ā"})
    put(
        "forwarding", id=1, ticket_id=1, institution_id=2, state="waiting", note="", forwarded_at=at,
        forwarded_by="anna", shown_due="2026-12-01", late=False, ended_by="", reason="",
    )  # fmt: skip
    put(
        "message", id=1, ticket_id=1, contact_id=1, direction="in", author="citizen", author_name="", text="Kur pase?",
        language="lv", choices=[], source={}, answers=False, external_id="1", at=at, earlier=[],
    )  # fmt: skip
    clocks = [
        (1, None, "forward", "in time", "2026-11-24", at),
        (1, None, "answer", "running", "2026-12-02", None),
        (1, 1, "institution", "running", "2026-12-01", None),
        (2, None, "answer", "late", "2026-12-02", at),
    ]
    for number, (ticket, forwarding, kind, outcome, due, stopped) in enumerate(clocks, 1):
        put(
            "clock", id=number, ticket_id=ticket, forwarding_id=forwarding, kind=kind,
            owner="PMLP" if forwarding else "VDAA", started_on="2026-11-23", due_on=due, first_due_on=due, rule="old",
            calendar="state", calendar_version="holidays 0.1", provisional=False, outcome=outcome, stopped_at=stopped,
            days_late=2 if outcome == "late" else 0, next_on=None if stopped else due,
        )  # fmt: skip
    put("notice", id=1, institution_id=1, ticket_id=1, kind="overdue", key="k1", at=at)
    if session.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            if table != "staffsession":
                session.execute(text(f"SELECT setval('{table}_id_seq', 100)"))


def rows(database: Database, table: str) -> list[dict[str, Any]]:
    with database.read() as session:
        order = "token_hash" if table == "staffsession" else "id"
        return [dict(row) for row in session.execute(text(f"SELECT * FROM {table} ORDER BY {order}")).mappings()]


def test_every_row_and_value_is_kept(old: Database) -> None:
    before = {table: rows(old, table) for table in TABLES}
    migrate(old)
    gone = {("clock", "overdue_since"), ("clock", "next_on")}
    for table, earlier in before.items():
        now = rows(old, table)
        assert len(now) == len(earlier)
        for was, row in zip(earlier, now, strict=True):
            kept = {name for name in was if (table, name) not in gone}
            assert {name: row[name] for name in kept} == {name: was[name] for name in kept}, table


def test_what_is_new_says_what_held_before(old: Database) -> None:
    migrate(old)
    with old.read() as session:
        clocks = {(clock.ticket_id, clock.kind): clock for clock in session.exec(select(Clock)).all()}
        assert {key: (clock.working_days, clock.months) for key, clock in clocks.items()} == {
            (1, "forward"): (1, 0), (1, "answer"): (7, 0), (1, "institution"): (6, 0), (2, "answer"): (7, 0),
        }  # fmt: skip
        assert {clock.opening for clock in clocks.values()} == {1}
        assert [clock.delayed_by for clock in clocks.values()] == ["", "", "", "VDAA"]
        assert (clocks[1, "forward"].next_on, clocks[1, "answer"].next_on) == (None, date(2026, 11, 23))
        forwarding = session.exec(select(Forwarding)).one()
        assert (forwarding.delivered_at, forwarding.delivered_by) == (RECEIVED, "desk")
        assert {ticket.procedure for ticket in session.exec(select(Ticket))} == {"question"}
        assert [person.contact_id for person in session.exec(select(Person))] == [None, None]
        notice = session.exec(select(Notice)).one()
        assert (notice.role, notice.data, notice.ticket_id) == ("", {}, 1)


def test_the_laws_clocks_run_on(old: Database) -> None:
    migrate(old)
    assert old.write(lambda session: recompute(session, AT)) == 2
    assert old.write(lambda session: tick(session, AT)) == 2
    assert old.write(lambda session: tell(session, AT, "https://desk.example")) > 0

    def answer(session: Session) -> None:
        ticket = ticket_by_ref(session, "LV-2026-000001")
        assert ticket is not None
        coordinator_answers(session, ticket.contact, ticket, "Pase ir gatava.", AT, "anna", pulled=True)

    old.write(answer)
    with old.read() as session:
        first = clocks_of(session, 1)
        assert [clock.due_on for clock in first] == [date(2026, 11, 24), date(2026, 12, 2), date(2026, 12, 1)]
        assert first[1].outcome == Outcome.IN_TIME
        assert "overdue" in [event.kind for event in session.exec(select(Event).where(col(Event.ticket_id) == 1))]


def test_keys_and_references_are_still_watched(old: Database) -> None:
    migrate(old)

    def put(key: str, ticket_id: int | None = None, institution_id: int = 1) -> None:
        notice = Notice(kind="x", at=AT, key=key, ticket_id=ticket_id, institution_id=institution_id)
        old.write(lambda session: session.add(notice))

    put("k2")
    for key, ticket, institution in (("k1", None, 1), ("k3", 99, 1), ("k4", None, 99)):
        with pytest.raises(IntegrityError):
            put(key, ticket, institution)
    with pytest.raises(IntegrityError):
        old.write(lambda session: session.execute(text("UPDATE person SET contact_id = 99")) and None)
    with pytest.raises(IntegrityError):
        old.write(lambda session: session.execute(text("DELETE FROM ticket WHERE id = 1")) and None)


def test_a_second_time_changes_nothing(old: Database) -> None:
    migrate(old)
    before = {table: rows(old, table) for table in TABLES}
    migrate(old)
    assert {table: rows(old, table) for table in TABLES} == before


@pytest.mark.parametrize("filled", [False, True], ids=["a fresh one", "one of the first form"])
def test_the_tables_are_those_that_the_program_expects(
    filled: bool, request: pytest.FixtureRequest, empty: Database
) -> None:
    database: Database = request.getfixturevalue("old") if filled else empty
    migrate(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": told_by_database})
        assert compare_metadata(context, metadata) == []
