"""Thresholds that the house decides by: what they may be, what they are unless somebody chose, and what was chosen.

Whoever decides by one asks for it in the transaction in which he decides, so that a choice takes effect in every
process as soon as it is stored.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Session, SQLModel

from models.moments import Instant


class Setting(SQLModel, table=True):
    """What somebody chose; a threshold without a row is what it is unless chosen."""

    name: str = Field(primary_key=True)
    value: int
    changed_by: str
    changed_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A whole number within bounds; a switch where these are 0 and 1."""

    name: str
    group: str
    default: int
    lowest: int
    highest: int
    zero_is_off: bool = False
    """0 is allowed too and means never"""

    @property
    def is_switch(self) -> bool:
        return (self.lowest, self.highest) == (0, 1)

    def allows(self, value: int) -> bool:
        return self.lowest <= value <= self.highest or (self.zero_is_off and value == 0)


FORWARD_ALONE = "forward_alone_percent"
CHOICE_HOURS = "choice_hours"
APPROVE_LETTERS = "approve_letters"
LETTERS_HEARD = "letters_heard_per_hour"
LETTERS_TOLD = "letters_told_per_hour"
REOPEN_DAYS = "reopen_days"
REOPEN_TIMES = "reopen_times"
CLEANING = "cleaning"
WORDS_MONTHS = "words_months"
FILES_MONTHS = "files_months"
LEFTOVER_DAYS = "leftover_days"

THRESHOLDS = {
    one.name: one
    for one in (
        Threshold(FORWARD_ALONE, "routing", 0, 60, 100, zero_is_off=True),
        Threshold(CHOICE_HOURS, "routing", 2, 1, 24),
        Threshold(APPROVE_LETTERS, "letters", 0, 0, 1),
        Threshold(LETTERS_HEARD, "letters", 60, 5, 1_000),
        Threshold(LETTERS_TOLD, "letters", 6, 1, 100),
        Threshold(REOPEN_DAYS, "letters", 30, 1, 365),
        Threshold(REOPEN_TIMES, "letters", 3, 0, 20),
        Threshold(CLEANING, "retention", 0, 0, 1),
        Threshold(WORDS_MONTHS, "retention", 24, 1, 120),
        Threshold(FILES_MONTHS, "retention", 12, 1, 120),
        Threshold(LEFTOVER_DAYS, "retention", 30, 1, 365),
    )
}


def chosen(session: Session, name: str) -> int | None:
    """What somebody chose; None where nobody did, or where this program would not allow it any more."""
    setting = session.get(Setting, name)
    return setting.value if setting is not None and THRESHOLDS[name].allows(setting.value) else None


def value_of(session: Session, name: str) -> int:
    """What is in force."""
    value = chosen(session, name)
    return THRESHOLDS[name].default if value is None else value
