"""How a message is set out on a page without JavaScript; `static/chat/saying.js` does the same in the browser."""

import re
from dataclasses import dataclass
from datetime import datetime

from models.moments import RIGA
from web.talk import Json

LINK = re.compile(r"https?://[^\s<>\"„”»]*[^\s<>\"„”».,;:!?)\]]")
LABEL = re.compile(r"([^:\n]{2,40}):\s")


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    pieces: tuple[Piece, ...]
    label: str = ""
    """what stands before the colon in an entry of the catalogue: "Price:" """
    is_title: bool = False
    is_source: bool = False


def paragraphs(message: Json) -> list[Paragraph]:
    """The text as it is, word for word: only set out, and its links made to work."""
    texts = [text for text in re.split(r"\n\s*\n", message["text"]) if text.strip()]
    url = (message["source"] or {}).get("url")
    if not url:
        return [Paragraph(_linked(text)) for text in texts]
    return [_quoted(number, text, url) for number, text in enumerate(texts)]


def when(at: str) -> str:
    """The moment by the clocks in Riga."""
    return datetime.fromisoformat(at).astimezone(RIGA).strftime("%d.%m.%Y %H:%M")


def _quoted(number: int, text: str, url: str) -> Paragraph:
    if text.endswith(url):
        return Paragraph((Piece(text.removesuffix(url).strip(), url),), is_source=True)
    if number == 0:
        return Paragraph(_linked(text), is_title=True)
    label = LABEL.match(text)
    if label:
        return Paragraph(_linked(text[label.end() :]), label=f"{label[1]}:")
    return Paragraph(_linked(text))


def _linked(text: str) -> tuple[Piece, ...]:
    pieces, at = [], 0
    for link in LINK.finditer(text):
        pieces += [Piece(text[at : link.start()]), Piece(link[0], link[0])]
        at = link.end()
    return tuple(piece for piece in [*pieces, Piece(text[at:])] if piece.text)
