"""From text to terms: normalised words, their lemmas and stems, the same with and without diacritics."""

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache

from nlu.stems import stem
from nlu.words import STOP_WORDS

LONGEST_TEXT = 4_000
"""Characters read of a message; the rest cannot change what it is about, only the time it takes."""
LONGEST_WORD = 40

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,300}>")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff]"
)
_WORD = re.compile(r"[^\W_]+")
# latvija.gov.lv is one word, not three
_SITE = re.compile(r"(?<=[^\W_])\.(?=(?:[^\W_]{2,20}\.){0,2}(?:lv|eu|com|org|net)\b)")
_INSTEAD = re.compile(r"\b(?:nevis|instead of|rather than|а не|вместо)\b(?: [^\W_]+){1,2}")  # what is not meant
_E_WORD = re.compile(r"\b([eе])[-\u2010-\u2015 ](?=[^\W\d_]{4})")  # Latin and Cyrillic: e-adrese, е-адрес


def normalise(text: str) -> str:
    """What is read of a text, in lower case."""
    return readable(text).casefold()


def readable(text: str) -> str:
    """The text as it was meant to be read: composed, no markup, nothing invisible, bounded."""
    text = _UNPRINTABLE.sub(" ", text[: 2 * LONGEST_TEXT])
    text = html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text
    text = _INVISIBLE.sub("", _UNPRINTABLE.sub(" ", text))[:LONGEST_TEXT]
    text = unicodedata.normalize("NFKC", text)  # may make a letter eighteen
    return " ".join(text[:LONGEST_TEXT].split())


@lru_cache(maxsize=32_768)
def fold(text: str) -> str:
    """Without diacritics, as many people type; also й becomes и and ё becomes е."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


_STOP = {language: frozenset(map(fold, words)) for language, words in STOP_WORDS.items()}


def tokens(normal: str) -> list[str]:
    """Words of a normalised text; "e-adrese" and "latvija.gov.lv" are one word each."""
    return [word[:LONGEST_WORD] for word in _WORD.findall(_E_WORD.sub(r"\1", _SITE.sub("", normal)))]


def terms(normal: str, language: str) -> list[tuple[str, str]]:
    """(folded word, term) of each content word once, in order; numbers are not content."""
    seen: dict[str, str] = {}
    for word in tokens(_INSTEAD.sub(" ", normal)):
        folded = fold(word)
        if len(folded) > 1 and folded not in seen and folded not in _STOP[language] and not folded.isdecimal():
            seen[folded] = term(word, language)
    return list(seen.items())


@lru_cache(maxsize=32_768)
def term(word: str, language: str) -> str:
    """What a word is indexed by: the stem of its lemma, folded."""
    return stem(fold(lemma(word, language)), language)


def lemma(word: str, language: str) -> str:
    """The dictionary form where simplemma's dictionary knows the word as it stands, else the word.

    Only Latvian: the English dictionary (0.2 s, 20 MB) changed no figure of the quality test, and the
    Russian one takes 1.6 s and 140 MB to load.
    """
    if language != "lv":
        return word
    found = _dictionary(language).get(word, word)
    return found.removeprefix("ne") if not word.startswith("ne") else found  # it takes maksāt for nemaksāt


@cache
def _dictionary(language: str) -> Mapping[str, str]:
    from simplemma.strategies import DefaultDictionaryFactory  # 20 MB a language; who never learns need not pay

    return DefaultDictionaryFactory().get_dictionary(language)  # type: ignore[no-any-return,unused-ignore]
