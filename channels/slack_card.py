"""What is shown and asked in Slack, in our own words; how it looks there is the business of slack_blocks."""

from dataclasses import dataclass
from datetime import datetime

from channels.base import Outbound

TAKE, FORWARD, CHOOSE, OPEN = "take", "forward", "choose", "open"
"""what a button does; OPEN leads to the desk and asks nothing of us"""


@dataclass(frozen=True, slots=True)
class Button:
    does: str
    label: str
    value: str = ""
    """comes back when it is pressed, at most 2000 characters"""
    url: str = ""
    confirm: str = ""
    """a question to be answered first"""


@dataclass(frozen=True, slots=True)
class Card:
    """A ticket as coordinators see it in Slack."""

    title: str
    state: str
    question: str
    """masked"""
    facts: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    yes: str = ""
    no: str = ""
    """labels where a button asks first"""


@dataclass(frozen=True, slots=True)
class Form:
    """A window in which institutions are chosen from a list that can be searched."""

    title: str
    submit: str
    cancel: str
    question: str
    institutions: str
    placeholder: str
    note: str
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    """(heading, ((code, name), …)), in the order in which they are shown"""
    chosen: tuple[str, ...]
    """codes that are chosen already"""
    context: str
    """comes back with the filled form, at most 3000 characters"""


@dataclass(frozen=True, slots=True)
class Post(Outbound):
    """One thing to show: a message, a new form of one that is there (`replaces`), or a word to one person only."""

    card: Card | None = None
    replaces: str = ""
    """what `send` returned for the message that is now to look like this"""
    only_to: str = ""
    """the account that alone sees it"""
    answer_to: str = ""
    """the address that Slack gave with what is answered; used instead of the conversation"""
    since: datetime | None = None
    """when it was stored: it cannot have been sent before"""
    nothing: bool = False
    """there is nothing to show any more"""

    @property
    def aside(self) -> bool:
        return bool(self.only_to or self.answer_to)
