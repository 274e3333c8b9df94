"""What a provider tells of a message that it took: in any order, even before it has said that it took it."""

from datetime import datetime, timedelta
from itertools import permutations
from typing import ClassVar

import pytest
from sqlmodel import Session, col, select

from bot.deliveries import note_delivery
from bot.outbox import Courier
from channels.base import Inbound, Outbound
from channels.delivery import Delivery, Stage
from models.clock import Clock, ClockKind, Outcome
from models.database import Database
from models.delivery import STAGES, how_far, parts_of
from models.message import Message
from models.moments import now
from models.queue import OutboxRow, State, revive
from models.staff import Notice
from models.ticket import Event, Ticket
from tests.bot.test_outbox import Post, owed


class Telling(Post):
    tells_delivery: ClassVar[bool] = True

    def __init__(self, *ids: str) -> None:
        super().__init__(*ids)

    async def send(self, message: Outbound) -> str:
        return await super().send(message)

    def parse(self, raw: bytes) -> list[Inbound]:
        return []


def told(database: Database, stage: Stage, *ids: str, reason: str = "", at: datetime | None = None) -> None:
    moment = at or now()
    database.write(lambda s: note_delivery(s, "telegram", Delivery(ids or ("p1",), stage, reason), moment))


def stage(database: Database, row_id: int) -> str:
    with database.read() as session:
        message_id = session.get_one(OutboxRow, row_id).message_id
        return how_far(session, [message_id]).get(message_id, ("", None))[0]


def row_of(database: Database, row_id: int) -> OutboxRow:
    with database.read() as session:
        return session.get_one(OutboxRow, row_id)


def answer_clock(database: Database, ticket_id: int) -> Clock:
    with database.read() as session:
        of = select(Clock).where(col(Clock.ticket_id) == ticket_id, col(Clock.kind) == ClockKind.ANSWER)
        return session.exec(of).one()


def test_the_stages_are_those_that_channels_tell() -> None:
    assert ("", *Stage) == STAGES


@pytest.mark.parametrize("order", list(permutations([Stage.SENT, Stage.DELIVERED, Stage.READ])))
async def test_stages_in_any_order_end_at_the_furthest(database: Database, order: tuple[Stage, ...]) -> None:
    row_id, _ = owed(database, "Labdien!")
    told(database, order[0])  # before the request that sent it was answered
    await Courier(database, Telling("p1"), "me").deliver()
    for one in order[1:]:
        told(database, one)

    assert stage(database, row_id) == Stage.READ


async def test_a_message_in_parts_is_as_far_as_its_last_part(database: Database) -> None:
    row_id, _ = owed(database, "Labdien!")
    await Courier(database, Telling("p1,p2"), "me").deliver()
    told(database, Stage.READ, "p1")
    assert stage(database, row_id) == ""
    told(database, Stage.DELIVERED, "p2")
    assert stage(database, row_id) == Stage.DELIVERED


async def test_a_receipt_may_name_the_message_in_several_ways(database: Database) -> None:
    first, _ = owed(database, "Labdien!")
    told(database, Stage.DELIVERED, "255", "FF")
    await Courier(database, Telling("FF", "100"), "me").deliver()
    assert stage(database, first) == Stage.DELIVERED

    second, _ = owed(database, "Čau!", "juris")
    await Courier(database, Telling("100"), "me").deliver()
    told(database, Stage.DELIVERED, "64", "100")
    assert stage(database, second) == Stage.DELIVERED


@pytest.mark.parametrize("early", [True, False])
async def test_an_answer_that_does_not_arrive_is_owed_again(database: Database, early: bool) -> None:
    row_id, ticket_id = owed(database, "Atbilde.", answers=True)
    if early:
        told(database, Stage.FAILED, reason="the number does not exist")
    await Courier(database, Telling("p1"), "me").deliver()
    if not early:
        assert answer_clock(database, ticket_id).outcome != Outcome.RUNNING
        told(database, Stage.FAILED, reason="the number does not exist")

    row, clock = row_of(database, row_id), answer_clock(database, ticket_id)
    assert (row.state, row.error, row.sent_at) == (State.DEAD, "the number does not exist", None)
    assert clock.outcome == Outcome.RUNNING
    with database.read() as session:
        ticket = session.get_one(Ticket, ticket_id)
        assert ticket.attention == "not sent"
        assert session.get_one(Message, row.message_id).sent_at is None
        assert "not sent" in session.exec(select(Event.kind).where(col(Event.ticket_id) == ticket_id)).all()
        assert "not sent" in session.exec(select(Notice.kind)).all()


async def test_a_failure_told_twice_is_one_and_sending_again_may_arrive(database: Database) -> None:
    row_id, ticket_id = owed(database, "Atbilde.", answers=True)
    channel = Telling("p1", "p2")
    await Courier(database, channel, "me").deliver()
    for _ in range(2):
        told(database, Stage.FAILED)
    with database.read() as session:
        failed = select(Event.kind).where(col(Event.ticket_id) == ticket_id, col(Event.kind) == "not sent")
        assert len(session.exec(failed).all()) == 1

    def again(session: Session) -> None:
        revive(session.get_one(OutboxRow, row_id), now() - timedelta(seconds=1))

    database.write(again)
    await Courier(database, channel, "me").deliver()
    told(database, Stage.FAILED)  # the first try's, told once more
    told(database, Stage.DELIVERED, "p2")

    assert channel.sent == ["Atbilde.", "Atbilde."]
    assert stage(database, row_id) == Stage.DELIVERED
    assert row_of(database, row_id).state == State.DONE
    assert answer_clock(database, ticket_id).outcome != Outcome.RUNNING


async def test_what_was_delivered_cannot_fail_any_more(database: Database) -> None:
    row_id, _ = owed(database, "Labdien!")
    await Courier(database, Telling("p1"), "me").deliver()
    told(database, Stage.DELIVERED)
    told(database, Stage.FAILED)
    assert stage(database, row_id) == Stage.DELIVERED
    assert row_of(database, row_id).state == State.DONE


async def test_ids_of_another_channel_are_others(database: Database) -> None:
    row_id, _ = owed(database, "Labdien!")
    await Courier(database, Telling("p1"), "me").deliver()
    database.write(lambda s: note_delivery(s, "other", Delivery(("p1",), Stage.FAILED), now()))
    assert stage(database, row_id) == ""
    with database.read() as session:
        assert [part.name for part in parts_of(session, row_id)] == ["p1"]
