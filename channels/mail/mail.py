"""A mail in our own words, whatever it looked like on the wire."""

from dataclasses import dataclass
from datetime import datetime

from channels.base import MailKind as MailKind


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox, all in lower case; empty where the header cannot be read."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment or an inline picture, decoded."""

    name: str
    type: str
    """as the mail says; what it is by its bytes is found out where it is kept"""
    content: bytes
    content_id: str = ""
    """what the HTML calls it by, without < >"""
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What a bounce or complaint says of the mail of ours that it is about."""

    message_id: str = ""
    """of our mail, without < >; empty where the report does not hold it"""
    recipients: tuple[str, ...] = ()
    """whom it did not reach (or who complained)"""
    permanent: bool = True
    """False: late, busy, mailbox full; the mail may arrive yet"""
    reason: str = ""
    """what the other server says, one line"""


@dataclass(frozen=True, slots=True)
class Mail:
    """What was read of a mail. Every field has a value, whatever the mail lacked; only `kind` is a judgement."""

    message_id: str
    """without < >; empty where there is none"""
    sender: Address
    """of From (else Sender, Reply-To, Return-Path); empty address where nobody can be made out"""
    reply_to: Address
    """where an answer goes: Reply-To, else the sender"""
    to: tuple[Address, ...]
    """To, Cc, Delivered-To, X-Original-To, Envelope-To, without doubles: whom it was for, with our plus-addresses"""
    subject: str
    date: datetime | None
    """by the sender's clock, with time zone"""
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    """ids without < >, oldest first"""
    kind: MailKind
    absent: bool
    """an auto-reply by which nobody is there: out of office, vacation, left the job"""
    text: str
    """all of the text, quoted lines and signature with it; from the HTML where there is no plain part"""
    reply: str
    """the person's own words: without what was quoted and the signature; never empty where `text` is not"""
    html: str
    """the HTML part as sent, unsafe; empty where there is none"""
    parts: tuple[Part, ...]
    spam: bool
    """our own server's filter calls it spam"""
    authentic: str
    """what our own server's Authentication-Results says of the sender's domain: pass, fail, or empty: not known"""
    list_id: str
    """of a mailing list"""
    returned: Returned | None
    """of a bounce or complaint"""
    flaws: tuple[str, ...]
    """what was wrong with it and how it was read in spite of that, for whoever looks at it"""
