"""People with ordinary mail programs, on real mail servers."""

import asyncio
import email
import email.policy
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from tests.channels.mail import servers

DESK = "atbilde@desk.test"
"""what the desk is written to"""
PATIENCE = 40


@dataclass
class Post:
    """The town's mail: what a person's program sends, and what lies in its mailbox."""

    exim: servers.Exim
    dovecot: servers.Dovecot

    def sends(self, sender: str, to: str, text: str, mailbox: str = "", **headers: str) -> EmailMessage:
        """To that address, which the servers may know to be another `mailbox`."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Message-ID"] = sender, to, make_msgid(domain=sender.partition("@")[2])
        for name, value in headers.items():
            letter[name.replace("_", "-")] = value
        letter.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.exim.ports["smtp"]) as client:
            client.send_message(letter, sender, mailbox or to)
        return letter

    def answers(self, letter: EmailMessage, sender: str, words: str) -> EmailMessage:
        """As programs do: to where it says, with what it follows, the letter quoted below."""
        quoted = "\n".join(f"> {line}" for line in text_of(letter).splitlines())
        text = f"{words}\n\nPirmd., 2026. g. 23. nov., plkst. 10:15 lietotājs Atbilde <{DESK}> rakstīja:\n\n{quoted}\n"
        threads = {"In_Reply_To": letter["Message-ID"], "References": letter["Message-ID"]}
        return self.sends(sender, letter["Reply-To"], text, Subject=f"Re: {letter['Subject']}", **threads)

    def mailbox(self, user: str) -> list[EmailMessage]:
        client = self.dovecot.imap(user)
        try:
            numbers = client.search(None, "ALL")[1][0].split()
            raws = [client.fetch(number.decode(), "(RFC822)")[1][0][1] for number in numbers]  # type: ignore[index]
        finally:
            client.logout()
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in raws]  # type: ignore[arg-type]

    async def until(self, user: str, number: int) -> list[EmailMessage]:
        """The mailbox, as soon as so many letters are there."""
        async with asyncio.timeout(PATIENCE):
            while len(found := await asyncio.to_thread(self.mailbox, user)) < number:  # noqa: ASYNC110 - it tells nobody
                await asyncio.sleep(0.1)
        return found


def running(desk_port: int) -> Iterator[Post]:
    """Real servers, which hand in at `desk_port` what is for the desk; for a fixture."""
    if not servers.HERE:
        pytest.skip(servers.WHY_ABSENT)
    with servers.dovecot() as dovecot, servers.exim(dovecot.ports["lmtp"], desk_port) as exim:
        yield Post(exim, dovecot)


def text_of(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def listening(port: int) -> None:
    """What came before would wait in Exim's queue for a minute."""
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
