"""E-mail: citizens ask by letter, institutions answer by pressing Reply."""

from channels.base import Channel, FileRef, Inbound, Kind, Letter, Outbound, Receive, Returned
from channels.mail.listen import listen
from channels.mail.mail import Mail, Part
from channels.mail.read import read
from channels.mail.settings import LARGEST, EmailSettings
from channels.mail.smtp import Sender
from channels.mail.token import Tokens
from channels.mail.write import written

NOBODY = "nobody"
"""in place of an address where a mail has none that can be answered"""


class Email(Channel):
    name = "email"
    letters = True
    largest = LARGEST
    concurrency = 4

    def __init__(self, settings: EmailSettings, key: bytes) -> None:
        """`key` signs what answers are known by. Raises ValueError where the settings do not suffice."""
        if reason := settings.missing():
            raise ValueError(reason)
        self._settings = settings
        self._tokens = Tokens(key)
        self._sender = Sender(settings)

    async def send(self, message: Outbound) -> str:
        letter = written(message, self._settings, self._tokens)
        await self._sender.send(letter, letter["To"].addresses[0].addr_spec)
        return str(letter["Message-ID"]).strip("<> ")

    def parse(self, raw: bytes) -> list[Inbound]:
        mail = read(raw, self._settings.authserv_id)
        if mail.sender.address == self._settings.address:
            return [Inbound(NOBODY, mail.message_id, Kind.IGNORED, "a letter of our own")]
        letter = Letter(
            sender=mail.sender.address,
            subject=mail.subject,
            kind=mail.kind,
            absent=mail.absent,
            party=self._party(mail),
            answers=_nearest(mail),
            whole=mail.text,
            doubtful=_doubtful(mail),
            returned=self._returned(mail),
        )
        return [
            Inbound(
                conversation=mail.reply_to.address or mail.sender.address or NOBODY,
                external_id=mail.message_id,
                kind=Kind.LETTER,
                text=mail.reply,
                name=mail.sender.name,
                at=mail.date,
                files=tuple(_file(number, part) for number, part in enumerate(mail.parts)),
                letter=letter,
            )
        ]

    async def listen(self, receive: Receive) -> None:
        await listen(self._settings, receive)

    async def close(self) -> None:
        """Nothing is kept open between two letters."""

    def _party(self, mail: Mail) -> str:
        """Ours is only what we have signed: in the address that it was sent to, else in what it says it answers."""
        addresses = [address.address for address in mail.to]
        return self._tokens.read([*addresses, *_nearest(mail)])

    def _returned(self, mail: Mail) -> Returned | None:
        if (report := mail.returned) is None:
            return None
        addresses = [address.address for address in mail.to]
        party = self._tokens.read([report.message_id, *addresses, *_nearest(mail)])
        return Returned(party, report.recipients, report.permanent, report.reason)


def _nearest(mail: Mail) -> tuple[str, ...]:
    """What it answers, the nearest first."""
    return tuple(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))


def _file(number: int, part: Part) -> FileRef:
    return FileRef(str(number), part.name, part.type, len(part.content), part.content)


def _doubtful(mail: Mail) -> str:
    if mail.spam:
        return "spam"
    return "forged" if mail.authentic == "fail" else ""
