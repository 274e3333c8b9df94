"""Letters out: to the SMTP server that is set, else into a folder where a newcomer finds them."""

import asyncio
import mailbox
import re
from contextlib import suppress
from email.message import EmailMessage
from email.utils import parseaddr
from typing import cast

import aiosmtplib

from channels.base import SendError
from channels.mail.oauth import AccessToken
from channels.mail.server import Secrecy, Server
from channels.mail.settings import EmailSettings

TO_DATA = 15.0
"""seconds from the connection until the server wants the letter"""
TRANSFER = 12.0
"""seconds for the letter itself"""
VERDICT = 15.0
"""seconds for the server to say whether it takes it; all three together are less than the outbox's patience"""
GOODBYE = 2.0
FLUSHED = 0.01
"""seconds between looks whether the letter has gone out"""
TOO_LARGE = 552


class Sender:
    def __init__(self, settings: EmailSettings) -> None:
        self._settings = settings
        self._server = settings.smtp
        self._token = AccessToken(settings)

    async def send(self, letter: EmailMessage, to: str) -> None:
        """Raises SendError. Bounces go where answers go, so that its token tells what has bounced."""
        if self._server is None:
            await asyncio.to_thread(self._put_aside, letter)
            return
        sender = parseaddr(str(letter["Reply-To"] or letter["From"]))[1]
        raw = re.sub(rb"(?m)^\.", b"..", letter.as_bytes())
        client = self._client(self._server)
        try:
            try:
                async with asyncio.timeout(TO_DATA):
                    await client.connect()
                    await self._log_in(client, self._server.user)
                    await _offer(client, sender, to, len(raw))
            except (aiosmtplib.SMTPException, OSError) as error:  # OSError: TLS, time-outs and tokens too
                raise _not_taken(error) from error
            await _transfer(client, raw)
            await _verdict(client)
        finally:
            try:
                with suppress(aiosmtplib.SMTPException, OSError):
                    await client.quit(timeout=GOODBYE)
            finally:  # also where we are told to stop while we say goodbye
                client.close()

    def _client(self, server: Server) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            timeout=TO_DATA,
            use_tls=server.secrecy is Secrecy.TLS,
            start_tls=server.secrecy is Secrecy.STARTTLS,
            tls_context=server.tls(),
            local_hostname=self._settings.domain,
        )

    async def _log_in(self, client: aiosmtplib.SMTP, user: str) -> None:
        if not user:
            return
        if (password := self._settings.smtp_password) is not None:
            await client.login(user, password.get_secret_value())
            return
        try:
            await client.auth_xoauth2(user, await asyncio.to_thread(self._token.get))
        except aiosmtplib.SMTPAuthenticationError:
            self._token.forget()
            raise

    def _put_aside(self, letter: EmailMessage) -> None:
        """Written whole before it is seen in the folder."""
        self._settings.maildir.parent.mkdir(parents=True, exist_ok=True)
        mailbox.Maildir(self._settings.maildir).add(letter.as_bytes())


async def _offer(client: aiosmtplib.SMTP, sender: str, to: str, size: int) -> None:
    """Until the server wants the letter."""
    await client.mail(sender, options=[f"SIZE={size}"] if client.supports_extension("size") else [])
    await client.rcpt(to)
    answer = await client.execute_command(b"DATA")
    if answer.code != aiosmtplib.SMTPStatus.start_input:
        raise aiosmtplib.SMTPDataError(answer.code, answer.message)


async def _transfer(client: aiosmtplib.SMTP, raw: bytes) -> None:
    """All of the letter but the dot that ends it: while that has not gone out, the server has taken nothing."""
    try:
        async with asyncio.timeout(TRANSFER):
            if client.transport is not None:
                transport = cast(asyncio.WriteTransport, client.transport)  # isinstance denies it of uvloop's
                transport.write(raw)
                while transport.get_write_buffer_size() and not transport.is_closing():  # noqa: ASYNC110 - it tells nobody
                    await asyncio.sleep(FLUSHED)
    except TimeoutError:
        raise SendError(f"the server took more than {TRANSFER:.0f} s for the letter") from None
    if not client.is_connected:
        raise SendError("the connection was lost before the letter had gone out")


async def _verdict(client: aiosmtplib.SMTP) -> None:
    try:
        answer = await client.execute_command(b".", timeout=VERDICT)
    except (aiosmtplib.SMTPException, OSError) as error:
        raise SendError(f"the server did not say whether it has taken it: {error}", doubtful=True) from error
    if answer.code != aiosmtplib.SMTPStatus.completed:
        raise _not_taken(aiosmtplib.SMTPDataError(answer.code, answer.message))


def _not_taken(error: Exception) -> SendError:
    """For good only where the letter or its recipient is refused: what is wrong with us or the server can be mended."""
    code = getattr(error, "code", 0)
    refused = isinstance(error, aiosmtplib.SMTPRecipientRefused | aiosmtplib.SMTPDataError) and code >= 500
    too_large = isinstance(error, aiosmtplib.SMTPSenderRefused) and code == TOO_LARGE
    said = f"{code} {error.message}" if isinstance(error, aiosmtplib.SMTPResponseException) else str(error)
    return SendError(f"{type(error).__name__}: {said}", permanent=refused or too_large)
