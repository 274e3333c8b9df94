"""Rules of the law for tests: those that came with the program, with some file written anew."""

from collections.abc import Iterator
from contextlib import contextmanager

from config.flaw import Refused
from config.settings import CONFIG
from routing.rules import CALENDARS, FILES, LADDER, TERMS, Rules, in_force, put_in_force, rules_from


def rules_with(calendars: str | None = None, terms: str | None = None, ladder: str | None = None) -> Rules:
    """Raises Refused."""
    texts = {name: (CONFIG / name).read_text("utf-8") for name in FILES}
    given = {CALENDARS: calendars, TERMS: terms, LADDER: ladder}
    return rules_from(texts | {name: text for name, text in given.items() if text is not None})


def flaws(calendars: str | None = None, terms: str | None = None) -> list[str]:
    """What is wrong with it, as staff read it."""
    try:
        rules_with(calendars, terms)
    except Refused as refused:
        return [str(flaw) for flaw in refused.flaws]
    return []


@contextmanager
def as_before() -> Iterator[None]:
    """What a test puts in force ends with it."""
    before = in_force()
    yield
    put_in_force(before)
