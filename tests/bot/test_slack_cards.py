"""Cards in Slack: each question that comes to people gets one, which follows it, whatever happens on the way."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.brain import Brain
from models.contact import Contact
from models.database import Database
from models.institution import institution_by_code
from models.moments import now
from models.queue import OutboxRow, State, revive
from models.slack import SlackCard
from models.staff import Role
from models.ticket import Ticket, locked, record
from routing.answering import coordinator_answers
from routing.escalation import tick
from routing.telling import tell
from routing.triage import forward, hand_to_people
from tests.bot.slack_house import SlackHouse, shown
from tests.channels.slack_api import ALERTS, SlackApi
from tests.routing.case import Case, riga


@pytest.fixture
async def api() -> AsyncIterator[SlackApi]:
    async with SlackApi() as served:
        yield served
    assert served.violations == []


@pytest.fixture
def house_on_both(database: Database, brain: Brain, api: SlackApi) -> SlackHouse:
    """On SQLite and on PostgreSQL."""
    return SlackHouse(database, brain, api)


@pytest.fixture
def house(sqlite_url: str, brain: Brain, api: SlackApi) -> Iterator[SlackHouse]:
    database = Database(sqlite_url)
    yield SlackHouse(database, brain, api)
    database.close()


async def test_a_question_that_comes_to_people_gets_one_card_with_all_that_decides(house: SlackHouse) -> None:
    ticket, card = await house.carded(suggested=("PMLP", "VSAA"))
    await house.works()
    assert len(house.api.cards) == 1
    text = shown(card)
    assert ticket.ref in text
    assert "010190-12345" not in text
    assert "[personas kods]" in text
    assert "Telegram" in text
    assert "latviešu valodā" in text
    assert "Pilsonības un migrācijas lietu pārvalde" in text
    assert "Jāpārsūta līdz" in text
    assert "Jāatbild līdz" in text
    assert f"https://atbilde.example/desk/tickets/{ticket.ref}" in text
    assert [one["action_id"] for one in card["blocks"][-1]["elements"]] == ["take", "forward", "choose", "open"]
    assert "<!channel>" not in str(card["text"])
    rows = house.all(OutboxRow, channel="slack")
    assert [(row.state, row.ticket_id) for row in rows] == [(State.DONE, None)], "no message of the ticket's own"


async def test_another_coordinators_questions_and_old_ones_get_no_card(house: SlackHouse) -> None:
    other, old = house.asked(), house.asked()

    def work(session: Session) -> None:
        session.get_one(Ticket, other.id).coordinator = "LIAA"
        session.get_one(Ticket, old.id).changed_at = now() - timedelta(days=2)

    house.database.write(work)
    await house.works()
    assert house.api.messages == []


async def test_two_processes_post_one_card(house_on_both: SlackHouse) -> None:
    house = house_on_both
    house.asked()
    other = house.process("two")
    await asyncio.gather(house.desk.work(), other.work())
    await asyncio.gather(house.works(), house.works(other))
    assert len(house.api.messages) == 1


async def test_the_card_follows_its_ticket_to_the_end_and_a_question_opened_again_gets_a_new_one(
    house_on_both: SlackHouse,
) -> None:
    house = house_on_both
    house.employ("anna")
    ticket, card = await house.carded()

    def forwarded(session: Session) -> None:
        institution = institution_by_code(session, "VSAA")
        assert institution
        forward(session, locked(session, ticket.id or 0), [institution], "", now(), "anna")

    house.database.write(forwarded)
    await house.works()
    assert len(house.api.messages) == 1
    assert "Valsts sociālās apdrošināšanas aģentūra, līdz" in shown(card)
    assert "pie iestādes" in shown(card)

    def overdue(session: Session) -> None:
        mine = locked(session, ticket.id or 0)
        for clock in mine.clocks:
            clock.due_on -= timedelta(days=30)
        record(session, mine, "overdue", "clock", now())

    house.database.write(overdue)
    await house.works()
    assert "NOKAVĒTS" in shown(card)

    def answered(session: Session) -> None:
        mine = locked(session, ticket.id or 0)
        contact = session.get_one(Contact, mine.contact_id)
        coordinator_answers(session, contact, mine, "Atbilde.", now(), "anna", pulled=True)

    house.database.write(answered)
    await house.works()
    assert "atbildēts" in shown(card)
    assert [one["action_id"] for one in card["blocks"][-1]["elements"]] == ["open"]
    assert not house.all(SlackCard)[0].live

    house.database.write(lambda s: hand_to_people(s, locked(s, ticket.id or 0), now(), "citizen", "routed"))
    await house.works()
    assert len(house.api.cards) == 2
    assert "atbildēts" in shown(card)
    assert "jāizlemj" in shown(house.api.cards[1])


async def test_many_changes_while_slack_is_away_are_one_change_of_the_card(house: SlackHouse) -> None:
    ticket, _card = await house.carded()
    house.api.down = True
    for number in range(5):
        house.database.write(lambda s, n=number: record(s, locked(s, ticket.id or 0), "attended", "anna", now(), n=n))  # type: ignore[misc]
        await house.desk.work()
    assert len(house.all(OutboxRow, channel="slack", state=State.WAITING)) == 1


async def test_an_hour_without_slack_loses_and_repeats_nothing(house: SlackHouse) -> None:
    house.api.down = True
    first, second = house.asked(), house.asked()
    for _ in range(8):
        await house.works()
        house.everything_is_due()
    assert {row.state for row in house.all(OutboxRow, channel="slack")} == {State.WAITING}
    house.api.down = False
    house.everything_is_due()
    await house.works()
    assert sorted(one["blocks"][0]["text"]["text"] for one in house.api.cards) == sorted([first.ref, second.ref])


async def test_slacks_own_pause_is_kept_and_counts_as_no_try(house: SlackHouse) -> None:
    house.api.fails_next("chat.postMessage", "ratelimited", 429, Retry_After="30")
    house.asked()
    await house.works()
    (row,) = house.all(OutboxRow, channel="slack")
    assert (row.state, row.attempts) == (State.WAITING, 0)
    assert row.due_at > now() + timedelta(seconds=25)
    calls = len(house.api.calls)
    house.everything_is_due()
    await house.works()
    assert len(house.api.calls) == calls, "nothing else goes out meanwhile either"
    await house.works(house.process("later"))
    assert len(house.api.cards) == 1


async def test_a_card_whose_fate_is_unknown_is_looked_for_and_not_posted_twice(house_on_both: SlackHouse) -> None:
    house = house_on_both
    house.api.drops_next("chat.postMessage")
    ticket = house.asked()
    await house.works()
    (row,) = house.all(OutboxRow, channel="slack")
    assert (row.state, row.begun) == (State.WAITING, True)
    house.api.fails_next("conversations.history", "service_unavailable", 503)
    house.everything_is_due()
    await house.works()
    (row,) = house.all(OutboxRow, channel="slack")
    assert (row.state, row.begun) == (State.WAITING, True), "what could not be looked up stays in doubt"
    house.everything_is_due()
    await house.works()
    assert len(house.api.cards) == 1
    (row,) = house.all(OutboxRow, channel="slack")
    assert row.provider_id.endswith(house.api.cards[0]["ts"])
    house.database.write(lambda s: record(s, locked(s, ticket.id or 0), "attended", "anna", now()))
    await house.works()
    assert len(house.api.cards) == 1


async def test_where_slack_does_not_let_us_look_a_person_decides(house: SlackHouse) -> None:
    house.api.drops_next("chat.postMessage")
    ticket = house.asked()
    await house.works()
    house.api.fails_next("conversations.history", "missing_scope")
    house.everything_is_due()
    await house.works()
    (row,) = house.all(OutboxRow, channel="slack")
    assert row.state == State.DOUBTFUL
    house.database.write(lambda s: record(s, locked(s, ticket.id or 0), "attended", "anna", now()))
    await house.works()
    assert len(house.api.cards) == 1, "a change posts no second card meanwhile"
    assert house.now(ticket).attention == "", "the citizen's messages have nothing to do with it"


async def test_a_card_that_slack_refuses_is_shown_to_people_who_may_send_it_again(house: SlackHouse) -> None:
    house.api.fails_next("chat.postMessage", "not_in_channel")
    house.asked()
    await house.works()
    (row,) = house.all(OutboxRow, channel="slack")
    assert (row.state, row.error) == (State.DEAD, "not_in_channel")
    house.database.write(lambda s: revive(s.get_one(OutboxRow, row.id), now()))
    await house.works()
    assert len(house.api.cards) == 1


async def test_what_is_due_and_overdue_is_told_once_in_the_alerts_channel(house_on_both: SlackHouse) -> None:
    house = house_on_both
    house.employ("laima", Role.LEAD)
    case = Case(house.database)
    case.forward("PMLP", at=riga(23, 15))
    climb(house, 2)
    await house.works()
    alerts = [one["text"] for one in house.api.messages if one["channel"] == ALERTS]
    assert len(alerts) == len(set(alerts)) == 3, "coordinator and lead are told of the same terms, and Slack once"
    assert all(case.ticket.ref in text for text in alerts)
    assert all("https://atbilde.example/desk" in text for text in alerts)
    climb(house, 2)
    await house.works()
    assert len(house.api.messages) == 3


async def test_many_alerts_are_one_digest_and_the_evening_is_quiet(house: SlackHouse) -> None:
    for _ in range(5):
        Case(house.database).forward("PMLP", at=riga(23, 15))
    climb(house, 1, hour=20)
    await house.works()
    assert house.api.messages == []
    climb(house, 2)
    await house.works()
    (digest,) = house.api.messages
    assert "5" in digest["text"]


def climb(house: SlackHouse, day: int, hour: int = 12) -> None:
    """The ladder in December, as far as it goes."""
    at = riga(day, hour, month=12)

    def work(session: Session) -> None:
        tick(session, at)
        tell(session, at, "https://atbilde.example/desk", house.desk.board.alert)

    house.database.write(work)
    house.everything_is_due()


def test_nothing_is_written_while_nothing_happens(house: SlackHouse) -> None:
    with house.database.read() as session:
        assert not house.desk.board.is_behind(session, now())
