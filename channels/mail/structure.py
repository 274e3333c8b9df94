"""The tree of parts in a mail, as places in its bytes: nothing is copied, and nothing nests or repeats without end."""

import re
from dataclasses import dataclass, field

from channels.mail.headers import Headers, headers_at

DEEPEST = 30
MOST = 2000
"""parts of one mail; what is beyond stays in the original"""
_PREAMBLE = re.compile(rb"\bMIME\b|multi-?part", re.IGNORECASE)
_HEADER = re.compile(rb"^[A-Za-z-]{1,60}:", re.MULTILINE)
_GUESS = re.compile(rb"(?:\A|\n)--([^\s-][^\r\n]{0,200}|-[^\r\n]{1,200})\r?\n(?=[Cc]ontent-)")
_ENVELOPE = re.compile(rb"(?:\xef\xbb\xbf)?(?:[ \t]*\r?\n)*(?:>?From (?![ \t]*:)[^\r\n]*\r?\n)?")


@dataclass(slots=True)
class Node:
    headers: Headers
    type: str
    start: int
    """of the body"""
    end: int
    children: list["Node"] = field(default_factory=list)
    cut: bool = False
    """it has parts that were not looked at"""


@dataclass(slots=True)
class Tree:
    raw: bytes
    root: Node
    flaws: list[str]


def tree_of(raw: bytes) -> Tree:
    """Reads the headers and the borders of all parts. `raw` of the tree differs where line ends had to be mended."""
    if b"\n" not in raw[:100_000] and b"\r" in raw[:100_000]:
        raw = raw.replace(b"\r", b"\n")
    elif b"\r\r\n" in raw[:2000]:
        raw = raw.replace(b"\r\r\n", b"\r\n")
    split = _Split(raw)
    root = split.node(beginning(raw), len(raw), 0, "text/plain")
    flaws = list(dict.fromkeys(split.flaws))
    _say_charset(root, next((found for node in leaves(root) if (found := node.headers.parameters.get("charset"))), ""))
    return Tree(raw, root, flaws)


def beginning(raw: bytes) -> int:
    """Where the headers begin, behind the line that mailboxes put above them."""
    above = _ENVELOPE.match(raw)
    return above.end() if above else 0


def leaves(node: Node) -> list[Node]:
    """All parts that hold no others, in the order of the mail."""
    found, waiting = [], [node]
    while waiting:
        one = waiting.pop()
        waiting.extend(reversed(one.children))
        if not one.children:
            found.append(one)
    return found


class _Split:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._count = 0
        self.flaws: list[str] = []

    def node(self, start: int, end: int, depth: int, default: str) -> Node:
        self._count += 1
        headers, body = headers_at(self._raw, start, end)
        self.flaws += headers.flaws
        node = Node(headers, _type(headers, default), body, end)
        if node.type.startswith("multipart/") or (depth == 0 and not headers.type):
            self._divide(node, depth)
        return node

    def _divide(self, node: Node, depth: int) -> None:
        if depth >= DEEPEST:
            node.cut = True
            self.flaws.append(f"nested more than {DEEPEST} times")
            return
        places = self._places(node)
        default = "message/rfc822" if node.type == "multipart/digest" else "text/plain"
        for start, end in places:
            if self._count >= MOST:
                node.cut = True
                self.flaws.append(f"more than {MOST} parts")
                break
            node.children.append(self.node(start, end, depth + 1, default))
        if not node.type.startswith("multipart/"):
            node.type = "multipart/mixed" if places else node.type
        elif not places:
            self.flaws.append("several parts are announced, but there is no border between them")
            node.type = "text/html" if self._raw[node.start : node.start + 200].lstrip()[:1] == b"<" else "text/plain"

    def _places(self, node: Node) -> list[tuple[int, int]]:
        boundary = node.headers.parameters.get("boundary", "").rstrip().encode("latin-1", "replace")
        places = self._between(boundary, node.start, node.end) if boundary else []
        if places:
            return places
        guess = _GUESS.search(self._raw, max(0, node.start - 1), min(node.end, node.start + 20_000))
        if guess is None or not (node.type.startswith("multipart/") or self._begins_there(node.start, guess.start())):
            return []
        self.flaws.append("the border between the parts is not the one that is named")
        return self._between(guess[1].rstrip(), node.start, node.end)

    def _begins_there(self, start: int, at: int) -> bool:
        """Of a mail that names no type: nobody has said anything yet above the border, as in a text that quotes one."""
        above = self._raw[start : max(start, at)].strip()
        return not above or bool(len(above) < 500 and _PREAMBLE.search(above) and not _HEADER.search(above))

    def _between(self, boundary: bytes, start: int, end: int) -> list[tuple[int, int]]:
        """Where each part starts and ends: after a border's line, up to the line end before the next."""
        raw, mark = self._raw, b"--" + boundary
        places: list[tuple[int, int]] = []
        opened, at = -1, start
        while (at := raw.find(mark, at, end)) >= 0:
            behind = at + len(mark)
            if (at > start and raw[at - 1] != 10) or not (border := _BORDER.match(raw, behind, end)):
                at = behind
                continue
            if opened >= 0:
                places.append((opened, _line_end_before(raw, at, opened)))
            opened, at = border.end(), border.end()
            if border[1] or border[2]:
                opened = -1  # parts behind the end are read all the same: an inner end may bear the outer border
            if len(places) > MOST:
                break
        if 0 <= opened < end:
            places.append((opened, end))
        return places


_BORDER = re.compile(rb"(--)?[ \t]*(?:\r*\n|\Z)|(--)[^\r\n]{0,200}(?:\r?\n|\Z)")


def _line_end_before(raw: bytes, at: int, opened: int) -> int:
    for mark in (b"\r\n", b"\n"):
        if raw.endswith(mark, opened, at):
            return at - len(mark)
    return max(opened, at)


def _type(headers: Headers, default: str) -> str:
    """The media type; for what names none, by whether it is called a file."""
    if headers.type:
        return headers.type
    return "application/octet-stream" if headers.filename else default


def _say_charset(root: Node, charset: str) -> None:
    waiting = [root]
    while waiting:
        one = waiting.pop()
        one.headers.charset = charset
        waiting += one.children
