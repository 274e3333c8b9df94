"""Letters out of a mailbox, by IMAP: each is marked there only when it is stored here.

The mark is a keyword of our own, so that whoever else reads the mailbox hides nothing from us and loses nothing by us.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from channels.base import Receive
from channels.mail.identity import identity, sender
from channels.mail.mailbox import Mailbox, NotDone
from channels.mail.oauth import AccessToken
from channels.mail.server import Server
from channels.mail.settings import LARGEST, EmailSettings

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
IDLE = 4 * 60.0
"""seconds without a word from the server, after which we look by ourselves: some servers and firewalls forget us"""
POLL = 60.0
"""seconds between looks where the server cannot say by itself that something came"""


async def visit(
    server: Server,
    settings: EmailSettings,
    token: AccessToken,
    receive: Receive,
    well: Callable[[], None],
    *,
    poll: float = POLL,
    largest: int = LARGEST,
) -> None:
    """Takes letters in as they come, over one connection, until it breaks; says `well` whenever all are taken.

    Raises what broke it, and ExceptionGroup where some letters could not be stored; the others have been.
    """
    mailbox, thread = Mailbox(server, settings, token), Thread()
    taking = partial(_take, thread, mailbox, receive, largest)
    try:
        await thread.run(mailbox.open)
        while True:
            failed: dict[str, Exception] = {}
            while letters := await thread.run(mailbox.new, failed):
                errors = {uid: error for uid, size in letters if (error := await taking(uid, size))}
                failed |= errors
                if len(errors) == len(letters):  # then it is hardly the letters' fault
                    break
            if failed:
                raise ExceptionGroup(f"{len(failed)} letters could not be stored", list(failed.values()))
            well()
            await thread.run(mailbox.wait, IDLE)
            if not mailbox.tells:
                await asyncio.sleep(poll)
    finally:
        mailbox.interrupt()
        thread.end(mailbox.close)


async def _take(
    thread: "Thread", mailbox: Mailbox, receive: Receive, largest: int, uid: str, size: int
) -> Exception | None:
    """Stores one letter, then marks it; returns why that could not be done for now."""
    try:
        if size > largest:
            log.error("imap: letter %s of %d bytes is too large; it stays in the mailbox, flagged", uid, size)
            await thread.run(mailbox.mark_refused, uid)
            return None
        raw = await thread.run(mailbox.content, uid)
        return await _store(thread, mailbox, receive, uid, raw) if raw else None  # it may have been removed meanwhile
    except NotDone as error:
        return error


async def _store(thread: "Thread", mailbox: Mailbox, receive: Receive, uid: str, raw: bytes) -> Exception | None:
    try:
        await receive(identity(raw), raw, sender(raw))
    except ValueError as error:
        log.error("imap: letter %s cannot be taken; it stays in the mailbox, flagged: %s", uid, error)
        await thread.run(mailbox.mark_refused, uid)
    except Exception as error:
        return error
    else:
        await thread.run(mailbox.mark_stored, uid)
    return None


class Thread:
    """One thread for all that blocks; what it does when we are cancelled goes on without us."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="imap")

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, partial(work, *args, **kwargs))

    def end(self, last: Callable[[], None]) -> None:
        self._pool.submit(last)
        self._pool.shutdown(wait=False)
