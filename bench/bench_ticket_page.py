"""A long ticket's page and its reasons: how long each takes on the server.

    python -m bench.bench_ticket_page [--messages 10] [--tries 60]

Makes a fresh SQLite database with the starting catalogue and one ticket with many messages, notes and events. Prints a
JSON line for each page.
"""

import argparse
import asyncio
import json
import tempfile
import time
from pathlib import Path

import httpx
from sqlmodel import Session

from bot.app import create_app
from config.settings import Settings
from models.clock import ClockKind
from models.contact import contact_of
from models.institution import institution_by_code
from models.message import Author, heard, say
from models.moments import now
from models.note import Note
from models.staff import Person, Role
from models.ticket import open_ticket
from routing.clocks import due_of, start_clock
from routing.triage import hand_to_people
from web.session_rows import open_session
from web.sessions import COOKIE

CLOCK = time.perf_counter
QUESTION = "Kur saņemt jaunu pasi bērnam, ja vecā ir nozaudēta ceļojumā? Dzīvojam Rīgā, kods 010190-12345."


def furnish(session: Session, messages: int) -> tuple[str, str]:
    """The ticket's number and the secret of a coordinator's session."""
    at, vdaa = now(), institution_by_code(session, "VDAA")
    assert vdaa is not None
    person = Person(login="bench", role=Role.COORDINATOR, institution_id=vdaa.id or 0, password_hash="", created_at=at)
    session.add(person)
    contact = contact_of(session, "webchat", "bench", at, name="Anna", language="lv")
    for _ in range(20):
        ticket = open_ticket(
            session, contact, at, subject=QUESTION[:120], service_code="personas-koda-maina", suggested=["PMLP", "VSAA"]
        )
        session.flush()
        due = due_of(ticket, ClockKind.ANSWER, ticket.received_on)
        start_clock(session, ticket, ClockKind.ANSWER, due, "VDAA", at)
        hand_to_people(session, ticket, at, "bot", "routed")
    for number in range(messages):
        heard(session, contact, ticket, f"{QUESTION} {number}", at)
        say(session, contact, ticket, "Atbilde būs.", at, pulled=True, author=Author.BOT)
        if number % 3 == 0:
            session.add(Note(ticket_id=ticket.id or 0, author_id=person.id or 0, text="Piezīme", at=at))
    session.flush()
    return ticket.ref, open_session(session, person, at)


async def measure(folder: Path, messages: int, tries: int) -> None:
    settings = Settings(database_url=f"sqlite:///{folder / 'bench.db'}", data_dir=folder, channels="webchat")
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        ref, secret = await app.state.portal.database.writing(lambda session: furnish(session, messages))
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://bench", cookies={COOKIE: secret}
        ) as client:
            for page in (f"/desk/tickets/{ref}", f"/desk/tickets/{ref}/why?part=1"):
                took = []
                for number in range(tries + 5):
                    began = CLOCK()
                    answer = await client.get(page)
                    assert answer.status_code == 200, answer.status_code
                    if number >= 5:
                        took.append((CLOCK() - began) * 1000)
                took.sort()
                figures = {"p50_ms": took[len(took) // 2], "p95_ms": took[int(len(took) * 0.95)]}
                told = {name: round(value, 1) for name, value in figures.items()}
                name = "why" if "why" in page else "ticket"
                print(json.dumps({"page": name, "messages": 2 * messages, **told, "bytes": len(answer.content)}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10)
    parser.add_argument("--tries", type=int, default=60)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), asked.messages, asked.tries))


if __name__ == "__main__":
    main()
