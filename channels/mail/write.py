"""Writes a letter: threaded, signed, in plain text and HTML, with nothing in it that a server or client chokes on."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from channels.base import File, Outbound, SendError
from channels.mail.settings import EmailSettings
from channels.mail.token import Tokens
from channels.mail.write_body import as_html, as_plain

SUBJECT = 200
"""most characters of a subject"""
NAME = 120
"""most characters of a file's name"""
_IDS = ("message-id", "in-reply-to", "references")
_ID = re.compile(r"[!-;=?-~]{3,250}")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}")
_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", re.IGNORECASE)
_TYPE = re.compile(r"(?!message/|multipart/)([a-z0-9][a-z0-9.+-]*)/([a-z0-9][a-z0-9.+-]*)")
_ANSWERED = re.compile(r"(?:\s*(?:re|aw|sv|vs|ats|atb|fw|fwd|отв|пересл)(?:\[\d+\])?:)+\s*", re.IGNORECASE)
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1b\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""controls, turned writing and halves of letters; line ends of every kind are blanks where one line is wanted"""


class _Policy(EmailPolicy):
    """The standard library's, but ids are neither encoded nor cut, however long: servers look for them as they are."""

    def fold(self, name: str, value: Any) -> str:
        if name.lower() not in _IDS:
            return str(super().fold(name, value))
        return f"{name}: " + f"{self.linesep} ".join(str(value).split()) + self.linesep

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii", "replace")


_POLICY = _Policy(linesep="\r\n", cte_type="7bit")


def written(message: Outbound, settings: EmailSettings, tokens: Tokens) -> EmailMessage:
    """The letter, with the same Message-ID at every try. Raises SendError where nobody can be written to there."""
    thread, letter, name = message.thread, EmailMessage(_POLICY), _one_line(settings.name)
    follows = [one for one in (thread.answers if thread else ()) if _ID.fullmatch(one)]
    letter["From"] = Address(name, addr_spec=settings.address)
    letter["To"] = _address(message.conversation)
    letter["Subject"] = _subject(message, bool(follows))
    letter["Date"] = format_datetime(datetime.now(UTC))
    letter["Message-ID"] = f"<{_own_id(message, tokens)}@{settings.domain}>"
    if follows:
        letter["In-Reply-To"] = f"<{follows[0]}>"
        letter["References"] = " ".join(f"<{one}>" for one in reversed(follows))
    if thread and settings.plus:
        local = f"{settings.local}{settings.plus}{tokens.make(thread.party)}"
        letter["Reply-To"] = Address(name, local, settings.domain)
    if thread is None or thread.automatic:
        letter["Auto-Submitted"] = "auto-replied" if follows else "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(as_plain(message), cte="quoted-printable")
    letter.add_alternative(as_html(message, letter["Subject"]), subtype="html", cte="quoted-printable")
    for file in message.files:
        _attach(letter, file)
    letter["Content-Language"] = _one_line(
        message.language
    )  # at the end: with more parts, earlier ones go to the first
    return letter


def _address(conversation: str) -> Address:
    local, _, domain = conversation.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        domain = ""
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise SendError(f"{conversation!r} is no address that a letter can be sent to", permanent=True)
    return Address(username=local, domain=domain)


def _subject(message: Outbound, follows: bool) -> str:
    """With the ticket's number in it, once; without a ticket the first line of the text."""
    if message.thread is None:
        lines = (_one_line(line) for line in message.text.splitlines())
        return next((line for line in lines if line), "")[:SUBJECT]
    number = f"[{_one_line(message.thread.ref)}]"
    bare = _ANSWERED.sub("", _one_line(message.thread.subject).replace(number, ""), count=1)
    return f"{'Re: ' if follows else ''}{number} {bare[:SUBJECT]}".rstrip()


def _own_id(message: Outbound, tokens: Tokens) -> str:
    """Signed in any case: another house, with another key, may have a message of the same number."""
    return f"{message.id}.{tokens.make(message.thread.party)}" if message.thread else tokens.make(message.id)


def _attach(letter: EmailMessage, file: File) -> None:
    kind = _TYPE.fullmatch(file.media_type.casefold())
    major, minor = kind.groups() if kind else ("application", "octet-stream")
    name = _one_line(file.name)[-NAME:] or "file"
    letter.add_attachment(file.content, maintype=major, subtype=minor, filename=name)


def _one_line(text: str) -> str:
    return " ".join(_UNSEEN.sub("", text).split())
