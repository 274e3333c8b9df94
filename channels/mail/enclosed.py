"""What a mail encloses beside its text: the fields of reports, and mails that came back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from itertools import islice

from channels.mail.content import text_of
from channels.mail.headers import Headers
from channels.mail.structure import Node

FIELDS = 3000
PARTS = 100
DEPTH = 12
LONGEST = 60_000
"""characters of one part"""
WHOLE = ("message/rfc822", "message/global")
_REPORT_FILE = re.compile(
    r"\S{0,60}(header|status|report|detail|original|transcript)\S{0,60}\.(txt|dat)$", re.IGNORECASE
)


@dataclass(slots=True)
class Section:
    """A part that is no text for people: a report's fields, the headers of a mail of ours, or an enclosed mail."""

    type: str
    text: str
    """its fields, one a line, and blocks of them parted by an empty line"""


def sections_of(message: Message) -> list[Section]:
    """The outermost first; the types of those within an enclosed mail begin with `enclosed `."""
    sections: list[Section] = []
    _collect(message, sections, 0)
    return sections


def types_of(message: Message) -> list[str]:
    """What each part that is not enclosed in another mail says it is, with parameters."""
    return list(islice(_types(message, 0), PARTS))


def headers_of(message: Message) -> Headers:
    return Headers([(name, _bytes(value)) for name, value in islice(message.raw_items(), FIELDS)])


def _collect(message: Message, sections: list[Section], depth: int) -> None:
    """Into the parts and what they enclose, the outermost first."""
    payload = message.get_payload()
    if depth > DEPTH or len(sections) >= PARTS:
        return
    headers = headers_of(message)
    kind = headers.type or "text/plain"
    children = [part for part in payload if isinstance(part, Message)][:PARTS] if isinstance(payload, list) else []
    if kind.startswith("message/"):
        sections.append(
            Section(kind, "\n\n".join(_fields(part) for part in children)[:LONGEST] or _text(message, headers))
        )
        if kind not in WHOLE:
            return
        for part in children:
            _collect_enclosed(part, sections, depth + 1)
        return
    if kind in ("text/rfc822-headers", "message/global-headers") or _is_report_in_plain(kind, headers):
        sections.append(Section(kind, _text(message, headers)))
    for part in children:
        _collect(part, sections, depth + 1)


def _collect_enclosed(message: Message, sections: list[Section], depth: int) -> None:
    """What a mail holds that is enclosed in this one is none of this one's: its kinds are marked as such."""
    found: list[Section] = []
    _collect(message, found, depth)
    sections += [Section(f"enclosed {section.type}", section.text) for section in found][: PARTS - len(sections)]


def _types(message: Message, depth: int) -> Iterator[str]:
    payload = message.get_payload()
    headers = headers_of(message)
    yield headers.bare("content-type")[:1000]
    if isinstance(payload, list) and depth < DEPTH and not headers.type.startswith("message/"):
        for part in payload[:PARTS]:
            if isinstance(part, Message):
                yield from _types(part, depth + 1)


def _is_report_in_plain(kind: str, headers: Headers) -> bool:
    return kind != "text/html" and _REPORT_FILE.match(headers.filename) is not None


def _fields(message: Message) -> str:
    """The headers one a line; what was not understood as such stands below as it is."""
    lines = [
        f"{name}: {' '.join(value.decode('latin-1').split())[:2000]}" for name, value in headers_of(message).fields
    ]
    payload = message.get_payload()
    return "\n".join([*lines, payload[:LONGEST] if not lines and isinstance(payload, str) else ""]).strip()


def _text(message: Message, headers: Headers) -> str:
    payload = message.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return text_of(payload[:LONGEST], Node(headers, headers.type, 0, 0))[0]


def _bytes(value: object) -> bytes:
    text = str(value)
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")
