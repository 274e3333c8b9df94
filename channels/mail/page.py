"""Lines of text as they come out of HTML."""

import re
from collections import Counter

DEEPEST = 20
"""marks of quoting, and blanks before an item"""
_UNSEEN = re.compile("[\u00ad\u034f\u200b-\u200f\u2060\ufeff\x00]")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u2007\u202f]+")


class Page:
    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        """how many elements of each name are not closed yet"""
        self.quotes = 0
        self.hidden = 0
        self._lines: list[str] = []
        self._line: list[str] = []
        self._lists: list[int] = []
        """a number for each list that is open: of its last item, or -1 for one without numbers"""
        self._links: list[int] = []

    def say(self, words: str, as_is: bool = False) -> None:
        if self.hidden > 0:
            return
        words = _UNSEEN.sub("", words)
        if as_is:
            first, *others = words.replace("\r\n", "\n").split("\n")
            self._add(first)
            for other in others:
                self.end_line(always=True)
                self._add(other)
            return
        words = _BLANKS.sub(" ", words)
        if not self._line or self._line[-1].endswith(" "):
            words = words.lstrip(" ")
        self._add(words)

    def end_line(self, always: bool = False) -> None:
        if self._line or always:
            self._lines.append(self._prefix() + "".join(self._line).rstrip())
            self._line = []

    def end_paragraph(self) -> None:
        self.end_line()
        if self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._prefix().rstrip())

    def rule(self, mark: str) -> None:
        self.end_paragraph()
        if mark not in self._lines[-4:] and not self.hidden:
            self._add(mark)
            self.end_line()

    def begin_list(self, numbered: bool) -> None:
        if len(self._lists) > 1:
            self.end_line()
        self._lists.append(0 if numbered else -1)

    def end_list(self) -> None:
        if self._lists:
            self._lists.pop()

    def item(self) -> None:
        self.end_line()
        mark = "- "
        if self._lists and self._lists[-1] >= 0:
            self._lists[-1] += 1
            mark = f"{self._lists[-1]}. "
        self._add("  " * min(len(self._lists) - 1, DEEPEST) + mark)

    def begin_link(self) -> None:
        self._links.append(len(self._line) if self._line else 0)

    def end_link(self, href: str) -> None:
        """The address behind the words, unless they are the address."""
        start = self._links.pop() if self._links else 0
        words = "".join(self._line[start:]).strip()
        bare = href.strip().removeprefix("mailto:")
        if not href.lower().startswith(("http:", "https:", "mailto:", "tel:")) or self.hidden:
            return
        if words and _essence(words) not in (_essence(bare), _essence(bare.partition("?")[0])):
            self._add(f" ({bare})" if bare != words else "")

    def picture(self, alt: str) -> None:
        if alt.strip():
            self.say(f"[{alt.strip()}]")

    def text(self) -> str:
        self.end_line()
        while self._lines and not self._lines[-1].strip("> "):
            self._lines.pop()
        lines = re.sub(r"\n(?:>* *\n){3,}", "\n\n\n", "\n".join(self._lines))
        return lines.strip("\n")

    def _add(self, words: str) -> None:
        if words and not self.hidden:
            self._line.append(words)

    def _prefix(self) -> str:
        return ">" * min(max(self.quotes, 0), DEEPEST) + (" " if self.quotes > 0 else "")


def _essence(address: str) -> str:
    return re.sub(r"^(https?://)?(www\.)?|^(mailto|tel):|/$|\s", "", address.strip().lower())
