"""HTML as text: links and lists stay readable, and what is quoted gets its marks, so that it can be told apart.

The standard library's parser takes time that grows with the square of what it is given, as do those that build a tree;
mail comes from anybody. So this reads tag by tag.
"""

import re
from collections.abc import Iterator
from html import unescape

from channels.mail.page import Page

LONGEST = 1_000_000
"""characters without pictures; a page of that length is a book"""
SEPARATOR = "________________________________"
"""what Outlook writes above the mail that it quotes, in plain text"""
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]{0,30})(?P<rest>(?:[^>\"']++|\"[^\"]{0,9000}+\"|'[^']{0,9000}+'){0,80}+)>"
)
_TORN_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]{0,30})(?P<rest>[^<>]{0,4000}+)>")
_DATA = re.compile(r"data:[^\"'>\s]{500,}")
_ATTRIBUTE = re.compile(r"([a-zA-Z-]{1,30})\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s>]+)")
_WITHOUT_WORDS = ("script", "style", "title", "template", "object", "select")
_EMPTY = frozenset(
    ("br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "p", "li", "tr", "td", "th")
)
_BLOCKS = frozenset(
    (
        "div",
        "section",
        "article",
        "header",
        "footer",
        "table",
        "tr",
        "form",
        "center",
        "address",
        "dt",
        "dd",
        "figure",
        "main",
        "nav",
        "fieldset",
        "body",
        "html",
        "tbody",
        "caption",
        "td",
        "th",
    )
)
_SPACED = frozenset(("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "blockquote"))
_ABOVE_QUOTED = re.compile(
    r"(?:^|[\s_\"'])(?:divRplyFwdMsg|OLK_SRC_BODY_SECTION|ms-outlook-mobile-reference-message|OutlookMessageHeader|stopSpelling)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\b(?:yahoo_quoted|zmail_extra|gmail_quote_container_old|yqt\d+)\b", re.IGNORECASE)
_INDENT = re.compile(r"margin:\s*0(?:px)?\s+0(?:px)?\s+0(?:px)?\s+40px;\s*border:\s*(?:none|medium)", re.IGNORECASE)
_OUTLOOK_TOP = re.compile(
    r"border:\s*none;\s*border-top:\s*solid\s+#?\w+\s+1(?:\.0)?pt|border-top:\s*#?\w+\s+1pt\s+solid", re.IGNORECASE
)
_HIDDEN = re.compile(r"display:\s*none|mso-hide:\s*all", re.IGNORECASE)


def text_of_html(html: str) -> str:
    """What a person sees of the page, quotes marked by `> `. Takes time in proportion to its length."""
    page = Page()
    open_tags: list[_Open] = []
    for name, ending, rest, words in tags(_DATA.sub("", html[: 4 * LONGEST])[:LONGEST]):
        if not name:
            page.say(unescape(words), page.open["pre"] > 0)
        elif ending:
            _close(page, open_tags, name)
        else:
            _open(page, open_tags, name, rest)
    while open_tags:
        open_tags.pop().leave(page)
    return page.text()


def tags(html: str) -> Iterator[tuple[str, bool, str, str]]:
    """Name (empty for text), whether it ends, its attributes as written, and the text; no comments, no scripts."""
    at, start, missing, last = 0, 0, set[str](), html.rfind(">")
    while 0 <= (opened := html.find("<", at)) < last:
        found = _TAG.match(html, opened) or _TORN_TAG.match(html, opened)
        if found is None:
            end = _beyond(html, opened, missing)
            if end > opened + 1 and start < opened:
                yield "", False, "", html[start:opened]
            start, at = (end if end > opened + 1 else start), end
            continue
        if start < opened:
            yield "", False, "", html[start:opened]
        name = found["name"].lower()
        start = at = found.end()
        if name in _WITHOUT_WORDS and not found["end"]:
            start = at = _after_element(html, name, at, missing)
        else:
            yield name, bool(found["end"]), found["rest"], ""
    if start < len(html):
        yield "", False, "", html[start:]


def attributes(rest: str) -> dict[str, str]:
    found = _ATTRIBUTE.findall(rest[:20_000])
    return {name.lower(): unescape(value.strip("\"'")) for name, value in found}


def _beyond(html: str, opened: int, missing: set[str]) -> int:
    """Where a comment or declaration is over; one further where this is neither."""
    if not html.startswith(("<!", "<?"), opened):
        return opened + 1
    for begin, mark in (("<!--", "-->"), ("<", ">")):
        if html.startswith(begin, opened) and mark not in missing:
            if (end := html.find(mark, opened + 2)) >= 0:
                return end + len(mark)
            missing.add(mark)
    return opened + 1


def _after_element(html: str, name: str, at: int, missing: set[str]) -> int:
    """Behind the end of what holds no words; where it never ends, only its tag is left out."""
    if name in missing:
        return at
    found = re.compile(rf"</{name}[^>]{{0,100}}>", re.IGNORECASE).search(html, at)
    if found is None:
        missing.add(name)
        return at
    return found.end()


class _Open:
    """An element that is not closed yet, and what its end undoes."""

    __slots__ = ("hidden", "href", "indent", "mark", "name", "quoted")

    def __init__(self, name: str, rest: str) -> None:
        given = attributes(rest) if rest.strip() else {}
        kind = f"{given.get('class', '')} {given.get('id', '')}"
        style = given.get("style", "")
        self.name = name
        self.hidden = bool(_HIDDEN.search(style))
        self.quoted = _is_quote(name, given) or bool(_QUOTED.search(kind))
        self.mark = bool(_ABOVE_QUOTED.search(f" {kind}")) or bool(name == "div" and _OUTLOOK_TOP.search(style))
        self.indent = name in ("ul", "ol")
        self.href = given.get("href", "") if name == "a" else ""

    def leave(self, page: Page) -> None:
        page.open[self.name] -= 1
        if self.href:
            page.end_link(self.href)
        if self.indent:
            page.end_list()
        if self.quoted:
            page.quotes -= 1
        if self.hidden:
            page.hidden -= 1


def _is_quote(name: str, given: dict[str, str]) -> bool:
    """Gmail's button for indenting makes the same element, in which stand the person's own words."""
    return name == "blockquote" and not _INDENT.search(given.get("style", ""))


def _open(page: Page, open_tags: list[_Open], name: str, rest: str) -> None:
    _space(page, name)
    if name == "img":
        page.picture(attributes(rest).get("alt", ""))
        return
    if name == "li":
        page.item()
    if name == "hr":
        page.rule(("stopSpelling" in rest and SEPARATOR) or "---")
    if name in _EMPTY or len(open_tags) > 5000:
        return
    one = _Open(name, rest)
    if one.mark:
        page.rule(SEPARATOR)
    if one.quoted:
        page.end_line()
        page.quotes += 1
    if one.hidden:
        page.hidden += 1
    if one.indent:
        page.begin_list(name == "ol")
    if one.href:
        page.begin_link()
    page.open[name] += 1
    open_tags.append(one)


def _close(page: Page, open_tags: list[_Open], name: str) -> None:
    _space(page, name)
    if name in _EMPTY or not page.open[name]:
        return
    for back in range(1, min(len(open_tags), 200) + 1):
        if open_tags[-back].name == name:
            for _ in range(back):
                open_tags.pop().leave(page)
            return


def _space(page: Page, name: str) -> None:
    if name == "br":
        page.end_line(always=True)
    elif name in ("td", "th"):
        page.say(" ")
    elif name in _SPACED:
        page.end_paragraph()
    elif name in _BLOCKS or name == "li":
        page.end_line()
