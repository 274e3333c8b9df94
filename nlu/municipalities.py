"""Which municipality a text names: by the names of towns, parishes and quarters, in any case of three languages."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml

import config
from nlu.lexical import fold, normalise, tokens
from nlu.meaning import Candidate

FILE = Path(config.__file__).resolve().parent / "municipalities.yaml"

_CASES = {  # by the ending of the nominative, the first that fits; all without diacritics
    "pils": ("pils", "pili", "pilij"),
    "cesis": ("cesis", "cesu", "cesim"),
    "us": ("us", "um", "u"),
    "as": ("as", "u", "am"),
    "es": ("es", "u", "em"),
    "s": ("s", "a", "am", "u"),
    "a": ("a", "as", "ai", "u"),
    "e": ("e", "es", "ei", "i"),
    "i": ("i", "u", "iem", "us", "os"),
    "": ("",),
}
_LATIN = dict(zip("абвгдежзиклмнопрстуфхцчшыэюя", "abvgdezziklmnoprstufhccsieua", strict=True)) | {"ь": "", "ъ": ""}
_VOWELS = frozenset("аеиоуыэюяь")
_RUSSIAN = re.compile(r"(?:a|e|i|u|oi|ei|om|em|am|ah|ov|ami|(?:[ei]?n)?sk\w{1,3})?")
_KIND = re.compile(
    r"pagast\w*|novad\w*|pilset\w*|ciem(?:s|a|am|u)|pasvaldib\w*|municipality|parish|волост\w*|самоуправлени\w*|кра\w{1,3}"
)
_COUNTRY = re.compile(r"novad\w*|rajon\w*|municipality|county|district|кра\w{1,3}|раион\w*")
_STREET = re.compile(r"iel(?:a|as|ai|u)|sosej\w*|prospekt\w*|gatv(?:e|es|ei|i)|bulvar\w*|street|road|улиц\w*|шоссе")


SHORTEST_RUSSIAN = 4
"""A shorter stem is that of other words too: семьи is no Sēme. The town that a municipality is named after counts."""


def places(words: Sequence[str]) -> dict[str, str]:
    """Of the folded words those that name a place, and its municipality: "ikskile" is in "Ogres novads".

    "Rīgas iela" may be anywhere, and "Jelgavas novads" lies around Jelgava.
    """
    found: dict[str, str] = {}
    for word, following in zip(words, [*words[1:], ""], strict=False):
        place = _place_of(word, bool(_KIND.fullmatch(following)))
        if place and not _STREET.fullmatch(following):
            found[word] = _names().around.get(place, place) if _COUNTRY.fullmatch(following) else place
    return found


def named_in(text: str) -> frozenset[str]:
    """The municipalities that a text names."""
    return frozenset(places([fold(word) for word in tokens(normalise(text))]).values())


def told(place: str, language: str) -> str:
    """What the municipality is called in the language; as it was given where nobody knows it."""
    return _names().titles.get(place, {}).get(language) or place


def all_places() -> list[str]:
    """The municipalities, the cities first."""
    return list(_names().titles)


def at(place: str, ranked: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The same institutions, where the matter is one of this place; a body that comes twice keeps the better place."""
    best: dict[str, Candidate] = {}
    for one in ranked:
        for code in bodies_at(place, [one.code]):
            best.setdefault(code, Candidate(code, one.confidence))
    return tuple(best.values())


def bodies_at(place: str, codes: Iterable[str]) -> tuple[str, ...]:
    """The place's own bodies instead of the common roles; those of other places have no say. All where it is unknown.

    Of a building permit in Rīga its development department, not the building board that other places have.
    """
    if not place:
        return tuple(codes)
    known = _names()
    there = (known.bodies.get((place, code), code) for code in codes if known.owner.get(code, place) == place)
    return tuple(dict.fromkeys(there))


def moved_to(place: str, codes: Iterable[str]) -> tuple[str, ...]:
    """Of the same matter in another place: its own bodies instead of the common roles and of those of other places."""
    roles = {body: role for (_, role), body in _names().bodies.items()}
    return bodies_at(place, [roles.get(code, code) for code in codes])


def is_local_body(code: str) -> bool:
    """Whether an institution is one place's own: Riga's council, not the building board that every place has."""
    return code in _names().owner


@dataclass(frozen=True, slots=True)
class _Names:
    words: frozenset[str]  # forms that are ordinary words
    latin: Mapping[str, tuple[str, bool]]  # form -> municipality, and whether it needs "pagasts" after it
    russian: Mapping[str, tuple[str, bool]]  # the same by the stem of the Russian name, in Latin letters
    titles: Mapping[str, Mapping[str, str]]
    around: Mapping[str, str]  # Jelgava -> Jelgavas novads
    bodies: Mapping[tuple[str, str], str]  # (Rīga, PAŠV-BV) -> RDPAD
    owner: Mapping[str, str]  # RDPAD -> Rīga


@cache
def _names() -> _Names:
    read: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    known: dict[str, dict[str, Any]] = read["municipalities"]
    words = set(read["also_words"])
    latin: dict[str, set[tuple[str, bool]]] = defaultdict(set)
    russian: dict[str, set[tuple[str, bool]]] = defaultdict(set)
    for place, its in known.items():
        for name in its["names"]:
            stem, forms = _declined(fold(name.casefold()))
            for form in forms:
                latin[form].add((place, name in words))
            if len(stem) >= SHORTEST_RUSSIAN or name == its["names"][0]:
                russian[_sounds(stem)].add((place, name in words))
        for stem in its.get("russian", ()):
            russian[_romanised(fold(stem.casefold()))].add((place, False))
    return _Names(
        words=frozenset(map(fold, read["also_forms"])),
        latin=_certain(latin),
        russian=_certain(russian),
        titles={place: {"lv": place, **its["title"]} for place, its in known.items()},
        around={its["around"]: place for place, its in known.items() if "around" in its},
        bodies={(place, role): body for place, its in known.items() for role, body in its.get("bodies", {}).items()},
        owner={body: place for place, its in known.items() for body in its.get("own", ())},
    )


def _certain(found: Mapping[str, set[tuple[str, bool]]]) -> dict[str, tuple[str, bool]]:
    """Without what may be in two municipalities."""
    return {
        form: max(meant, key=lambda one: one[1]) for form, meant in found.items() if len({one for one, _ in meant}) == 1
    }


def _declined(name: str) -> tuple[str, list[str]]:
    """The part that Russian cases are added to, and the Latvian forms."""
    ending = next(ending for ending in _CASES if name.endswith(ending))
    root = name.removesuffix(ending)
    return (root if ending in ("a", "e", "i") else name), [root + case for case in _CASES[ending]]


@lru_cache(maxsize=4_096)
def _place_of(word: str, before_kind: bool) -> str:
    place, needs_kind = _names().latin.get(word) or _by_russian(word)
    return place if before_kind or not (needs_kind or word in _names().words) else ""


def _by_russian(word: str) -> tuple[str, bool]:
    if "а" <= word[:1] <= "я":
        heard = _romanised(word)
        for end in range(len(heard), 2, -1):
            if (found := _names().russian.get(heard[:end])) and _RUSSIAN.fullmatch(heard[end:]):
                return found
    return "", False


def _romanised(word: str) -> str:
    """ "икшкиле" as "ikskile", "лиепаи" as "liepai"; each letter as it sounds after the one before."""
    latin = ""
    for letter, before in zip(word, (" ", *word), strict=False):
        after_vowel = before == " " or before in _VOWELS
        soft = after_vowel and letter in "еюя"
        latin += "i" * soft + _LATIN.get(letter, letter)
    return _sounds(latin)


def _sounds(latin: str) -> str:
    return re.sub("i+", "i", latin.replace("j", "i"))
