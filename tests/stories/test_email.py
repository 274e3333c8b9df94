"""A citizen asks by e-mail and an institution answers by pressing Reply: real mail servers, ordinary mail programs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from models.clock import Clock, Outcome
from models.institution import institution_by_code
from models.ticket import Ticket, TicketState
from tests.channels.mail import servers
from tests.channels.mail.town_post import DESK, PATIENCE, Post, listening, running, text_of
from tests.stories.town import Town, town

UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"
ANNA, INSTITUTION = "anna@town.test", "info@pvd.test"


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    yield from running(DESK_PORT)


DESK_PORT = servers.free_ports("desk")["desk"]


@pytest.fixture
async def riga(post: Post, database_url: str, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    monkeypatch.setenv("EMAIL_ADDRESS", DESK)
    monkeypatch.setenv("EMAIL_LMTP_LISTEN", f"127.0.0.1:{DESK_PORT}")
    monkeypatch.setenv("EMAIL_SMTP_URL", f"smtp://127.0.0.1:{post.exim.ports['smtp']}")
    async with town(database_url, data_dir, "webchat,api,email") as opened:
        await opened.house.database.writing(_give_an_address)
        await listening(DESK_PORT)
        yield opened


async def test_an_institution_answers_by_pressing_reply_and_the_citizen_reads_it(riga: Town, post: Post) -> None:
    anna, office = f"{id(riga)}.{ANNA}", INSTITUTION
    asked = post.sends(anna, DESK, f"{UNKNOWN}\n\nMans personas kods ir 010190-12345.", Subject="Raķete")
    [acknowledged] = await post.until(anna, 1)
    ticket = await settled(riga, lambda found: found.state == TicketState.TRIAGE)
    assert ticket.ref in acknowledged["Subject"]
    assert ticket.ref in text_of(acknowledged)
    assert acknowledged["In-Reply-To"] == asked["Message-ID"]
    assert acknowledged["Auto-Submitted"] == "auto-replied"
    assert UNKNOWN in text_of(acknowledged), "the question is quoted"

    before = len(await asyncio.to_thread(post.mailbox, office))
    page = f"/desk/tickets/{ticket.ref}"
    async with riga.at_the_desk("vdaa") as coordinator:
        await coordinator.submits(page, f"{page}/forward", institutions=["PVD"], note="Lūdzu, atbildiet.")
    forwarded = (await post.until(office, before + 1))[-1]
    assert UNKNOWN in text_of(forwarded)
    assert "010190" not in forwarded.as_string()
    assert "http://town/answer/" in text_of(forwarded)

    post.answers(forwarded, office, "Raķetes pārdod Ķekavā.\n\nAr cieņu,\nPVD")
    answer = (await post.until(anna, 2))[-1]
    assert "Raķetes pārdod Ķekavā." in text_of(answer)
    assert "rakstīja:" not in text_of(answer).partition("Ķekavā.")[2].partition(UNKNOWN)[0]
    assert asked["Message-ID"] in f"{answer['In-Reply-To']} {answer['References']}"
    assert answer["Auto-Submitted"] is None
    await settled(riga, lambda found: found.state == TicketState.ANSWERED)
    await stopped(riga)

    post.answers(answer, anna, "Tas neatbild uz manu jautājumu.")
    again = await settled(riga, lambda found: found.state == TicketState.TRIAGE)
    assert again.ref == ticket.ref
    assert len(await post.until(anna, 3)) == 3


async def test_the_catalogue_answers_in_the_acknowledgement(riga: Town, post: Post) -> None:
    anna = f"{id(riga)}.{ANNA}"
    post.sends(anna, DESK, "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?", Subject="Deklarēšana")
    [answer] = await post.until(anna, 1)
    assert "Avots:" in text_of(answer)
    assert (await settled(riga, lambda found: found.state == TicketState.ANSWERED)).ref in answer["Subject"]
    assert answer["Content-Language"] == "lv"
    await stopped(riga)


async def settled(riga: Town, right: Callable[[Ticket], bool]) -> Ticket:
    """The one ticket, as soon as it is as it should be."""

    def look(session: Session) -> Ticket | None:
        found = session.exec(select(Ticket)).one_or_none()
        return found if found and right(found) else None

    async with asyncio.timeout(PATIENCE):
        while (found := await riga.house.database.reading(look)) is None:  # noqa: ASYNC110 - it works beside us
            await asyncio.sleep(0.05)
    return found


async def stopped(riga: Town) -> None:
    """All clocks have stopped in time: the evidence is there."""

    def outcomes(session: Session) -> set[str]:
        return set(session.exec(select(Clock.outcome)))

    async with asyncio.timeout(PATIENCE):
        while Outcome.RUNNING in await riga.house.database.reading(outcomes):  # noqa: ASYNC110 - it works beside us
            await asyncio.sleep(0.05)
    assert await riga.house.database.reading(outcomes) <= {Outcome.IN_TIME, Outcome.NOT_NEEDED}


def _give_an_address(session: Session) -> None:
    body = institution_by_code(session, "PVD")
    assert body is not None
    body.email, body.email_domain = INSTITUTION, "pvd.test"
