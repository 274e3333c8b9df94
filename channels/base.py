"""What a channel is: one file that can send, can parse what arrives, and may listen or offer webhooks.

A channel is handed functions, never the application, and knows no database.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Protocol

from fastapi import APIRouter

from channels.delivery import Delivery


class Receive(Protocol):
    """What a channel is handed to give in what arrived."""

    def __call__(self, external_id: str, raw: bytes, conversation: str = "") -> Awaitable[bool]:
        """True when stored for the first time, False when it was stored before.

        Returns only after the commit, so whoever awaits it may acknowledge. Raises when nothing could be stored.
        Payloads of one `conversation` are worked in the order in which they came.
        """


class Kind(StrEnum):
    """What the citizen did."""

    TEXT = "text"
    QUESTION = "question"
    """asked through a form or program: always a ticket, be it small talk"""
    COMPLAINT = "complaint"
    """about how the last ticket was dealt with"""
    CHOICE = "choice"
    """pressed a button; `choice` holds its value"""
    EDIT = "edit"
    """changed the text of the earlier message `external_id`"""
    START = "start"
    """opened the conversation: greet, make no ticket"""
    STATUS = "status"
    """asked how the ticket stands"""
    LEFT = "left"
    """blocked us: nothing can be sent until something arrives again"""
    DELIVERY = "delivery"
    """the provider tells what became of a message of ours; see `Inbound.delivery`. Nobody has done anything"""
    LETTER = "letter"
    """a mail: what it belongs to, and who may say so, is still to be found out; see `Inbound.letter`"""
    IGNORED = "ignored"
    """nothing for us; `text` says why"""


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file the citizen sent, still at the provider; `Channel.fetch` brings its bytes."""

    id: str
    name: str
    media_type: str = "application/octet-stream"
    size: int | None = None
    content: bytes | None = None
    """the bytes, where they came with the message and nothing is left to be fetched"""


class MailKind(StrEnum):
    MESSAGE = "message"
    """written by a person"""
    AUTO_REPLY = "auto-reply"
    """a machine answers for a person: out of office, vacation, "we got your mail"; never a question nor an answer"""
    BOUNCE = "bounce"
    """says that a mail of ours was not delivered, or is late"""
    COMPLAINT = "complaint"
    """feedback report: somebody called a mail of ours spam"""
    AUTO_GENERATED = "auto-generated"
    """a system reports something: a question like another, but nobody there reads an acknowledgement"""


@dataclass(frozen=True, slots=True)
class Returned:
    """A machine says that something we sent did not arrive, or that somebody complained of it."""

    party: str
    """as `Letter.party`, of what we had sent; empty where the report does not show it"""
    recipients: tuple[str, ...]
    permanent: bool
    """False: it may arrive yet"""
    reason: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail has beside its words, so that it can be found out where it belongs."""

    sender: str
    """the address that it comes from, which is not always where an answer goes"""
    subject: str
    kind: MailKind
    absent: bool
    """an automatic reply by which nobody is there"""
    party: str
    """`t12` or `f34`, for ticket or forwarding, by a token that only we can make; empty: it holds none"""
    answers: tuple[str, ...]
    """ids of the messages that it says it answers, the nearest first"""
    whole: str
    """all of its text, with quotes and signature"""
    doubtful: str
    """why it must not be taken in without a person's look (spam, forged sender); empty: it may"""
    returned: Returned | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A letter as people look at it who want to see the whole of it."""

    sender: str
    name: str
    """what the sender calls himself"""
    to: tuple[str, ...]
    subject: str
    at: datetime | None
    kind: MailKind
    text: str
    """all of it, with quotes and signature"""
    own: str
    """the person's own words"""
    files: tuple[FileRef, ...]
    """with their bytes"""
    pictures: Mapping[str, int]
    """which of the files the page shows in place, by what it calls them"""
    page: Callable[[Mapping[str, str], bool], str] | None
    """the HTML made safe, given the addresses of its pictures and whether others may be loaded; none: plain text"""
    remote: bool
    """the page would load something from elsewhere, if it were let"""
    flaws: tuple[str, ...]
    """what was wrong with it, and how it was read in spite of that"""


@dataclass(frozen=True, slots=True)
class Inbound:
    """One thing a citizen did, in our own words."""

    conversation: str
    """the contact's address on this channel; replies go there"""
    external_id: str
    """the provider's id of the message, unique within the channel"""
    kind: Kind
    text: str = ""
    choice: str = ""
    name: str = ""
    language: str = ""
    """the language the client says it speaks, two letters; a hint only"""
    audience: str = ""
    """`resident`, `business` or empty where the channel cannot know"""
    at: datetime | None = None
    """when it was sent by the provider's clock, with time zone"""
    files: tuple[FileRef, ...] = ()
    acknowledge: str = ""
    """what `Channel.acknowledge` needs to tell the provider that a button was taken"""
    letter: Letter | None = None
    delivery: Delivery | None = None

    @property
    def words(self) -> str:
        """What is to be understood: of a letter the subject too, which often is the question."""
        return f"{self.letter.subject}\n{self.text}".strip() if self.letter else self.text


@dataclass(frozen=True, slots=True)
class Choice:
    """A button."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Thread:
    """What a letter belongs to."""

    party: str
    """as `Letter.party`: whose answer it is when somebody answers"""
    subject: str
    ref: str
    """the ticket's number"""
    answers: tuple[str, ...] = ()
    """ids of the messages that it follows, the nearest first"""
    quoted: str = ""
    """what was asked, quoted below"""
    automatic: bool = True
    """no person wrote it: other machines must not answer it"""


@dataclass(frozen=True, slots=True)
class Outbound:
    """One thing to say to a citizen."""

    id: str
    """our own id: the same when we try again, so that a provider that can may send it once"""
    conversation: str
    text: str
    choices: tuple[Choice, ...] = ()
    language: str = "lv"
    sent_parts: tuple[str, ...] = ()
    """the provider's ids of the parts that went out at an earlier try; `send` goes on behind them"""
    thread: Thread | None = None
    """for a channel of letters"""
    files: tuple[File, ...] = ()
    ref: str = ""
    """number of the ticket that it is about; empty: of none"""
    link: str = ""
    """page where the ticket can be read, for a channel that cannot carry the whole; empty: there is none"""
    by_person: bool = False
    """a person wrote it, no program"""
    answer: bool = False
    """it is the answer that the citizen waits for"""
    heard_at: datetime | None = None
    """when the citizen last wrote on this conversation, with time zone; None: he never did"""


class SendError(Exception):
    """The provider did not take a message.

    `permanent`: trying again is hopeless (blocked, no such chat). `retry_after`: seconds the provider asked us to wait.
    `sent_parts`: ids of the parts it had taken already. `doubtful`: we cannot know whether it took the message
    (the connection broke after the request had gone out), so only a person may decide to send it again. `locked_out`:
    the provider does not accept our credentials, which says nothing against the message: it is kept until they work.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        sent_parts: tuple[str, ...] = (),
        doubtful: bool = False,
        locked_out: bool = False,
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.retry_after = retry_after
        self.sent_parts = sent_parts
        self.doubtful = doubtful
        self.locked_out = locked_out


class ParseError(ValueError):
    """The raw payload is not what the provider documents; it is kept and shown to staff."""


class Channel(ABC):
    """A way to reach citizens. Required: `name`, `send`, `parse`. The rest degrades harmlessly."""

    name: ClassVar[str]
    pulled: ClassVar[bool] = False
    """True where the citizen's side fetches messages by itself: one that is stored is delivered."""
    repeatable: ClassVar[bool] = False
    """True where sending twice with the same `Outbound.id` shows once."""
    looks: ClassVar[bool] = False
    """True where it can find out whether a message that may have gone out is there: see `sent_before`."""
    buttons: ClassVar[bool] = False
    """False: choices are sent as a numbered list, and a number typed back is taken as the choice."""
    tells_delivery: ClassVar[bool] = False
    """True where the provider tells later what became of a message (Kind.DELIVERY)."""
    letters: ClassVar[bool] = False
    """True where a message has a subject and is quoted: what is said in one turn goes out as one letter."""
    reply_window: timedelta | None = None
    """How long after somebody wrote a person may write to him; later the provider refuses. None: there is no limit."""
    largest: ClassVar[int] = 4 * 1024 * 1024
    """Most bytes of one raw payload."""
    concurrency: ClassVar[int] = 8
    """How many conversations are sent to at once."""
    rate: float = 30.0
    """Messages a second over the whole account."""

    @abstractmethod
    async def send(self, message: Outbound) -> str:
        """Sends; returns the provider's id (ids of parts joined by a comma). Raises SendError."""

    @abstractmethod
    def parse(self, raw: bytes) -> list[Inbound]:
        """Pure. One payload may carry several things, or none. Raises ParseError."""

    async def listen(self, receive: Receive) -> None:
        """Polls until cancelled. Default: nothing to poll."""

    def router(self, receive: Receive) -> APIRouter | None:
        """Webhooks, served below `/channels/<name>`. Default: none."""
        return None

    async def sent_before(self, message: Outbound) -> str:
        """What `send` would have returned at an earlier try that nobody saw the end of; empty: it was not sent.

        Asked only where `looks`. Raises SendError, `doubtful` where that cannot be found out.
        """
        raise SendError("this channel cannot look for what it has sent", doubtful=True)

    async def fetch(self, file: FileRef, limit: int) -> bytes:
        """Brings a file of at most `limit` bytes. Raises SendError(permanent=True) where it is larger or gone."""
        raise SendError("this channel carries no files", permanent=True)

    async def expiry(self) -> datetime | None:
        """When our credentials end, with time zone; None where they do not, or nobody can know.

        Asked now and then. Raises SendError, `locked_out` where the provider does not accept them already.
        """
        return None

    async def acknowledge(self, inbound: Inbound) -> None:
        """Tells the provider that a pressed button was taken. Best effort; called after the work is stored."""

    async def close(self) -> None:
        """Gives back connections."""


def as_text(message: Outbound) -> str:
    """The text with its choices as a numbered list, for channels without buttons."""
    if not message.choices:
        return message.text
    lines = [f"{number}. {choice.label}" for number, choice in enumerate(message.choices, 1)]
    return "\n".join([message.text, "", *lines])
