"""What people type into the desk's forms, and what is said when it cannot be done."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from routing.answering import LONGEST
from routing.triage import NotPossible
from web.desk.seen import Newer, News

UNFILLED = re.compile(r"\{\{\w*\}\}")
"""what a canned reply leaves for the writer to fill in"""


class Mistake(Exception):
    """A field of the form has to be filled in differently; `key` names the words that say how."""

    def __init__(self, where: str, key: str) -> None:
        super().__init__(key)
        self.where = where
        self.key = key


@dataclass(frozen=True, slots=True)
class Refused:
    """A form that was not taken: why, where, and what had been typed, which is shown again."""

    form: str
    where: str
    reason: str
    """a key of the words; a reason that the words do not know is shown as it is"""
    status: int
    typed: Mapping[str, object] = field(default_factory=dict)
    news: Sequence[News] = ()
    """what has come that the writer had not seen; nothing was sent"""


def refused(form: str, error: NotPossible | Mistake, typed: Mapping[str, object]) -> Refused:
    """What the page shows: a mistake at its field, anything else about the ticket as a whole."""
    if isinstance(error, Mistake):
        return Refused(form, error.where, error.key, 422, typed)
    news = error.news if isinstance(error, Newer) else ()
    return Refused(form, "", str(error), 409, typed, news)


def typed(text: str) -> str:
    """As it is stored: browsers send lines that end like a telegraph's."""
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def wanted(text: str, where: str, missing: str) -> str:
    """The text. Raises Mistake where it is empty or too long."""
    text = typed(text)
    if not text:
        raise Mistake(where, missing)
    if len(text) > LONGEST:
        raise Mistake(where, "too_long")
    return whole(text, where)


def whole(text: str, where: str) -> str:
    """The text. Raises Mistake where a variable of a canned reply is left in it that nobody has filled in."""
    if UNFILLED.search(text):
        raise Mistake(where, "unfilled")
    return text
