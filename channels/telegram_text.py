"""Text as Telegram takes it: without what it refuses, and in parts that it does not find too long."""

import re
from collections.abc import Mapping
from itertools import accumulate, takewhile
from typing import Any

LIMIT = 4096
"""UTF-16 code units in one message; Telegram counts an emoji as two."""

UNWANTED = re.compile("[\x00\ud800-\udfff]")


def chat_of(update: Mapping[str, Any]) -> str:
    """The chat that a raw update belongs to, so that its updates keep their order; empty where it names none."""
    for thing in update.values():
        if isinstance(thing, Mapping):
            message = thing.get("message")
            chat = (message if isinstance(message, Mapping) else thing).get("chat")
            if isinstance(chat, Mapping) and isinstance(chat.get("id"), int):
                return str(chat["id"])
    return ""


def clean(text: str) -> str:
    """Without NUL, which databases refuse, and with lone surrogates, which cannot be encoded, replaced."""
    return UNWANTED.sub(lambda found: "" if found[0] == "\x00" else "\N{REPLACEMENT CHARACTER}", text)


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Cuts at paragraphs, else lines, else spaces. The same text always gives the same parts, so a retry can go on."""
    parts = []
    rest = clean(text).strip()
    while _units(rest) > limit:
        cut = _cut(rest, limit)
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts


def _cut(text: str, limit: int) -> int:
    most = sum(1 for _ in takewhile(lambda units: units <= limit, accumulate(map(_units, text))))
    window = text[: most + 1]
    # A paragraph or line that ends early would leave a stub of a message: then rather a later space.
    for separator, least in (("\n\n", most // 2), ("\n", most // 2), (" ", 1), ("\n", 1)):
        if (found := window.rfind(separator)) >= least:
            return found
    return most


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
