"""What stands in a letter: the same words as plain text and as HTML that needs nothing from elsewhere."""

import re
from html import escape

from channels.base import Outbound, as_text
from channels.mail.reply import ABOVE

QUOTED = 10_000
"""most characters of the question that are quoted back"""
_LINK = re.compile(r"https?://[^\s<>\"'„“”«»]*[^\s<>\"'„“”«».,;:!?)\]]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><title>{title}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; max-width: 45em">
{body}
</body>
</html>
"""


def as_plain(message: Outbound) -> str:
    parts = [*_above(message), _clean(as_text(message))]
    if quoted := _quoted(message):
        parts.append("\n".join(f"> {line}".rstrip() for line in quoted.split("\n")))
    return "\n\n".join(parts) + "\n"


def as_html(message: Outbound, title: str) -> str:
    """One page in the language of the letter: paragraphs, a list of the choices, links, and the question quoted."""
    parts = [_paragraphs(line) for line in _above(message)] + [_paragraphs(_clean(message.text))]
    if message.choices:
        items = "\n".join(f"<li>{escape(_clean(choice.label))}</li>" for choice in message.choices)
        parts.append(f"<ol>\n{items}\n</ol>")
    if quoted := _quoted(message):
        style = "margin: 1em 0; padding-left: 1em; border-left: 3px solid #767676"
        parts.append(f'<blockquote type="cite" style="{style}">\n{_paragraphs(quoted)}\n</blockquote>')
    return _PAGE.format(language=escape(_clean(message.language)), title=escape(title), body="\n".join(parts))


def _above(message: Outbound) -> list[str]:
    """Only who is asked for an answer is told where to write it."""
    asks = message.thread is not None and message.thread.party.startswith("f")
    return [ABOVE.get(message.language, ABOVE["lv"])] if asks else []


def _quoted(message: Outbound) -> str:
    quoted = _clean(message.thread.quoted).strip() if message.thread else ""
    return quoted if len(quoted) <= QUOTED else f"{quoted[:QUOTED]}…"


def _paragraphs(text: str) -> str:
    return "\n".join(f"<p>{_lines(paragraph)}</p>" for paragraph in re.split(r"\n\s*\n", text.strip("\n")) if paragraph)


def _lines(paragraph: str) -> str:
    """Escaped, with links to press; a link's own words are its address, so that nobody is led astray."""
    shown, end = [], 0
    for link in _LINK.finditer(paragraph):
        address = escape(link[0])
        shown += [escape(paragraph[end : link.start()]), f'<a href="{address}">{address}</a>']
        end = link.end()
    return "".join([*shown, escape(paragraph[end:])]).replace("\n", "<br>\n")


def _clean(text: str) -> str:
    return _CONTROLS.sub("", text.replace("\r\n", "\n"))
