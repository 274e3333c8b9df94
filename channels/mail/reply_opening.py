"""Where quoted text begins: the intros, rules and header blocks that mail programs put above it."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from channels.mail.reply_patterns import (
    BARE_RULE,
    BEGINS_INTRO,
    DASHED,
    DAY,
    FORWARDED,
    MAILBOX,
    OLD_GMAIL,
    ORIGINAL,
    QUOTING,
    TIME,
    TITLED_RULE,
    ends_in_wrote,
    header_kind,
    header_kinds,
    label_alone,
    says_wrote,
)

ABOVE = {
    "lv": "--- Lūdzu, rakstiet atbildi virs šīs rindas ---",
    "en": "--- Please write your answer above this line ---",
    "ru": "--- Пожалуйста, пишите ответ над этой строкой ---",
}
"""stands above the quoted part of our own letters; a line of its own"""

_ABOVE = re.compile(
    "|".join(re.escape(line.strip("- ")) for line in ABOVE.values())
    + r"|(?:type|write|enter) your (?:reply|answer|response) above this line|reply above this line",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"(?:[<(\[\"]\s?|&lt;|\sот\s[^\n]{{0,60}}?){MAILBOX.pattern}(?:[>)\]\"]|&gt;|:?$)", re.IGNORECASE)
"""a mailbox as programs write it, not as people do"""
_TELLING = re.compile(
    r"(?<!\w)(?:man|mums|kad|ka|мне|нам|что|mir|uns|(?:wrote|said|sent) (?:to )?(?:me|us)|that)(?![\w.@])"
)
"""a person tells who wrote what; programs do not say to whom"""
_USER = re.compile(r"(?<!\w)(?:lietotājs|пользователь|користувач|użytkownik) ")
"""Gmail's word before a name, once in place of the time"""
_INTRO_LINES = 4
_INTRO_LENGTH = 400
_HEADER_LINES = 12


class Kind(Enum):
    INTRO = auto()
    """"On Monday … wrote:" """
    REPLY = auto()
    """a rule or header block, or our own marker"""
    FORWARD = auto()
    """says itself that what follows was forwarded"""


@dataclass(frozen=True, slots=True)
class Opening:
    kind: Kind
    end: int
    """number of the first line behind it"""
    sure: bool = True
    """False: only with quoted lines below is it one"""


def is_quoted(line: str) -> bool:
    return line.startswith(">")


def opening_at(lines: list[str], at: int) -> Opening | None:
    """What begins in this line; `lines` are stripped. Looks at a bounded number of lines and characters."""
    line = lines[at]
    if not line or is_quoted(line):
        return None
    if len(line) > _INTRO_LENGTH:
        return _header_block(lines, at)
    if BARE_RULE.match(line):
        return _below_rule(lines, at)
    if FORWARDED.match(line):
        return Opening(Kind.FORWARD, at + 1)
    if (
        ORIGINAL.match(line)
        or (DASHED.match(line) and ends_in_wrote(line))
        or (_ABOVE.search(line) and len(line) < 120)
    ):
        return Opening(Kind.REPLY, at + 1)
    if TITLED_RULE.match(line):
        return _below_rule(lines, at)
    return _header_block(lines, at) or _bare_labels(lines, at) or _intro(lines, at)


def _below_rule(lines: list[str], at: int) -> Opening | None:
    below = _next(lines, at + 1)
    return _header_block(lines, below) if below - at < 4 else None


def _next(lines: list[str], at: int) -> int:
    """The number of the next line with something in it, at most 4 lines on."""
    end = min(at + 4, len(lines))
    return next((number for number in range(at, end) if lines[number]), end)


def _header_block(lines: list[str], at: int) -> Opening | None:
    """Three kinds of headers together, or two where they say who and when; with a mailbox or a time of day."""
    if at >= len(lines) or not header_kind(lines[at]):
        return None
    kinds: set[str] = set()
    end, block, gap = at, "", ""
    for number in range(at, min(at + _HEADER_LINES, len(lines))):
        line = lines[number]
        found = header_kinds(line)
        if found:
            kinds |= found
            end = number + 1
            block += gap + line[:_INTRO_LENGTH] + " "
            gap = ""
        elif ((not line or BARE_RULE.match(line)) and len(kinds) > 2) or number - end > 1:
            break
        else:
            gap += line[:_INTRO_LENGTH] + " "
    addressed = "@" in block and MAILBOX.search(block)
    many = len(kinds - {"cc"}) >= 3 and (addressed or TIME.search(block))
    two = "date" in kinds and kinds & {"from", "to"} and addressed and DAY.search(block)
    return Opening(Kind.REPLY, end) if many or two else None


def _bare_labels(lines: list[str], at: int) -> Opening | None:
    """Notes: who and when, then To, cc and Subject in lines of their own, above what they name."""
    when = lines[_next(lines, at + 1)] if "@" in lines[at] and _next(lines, at + 1) < len(lines) else ""
    if not (MAILBOX.search(lines[at]) and DAY.search(when) and TIME.search(when)):
        return None
    ends = {label_alone(lines[number]): number for number in range(at + 1, min(at + 1 + _HEADER_LINES, len(lines)))}
    return Opening(Kind.REPLY, ends["subject"] + 1) if {"to", "subject"} <= ends.keys() else None


def _intro(lines: list[str], at: int) -> Opening | None:
    """Over as few lines as make it one; a line that wraps inside <…> may begin with >, or stand behind a blank one."""
    begins = bool(BEGINS_INTRO.match(lines[at]))
    if not begins and not ("@" in lines[at] or "<" in lines[at] or says_wrote(lines[at])):
        return None
    joined, number, taken = lines[at], at + 1, 1
    unsure = None
    while True:
        sure = _is_intro(joined, begins)
        if sure:
            return Opening(Kind.INTRO, number)
        if sure is False:
            unsure = Opening(Kind.INTRO, number, sure=False)
        ahead = _next(lines, number)
        if ahead >= len(lines) or taken == _INTRO_LINES or not _continues(joined, lines[ahead], ahead - number):
            return unsure
        if _stands_alone(lines[ahead], begins, joined):
            return unsure
        joined, number, taken = f"{joined} {lines[ahead]}", ahead + 1, taken + 1
        if len(joined) > _INTRO_LENGTH:
            return unsure


def _continues(joined: str, line: str, blanks: int) -> bool:
    inside = joined.count("<") > joined.count(">")
    if is_quoted(line):
        return inside
    return not blanks or inside or line.startswith("<")


def _stands_alone(line: str, begun: bool, above: str) -> bool:
    """Whether an intro begins here rather than going on; what stands above may be the person's."""
    begins = bool(BEGINS_INTRO.match(line))
    if begun or line.startswith(("<", "(", "[")):
        return begins and bool(_is_intro(line, begins))
    return bool(begins and DAY.search(line) and not says_wrote(above)) or bool(_is_intro(line, begins))


@lru_cache(maxsize=64)  # a line is looked at alone as often as with those above it
def _is_intro(text: str, begins: bool) -> bool | None:
    """Whether it is one for sure (True), if quoted lines follow (False), or not (None)."""
    colon = text.rstrip("-–—* ").endswith((":", "："))
    closes = ends_in_wrote(text)
    if OLD_GMAIL.match(text):
        return True
    if not colon and not closes and (not begins or "@" not in text[-90:]):
        return None
    address, day = "@" in text and MAILBOX.search(text), DAY.search(text)
    if not colon and not closes:
        return False if day and address and address.end() >= len(text) - 2 else None
    verb = closes or says_wrote(text)
    if _TELLING.search(text):
        return False if verb else None
    if colon and QUOTING.match(text):
        return bool(address)
    times = len(TIME.findall(text))
    named = address and _NAMED.search(text[max(0, address.start() - 80) : address.end() + 2])
    if named and ((begins and day and (verb or 0 < times < 3)) or (closes and text.count(" ") < 12)):
        return True
    if verb and day and (times or _USER.search(text)) and (begins or address) and text.count(" ") < 18:
        return True
    return False if (verb and text.count(" ") < (24 if address else 16)) or (day and times and begins) else None
