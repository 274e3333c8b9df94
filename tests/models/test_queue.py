"""Rows with leases: in order, once, taken over from the dead, and never by two at a time."""

import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, inspect
from sqlmodel import Session, SQLModel, col, select

from models.database import Database
from models.queue import (
    ENDINGS,
    LEASE,
    LONGEST_PAUSE,
    MOST_BYTES,
    TRIES,
    InboxRow,
    OutboxRow,
    State,
    any_due,
    bury,
    claim,
    finish,
    held,
    pause,
    raw_of,
    retry,
    revive,
)

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def put(database: Database, *conversations: str, channel: str = "telegram", at: datetime = AT) -> list[int]:
    """Stores a row for each conversation named, in that order; returns their ids."""

    def work(session: Session) -> list[int]:
        rows = [_row(session, conversation, channel, at) for conversation in conversations]
        return [row.id or 0 for row in rows]

    return database.write(work)


def _row(session: Session, conversation: str, channel: str, at: datetime) -> InboxRow:
    number = len(session.exec(select(InboxRow.id)).all())
    row = InboxRow(
        channel=channel, external_id=f"x{number}", raw=b"", conversation=conversation, received_at=at, due_at=at
    )
    session.add(row)
    session.flush()
    return row


def take(
    database: Database, owner: str = "one", *, at: datetime = AT, limit: int = 32, channel: str | None = None
) -> list[int]:
    rows = database.write(
        lambda s: claim(s, InboxRow, owner=owner, at=at, limit=limit, channels=[channel] if channel else None)
    )
    return [row.id or 0 for row in rows]


def row(database: Database, number: int) -> InboxRow:
    with database.read() as session:
        return session.get_one(InboxRow, number)


def change(database: Database, number: int, how: Callable[[InboxRow], object]) -> Any:
    return database.write(lambda session: how(session.get_one(InboxRow, number)))


def due(database: Database, at: datetime = AT, channel: str | None = None) -> bool:
    with database.read() as session:
        return any_due(session, InboxRow, at, [channel] if channel else None)


def test_rows_are_claimed_oldest_first_up_to_the_limit(database: Database) -> None:
    ids = put(database, "a", "b", "c", "d", "e")
    assert take(database, limit=3) == ids[:3]
    assert take(database, limit=3) == ids[3:]
    assert take(database) == []


def test_a_claim_is_a_lease_with_owner_end_and_count(database: Database) -> None:
    (number,) = put(database, "a")
    assert take(database, "one") == [number]
    claimed = row(database, number)
    assert (claimed.state, claimed.lease_owner, claimed.lease_until, claimed.attempts) == (
        State.WORKING, "one", AT + LEASE, 1,
    )  # fmt: skip


def test_a_row_that_is_not_due_yet_waits(database: Database) -> None:
    (number,) = put(database, "a", at=AT + 5 * SECOND)
    assert take(database) == []
    assert take(database, at=AT + 5 * SECOND) == [number]


def test_of_a_conversation_only_the_first_unfinished_row_is_claimed(database: Database) -> None:
    first, second, other = put(database, "anna", "anna", "berta")
    assert take(database) == [first, other]
    assert take(database, "two") == [], "the second waits while the first is leased by another"
    change(database, first, finish)
    assert take(database, "two") == [second]


def test_a_later_row_waits_while_an_earlier_one_backs_off(database: Database) -> None:
    first, second = put(database, "anna", "anna")
    take(database)
    change(database, first, lambda r: retry(r, AT, "no network", after=30))
    assert take(database, at=AT + 29 * SECOND) == []
    assert not due(database, AT + 29 * SECOND)
    assert take(database, at=AT + 30 * SECOND) == [first]
    change(database, first, finish)
    assert take(database, at=AT + 30 * SECOND) == [second]


def test_the_same_conversation_on_another_channel_is_another(database: Database) -> None:
    (first,) = put(database, "anna")
    (second,) = put(database, "anna", channel="webchat")
    assert take(database) == [first, second]


def test_rows_without_conversation_ask_for_no_order(database: Database) -> None:
    ids = put(database, "", "", "")
    assert take(database) == ids


@pytest.mark.parametrize("ending", [finish, lambda r: bury(r, "broken"), lambda r: bury(r, "?", State.DOUBTFUL)])
def test_an_earlier_row_that_has_ended_in_any_way_holds_nobody_up(
    database: Database, ending: Callable[[InboxRow], object]
) -> None:
    first, second = put(database, "anna", "anna")
    take(database)
    change(database, first, ending)
    assert take(database) == [second]


def test_a_lease_that_ran_out_is_taken_over_and_not_a_moment_before(database: Database) -> None:
    first, second = put(database, "anna", "anna")
    take(database, "one")
    assert take(database, "two", at=AT + LEASE - SECOND) == []
    assert not due(database, AT + LEASE - SECOND)
    assert due(database, AT + LEASE)
    assert take(database, "two", at=AT + LEASE) == [first], "the second still keeps its place"
    assert (row(database, first).lease_owner, row(database, first).attempts) == ("two", 2)
    assert row(database, second).state == State.WAITING


def test_who_was_taken_over_no_longer_holds_the_row(database: Database) -> None:
    (number,) = put(database, "anna")
    mine = database.write(lambda s: claim(s, InboxRow, owner="one", at=AT))[0]
    assert database.write(lambda s: held(s, mine, "one")) is not None
    take(database, "two", at=AT + LEASE)
    assert database.write(lambda s: held(s, mine, "one")) is None
    assert database.write(lambda s: held(s, mine, "two")) is not None
    change(database, number, finish)
    assert database.write(lambda s: held(s, mine, "two")) is None, "nor does anybody hold what is done"


def test_what_is_gone_is_held_by_nobody(database: Database) -> None:
    put(database, "anna")
    mine = database.write(lambda s: claim(s, InboxRow, owner="one", at=AT))[0]
    database.write(lambda s: s.delete(s.get_one(InboxRow, mine.id)))
    assert database.write(lambda s: held(s, mine, "one")) is None


def test_only_the_channel_asked_for_is_claimed(database: Database) -> None:
    (telegram,) = put(database, "anna")
    (webchat,) = put(database, "anna", channel="webchat")
    assert not due(database, channel="email")
    assert due(database, channel="webchat")
    assert take(database, channel="webchat") == [webchat]
    assert not due(database, channel="webchat")
    assert take(database) == [telegram]


def test_any_due_says_what_a_claim_would_find(database: Database) -> None:
    assert not due(database)
    first, _second = put(database, "anna", "anna")
    assert due(database)
    take(database)
    assert not due(database), "the first is leased, the second waits for it"
    change(database, first, finish)
    assert due(database)


def test_after_the_last_try_the_row_is_dead_and_says_why(database: Database) -> None:
    (number,) = put(database, "anna")
    at = AT
    for attempt in range(1, TRIES + 1):
        assert take(database, at=at) == [number]
        alive = change(database, number, lambda r: retry(r, at, f"try {r.attempts}"))  # noqa: B023
        assert alive == (attempt < TRIES)
        at = row(database, number).due_at
    dead = row(database, number)
    assert (dead.state, dead.attempts, dead.error, dead.lease_until) == (State.DEAD, TRIES, f"try {TRIES}", None)
    assert take(database, at=AT + timedelta(days=365)) == []


def test_a_row_that_ends_every_worker_is_given_up_soon(database: Database) -> None:
    number, later = put(database, "anna", "anna")
    for ending in range(ENDINGS):
        assert take(database, f"worker {ending}", at=AT + ending * LEASE) == [number]
    assert take(database, "the last", at=AT + ENDINGS * LEASE) == []
    assert row(database, number).state == State.DEAD
    assert "each time" in row(database, number).error
    assert take(database, at=AT + ENDINGS * LEASE) == [later]
    change(database, number, lambda r: revive(r, AT))
    assert row(database, number).endings == 0


def test_what_is_taken_over_from_the_dead_is_taken_alone(database: Database) -> None:
    deadly, innocent, new = put(database, "anna", "berta", "clara")
    assert take(database, "the first", limit=2) == [deadly, innocent]
    at = AT + LEASE
    assert take(database, "the second", at=at) == [deadly]
    assert take(database, "the third", at=at) == [innocent]
    assert take(database, "the third", at=at) == [new]


def test_a_person_may_have_a_dead_row_tried_again(database: Database) -> None:
    (number,) = put(database, "anna")
    take(database)
    change(database, number, lambda r: bury(r, "broken"))
    later = AT + timedelta(days=2)
    change(database, number, lambda r: revive(r, later))
    assert take(database, at=AT) == []
    assert take(database, at=later) == [number]
    assert (row(database, number).attempts, row(database, number).error) == (1, "")


def test_reviving_an_outgoing_row_forgets_the_try_that_had_begun() -> None:
    outgoing = OutboxRow(message_id=1, due_at=AT, created_at=AT, state=State.DOUBTFUL, begun=True, attempts=3)
    revive(outgoing, AT)
    assert (outgoing.begun, outgoing.state, outgoing.attempts) == (False, State.WAITING, 0)


def test_finishing_clears_the_error_of_an_earlier_try(database: Database) -> None:
    (number,) = put(database, "anna")
    take(database)
    change(database, number, lambda r: retry(r, AT, "no network", after=0))
    take(database)
    change(database, number, finish)
    done = row(database, number)
    assert (done.state, done.error, done.lease_until) == (State.DONE, "", None)


def test_a_long_reason_is_cut(database: Database) -> None:
    (number,) = put(database, "anna")
    take(database)
    change(database, number, lambda r: retry(r, AT, "x" * 10_000))
    assert len(row(database, number).error) == 2000


def test_the_pause_doubles_is_jittered_and_has_an_upper_end() -> None:
    for attempt in range(1, 40):
        expected = min(2.0 ** (attempt - 1), LONGEST_PAUSE.total_seconds())
        pauses = [pause(attempt).total_seconds() for _ in range(200)]
        assert min(pauses) >= 0.75 * expected
        assert max(pauses) <= 1.25 * expected
        assert len(set(pauses)) > 100, "many do not come back at once"
    assert 0.75 <= pause(0).total_seconds() <= 1.25


def test_the_pause_is_what_the_row_waits_unless_the_provider_says_how_long() -> None:
    waiting = InboxRow(channel="telegram", external_id="x", raw=b"", received_at=AT, due_at=AT, attempts=5)
    assert retry(waiting, AT, "no network")
    assert 12 <= (waiting.due_at - AT).total_seconds() <= 20
    assert retry(waiting, AT, "slow down", after=7.5)
    assert waiting.due_at == AT + timedelta(seconds=7.5)


def test_two_owners_never_get_the_same_row_and_every_conversation_keeps_its_order(database_url: str) -> None:
    """Four workers with connections of their own race for the rows of six conversations."""
    databases = [Database(database_url) for _ in range(4)]
    ids = put(databases[0], *("abcdef"[n % 6] for n in range(48)))
    worked: list[tuple[int, str]] = []
    together, lock = threading.Barrier(4), threading.Lock()

    def work_off(number: int) -> None:
        mine, owner = databases[number], f"worker {number}"
        together.wait(20)
        idle = 0
        while len(worked) < len(ids) and idle < 2000:
            claimed = take(mine, owner, limit=3)
            idle = 0 if claimed else idle + 1
            for one in claimed:
                with lock:
                    worked.append((one, owner))
                change(mine, one, finish)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(work_off, range(4)))
    numbers = [one for one, _owner in worked]
    assert sorted(numbers) == ids, "each once"
    for conversation in range(6):
        assert [n for n in numbers if n in ids[conversation::6]] == ids[conversation::6]
    with databases[0].read() as session:
        assert set(session.exec(select(InboxRow.attempts))) == {1}
    for database in databases:
        database.close()


def test_on_postgresql_a_claim_does_not_wait_for_another_that_is_not_committed(postgres_url: str) -> None:
    database = Database(postgres_url)
    first, _second, other = put(database, "anna", "anna", "berta")
    with Session(database.engine) as slow:
        assert [r.id for r in claim(slow, InboxRow, owner="one", at=AT, limit=1)] == [first]
        assert take(database, "two") == [other], "neither the locked one nor the one behind it"
        slow.rollback()
    assert take(database, "three") == [first], "who dies before the commit leaves no trace"
    database.close()


def test_what_was_claimed_and_rolled_back_is_free_on_both(database: Database) -> None:
    (number,) = put(database, "anna")

    def dies(session: Session) -> None:
        claim(session, InboxRow, owner="one", at=AT)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        database.write(dies)
    assert take(database, "two") == [number]
    assert row(database, number).attempts == 1


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.setattr("models.queue.ENDINGS", 10_000)  # nobody is given up here
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


Step = tuple[str, str, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["claim", "finish", "retry", "wait", "die", "late finish"]),
        st.sampled_from(["one", "two", "three"]),
        st.integers(0, 5),
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(conversations=st.lists(st.sampled_from(["a", "b", ""]), min_size=1, max_size=8), steps=steps)
def test_whatever_the_order_of_events_every_row_is_done_once_and_in_order(
    in_memory: Session, conversations: list[str], steps: list[Step]
) -> None:
    """Three owners claim, finish, fail, die and come back late, as chance wills; then one works off what is left."""
    session, at = in_memory, AT
    session.rollback()
    for old in session.exec(select(InboxRow)):
        session.delete(old)
    session.flush()
    rows = [_fresh(session, number, conversation) for number, conversation in enumerate(conversations)]
    holding: dict[str, list[InboxRow]] = {"one": [], "two": [], "three": []}
    """what each believes to hold: it cannot know that it was taken over"""
    done: list[int] = []

    def complete(owner: str, believed: InboxRow) -> None:
        if (mine := held(session, believed, owner)) is not None:
            finish(mine)
            done.append(mine.id or 0)

    def claims(owner: str, limit: int) -> list[InboxRow]:
        taken = claim(session, InboxRow, owner=owner, at=at, limit=limit)
        for one in taken:
            same = [r for r in rows if r.conversation and r.conversation == one.conversation]
            assert all(r.id in done for r in same if (r.id or 0) < (one.id or 0)), "never ahead of an earlier one"
        return taken

    for what, owner, number in steps:
        if what == "claim":
            holding[owner] += claims(owner, number + 1)
        elif what == "wait":
            at += timedelta(seconds=20 * number)
        elif what == "die":
            holding[owner] = []
        elif holding[owner]:
            believed = holding[owner].pop(number % len(holding[owner]))
            if what == "late finish":
                at += LEASE
                claims("four", 1)
            if what == "retry" and (mine := held(session, believed, owner)) is not None:
                retry(mine, at, "failed", tries=10_000)
            elif what != "retry":
                complete(owner, believed)
        session.flush()
    for _ in itertools.takewhile(lambda _n: len(done) < len(rows), range(200)):
        at += LONGEST_PAUSE * 2
        for believed in claims("last", 32):
            complete("last", believed)
        session.flush()

    assert len(done) == len(set(done)) == len(rows)
    for conversation in ("a", "b"):
        expected = [r.id for r in rows if r.conversation == conversation]
        assert [number for number in done if number in expected] == expected


def _fresh(session: Session, number: int, conversation: str) -> InboxRow:
    made = InboxRow(
        channel="telegram", external_id=str(number), raw=b"", conversation=conversation, received_at=AT, due_at=AT
    )
    session.add(made)
    session.flush()
    return made


def test_rows_of_a_conversation_finish_by_id_whatever_their_due_times(database: Database) -> None:
    """A row that is due later but came first still goes first."""

    def work(session: Session) -> None:
        first = _row(session, "anna", "telegram", AT + 10 * SECOND)
        second = _row(session, "anna", "telegram", AT)
        assert (first.id or 0) < (second.id or 0)

    database.write(work)
    assert take(database) == []
    with database.read() as session:
        ids = list(session.exec(select(InboxRow.id).order_by(col(InboxRow.id))))
    assert take(database, at=AT + 10 * SECOND) == ids[:1]


def test_of_large_payloads_few_are_taken_and_loaded_only_when_asked_for(database: Database) -> None:
    a, b, large, c = put(database, "", "", "", "")
    sizes = {a: 10, b: MOST_BYTES - 10, large: MOST_BYTES + 1, c: 1}
    for number, size in sizes.items():
        change(database, number, partial(_carry, size=size))
    taken = [take(database) for _ in range(4)]
    assert taken == [[a, b], [large], [c], []]
    with database.read() as session:
        assert len(raw_of(session, session.get_one(InboxRow, c))) == 1
    claimed = database.write(lambda s: claim(s, InboxRow, owner="two", at=AT + LEASE + SECOND))
    assert "raw" in inspect(claimed[0]).unloaded


def _carry(row: InboxRow, size: int) -> None:
    row.raw = bytes(size)
