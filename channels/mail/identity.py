"""What makes a mail one mail, however often it comes."""

import hashlib
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parseaddr


def identity(raw: bytes) -> str:
    """By its own id and whose it is, else by its bytes; the same for every copy of it.

    Two people's mails may bear one id, by a broken program or with intent; neither must hide the other.
    """
    head = _headers(raw)
    own, whose = str(head.get("Message-ID", "")).strip(), str(head.get("From", "")).strip()
    return hashlib.sha256(f"{own} {whose}".encode("utf-8", "surrogateescape") if own else raw).hexdigest()


def sender(raw: bytes) -> str:
    """The address in From, lower case: letters of one sender are worked in their order. Empty where there is none."""
    return parseaddr(str(_headers(raw).get("From", "")))[1].casefold()


def _headers(raw: bytes) -> Message:
    return BytesHeaderParser().parsebytes(_head(raw))


def _head(raw: bytes) -> bytes:
    """The lines before the first empty one: a mail of 25 MB need not be read for its id."""
    ends = [at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0]
    return raw[: min(ends)] if ends else raw[:100_000]
