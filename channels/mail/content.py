"""The bytes and the text of one part, however it was packed."""

import binascii
import re
from collections.abc import Iterator

from channels.mail.charset import decoded
from channels.mail.structure import Node

TEXT = 500_000
"""bytes of one text that are read; a person writes less, and the rest stays in the original"""
_MOST_FILES = 1000
_STEP = 4 * 256 * 1024
_RUBBISH = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="))
_UNTOLD_QUOTED = re.compile(rb"=[C-F][0-9A-F]=[89AB][0-9A-F]")
_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]{1,255})\r?$", re.MULTILINE)


def content(raw: bytes, node: Node) -> bytes:
    """What the part holds, unpacked as far as it can be."""
    how = node.headers.encoding
    if how == "base64":
        return b"".join(_from_base64(memoryview(raw)[node.start : node.end]))
    if how == "quoted-printable":
        return binascii.a2b_qp(raw[node.start : node.end])
    if how == "uuencode":
        files = uuencoded(raw[node.start : node.end])[1]
        return files[0][1] if files else raw[node.start : node.end]
    return raw[node.start : node.end]


def text_of(data: bytes, node: Node, limit: int = TEXT) -> tuple[str, list[str]]:
    """The text of those bytes, at most `limit` of them, lines ended by a newline; and what was wrong with it."""
    flaws = [] if len(data) <= limit else ["the text is too long; the rest is in the original"]
    data = data[:limit]
    if not node.headers.encoding and len(_UNTOLD_QUOTED.findall(data)) > 1 and data.isascii():
        data = binascii.a2b_qp(data)
        flaws.append("quoted-printable, though it does not say so")
    text, flaw = decoded(
        data, node.headers.parameters.get("charset", "") or _charset_within(data), node.headers.charset
    )
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return text, [*flaws, flaw] if flaw else flaws


def unflowed(text: str, parameters: dict[str, str]) -> str:
    """format=flowed: lines that end in a blank go on in the next one (RFC 3676)."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth, words = len(line) - len(bare), bare.removeprefix(" ")
        if depth == open_depth and words != "-- ":
            lines[-1] = (lines[-1][:-1] if parameters.get("delsp", "").lower() == "yes" else lines[-1]) + words
        else:
            lines.append(("> " * depth).replace("> >", ">>") + words)
        open_depth = depth if words.endswith(" ") and words != "-- " else -1
    return "\n".join(lines)


def uuencoded(data: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without the files that were written into it by uuencode, and those: name and bytes."""
    rest: list[bytes] = []
    files: list[tuple[bytes, bytes]] = []
    at = 0
    for _ in range(_MOST_FILES):
        if (found := _BEGIN.search(data, at)) is None:
            break
        decoded_file, end = _uu_lines(data, found.end() + 1)
        if decoded_file is None:
            rest.append(data[at : found.end()])
            at = found.end()
            continue
        rest.append(data[at : found.start()])
        files.append((found[1].strip(), decoded_file))
        at = end
    return b"".join([*rest, data[at:]]), files


def _uu_lines(data: bytes, at: int) -> tuple[bytes | None, int]:
    """The file that begins there and where it ended; None where it is no such file."""
    unpacked, some = list[bytes](), bytearray()
    while at < len(data):
        end = data.find(b"\n", at)
        end = len(data) if end < 0 else end
        line = data[at:end].rstrip(b"\r")
        at = end + 1
        if line.rstrip() == b"end":
            return b"".join([*unpacked, some]), min(at, len(data))
        try:
            some += _uu_line(line)
            if len(some) > _STEP:
                unpacked.append(bytes(some))
                some.clear()
        except binascii.Error:
            break
    return None, at


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # some programs add a check digit
        length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        return binascii.a2b_uu(line[:length])


def _from_base64(data: memoryview) -> Iterator[bytes]:
    """Piece by piece, whatever stands between the letters, also behind an early end."""
    left = b""
    for start in range(0, len(data), _STEP):
        bare = left + bytes(data[start : start + _STEP]).translate(None, _RUBBISH)
        *ended, left = re.split(rb"=+", bare)
        for whole in ended:
            yield _quads(whole)
        whole_length = len(left) - len(left) % 4
        yield binascii.a2b_base64(left[:whole_length])
        left = left[whole_length:]
    yield _quads(left)


def _quads(bare: bytes) -> bytes:
    if len(bare) % 4 == 1:
        bare = bare[:-1]
    return binascii.a2b_base64(bare + b"=" * (-len(bare) % 4))


def _charset_within(data: bytes) -> str:
    """What an HTML page says of itself, where the mail says nothing."""
    found = re.search(rb"<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", data[:3000], re.IGNORECASE)
    return found[1].decode("ascii") if found else ""
