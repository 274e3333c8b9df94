"""The bot's own words, by language: data in `replies.<language>.yaml` that an editor may change."""

from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from config.settings import CONFIG

LANGUAGES = ("lv", "en", "ru")
DEFAULT = "lv"


def reply(language: str, key: str, **filling: Any) -> str:
    """The reply in that language, Latvian where there is none. Dates in the filling are written out.

    `key` may name a nested text with a dot. Raises KeyError for an unknown key.
    """
    text: Any = words(language)
    for part in key.split("."):
        text = text[part]
    written = {name: in_words(value, language) if isinstance(value, date) else value for name, value in filling.items()}
    return str(text).format(**written) if written else str(text)


@lru_cache
def words(language: str) -> dict[str, Any]:
    """All replies of a language."""
    known = language if language in LANGUAGES else DEFAULT
    loaded: dict[str, Any] = yaml.safe_load((CONFIG / f"replies.{known}.yaml").read_text("utf-8"))
    return loaded


@lru_cache(maxsize=2000)
def in_words(day: date, language: str) -> str:
    """A date as people write it after "by": "2 December 2026"."""
    form = words(language)
    return str(form["date"]).format(year=day.year, day=day.day, month=form["months"][day.month - 1])


def courtesy(language: str, key: str) -> str:
    """What is said in a language that we do not speak, from `courtesies.yaml`; empty where there is no need."""
    return str(_courtesies()[key].get(language, ""))


@lru_cache
def _courtesies() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load((CONFIG / "courtesies.yaml").read_text("utf-8"))
    return loaded
