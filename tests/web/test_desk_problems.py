"""What could not be sent or read is shown, and a person may run it again."""

import pytest
from sqlmodel import Session

from models.clock import Clock, Outcome
from models.message import Message
from models.moments import now
from models.queue import InboxRow, OutboxRow, State
from models.ticket import Ticket
from tests.web.desk_house import DeskHouse


async def test_a_message_that_was_given_up_is_sent_again_or_said_to_be_sent(desk: DeskHouse) -> None:
    ticket = desk.asked()
    page = f"/desk/tickets/{ticket.ref}"
    async with desk.visitor("anna") as anna, desk.visitor("admin") as admin:
        await anna.submits(page, f"{page}/answer", text="Lūk, atbilde.")
        row = desk.all(OutboxRow)[-1]
        give_up(desk, row, State.DEAD)
        await admin.submits("/desk/problems", f"/desk/problems/outbox/{row.id}/again")
        assert [(r.state, r.attempts) for r in desk.all(OutboxRow, id=row.id)] == [(State.WAITING, 0)]
        assert desk.now(ticket).attention == ""
        give_up(desk, row, State.DOUBTFUL)
        form = {"csrf": await anna.csrf(page), "next": page}
        sent = await anna.client.post(f"/desk/problems/outbox/{row.id}/sent", data=form)
        assert sent.headers["location"] == page
    assert desk.all(OutboxRow, id=row.id)[0].state == State.DONE
    assert desk.all(Message, id=row.message_id)[0].sent_at is not None
    assert desk.all(Clock, kind="answer")[0].outcome == Outcome.IN_TIME


@pytest.mark.parametrize(("what", "state"), [("again", State.WAITING), ("sent", State.DONE)])
async def test_the_parts_of_a_letter_are_mended_together_and_no_other(desk: DeskHouse, what: str, state: State) -> None:
    ticket = desk.asked(channel="email")
    parts = desk.all(OutboxRow)
    assert len({(part.ticket_id, part.created_at) for part in parts}) == 1
    other = desk.asked(channel="email")
    others = [row for row in desk.all(OutboxRow) if row.ticket_id == other.id]
    for row in (*parts, *others):
        give_up(desk, row, State.DOUBTFUL)
    async with desk.visitor("anna") as anna:
        form = {"csrf": await anna.csrf(f"/desk/tickets/{ticket.ref}")}
        await anna.client.post(f"/desk/problems/outbox/{parts[0].id}/{what}", data=form)
    assert len(parts) > 1
    assert {row.state for row in desk.all(OutboxRow, ticket_id=ticket.id)} == {state}
    assert {row.state for row in desk.all(OutboxRow, ticket_id=other.id)} == {State.DOUBTFUL}


async def test_a_payload_that_could_not_be_read_is_taken_in_again(desk: DeskHouse) -> None:
    raw = b'{"text": "010190-12345"}'
    broken = InboxRow(channel="telegram", external_id="7", raw=raw, received_at=now(), due_at=now(), error="boom")
    row = desk.database.write(lambda session: add(session, broken))
    async with desk.visitor("anna") as anna:
        assert "[personas kods]" in (await anna.opens("/desk/problems")).text
        shown = await anna.submits("/desk/problems", f"/desk/problems/inbox/{row.id}/again")
        assert "boom" not in shown.text
    assert desk.all(InboxRow)[0].state == State.WAITING


def give_up(desk: DeskHouse, row: OutboxRow, state: State) -> None:
    def work(session: Session) -> None:
        session.get_one(OutboxRow, row.id).state = state
        session.get_one(Ticket, row.ticket_id).attention = "not sent"

    desk.database.write(work)


def add(session: Session, row: InboxRow) -> InboxRow:
    row.state = State.DEAD
    session.add(row)
    session.flush()
    return row
