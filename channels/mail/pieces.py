"""What a person wrote and attached, out of all the parts of a mail."""

import re
from dataclasses import dataclass, field
from html import escape

from channels.mail.content import TEXT, content, text_of, unflowed, uuencoded
from channels.mail.headers import headers_at
from channels.mail.invitation import invitation
from channels.mail.mail import Part
from channels.mail.markup import text_of_html
from channels.mail.structure import Node, Tree, beginning
from channels.mail.tnef import NotTnef, opened
from channels.mail.words import shown

HTML = 8_000_000
"""bytes of HTML that are kept"""
_MARKUP = re.compile(
    r"\s*<(p|div|span|table|font|body|head|style|center|b|br|strong)(?:\s[^<>]{0,500})?/?>", re.IGNORECASE
)
_NO_WORDS = ("text/calendar", "text/rfc822-headers", "text/csv", "text/vcard", "text/x-vcard", "text/directory")
RICH = "[Vēstules teksts ir pielikumā winmail.dat / The words of this letter are in the file winmail.dat]"
"""stands for words that only Outlook reads"""
_TNEF = ("application/ms-tnef", "application/vnd.ms-tnef")


@dataclass(slots=True)
class Piece:
    """A stretch of the mail, in plain text, HTML or both."""

    plain: str = ""
    html: str = ""

    @property
    def text(self) -> str:
        return self.plain if self.plain.strip() or not self.html else text_of_html(self.html)


@dataclass(slots=True)
class Found:
    pieces: list[Piece] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    """a line of each invitation"""
    flaws: list[str] = field(default_factory=list)

    def text(self) -> str:
        said = [text.strip("\n").rstrip() for piece in self.pieces if (text := piece.text).strip()]
        return "\n\n".join(dict.fromkeys([*self.events, *said]))

    def html(self) -> str:
        if not any(piece.html for piece in self.pieces):
            return ""
        return "\n".join(piece.html or f"<pre>{escape(piece.plain)}</pre>" for piece in self.pieces)


def found_in(tree: Tree) -> Found:
    reader = _Reader(tree.raw)
    reader.found.pieces = reader.pieces(tree.root)
    if not any(piece.plain.strip() or piece.html.strip() for piece in reader.found.pieces):
        reader.found.pieces += reader.named
    return reader.found


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self.found = Found()
        self.named: list[Piece] = []
        """texts that are attached: the person's words where there are no others"""

    def pieces(self, node: Node) -> list[Piece]:
        if not node.children:
            return [] if node.cut else self._leaf(node)
        within = [self.pieces(child) for child in node.children]
        if node.type == "multipart/alternative":
            return _one_of([piece for pieces in within for piece in pieces])
        if node.type == "multipart/report":
            for pieces in within[1:]:
                self.named += pieces
            return within[0]
        return [piece for pieces in within for piece in pieces]

    def _leaf(self, node: Node) -> list[Piece]:
        name = node.headers.filename
        is_text = node.type.startswith("text/") and node.type not in _NO_WORDS
        if is_text and not name and node.headers.disposition != "attachment":
            return self._words(node)
        if node.type in _TNEF or name.lower() in ("winmail.dat", "win.dat"):
            self._unwrap(node, name)
        else:
            self._attach(node, name)
        return []

    def _words(self, node: Node) -> list[Piece]:
        data = content(self._raw, node)
        if node.type == "text/html" or _is_page(data):
            return [Piece(html=self._text(data, node, HTML))]
        rest, files = uuencoded(data)
        for name, inside in files:
            self.found.parts.append(Part(shown(name, node.headers.charset), "application/octet-stream", inside))
        text = unflowed(self._text(rest, node), node.headers.parameters)
        return [Piece(plain=text)] if text.strip() else []

    def _text(self, data: bytes, node: Node, limit: int = TEXT) -> str:
        text, flaws = text_of(data, node, limit)
        self.found.flaws += flaws
        return text

    def _attach(self, node: Node, name: str) -> None:
        data, headers = content(self._raw, node), node.headers
        if node.type == "text/calendar" or name.lower().endswith(".ics"):
            if event := invitation(text_of(data, node)[0]):
                self.found.events.append(event)
            name = name or "invite.ics"
        elif node.type in ("message/rfc822", "message/global"):
            name = name or f"{_subject(data) or 'message'}.eml"
        elif node.type.startswith("text/") and node.type != "text/rfc822-headers":
            text = text_of(data, node)[0]
            self.named += [Piece(html=text) if node.type == "text/html" else Piece(text)] if text.strip() else []
        name = name or _location(headers.text("content-location"), node.type)
        content_id = headers.bare("content-id").strip("<> \t")
        inline = headers.disposition == "inline" or (not headers.disposition and bool(content_id))
        shown_in_text = inline and not node.type.startswith(("text/", "message/"))
        self.found.parts.append(Part(name, node.type, data, content_id, shown_in_text))

    def _unwrap(self, node: Node, name: str) -> None:
        data = content(self._raw, node)
        whole = Part(name or "winmail.dat", node.type, data)
        try:
            envelope = opened(data)
        except NotTnef:
            self.found.flaws.append("winmail.dat cannot be read")
            self.found.parts.append(whole)
            return
        if envelope.text.strip() or envelope.html.strip():
            self.named.append(Piece(envelope.text, envelope.html))
        elif envelope.rich or not envelope.files:
            self.named += [Piece(RICH)] if envelope.rich else []
            self.found.parts.append(whole)
        for file in envelope.files:
            self.found.parts.append(Part(file.name, file.type or "application/octet-stream", file.content))


def _one_of(pieces: list[Piece]) -> list[Piece]:
    """The same words in several forms; some programs put the page into the plain form too."""
    plain = "\n\n".join(piece.plain.strip("\n") for piece in pieces if piece.plain.strip())
    html = "\n".join(piece.html for piece in pieces if piece.html.strip())
    return [Piece("" if html and _MARKUP.match(plain) else plain, html)] if plain or html else []


def _is_page(data: bytes) -> bool:
    """HTML that calls itself plain text."""
    start = data[:200].lstrip().lower()
    return start.startswith((b"<!doctype html", b"<html")) and b"</html>" in data[-400:].lower()


def _subject(data: bytes) -> str:
    headers, _ = headers_at(data, beginning(data), len(data))
    return headers.text("subject")[:100]


def _location(text: str, kind: str) -> str:
    """The last word of a Content-Location, which stands for a name where there is no other."""
    return "" if kind.startswith("text/") else text.partition("?")[0].replace("\\", "/").rstrip("/").rpartition("/")[2]
