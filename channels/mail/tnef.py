"""winmail.dat: the envelope in which Outlook hides attachments from everybody else (MS-OXTNEF).

The library for it has had no release since 2021 and copies all it reads; this reads what a desk needs.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from channels.mail.charset import decoded

_SIGNATURE = 0x223E9F78
_MOST = 1000
_TITLE, _RENDERED, _DATA, _PROPERTIES, _BODY, _MESSAGE = 0x8010, 0x9002, 0x800F, 0x9005, 0x800C, 0x9003
_CODEPAGE = 0x9007
_SIZES = {0x02: 4, 0x03: 4, 0x04: 4, 0x05: 8, 0x06: 8, 0x07: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16, 0x01: 4}
_PLAIN, _HTML, _CONTENT, _LONG_NAME, _NAME, _TYPE = 0x1000, 0x1013, 0x3701, 0x3707, 0x3001, 0x370E
_RICH = 0x1009


class NotTnef(ValueError):
    """The bytes are no such envelope, or end before there is anything in it."""


@dataclass(slots=True)
class Enclosed:
    name: str = ""
    type: str = ""
    content: bytes = b""


@dataclass(slots=True)
class Envelope:
    text: str
    html: str
    files: list[Enclosed]
    rich: bool = False
    """its words are there as compressed RTF, which is not read"""


def opened(data: bytes) -> Envelope:
    """What is in it, as far as it goes where it breaks off. Raises NotTnef."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != _SIGNATURE:
        raise NotTnef
    envelope = Envelope("", "", [])
    charset = ""
    for level, attribute, value in _attributes(memoryview(data)):
        if level == 1 and attribute == _CODEPAGE and len(value) >= 4:
            charset = f"cp{struct.unpack_from('<I', value)[0]}"
        elif level == 1 and attribute == _BODY:
            envelope.text = _string(value, charset)
        elif level == 1 and attribute == _MESSAGE:
            _add_body(envelope, value, charset)
        elif level == 2 and attribute == _RENDERED and len(envelope.files) < _MOST:
            envelope.files.append(Enclosed())
        elif level == 2 and envelope.files:
            _add_to_file(envelope.files[-1], attribute, value, charset)
    envelope.files = [file for file in envelope.files if file.content or file.name]
    return envelope


def _attributes(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    at = 6
    while at + 9 <= len(data):
        level, attribute, _, length = struct.unpack_from("<BHHI", data, at)
        if level not in (1, 2) or at + 9 + length > len(data):
            return
        yield level, attribute, data[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _add_body(envelope: Envelope, value: memoryview, charset: str) -> None:
    for number, content in _properties(value, charset):
        if number == _PLAIN:
            envelope.text = envelope.text or _text(content, charset)
        elif number == _HTML:
            envelope.html = _text(content, charset)
        elif number == _RICH:
            envelope.rich = len(content) > 16


def _add_to_file(file: Enclosed, attribute: int, value: memoryview, charset: str) -> None:
    if attribute == _TITLE:
        file.name = file.name or _string(value, charset)
    elif attribute == _DATA:
        file.content = bytes(value)
    elif attribute == _PROPERTIES:
        for number, content in _properties(value, charset):
            if number == _LONG_NAME or (number == _NAME and not file.name):
                file.name = _text(content, charset) or file.name
            elif number == _TYPE:
                file.type = _text(content, charset).lower()
            elif number == _CONTENT and not file.content and isinstance(content, memoryview):
                file.content = bytes(content)


def _properties(data: memoryview, charset: str) -> Iterator[tuple[int, memoryview | str]]:
    """MAPI properties that are words or bytes; the others are stepped over. Ends where they cannot be read."""
    try:
        yield from _each_property(data, charset)
    except (struct.error, IndexError):
        return


def _each_property(data: memoryview, charset: str) -> Iterator[tuple[int, memoryview | str]]:
    count, at = struct.unpack_from("<I", data)[0], 4
    for _ in range(min(count, 5000)):
        kind, number = struct.unpack_from("<HH", data, at)
        at += 4
        if number >= 0x8000:
            at = _after_name(data, at)
        several = bool(kind & 0x1000)
        kind &= 0xFFF
        size = _SIZES.get(kind)
        if size is not None:
            at += size * (_count(data, at) if several else 1) + (4 if several else 0)
            continue
        values, at = _count(data, at), at + 4
        for _ in range(min(values, 5000)):
            length = _count(data, at)
            content = data[at + 4 : at + 4 + length]
            at += 4 + length + (-length % 4)
            if at > len(data) + 3:
                return
            if kind == 0x1F:
                yield number, bytes(content).decode("utf-16-le", "replace").replace("\0", "")
            elif kind == 0x1E:
                yield number, _string(content, charset)
            else:
                yield number, content


def _after_name(data: memoryview, at: int) -> int:
    """Behind the name of a property that has one: 16 bytes of whose it is, then a number or a name."""
    if struct.unpack_from("<I", data, at + 16)[0] == 0:
        return at + 24
    length = _count(data, at + 20)
    return at + 24 + length + (-length % 4)


def _count(data: memoryview, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0])


def _text(content: memoryview | str, charset: str) -> str:
    return content if isinstance(content, str) else _string(content, charset)


def _string(value: memoryview, charset: str) -> str:
    return decoded(bytes(value[:1_000_000]).replace(b"\0", b""), charset)[0]
