"""A connection to a mailbox by IMAP, in the words of who takes letters out of it. All of it blocks."""

import re
import socket
from collections.abc import Collection
from contextlib import suppress
from imaplib import IMAP4

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted

from channels.mail.oauth import AccessToken
from channels.mail.server import Secrecy, Server
from channels.mail.settings import EmailSettings

STORED, REFUSED = "AtbildeStored", "AtbildeRefused"
BATCH = 100
PATIENCE = 30.0
"""seconds a server may take for one answer"""


class NotDone(Exception):
    """The server refuses something of one letter; others may be well."""


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

    def new(self, without: Collection[str]) -> list[tuple[str, int]]:
        """Uid and size of letters that bear none of our marks, the oldest first, at most BATCH."""
        criteria = f"UNKEYWORD {STORED} UNKEYWORD {REFUSED}" if self._keywords else "UNSEEN UNFLAGGED"
        self._box.client.response("EXISTS")  # forgets what the server has told until now
        uids = [uid for uid in self._box.uids(criteria, charset=None) if uid not in without][:BATCH]
        if not uids:
            return []
        sizes = dict(_uid_and_size(part) for part in self._fetch(",".join(uids), "(UID RFC822.SIZE)"))
        return [(uid, sizes[uid]) for uid in uids if uid in sizes]

    def content(self, uid: str) -> bytes:
        """The letter, byte for byte; empty where it has been removed. Raises NotDone."""
        parts = self._fetch(uid, "(BODY.PEEK[])")
        return next((bytes(part[1]) for part in parts if isinstance(part, tuple)), b"")

    def mark_stored(self, uid: str) -> None:
        """Raises NotDone."""
        self._mark(uid, STORED if self._keywords else r"\Seen")

    def mark_refused(self, uid: str) -> None:
        """Whoever reads the mailbox sees that it wants looking at. Raises NotDone."""
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
            return bool(client.file.peek(1))  # type: ignore[union-attr]  # a BufferedReader
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
        except Exception:  # whichever it was: a token that is not used up is worth less than a log-in that works
            self._token.forget()
            raise

    def _mark(self, uid: str, flags: str) -> None:
        # not by the library's `flag`, which also expunges what other people have marked as deleted
        self._asked("STORE", uid, "+FLAGS.SILENT", f"({flags})")

    def _fetch(self, uids: str, what: str) -> list[bytes | tuple[bytes, bytes]]:
        return [part for part in self._asked("FETCH", uids, what) if part]

    def _asked(self, *what: str) -> list[bytes | tuple[bytes, bytes]]:
        try:
            answer, said = self._box.client.uid(*what)
        except IMAP4.abort:  # the connection is gone
            raise
        except IMAP4.error as error:
            raise NotDone(str(error)) from error
        if answer != "OK":
            raise NotDone(f"{what[0]} of letter {what[1]}: {said!r}")
        return said


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
