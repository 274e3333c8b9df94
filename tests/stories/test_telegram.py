"""A citizen asks on Telegram; the catalogue or the competent institution answers, and the answer comes back there."""

import asyncio
import importlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest
from sqlmodel import Session, col, select

from models.clock import Clock, Outcome
from models.contact import Contact
from models.database import Work
from models.forwarding import Forwarding
from models.message import Attachment
from models.queue import OutboxRow, State
from models.ticket import Ticket, TicketState
from tests.channels.bot_api import TOKEN, BotApi
from tests.channels.bot_api_citizen import CITIZEN
from tests.channels.bot_api_schema import SCHEMA, WHY_ABSENT
from tests.stories.town import Town, town
from web.desk.view import LINK

T = TypeVar("T")
UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"
KNOWN = "Kā reģistrēt suni un viņa čipu?"


@pytest.fixture(scope="module", autouse=True)
def telegrams_library() -> None:
    """It takes seconds to load, on a busy machine many: not while a test waits for a message."""
    importlib.import_module("aiogram")


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    if not SCHEMA.exists():
        pytest.skip(WHY_ABSENT)
    async with BotApi() as served:
        yield served
    assert served.violations == []


@pytest.fixture
async def riga(api: BotApi, database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    monkeypatch.setenv("TELEGRAM_TOKEN", TOKEN)
    monkeypatch.setenv("TELEGRAM_API_BASE", api.url)
    monkeypatch.setenv("TELEGRAM_POLL_SECONDS", "1")
    monkeypatch.setenv("TELEGRAM_RATE", "1000")
    async with town(database_url, data_dir, "webchat,api,telegram") as opened:
        yield opened


async def test_the_catalogue_answers_at_once_and_the_clock_stops_on_the_evidence(riga: Town, api: BotApi) -> None:
    api.citizen_writes(KNOWN)
    await api.until(lambda: any("čip" in message["text"] for message in api.sent))
    answer = next(message for message in api.sent if "Avots:" in message["text"])
    assert answer["reply_markup"]["inline_keyboard"]
    await settled(riga, lambda found: found.state == TicketState.ANSWERED)
    await delivered(riga)
    assert [clock.outcome for clock in await clocks(riga)] == [Outcome.IN_TIME]

    api.citizen_presses(answer["message_id"], answer["reply_markup"]["inline_keyboard"][0][0]["callback_data"])
    await settled(riga, lambda found: found.state == TicketState.CLOSED)


async def test_an_institution_answers_by_its_link_and_the_citizen_reads_it_on_telegram(riga: Town, api: BotApi) -> None:
    api.citizen_writes(UNKNOWN)
    await api.until(lambda: any("LV-" in message["text"] for message in api.sent))
    ref = (await settled(riga, lambda found: found.state == TicketState.TRIAGE)).ref
    page = f"/desk/tickets/{ref}"

    async with riga.at_the_desk("vdaa") as coordinator:
        await coordinator.submits(page, f"{page}/forward", institutions=["PVD"], note="Lūdzu, atbildiet.")
        link = re.search(r"/answer/[\w~.-]+", (await coordinator.opens(page)).text)
    assert link
    async with riga.passer_by() as institution:
        done = await institution.submits(link[0], f"{link[0]}/answer", text="Jāvēršas pašvaldībā. Ar cieņu, PVD")
        assert done.status_code == 200

    await api.until(lambda: any("Ar cieņu, PVD" in message["text"] for message in api.sent))
    await delivered(riga)
    assert {clock.outcome for clock in await clocks(riga)} == {Outcome.IN_TIME}
    assert (await settled(riga, lambda found: found.state == TicketState.ANSWERED)).ref == ref


async def test_of_three_institutions_the_coordinator_writes_the_one_answer(riga: Town, api: BotApi) -> None:
    api.citizen_writes(UNKNOWN)
    ref = (await settled(riga, lambda found: found.state == TicketState.TRIAGE)).ref
    page = f"/desk/tickets/{ref}"
    async with riga.at_the_desk("vdaa") as coordinator:
        await coordinator.submits(page, f"{page}/forward", institutions=["PVD", "LDC", "VARAM"], note="")
        for number, forwarding in enumerate(await forwardings(riga), 1):
            await answer_by_link(riga, forwarding, f"{number}. daļa" if number < 3 else "")
        assert (await settled(riga, lambda found: found.state == TicketState.COMPOSING)).ref == ref
        assert not any("daļa" in message["text"] for message in api.sent)
        await coordinator.submits(page, f"{page}/answer", text="Viena atbilde no visām iestādēm.")
    await api.until(lambda: any("Viena atbilde" in message["text"] for message in api.sent))


async def test_a_photo_is_kept_and_shown_to_the_coordinator(riga: Town, api: BotApi) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(200)
    api.citizen_sends_photo(picture, caption=UNKNOWN)
    ref = (await settled(riga, lambda found: found.state == TicketState.TRIAGE)).ref
    with riga.house.database.read() as session:
        kept = session.exec(select(Attachment)).one()
    assert riga.house.store.read(kept.sha256) == picture
    async with riga.at_the_desk("vdaa") as coordinator:
        assert kept.name in (await coordinator.opens(f"/desk/tickets/{ref}")).text


async def test_to_a_citizen_who_blocks_the_bot_nothing_is_sent_and_the_coordinator_is_told(
    riga: Town, api: BotApi
) -> None:
    api.citizen_writes(UNKNOWN)
    ref = (await settled(riga, lambda found: found.state == TicketState.TRIAGE)).ref
    await delivered(riga)
    api.citizen_blocks()
    await until(riga, lambda session: session.exec(select(Contact).where(col(Contact.gone_at).is_not(None))).first())
    page = f"/desk/tickets/{ref}"
    async with riga.at_the_desk("vdaa") as coordinator:
        told = await coordinator.submits(page, f"{page}/answer", text="Atbilde, ko neviens nesaņems.")
        assert "jautātājs vairs nav sasniedzams" in told.text
        assert "Atbilde, ko neviens nesaņems." in told.text
    assert (await settled(riga, lambda found: True)).state == TicketState.TRIAGE


async def test_a_block_that_nobody_told_us_of_leaves_a_dead_message_that_staff_see(riga: Town, api: BotApi) -> None:
    api.citizen_writes(UNKNOWN)
    ref = (await settled(riga, lambda found: found.state == TicketState.TRIAGE)).ref
    await delivered(riga)
    api.blocked.add(CITIZEN)
    page = f"/desk/tickets/{ref}"
    async with riga.at_the_desk("vdaa") as coordinator:
        await coordinator.submits(page, f"{page}/answer", text="Atbilde, ko neviens nesaņems.")
        await settled(riga, lambda found: found.attention == "not sent")
        assert "Atbilde, ko neviens" in (await coordinator.opens("/desk/problems")).text
    assert Outcome.RUNNING in {clock.outcome for clock in await clocks(riga)}


async def answer_by_link(riga: Town, forwarding: Forwarding, text: str) -> None:
    """Answers, or returns it where there is no text."""
    link = "/answer/" + riga.house.signing.sign_for_a_time(LINK, str(forwarding.id))
    async with riga.passer_by() as institution:
        if text:
            await institution.submits(link, f"{link}/answer", text=text)
        else:
            await institution.submits(link, f"{link}/return", reason="Nav mūsu kompetencē.")


async def until(riga: Town, look: Work[T]) -> T:
    """What the look at the database gives, once it gives something."""
    async with asyncio.timeout(20):
        # It can only look again: nothing tells a test of what the workers store.
        while not (found := await riga.house.database.reading(look)):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    return found


async def settled(riga: Town, so: Callable[[Ticket], bool]) -> Ticket:
    """The only ticket, once it is so."""

    def look(session: Session) -> Ticket | None:
        found = session.exec(select(Ticket)).first()
        return found if found is not None and so(found) else None

    found = await until(riga, look)
    assert found is not None
    return found


async def delivered(riga: Town) -> None:
    """Until nothing waits to be sent."""
    waiting = select(OutboxRow).where(col(OutboxRow.state).in_((State.WAITING, State.WORKING)))
    await until(riga, lambda session: session.exec(waiting).first() is None)


async def clocks(riga: Town) -> list[Clock]:
    return await riga.house.database.reading(lambda session: list(session.exec(select(Clock))))


async def forwardings(riga: Town) -> list[Forwarding]:
    return await riga.house.database.reading(lambda session: list(session.exec(select(Forwarding))))
