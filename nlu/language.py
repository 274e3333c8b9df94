"""Which language a text is in: by its script, its small words and letters, and by lingua where these do not say.

Six languages are told apart. Words are inflected in three of them only, those that the catalogue is written in.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from nlu.foreign import likely
from nlu.letters import ODDS
from nlu.lexical import fold, normalise, tokens
from nlu.words import NEUTRAL, STOP_WORDS, TRANSLITERATED

LANGUAGES = ("lv", "en", "ru", "uk", "lt", "et")
INFLECTED = ("lv", "en", "ru")
"""The catalogue is written in these, and their words are brought to one form."""
DEFAULT = "lv"
WORDS_READ = 60

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_LATVIAN_LETTERS = frozenset("āčēģīķļņšūž")
_ONLY = {"lv": "āēģīķļņ", "lt": "ąęėįų", "et": "õäöü", "uk": "іїєґ", "ru": "ыэъё"}
"""Letters by which a language is told from its neighbour."""
_SMALL = {language: frozenset(map(fold, words)) for language, words in STOP_WORDS.items()}
_TELLING = {language: _SMALL[language] - NEUTRAL for language in ("lv", "en")}


def detect(text: str, hint: str = "") -> str:
    """One of LANGUAGES. Short and unclear texts, and other languages, take the hint or else the nearest one."""
    normal = normalise(text)
    short = hint.casefold()[:2]
    found = _of_three(normal, short)
    if found == "ru" and _CYRILLIC.search(normal):
        return _russian_or_ukrainian(normal, short)
    if found in ("lv", "en") and _LATIN.search(normal):
        return _neighbour(normal, short, sum(map(_lead, _folded(normal)))) or found
    return found


def nearest(text: str) -> str:
    """The one of INFLECTED in which a text is read."""
    return _of_three(normalise(text), "")


def in_its_script(normal: str, language: str) -> str:
    """Russian that was typed in Latin letters, in Cyrillic ones; any other text as it is."""
    if language != "ru" or _CYRILLIC.search(normal):
        return normal
    return _SOUND.sub(lambda sound: _SOUNDS[sound[0]], normal)


_SOUNDS = dict(zip("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопкрстуввхыз", strict=True)) | {
    "shch": "щ",
    "sch": "щ",
    "zh": "ж",
    "kh": "х",
    "ts": "ц",
    "ch": "ч",
    "sh": "ш",
    "ye": "е",
    "yu": "ю",
    "ju": "ю",
    "ya": "я",
    "ja": "я",
    "yo": "е",
    "jo": "е",
}
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))


def _of_three(normal: str, hint: str) -> str:
    cyrillic, latin = len(_CYRILLIC.findall(normal)), len(_LATIN.findall(normal))
    if cyrillic or latin:
        if 2 * cyrillic > latin:  # Russian texts name eParaksts and VSAA in Latin letters
            return "ru"
        return _by_words(normal, hint)
    return _known(hint)


def _by_words(normal: str, hint: str) -> str:
    folded = _folded(normal)
    small = sum(word in _TELLING["lv"] or word in _TELLING["en"] for word in folded)
    if sum(word in TRANSLITERATED for word in folded) > small:
        return "ru"
    lead = sum(map(_lead, folded)) + 3 * len(_LATVIAN_LETTERS.intersection(normal))
    if abs(lead) < UNCLEAR and (hint or lead == 0):
        return _known(hint)
    return "lv" if lead > 0 else "en"


UNCLEAR = 2.0
"""Below this lead of one language over the other (natural logarithm of the odds) a person's own choice counts more."""


@lru_cache(maxsize=16_384)
def _lead(folded: str) -> float:
    """How much more likely a word is Latvian (above 0) than English (below): natural logarithm of the odds, roughly."""
    latvian, english = folded in _TELLING["lv"], folded in _TELLING["en"]
    if latvian != english:
        return 4.0 if latvian else -4.0
    if latvian or len(folded) < 3:
        return 0.0
    edged = f"^{folded}$"
    return 0.5 * sum(ODDS.get(edged[at : at + 3], 0) for at in range(len(edged) - 2))


def _russian_or_ukrainian(normal: str, hint: str) -> str:
    lead = _evidence(normal, "uk", ("ru",)) - _evidence(normal, "ru", ("uk",))
    if lead == 0:
        if hint in ("ru", "uk"):
            return hint
        return _likely(normal, ("ru", "uk"), SURE) or "ru"
    return "uk" if lead > 0 else "ru"


def _neighbour(normal: str, hint: str, lead: float) -> str:
    """Lithuanian or Estonian; empty where it is neither."""
    ours = max(_evidence(normal, language, ("lt", "et")) for language in ("lv", "en"))
    lithuanian, estonian = _evidence(normal, "lt", ("lv", "en", "et")), _evidence(normal, "et", ("lv", "en", "lt"))
    best = "lt" if lithuanian >= estonian else "et"
    theirs = max(lithuanian, estonian)
    if theirs:
        if theirs <= ours:
            return ""
        certain = theirs >= ENOUGH or theirs == len(_folded(normal))  # nothing but a greeting, perhaps
        return best if certain or likely(normal, _LATIN_ONES, PROBABLE) == best else ""
    if hint in ("lt", "et"):
        return _likely(normal, _LATIN_ONES, PROBABLE, besides=("lv", "en"))
    if abs(lead) >= UNCLEAR or _has_small(normal, ("lv", "en")):
        return ""
    return _likely(normal, _LATIN_ONES, SURE, besides=("lv", "en"))


def _likely(normal: str, among: Sequence[str], least: float, besides: Sequence[str] = ()) -> str:
    """What lingua says; of a word or two it knows too little."""
    letters = sum(map(str.isalpha, normal))
    return likely(normal, among, least, besides) if " " in normal and letters >= LETTERS else ""


ENOUGH = 2
"""Small words or a letter that no other of these languages has."""
SURE, PROBABLE = 0.97, 0.6
"""Of lingua, 0..1: most who write are Latvians, so a text without any small word must look foreign for certain."""
LETTERS = 12
_LATIN_ONES = ("lv", "en", "lt", "et")


def _evidence(normal: str, language: str, others: Sequence[str]) -> int:
    """Small words and letters that are this language's and not the others'."""
    small = _small_of(language, tuple(others))
    letters = sum(letter in _ONLY.get(language, "") for letter in set(normal))
    return sum(word in small for word in _folded(normal)) + 2 * letters


def _has_small(normal: str, languages: Sequence[str]) -> bool:
    return any(word in _TELLING[language] for word in _folded(normal) for language in languages)


@lru_cache(maxsize=64)
def _small_of(language: str, others: tuple[str, ...]) -> frozenset[str]:
    return _SMALL[language].difference(*(_SMALL[other] for other in others))


def _folded(normal: str) -> list[str]:
    return [fold(word) for word in tokens(normal)[:WORDS_READ]]


def _known(hint: str) -> str:
    """The hint as a language we know: be is read ru here, others read English."""
    short = hint.casefold()[:2]
    if short in LANGUAGES:
        return short
    return {"": DEFAULT, "be": "ru"}.get(short, "en")
