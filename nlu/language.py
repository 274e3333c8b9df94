"""Which of our three languages a text is in: by its script, then by its small words, then by its letters."""

import re
from functools import lru_cache

from nlu.letters import ODDS
from nlu.lexical import fold, normalise, tokens
from nlu.words import NEUTRAL, STOP_WORDS, TRANSLITERATED

LANGUAGES = ("lv", "en", "ru")
DEFAULT = "lv"

_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]")
_LATVIAN_LETTERS = frozenset("āčēģīķļņšūž")
_SMALL = {language: frozenset(map(fold, STOP_WORDS[language])) - NEUTRAL for language in ("lv", "en")}


def detect(text: str, hint: str = "") -> str:
    """lv, en or ru. Short and unclear texts, and other languages, take the hint or else the nearest of the three."""
    normal = normalise(text)
    cyrillic, latin = len(_CYRILLIC.findall(normal)), len(_LATIN.findall(normal))
    if cyrillic or latin:
        if 2 * cyrillic > latin:  # Russian texts name eParaksts and VSAA in Latin letters
            return "ru"
        return _by_words(normal, hint)
    return _known(hint)


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


def _by_words(normal: str, hint: str) -> str:
    folded = [fold(word) for word in tokens(normal)[:60]]
    small = sum(word in _SMALL["lv"] or word in _SMALL["en"] for word in folded)
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
    latvian, english = folded in _SMALL["lv"], folded in _SMALL["en"]
    if latvian != english:
        return 4.0 if latvian else -4.0
    if latvian or len(folded) < 3:
        return 0.0
    edged = f"^{folded}$"
    return 0.5 * sum(ODDS.get(edged[at : at + 3], 0) for at in range(len(edged) - 2))


def _known(hint: str) -> str:
    """The hint as one of the three: en-GB is en, uk and be read ru here, other languages read English."""
    short = hint.casefold()[:2]
    if short in LANGUAGES:
        return short
    return {"": DEFAULT, "uk": "ru", "be": "ru"}.get(short, "en")
