"""Letters handed in by a mail server (LMTP), or by anybody on this machine (SMTP) while nothing else is set.

We say 250 only when the letter is stored; else the server keeps it in its queue, or tells its sender.
"""

import asyncio
import logging
from typing import AnyStr
from weakref import WeakSet

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from channels.base import Receive
from channels.mail.identity import identity, sender
from channels.mail.settings import LARGEST, EmailSettings

log = logging.getLogger(__name__)
logging.getLogger("mail.log").setLevel(logging.WARNING)  # it would log every command, with everybody's address
STORED = "250 2.6.0 stored"
NOT_NOW = "451 4.3.0 cannot be stored now"
REFUSED = "552 5.3.4 too large"
NOT_OURS = "550 5.1.1 nobody here has this address"
_OF_THE_LIBRARY = (b"552 Error: Too much mail data", b"500 Line too long")
"""refusals after the data that the library says once, where LMTP wants them once a recipient"""


async def serve(
    at: tuple[str, int], settings: EmailSettings, receive: Receive, *, lmtp: bool, largest: int = LARGEST
) -> None:
    """Listens until cancelled. Raises OSError where the port is taken."""
    loop = asyncio.get_running_loop()
    connections: WeakSet[Smtp] = WeakSet()

    def accept() -> SMTP:
        kind = Lmtp if lmtp else Smtp
        connection = kind(
            Handing(settings, receive, per_recipient=lmtp),
            data_size_limit=largest,
            enable_SMTPUTF8=True,
            hostname=settings.domain,
            ident="Atbilde",
            loop=loop,
        )
        connections.add(connection)
        return connection

    listening = await loop.create_server(accept, *at)
    log.info("%s: listening at %s:%d", "lmtp" if lmtp else "smtp", *at)
    try:
        await loop.create_future()
    finally:
        listening.close()
        for connection in list(connections):
            if connection.transport is not None:
                connection.transport.close()


class Handing:
    """What the library asks while a letter is handed in."""

    def __init__(self, settings: EmailSettings, receive: Receive, *, per_recipient: bool) -> None:
        self._settings = settings
        self._receive = receive
        self._per_recipient = per_recipient

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if not self._settings.is_ours(address):
            return NOT_OURS
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ours"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        answer = await self._store(envelope.original_content or b"", _on_top(envelope))
        return "\r\n".join([answer] * len(envelope.rcpt_tos)) if self._per_recipient else answer

    async def handle_exception(self, error: Exception) -> str:
        log.error("a letter was not taken", exc_info=error)
        return NOT_NOW

    async def _store(self, letter: bytes, on_top: bytes) -> str:
        """The letter is the same one when the server brings it again for but one of its recipients."""
        try:
            await self._receive(identity(letter), on_top + letter, sender(letter))
        except ValueError as error:
            log.error("a letter cannot be taken: %s", error)
            return REFUSED
        except Exception as error:
            log.error("a letter could not be stored; it stays where it comes from", exc_info=error)
            return NOT_NOW
        return STORED


class Smtp(SMTP):
    """One connection."""

    line_length_limit = 1024 * 1024
    """Most bytes of one line. The standard says 998, and a letter that breaks it must not be lost for that."""


class Lmtp(Smtp, LMTP):
    """Answers a letter once for each of its recipients."""

    async def push(self, status: AnyStr) -> None:
        answer = status if isinstance(status, bytes) else status.encode()
        if answer.startswith(_OF_THE_LIBRARY) and self.envelope:
            answer = b"\r\n".join([answer] * len(self.envelope.rcpt_tos))
        await super().push(answer)


def _on_top(envelope: Envelope) -> bytes:
    """Who sent it and to which of our addresses, which its own headers need not show."""
    whence = (envelope.mail_from or "").strip("<>")
    to = "".join(f"Delivered-To: {address}\r\n" for address in envelope.rcpt_tos)
    return f"Return-Path: <{whence}>\r\n{to}".encode("utf-8", "surrogateescape")
