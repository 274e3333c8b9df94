"""Every file of words is complete in each of its languages: the same keys, and the same gaps to fill in."""

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.replies import LANGUAGES
from config.settings import CONFIG
from web.pages import page_words

STAFF = ("lv", "en")
"""languages of the desk; citizens have Russian too"""
NAMED = re.compile(r"(?P<name>[a-z_]+)\.(?P<language>[a-z]{2})\.yaml")


def files() -> dict[str, dict[str, Path]]:
    """By the name that the languages share."""
    found: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in sorted(CONFIG.iterdir()):
        if match := NAMED.fullmatch(path.name):
            found[match["name"]][match["language"]] = path
    return found


def gaps(words: Any, path: str = "") -> dict[str, list[str]]:
    """Each word's place, and what is filled into it."""
    if isinstance(words, dict):
        parts = words.items()
    elif isinstance(words, list):
        parts = dict(enumerate(words)).items()
    else:
        assert str(words).strip(), f"{path} is empty"
        return {path: sorted(re.findall(r"{(\w*)}", str(words)))}
    return {place: found for key, value in parts for place, found in gaps(value, f"{path}.{key}").items()}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


@pytest.mark.parametrize("name", sorted(files()))
def test_words_are_there_in_every_language_of_their_readers(name: str) -> None:
    found = files()[name]
    citizens = name.startswith(("pages", "replies"))
    assert set(found) == set(LANGUAGES if citizens else STAFF)
    latvian = gaps(read(found["lv"]))
    for language, path in found.items():
        assert gaps(read(path)) == latvian, language


@pytest.mark.parametrize(("name", "languages"), [("pages", LANGUAGES), ("desk", STAFF)])
def test_parts_of_the_words_can_be_joined(name: str, languages: tuple[str, ...]) -> None:
    """A word that two parts have is an error, which would show on every page."""
    for language in languages:
        assert page_words(name, language)["language_name"]


def test_what_citizens_read_and_what_staff_read_is_among_them() -> None:
    assert {"pages", "pages_about", "replies", "desk", "desk_charts"} <= set(files())
