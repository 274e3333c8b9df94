"""The HTML of a mail made fit to be shown: nothing runs, nothing is sent, and nothing is loaded from elsewhere."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import unquote

import nh3

from channels.mail.markup import attributes, tags, text_of_html

LONGEST = 4_000_000
DEEPEST = 800
WIDEST = 1_000_000
"""elements that a parser makes by the rules: it repeats formatting left open in every block"""
_TAGS = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "bdo",
        "big",
        "blockquote",
        "br",
        "caption",
        "center",
        "cite",
        "code",
        "col",
        "colgroup",
        "dd",
        "del",
        "dfn",
        "div",
        "dl",
        "dt",
        "em",
        "figcaption",
        "figure",
        "font",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "i",
        "img",
        "ins",
        "kbd",
        "li",
        "mark",
        "ol",
        "p",
        "pre",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "tt",
        "u",
        "ul",
        "var",
    ]
)
_GONE = frozenset(
    [
        "script", "style", "title", "template", "noscript", "iframe", "object", "embed", "applet", "svg", "math",
        "audio", "video", "canvas",
    ]
)  # fmt: skip
_PROPERTIES = frozenset(
    [
        "color",
        "background-color",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "text-align",
        "text-decoration",
        "line-height",
        "vertical-align",
        "white-space",
        "padding",
        "padding-left",
        "padding-right",
        "padding-top",
        "padding-bottom",
        "margin",
        "margin-left",
        "margin-right",
        "margin-top",
        "margin-bottom",
        "border",
        "border-left",
        "border-right",
        "border-top",
        "border-bottom",
        "border-collapse",
        "border-color",
        "border-style",
        "border-width",
        "width",
        "max-width",
        "list-style-type",
        "direction",
    ]
)
_ATTRIBUTES = {
    "*": {"align", "bgcolor", "dir", "lang", "style", "title", "valign"},
    "a": {"href"},
    "col": {"span", "width"},
    "font": {"color", "face", "size"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "summary", "width"},
    "td": {"colspan", "rowspan", "width"},
    "th": {"colspan", "rowspan", "scope", "width"},
}
_BACKGROUND = {tag: {"background"} for tag in ("table", "td", "th", "tr")}
_FORMATTING = frozenset(
    [
        "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
    ]
)  # fmt: skip
_CLOSED_BY_THEMSELVES = frozenset(
    [
        "p", "li", "td", "th", "tr", "br", "hr", "img", "col", "input", "meta", "link", "wbr", "dt", "dd", "option",
        "tbody",
    ]
)  # fmt: skip
_REMOTE = re.compile(r"\s*(?:https?:|//|\\\\|/\\)", re.IGNORECASE)
_REMOTE_STYLE = re.compile(r"url\s*\(|image-set|@import", re.IGNORECASE)
_PICTURE_DATA = re.compile(r"data:image/(?:png|gif|jpe?g|webp|bmp);base64,[\w+/=\s]*", re.IGNORECASE)
_LINK = re.compile(r"(?:https?://|mailto:|tel:)", re.IGNORECASE)


def safe_html(html: str, pictures: Mapping[str, str], remote: bool = False) -> str:
    """The page without scripts, styles and forms, links opening elsewhere without telling where from.

    `pictures`: Content-ID to the address where that part is shown. `remote`: the reader asked for pictures and
    backgrounds from elsewhere. A page made to take a machine's memory is shown as text.
    """
    if len(html) > LONGEST or _is_bomb(html):
        return f"<pre>{escape(text_of_html(html))}</pre>"
    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags=set(_GONE),
        attributes=_allowed(remote),
        attribute_filter=_Filter(pictures, remote),
        filter_style_properties=set(_PROPERTIES | {"background", "background-image"} if remote else _PROPERTIES),
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


def has_remote(html: str) -> bool:
    """Whether the page would load something from elsewhere, if it were let."""
    for name, ending, rest, _ in tags(html[:LONGEST]):
        if name and not ending and rest.strip():
            given = attributes(rest)
            if name == "img" and _REMOTE.match(given.get("src", "")):
                return True
            if _REMOTE.match(given.get("background", "")) or _REMOTE_STYLE.search(given.get("style", "")):
                return True
    return False


class _Filter:
    """What becomes of one attribute: its value, another, or None: it goes."""

    def __init__(self, pictures: Mapping[str, str], remote: bool) -> None:
        self._pictures = {content_id.strip("<> "): address for content_id, address in pictures.items()}
        self._remote = remote

    def __call__(self, tag: str, name: str, value: str) -> str | None:
        made: Callable[[str], str | None] | None = {
            "href": _link,
            "src": self._picture,
            "background": self._background,
            "style": self._style,
        }.get(name)
        return made(value) if made else value

    def _picture(self, value: str) -> str | None:
        value = value.strip()
        if value.lower().startswith("cid:"):
            bare = value[4:]
            return self._pictures.get(bare) or self._pictures.get(unquote(bare))
        return value if _PICTURE_DATA.fullmatch(value) else self._background(value)

    def _background(self, value: str) -> str | None:
        return value if self._remote and re.match(r"https?://", value.strip(), re.IGNORECASE) else None

    def _style(self, value: str) -> str | None:
        return value if self._remote or not (_REMOTE_STYLE.search(value) or "\\" in value) else None


def _link(value: str) -> str | None:
    """Within our own pages a mail has nothing to point at."""
    return value if _LINK.match(value.strip()) else None


def _allowed(remote: bool) -> dict[str, set[str]]:
    extra = _BACKGROUND if remote else {}
    return {tag: _ATTRIBUTES.get(tag, set()) | extra.get(tag, set()) for tag in {*_ATTRIBUTES, *extra}}


def _is_bomb(html: str) -> bool:
    """Nested so deep, or so much formatting left open over so many blocks, that reading it would not come back."""
    opened: Counter[str] = Counter()
    depth = formatting = deepest_formatting = blocks = 0
    for name, ending, _, _ in tags(html):
        if not name:
            continue
        step = -1 if ending else 1
        blocks += not ending and name not in _FORMATTING
        if name in _CLOSED_BY_THEMSELVES or (ending and not opened[name]):
            continue
        opened[name] += step
        depth += step
        formatting += step if name in _FORMATTING else 0
        deepest_formatting = max(deepest_formatting, formatting)
        if depth > DEEPEST or deepest_formatting * blocks > WIDEST:
            return True
    return False
