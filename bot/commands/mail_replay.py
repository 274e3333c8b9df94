"""`atbilde mail replay`: raw mails once more, as if they had just come."""

import asyncio
import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import bytes_of, fail, print_for_programs

if TYPE_CHECKING:
    from sqlmodel import Session

    from bot.inbox import Inbox
    from models.database import Database


def replay(
    files: Annotated[list[str], typer.Argument(help="Raw mails, one a file; - for standard input.")],
    work: Annotated[bool, typer.Option("--work", help="Work them here and now, where no server runs.")] = False,
) -> None:
    """Put raw mails through again; print, as one line of JSON for each, what became of it.

    One that never came is stored as if it came now; one that waits, is held or failed is tried again; one that is done
    is left as it is. A running server takes them up within a second.
    """
    from bot.channels import LARGEST_LETTER
    from bot.commands.settings import open_database
    from bot.inbox import Inbox
    from routing.by_letter import CHANNEL

    print_for_programs()
    database = open_database()
    inbox = Inbox(database, "replay", wake=lambda: None, largest={CHANNEL: LARGEST_LETTER})
    rows = asyncio.run(_take_all(database, inbox, files))
    if work:
        _work_off()
    for file, number in rows:
        with database.read() as session:
            line = {"file": file, "inbox": number, **_became(session, number)}
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    database.close()
    if len(rows) < len(files):
        fail(f"{len(files) - len(rows)} of {len(files)} could not be taken")


async def _take_all(database: "Database", inbox: "Inbox", files: list[str]) -> list[tuple[str, int]]:
    """Those that could be taken, each with the number of its row."""
    rows = []
    for file in files:
        try:
            rows.append((file, await _take(database, inbox, file)))
        except (OSError, ValueError) as error:
            typer.secho(f"{file}: {getattr(error, 'strerror', None) or error}", fg=typer.colors.RED, err=True)
    return rows


async def _take(database: "Database", inbox: "Inbox", file: str) -> int:
    """Raises OSError where it cannot be read, and ValueError where it cannot be stored."""
    from bot.channels import known_by
    from routing.by_letter import CHANNEL

    raw = await asyncio.to_thread(bytes_of, file)
    if not raw.strip():
        raise ValueError("there is nothing in it")
    own_id, conversation = known_by(raw)
    row, new = await inbox.store(CHANNEL, own_id, raw, conversation, take=False)
    if not new:
        await database.writing(partial(_again, number=row.id or 0))
    return row.id or 0


def _again(session: "Session", number: int) -> None:
    """What is done stays done, and what is being worked is left to whoever works it."""
    from models.moments import now
    from models.queue import InboxRow, State, revive

    row = session.get_one(InboxRow, number, with_for_update=True)
    if row.state not in (State.DONE, State.WORKING):
        revive(row, now())


def _became(session: "Session", number: int) -> dict[str, Any]:
    from models.queue import InboxRow

    row = session.get_one(InboxRow, number)
    return {"state": row.state, "ticket": row.ticket.ref if row.ticket else None}


def _work_off() -> None:
    """What is due in the inbox, of any channel."""
    from bot.app import House
    from bot.commands.settings import plain_words, settings_or_fail

    with plain_words():
        house = House(settings_or_fail())
        asyncio.run(house.work_off())
        house.database.close()
