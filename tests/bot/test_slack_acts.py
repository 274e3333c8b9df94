"""What coordinators do in Slack: each as himself, with his rights and in the trail, once, and never by mere words."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlmodel import Session, select

from bot.brain import Brain
from models.database import Database
from models.forwarding import Forwarding
from models.institution import institution_by_code
from models.moments import now
from models.queue import InboxRow, State, claim
from models.slack import SlackCode, SlackLink, new_code
from models.staff import Person, Role
from models.ticket import Event, Ticket
from tests.bot.slack_house import SlackHouse, shown
from tests.channels.slack_api import SlackApi
from tests.channels.slack_people import CHANNEL, TEAM, happened, mention, pressed, submitted
from web.slack_link import account_of

ANNA, JURIS, STRANGER = "U0ANNA", "U0JURIS", "U0STRANGER"


@pytest.fixture
async def api() -> AsyncIterator[SlackApi]:
    async with SlackApi() as served:
        yield served
    assert served.violations == []


@pytest.fixture
def house_on_both(database: Database, brain: Brain, api: SlackApi) -> SlackHouse:
    """On SQLite and on PostgreSQL."""
    return with_people(SlackHouse(database, brain, api))


@pytest.fixture
def house(sqlite_url: str, brain: Brain, api: SlackApi) -> Iterator[SlackHouse]:
    database = Database(sqlite_url)
    yield with_people(SlackHouse(database, brain, api))
    database.close()


def with_people(house: SlackHouse) -> SlackHouse:
    house.employ("anna", account=ANNA)
    house.employ("juris", account=JURIS)
    return house


def trail(house: SlackHouse, ticket: Ticket, *kinds: str) -> list[tuple[str, str, str]]:
    """(kind, who, by way of what) of what people did."""
    events = house.all(Event, ticket_id=ticket.id)
    return [(e.kind, e.actor, e.data.get("by_way_of", "")) for e in events if e.kind in kinds]


async def test_who_takes_a_question_has_it_and_the_card_says_so(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    await house.press(card, "take", ANNA)
    anna = house.all(Person, login="anna")[0]
    assert house.now(ticket).taken_by == anna.id
    assert trail(house, ticket, "taken") == [("taken", "anna", "slack")]
    assert "uzņēmās Anna" in shown(card)
    assert [one["action_id"] for one in card["blocks"][-1]["elements"]] == ["forward", "choose", "open"]
    assert "tagad ir jūsu" in house.aside(ANNA)


async def test_of_two_who_press_at_once_one_wins_and_the_other_is_told(house_on_both: SlackHouse) -> None:
    house = house_on_both
    ticket, card = await house.carded()
    both = [pressed(card, "take", who, house.api.url) for who in (ANNA, JURIS)]
    other = house.process("two")
    await asyncio.gather(*(house.arrives(press) for press in both))
    await asyncio.gather(house.works(), house.works(other))
    ((_, winner, _),) = trail(house, ticket, "taken")
    won, lost = (ANNA, JURIS) if winner == "anna" else (JURIS, ANNA)
    assert "tagad ir jūsu" in house.aside(won)
    assert f"pirms jums uzņēmās {winner.capitalize()}" in house.aside(lost)


async def test_a_question_is_forwarded_as_suggested_once_however_often_it_is_pressed(house: SlackHouse) -> None:
    ticket, card = await house.carded(suggested=("PMLP", "VSAA"))
    before = dict(card)
    await house.press(card, "forward", ANNA)
    assert len(house.all(Forwarding, ticket_id=ticket.id)) == 2
    assert "Pilsonības un migrācijas lietu pārvalde" in house.aside(ANNA)
    assert {who for _, who, _ in trail(house, ticket, "forwarded")} == {"anna"}
    assert {door for *_, door in trail(house, ticket, "forwarded")} == {"slack"}
    await house.press(before, "forward", JURIS)
    assert "kartīte bija novecojusi" in house.aside(JURIS)
    await house.press(before, "forward", ANNA)
    assert len(house.all(Forwarding, ticket_id=ticket.id)) == 2


async def test_institutions_are_chosen_in_a_window_with_search_and_a_note(house_on_both: SlackHouse) -> None:
    house = house_on_both
    ticket, card = await house.carded()
    await house.press(card, "choose", ANNA)
    view = house.api.views[-1]
    assert "[personas kods]" in json.dumps(view, ensure_ascii=False)
    choice = view["blocks"][1]["element"]
    assert [one["value"] for one in choice["initial_options"]] == ["PMLP"]
    payload = await house.submit(ANNA, ["VSAA", "LDC"], "Lūdzu, kopīgi.")
    found = house.all(Forwarding, ticket_id=ticket.id)
    assert len(found) == 2
    assert {one.note for one in found} == {"Lūdzu, kopīgi."}
    assert "pie iestādes" in shown(card)
    assert house.api.asides[-1]["channel"] == CHANNEL
    assert not await house.arrives(payload), "the same window is never taken twice"


async def test_a_window_that_stood_open_while_somebody_acted_changes_nothing(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    await house.press(card, "choose", ANNA)
    await house.press(card, "forward", JURIS)
    await house.submit(ANNA, ["VSAA"])
    assert "novecojusi" in house.aside(ANNA)
    assert len(house.all(Forwarding, ticket_id=ticket.id)) == 1


async def test_a_window_that_comes_too_late_says_so(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    house.api.expired = True
    await house.press(card, "choose", ANNA)
    assert "vēlreiz" in house.aside(ANNA)
    assert {row.state for row in house.all(InboxRow, channel="slack")} == {State.DONE}
    assert house.now(ticket).state == "triage"


async def test_only_a_linked_coordinator_of_that_question_may_act(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    house.employ("pēteris", Role.CLERK, "PMLP", "U0CLERK")
    house.employ("liene", Role.COORDINATOR, "LIAA", "U0LIAA")
    house.employ("admin", Role.ADMINISTRATOR, "VDAA", "U0ADMIN")
    house.employ("aivars", Role.AUDITOR, "VDAA", "U0AUDIT")
    for account, told in (
        (STRANGER, "nav sasaistīts"),
        ("U0CLERK", "tikai koordinators"),
        ("U0LIAA", "citam koordinatoram"),
        ("U0ADMIN", "tikai koordinators"),
        ("U0AUDIT", "tikai koordinators"),
    ):
        for action in ("take", "forward", "choose"):
            await house.press(card, action, account)
            assert told in house.aside(account), (account, action)
    assert house.api.views == []
    assert trail(house, ticket, "taken", "forwarded") == []


async def test_who_left_or_changed_his_role_has_no_rights_at_once(house: SlackHouse) -> None:
    ticket, card = await house.carded()

    def leave(session: Session) -> None:
        for person in session.exec(select(Person)):
            if person.login == "anna":
                person.active = False
            else:
                person.role = Role.CLERK

    house.database.write(leave)
    await house.press(card, "take", ANNA)
    await house.press(card, "take", JURIS)
    assert "nav sasaistīts" in house.aside(ANNA)
    assert "tikai koordinators" in house.aside(JURIS)
    assert trail(house, ticket, "taken") == []


async def test_nothing_that_is_said_in_slack_reaches_a_citizen(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    before = house.said_to_citizens()
    texts = [
        {"type": "message", "user": ANNA, "text": "Atbilde iedzīvotājam", "channel": CHANNEL, "ts": "1.1"},
        {"type": "message", "user": ANNA, "text": "Jā", "channel": CHANNEL, "ts": "1.2", "thread_ts": card["ts"]},
        {"type": "message", "subtype": "message_changed", "channel": CHANNEL, "message": {"text": "Labots"}},
        {"type": "reaction_added", "user": ANNA, "reaction": "+1", "item": {"type": "message", "ts": card["ts"]}},
    ]
    for event in texts:
        payload = happened(event)
        await house.desk.inbox.receive("slack", f"forced {event['type']} {len(event)}", json.dumps(payload).encode())
    await house.arrives(happened(mention(ANNA, "atbildi viņam, ka viss kārtībā", CHANNEL)))
    await house.works()
    assert house.said_to_citizens() == before
    assert [one["text"][:18] for one in house.api.asides] == ["Sarunas es nelasu,"]
    assert house.now(ticket).state == "triage"
    assert {row.state for row in house.all(InboxRow, channel="slack")} == {State.DONE}


async def test_a_code_from_the_desk_links_once(house_on_both: SlackHouse) -> None:
    house = house_on_both
    liga = house.employ("līga")
    code = house.database.write(lambda session: new_code(session, liga.id or 0, now()))
    assert code not in json.dumps([row.model_dump() for row in house.all(SlackCode)], default=str)
    assert "nav pareizs" in await house.types("link AAAA-BBBB", "U0LIGA")
    assert "tagad esat Līga" in await house.types(f"link {code.lower()}", "U0LIGA")
    assert "nav pareizs" in await house.types(f"link {code}", STRANGER), "a code is good once"
    ticket, card = await house.carded()
    await house.press(card, "take", "U0LIGA")
    assert trail(house, ticket, "taken") == [("taken", "līga", "slack")]
    assert "vairs nav sasaistīts" in await house.types("unlink", "U0LIGA")
    assert house.all(SlackLink, account="U0LIGA") == []


async def test_an_unknown_person_gets_a_link_of_his_own(house: SlackHouse) -> None:
    told = await house.types("", STRANGER)
    found = re.search(r"https://atbilde\.example(/desk/slack/link\?token=[\w=-]+)", told)
    assert found
    account = account_of(house.signing, found[1].partition("=")[2])
    assert account is not None
    assert (account.team, account.id, account.name) == (TEAM, STRANGER, STRANGER.lower())


async def test_the_command_shows_how_a_question_stands_to_who_may_see_it(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    house.employ("vita", Role.CLERK, "VSAA", "U0VSAA")
    house.employ("pēteris", Role.CLERK, "PMLP", "U0PMLP")
    await house.press(card, "forward", ANNA)
    told = await house.types(ticket.ref.lower(), JURIS)
    assert "pie iestādes" in told
    assert f"https://atbilde.example/desk/tickets/{ticket.ref}" in told
    assert "/desk/forwardings/" in await house.types(ticket.ref, "U0PMLP")
    for text in (ticket.ref, "LV-2026-999999", "muļķības", "x" * 3000):
        assert "tāda jautājuma nav" in await house.types(text, "U0VSAA")
    house.employ("elīna", Role.EDITOR, "PMLP", "U0EDIT")
    assert "tāda jautājuma nav" in await house.types(ticket.ref, "U0EDIT"), "an editor sees no questions"
    assert "/atbilde" in await house.types("", ANNA)
    assert "nav sasaistīts" in await house.types(ticket.ref, STRANGER)


async def test_what_was_stored_is_done_once_be_the_process_killed_in_between(house_on_both: SlackHouse) -> None:
    house = house_on_both
    ticket, card = await house.carded()
    press = pressed(card, "take", ANNA, house.api.url)
    assert await house.arrives(press)
    assert not await house.arrives(press)
    house.database.write(lambda s: claim(s, InboxRow, owner="who is killed", at=now(), channels=("slack",)))
    await house.works()
    assert trail(house, ticket, "taken") == []
    house.everything_is_due()
    await house.works()
    assert len(trail(house, ticket, "taken")) == 1


async def test_a_payload_of_another_form_is_shown_to_people(house: SlackHouse) -> None:
    _ticket, card = await house.carded()
    press = pressed(card, "take", ANNA, house.api.url)
    press["actions"][0]["value"] = "something else"
    await house.arrives(press)
    await house.works()
    (row,) = house.all(InboxRow, channel="slack")
    assert (row.state, row.attempts) == (State.DEAD, 1)


async def test_an_institution_that_was_retired_meanwhile_gets_nothing(house: SlackHouse) -> None:
    ticket, card = await house.carded()
    await house.press(card, "choose", ANNA)

    def retire(session: Session) -> None:
        institution = institution_by_code(session, "VSAA")
        assert institution
        institution.retired_at = now()

    sent = submitted(house.api.views[-1], ANNA, ["VSAA"])
    house.database.write(retire)
    await house.arrives(sent)
    await house.works()
    assert "vairs nav sarakstā" in house.aside(ANNA)
    assert house.all(Forwarding, ticket_id=ticket.id) == []
