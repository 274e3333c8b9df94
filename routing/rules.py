"""The law's rules that are in force in this process: calendars, terms and the ladder, always all three together.

They come from three files that an editor may change while the program runs. What is wrong is refused as a whole, so
there is never a half-changed rule; `bot/rulebook.py` puts new ones in force.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from config.flaw import Flaw, Refused
from config.read_text import text_of
from config.read_yaml import yaml_whole
from config.row import Row
from config.settings import CONFIG
from models.rulebook import Rulebook
from routing.calendar import Calendar
from routing.calendars import Calendars, calendars_from, with_more_days
from routing.ladder import Ladder, ladder_from
from routing.terms import Terms, terms_from

CALENDARS, TERMS, LADDER = FILES = ("calendars.yaml", "clocks.yaml", "escalation.yaml")
DESK_DAYS = "desk days"
"""beside the files: the days that administrators added at the desk, as entries of calendars.yaml"""
Part = TypeVar("Part", Calendars, Terms, Ladder)
Texts = Mapping[str, str]
"""the files' texts by their names"""


@dataclass(frozen=True, eq=False)
class Rules:
    calendars: Calendars
    terms: Terms
    ladder: Ladder
    texts: Texts


def read_rules(folder: Path = CONFIG) -> Rules:
    """The rules in the folder's files. Raises Refused, with file, line and reason of all that is wrong."""
    texts: dict[str, str] = {}
    flaws: list[Flaw] = []
    for name in FILES:
        try:
            texts[name] = text_of(folder / name)
        except Refused as refused:
            flaws += refused.flaws
    if flaws:
        raise Refused(flaws)
    return rules_from(texts)


def with_desk_days(rules: Rules, days: str) -> Rules:
    """The same with those days besides the files', and no others. Raises Refused where they do not go together."""
    if rules.texts.get(DESK_DAYS, "") == days:
        return rules
    texts = {name: text for name, text in rules.texts.items() if name != DESK_DAYS}
    return rules_from(texts | {DESK_DAYS: days} if days else texts)


def rules_from(texts: Texts) -> Rules:
    """The same from texts, e.g. those last put in force."""
    flaws: list[Flaw] = []

    def all_days(row: Row) -> Calendars:
        days = texts.get(DESK_DAYS, "")
        return calendars_from(with_more_days(row, yaml_whole(days, DESK_DAYS).values) if days else row)

    def part(make: Callable[[Row], Part], name: str) -> Part | None:
        try:
            return make(yaml_whole(texts.get(name, ""), name))
        except Refused as refused:
            flaws.extend(refused.flaws)
            return None

    calendars, terms, ladder = part(all_days, CALENDARS), part(terms_from, TERMS), part(ladder_from, LADDER)
    if calendars is None or terms is None or ladder is None:
        raise Refused(flaws)
    return Rules(calendars, terms, ladder, dict(texts))


def understood(book: Rulebook | None) -> Rules | None:
    """The rules of an earlier rulebook; None where there is none, or this program cannot read it any more."""
    try:
        return rules_from(book.texts) if book else None
    except Refused:
        return None


class _InForce:
    rules: Rules | None = None


def in_force() -> Rules:
    """The rules of this process; those of the files that came with the program until others are put in force."""
    if _InForce.rules is None:
        _InForce.rules = _shipped()
    return _InForce.rules


def put_in_force(rules: Rules) -> None:
    """From now on this process counts by them."""
    _InForce.rules = rules


def calendar(name: str) -> Calendar:
    """The calendar of that name. Raises ValueError where there is none."""
    return in_force().calendars[name]


def calendar_in(rules: Rules, name: str) -> Calendar:
    """The calendar that a clock was started by; the state's until the clock is counted anew, where it is no more."""
    return rules.calendars.by_name.get(name) or rules.calendars["state"]


@lru_cache
def _shipped() -> Rules:
    return read_rules()
