"""What the REST API takes and gives, in shapes; OpenAPI is made from them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

LONGEST = 10_000


def _printable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("has NUL characters")
    return text


Words = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST), AfterValidator(_printable)
]
ClientId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Question(Strict):
    """A citizen's question. With `client_id` it may be sent again safely: the same one gives the same ticket."""

    text: Words
    language: Literal["lv", "en", "ru"] | None = None
    audience: Literal["resident", "business"] | None = None
    contact: Annotated[str, StringConstraints(max_length=200), AfterValidator(_printable)] | None = None
    client_id: ClientId | None = None


class Further(Strict):
    """More from the citizen: words, or the `value` of a choice that was offered."""

    text: Words | None = None
    choice: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)] | None = None
    client_id: ClientId | None = None


class Rating(Strict):
    helped: bool


class Complaint(Strict):
    text: Words
    client_id: ClientId | None = None


class ChoiceOut(BaseModel):
    value: str
    label: str


class Source(BaseModel):
    url: str
    version: int
    published_on: date
    institution: str


class Reply(BaseModel):
    kind: Literal["answer", "clarify", "route", "talk"]
    text: str
    choices: list[ChoiceOut]
    service: str | None
    source: Source | None


class Due(BaseModel):
    answer: date | None


class Asked(BaseModel):
    ticket: str
    token: str
    reply: Reply
    due: Due


class MessageOut(BaseModel):
    id: int
    direction: Literal["in", "out"]
    author: str
    author_name: str
    text: str
    choices: list[ChoiceOut]
    source: Source | None
    at: datetime


class DayOut(BaseModel):
    """One day of a count. The last one is the due date."""

    on: date
    weekday: str
    counted: bool
    number: int | None = None
    """which counted day it is"""
    reason: str


class ClockOut(BaseModel):
    kind: str
    due: date
    first_due: date
    """as first promised; differs from `due` where a calendar changed, or another law's term counts"""
    outcome: str
    owner: str
    provisional: bool
    late_by: int
    """working days after `due`, up to now while the clock runs"""
    delayed_by: list[str]
    """codes of the institutions whose delay it was, where it stopped late"""
    rule: str
    """the term that it runs by; a case keeps the one that it started under"""
    source: str
    """where the law says so"""
    calendar: str
    calendar_version: str
    days: list[DayOut] | None = None
    """with `explain`: the days that lead to the due date, by the calendar in force"""


class TicketOut(BaseModel):
    ticket: str
    state: str
    procedure: str
    """`question` (a consultation) or `submission` (a formal submission): which of the law's terms count"""
    language: str
    received_at: datetime
    messages: list[MessageOut]
    clocks: list[ClockOut]
