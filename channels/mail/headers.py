"""The lines above a mail or a part of it, however they were broken on the way."""

import binascii
import re
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property

from channels.mail.words import named, shown

LONGEST = 200_000
"""bytes of one block of headers, and of one value; what is beyond is not looked at"""
_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]*(.*)", re.DOTALL)
_KNOWN = re.compile(
    rb"(from|to|cc|subject|date|message-id|mime-version|content-[a-z-]{3,30}|reply-to|received|return-path|sender"
    rb"|references|in-reply-to|delivered-to|x-[a-z0-9-]{2,60})[ \t]*:",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r';\s*([^\s=;"]{1,80}?)\s*=\s*("(?:[^"\\]|\\.){0,9000}"|[^;]{0,9000})', re.DOTALL)
_EXTENDED = re.compile(r"([^*]+)(?:\*(\d{1,3}))?(\*)?")
_TYPE = re.compile(r"\s*([\w.+-]{1,80})\s*/\s*([\w.+-]{1,120})")


@dataclass
class Headers:
    """In the order of the mail, the values unfolded and as bytes."""

    fields: list[tuple[str, bytes]] = field(default_factory=list)
    flaws: list[str] = field(default_factory=list)
    charset: str = ""
    """the one that the mail names somewhere: the likeliest for letters beyond ASCII that stand here bare"""

    def values(self, name: str) -> list[bytes]:
        return [value for own, value in self.fields if own.lower() == name]

    def bare(self, name: str) -> str:
        """The first value that is not empty, for what consists of signs and not of words."""
        return next((text for value in self.values(name) if (text := value.decode("latin-1").strip())), "")

    def text(self, name: str) -> str:
        """The first value that is not empty, as a person reads it."""
        return next((text for value in self.values(name) if (text := shown(value, self.charset))), "")

    @cached_property
    def type(self) -> str:
        """The media type in lower case; empty where none is named."""
        found = _TYPE.match(self.bare("content-type"))
        return f"{found[1]}/{found[2]}".lower() if found else ""

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Of Content-Type."""
        return _parameters(self.bare("content-type"))

    @property
    def disposition(self) -> str:
        """attachment, inline or what else it says; empty where it says nothing."""
        return re.split(r"[;\s]", self.bare("content-disposition"), maxsplit=1)[0].lower()

    @property
    def encoding(self) -> str:
        """base64, quoted-printable, uuencode or empty, by whichever of their many names."""
        told = re.sub(r"[^a-z0-9]", "", self.bare("content-transfer-encoding").lower().partition(";")[0])
        if told.startswith(("base64", "b64")):
            return "base64"
        if told.startswith(("quoted", "qp")):
            return "quoted-printable"
        return "uuencode" if told in ("xuuencode", "xuue", "uuencode", "uue", "xuu") else ""

    @property
    def filename(self) -> str:
        """As it says, with folders and all; empty where it says none."""
        own = _parameters(self.bare("content-disposition"))
        for name in (own.get("filename"), self.parameters.get("name"), own.get("name")):
            if name and (text := named(name.encode("latin-1", "replace"), self.charset)):
                return text
        return ""

    def message(self) -> Message:
        """These headers as the standard library has them."""
        message = Message()
        for name, value in self.fields:
            message[name] = value.decode("ascii", "surrogateescape")
        return message


def headers_at(raw: bytes, start: int, end: int) -> tuple[Headers, int]:
    """The headers that begin there, and where the body does."""
    headers, at = Headers(), start
    stop = min(end, start + LONGEST)
    while at < stop:
        line, after = _line(raw, at, stop)
        if not line.strip():
            if _goes_on(raw, after, stop, headers) or (line and headers.fields and _headers_follow(raw, after, stop)):
                headers.flaws.append("an empty line among the headers")
                at = after
                continue
            return headers, after
        if line[:1] in b" \t" and headers.fields:
            _continue(headers, line)
        elif found := _FIELD.match(line):
            headers.fields.append((found[1].decode("ascii"), found[2].strip()))
        elif headers.fields and _headers_follow(raw, after, stop):
            headers.flaws.append("a line among the headers that is none")
            _continue(headers, line)
        else:
            if headers.fields:
                headers.flaws.append("no empty line after the headers")
            return headers, at
        at = after
    if stop < end:
        headers.flaws.append("more headers than anybody needs")
        return headers, _after_headers(raw, stop, end)
    return headers, at


def _line(raw: bytes, at: int, stop: int) -> tuple[bytes, int]:
    end = raw.find(b"\n", at, stop)
    after = stop if end < 0 else end + 1
    return raw[at:after].rstrip(b"\r\n").replace(b"\0", b""), after


def _continue(headers: Headers, line: bytes) -> None:
    name, value = headers.fields[-1]
    if len(value) < LONGEST:
        headers.fields[-1] = (name, value + b" " + line.strip())


def _headers_follow(raw: bytes, at: int, stop: int) -> bool:
    """A known header within three lines, before an empty one: what is here belongs to them."""
    for _ in range(3):
        line, at = _line(raw, at, stop)
        if not line.strip():
            return False
        if _KNOWN.match(line):
            return True
    return False


def _goes_on(raw: bytes, at: int, stop: int, headers: Headers) -> bool:
    """The empty line ended too early: nobody has said yet who writes, and it is said right below."""
    names = {name.lower() for name, _ in headers.fields}
    if not names or names & {"from", "subject", "date"} or not names & {"received", "return-path", "delivered-to"}:
        return False
    return _KNOWN.match(raw[at : min(stop, at + 200)]) is not None


def _after_headers(raw: bytes, at: int, end: int) -> int:
    ends = [place for mark in (b"\n\n", b"\n\r\n") if (place := raw.find(mark, at, end)) >= 0]
    return min(ends) + 2 if ends else end


def _parameters(value: str) -> dict[str, str]:
    """Those behind the first semicolon, with RFC 2231's pieces joined and its percents undone, as Latin-1 of bytes."""
    found: dict[str, str] = {}
    pieces: dict[str, list[tuple[int, bool, str]]] = {}
    for name, given in _PARAMETER.findall(_TYPE.sub(";", value, count=1) if ";" not in value else value):
        plain = _unquoted(given)
        parts = _EXTENDED.fullmatch(name.lower())
        if parts is None or not (parts[2] or parts[3]):
            found.setdefault(name.lower(), plain)
        else:
            pieces.setdefault(parts[1], []).append((int(parts[2] or 0), bool(parts[3]), plain))
    for name, several in pieces.items():
        found[name] = _joined(sorted(several, key=lambda piece: piece[0]))
    return found


def _unquoted(given: str) -> str:
    given = given.strip()
    if given.startswith('"') and given.endswith('"') and len(given) > 1:
        return re.sub(r'\\(["\\])', r"\1", given[1:-1])
    return given.strip("\"'") if given[:1] in "\"'" else given


def _joined(pieces: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: charset'language'percents. The charset goes on as an encoded word, which the reader of names knows."""
    charset, content, extended = "", b"", False
    for number, (_, percents, text) in enumerate(pieces):
        if percents and number == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        extended = extended or percents
        content += _percents(text) if percents else text.encode("latin-1", "replace")
    if not extended:
        return content.decode("latin-1")
    return f"=?{charset or 'utf-8'}?B?{binascii.b2a_base64(content, newline=False).decode('ascii')}?="


def _percents(text: str) -> bytes:
    raw = text.encode("latin-1", "replace")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), raw)
