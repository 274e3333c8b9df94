"""Letters out of a mailbox, by IMAP: each is marked there only when it is stored here.

The mark is a keyword of our own, so that whoever else reads the mailbox hides nothing from us and loses nothing by us.
"""

import asyncio
import logging
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import ParamSpec, TypeVar

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted

from channels.base import Receive
from channels.mail.identity import identity, sender
from channels.mail.oauth import AccessToken
from channels.mail.server import Secrecy, Server
from channels.mail.settings import LARGEST, EmailSettings

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")
STORED, REFUSED = "AtbildeStored", "AtbildeRefused"
BATCH = 100
IDLE = 4 * 60.0
"""seconds without a word from the server, after which we look by ourselves: some servers and firewalls forget us"""
POLL = 60.0
"""seconds between looks where the server cannot say by itself that something came"""
PATIENCE = 30.0
"""seconds a server may take for one answer"""


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
            while letters := await thread.run(mailbox.new):
                failed = [error for one in letters if (error := await taking(*one))]
                if failed:
                    raise ExceptionGroup(f"{len(failed)} letters could not be stored", failed)
            well()
            await thread.run(mailbox.wait, IDLE)
            if not mailbox.tells:
                await asyncio.sleep(poll)
    finally:
        mailbox.interrupt()
        thread.end(mailbox.close)


async def _take(
    thread: "Thread", mailbox: "Mailbox", receive: Receive, largest: int, uid: str, size: int
) -> Exception | None:
    """Stores one letter, then marks it; returns why it could not be stored for now."""
    if size > largest:
        log.error("imap: letter %s of %d bytes is too large; it stays in the mailbox, flagged", uid, size)
        await thread.run(mailbox.mark_refused, uid)
        return None
    raw = await thread.run(mailbox.content, uid)
    if not raw:  # removed in the meantime
        return None
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


class Mailbox:
    """A connection to the mailbox. Blocking, for one thread; only `interrupt` may be called from another."""

    def __init__(self, server: Server, settings: EmailSettings, token: AccessToken) -> None:
        self._server = server
        self._settings = settings
        self._token = token
        self._opened: BaseMailBox | None = None
        self._ended = False

    def open(self) -> None:
        self._opened = _connected(self._server)
        if self._ended:
            raise ConnectionAbortedError("not wanted any more")
        self._log_in()
        client = self._box.client
        _, (capabilities, *_rest) = client.capability()  # after the log-in there may be more
        self.tells = b"IDLE" in capabilities.upper().split()
        self._box.folder.set(self._server.folder)
        lasting = b" ".join(flags or b"" for flags in client.response("PERMANENTFLAGS")[1] or [])
        self._keywords = rb"\*" in lasting or STORED.encode() in lasting

    def new(self) -> list[tuple[str, int]]:
        """Uid and size of letters that bear none of our marks, the oldest first, at most BATCH."""
        criteria = f"UNKEYWORD {STORED} UNKEYWORD {REFUSED}" if self._keywords else "UNSEEN UNFLAGGED"
        self._box.client.response("EXISTS")  # forgets what the server has told until now
        uids = self._box.uids(criteria, charset=None)[:BATCH]
        if not uids:
            return []
        sizes = dict(_uid_and_size(part) for part in self._fetch(",".join(uids), "(UID RFC822.SIZE)"))
        return [(uid, sizes[uid]) for uid in uids if uid in sizes]

    def content(self, uid: str) -> bytes:
        """The letter, byte for byte; empty where it has been removed."""
        parts = self._fetch(uid, "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    def mark_stored(self, uid: str) -> None:
        self._mark(uid, STORED if self._keywords else r"\Seen")

    def mark_refused(self, uid: str) -> None:
        """Whoever reads the mailbox sees that it wants looking at."""
        self._mark(uid, rf"{REFUSED} \Flagged" if self._keywords else r"\Flagged")

    def wait(self, seconds: float) -> None:
        """Until the server tells something, at most so long; returns at once if it did since `new`, or never does."""
        told = any(self._box.client.response("EXISTS")[1] or [])
        if self.tells and not told:
            with self._box.idle as idling:
                if not self._told_at_once():
                    idling.poll(timeout=seconds)

    def _told_at_once(self) -> bool:
        """Whether word of a letter came in one piece with the leave to wait: the library waits for the next piece."""
        client = self._box.client
        client.sock.settimeout(0)
        try:
            return bool(client.file.peek(1))  # type: ignore[attr-defined]  # it is a BufferedReader
        except OSError:  # there is nothing yet
            return False
        finally:
            client.sock.settimeout(PATIENCE)

    def interrupt(self) -> None:
        """Ends whatever waits on it, at once."""
        self._ended = True
        if self._opened:
            with suppress(OSError):
                self._opened.client.sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        if self._opened:
            with suppress(OSError):
                self._opened.client.shutdown()

    @property
    def _box(self) -> BaseMailBox:
        if self._opened is None:
            raise ConnectionError("the mailbox is not open")
        return self._opened

    def _log_in(self) -> None:
        user, password = self._server.user, self._settings.imap_password
        if password is not None:
            plain = password.get_secret_value()
            log_in = self._box.login if (user + plain).isascii() else self._box.login_utf8
            log_in(user, plain, initial_folder=None)
            return
        try:
            self._box.xoauth2(user, self._token.get(), initial_folder=None)
        except Exception:
            self._token.forget()
            raise

    def _mark(self, uid: str, flags: str) -> None:
        # not by the library's `flag`, which also expunges what other people have marked as deleted
        answer, said = self._box.client.uid("STORE", uid, "+FLAGS.SILENT", f"({flags})")
        if answer != "OK":
            raise ConnectionError(f"the server does not mark a letter: {said!r}")

    def _fetch(self, uids: str, what: str) -> list[bytes | tuple[bytes, bytes]]:
        answer, parts = self._box.client.uid("FETCH", uids, what)
        if answer != "OK":
            raise ConnectionError(f"the server does not give a letter: {parts!r}")
        return [part for part in parts if part]


def _connected(server: Server) -> BaseMailBox:
    tls = server.tls()
    if server.secrecy is Secrecy.TLS:
        return MailBox(server.host, server.port, PATIENCE, ssl_context=tls)
    box = MailBoxUnencrypted(server.host, server.port, PATIENCE)
    if tls is not None:  # not by the library's own class, which leaves the connection open where TLS fails
        try:
            box.client.starttls(tls)
        except BaseException:
            with suppress(OSError):
                box.client.shutdown()
            raise
    return box


def _uid_and_size(part: bytes | tuple[bytes, bytes]) -> tuple[str, int]:
    said = b"".join(part) if isinstance(part, tuple) else part
    uid, size = re.search(rb"UID (\d+)", said), re.search(rb"RFC822\.SIZE (\d+)", said)
    return (uid[1].decode(), int(size[1])) if uid and size else ("", 0)
