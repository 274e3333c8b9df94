"""Why a text is taken for a matter: the examples that come nearest to it, and the words that they have in common."""

from collections.abc import Iterable
from dataclasses import dataclass

from nlu.lexical import fold, normalise, readable, terms, tokens
from nlu.privacy import without_private
from nlu.words import GENERAL

MOST = 3
"""examples given"""
READ = ("lv", "en", "ru")
"""languages whose words are taken to their stems; any other is read as Latvian is"""
_GENERAL = frozenset(map(fold, GENERAL))
"""words that are asked of any service and speak for none"""


@dataclass(frozen=True, slots=True)
class Near:
    """A text that was learnt, and what a question shares with it."""

    text: str
    language: str
    words: tuple[str, ...]
    """of the question, as they are written there"""
    likeness: float
    """share of the words of both that they have in common, 0..1"""


def nearest(question: str, language: str, examples: Iterable[tuple[str, str]], most: int = MOST) -> list[Near]:
    """Of (text, language) those that share most words with the question, best first; none that share nothing.

    Codes and addresses of persons are no words. Never raises, whatever the text.
    """
    text = without_private(readable(question))
    written = {fold(word): word for word in tokens(normalise(text))}
    asked = {word: term for word, term in _terms(text, language) if word not in _GENERAL}
    found = []
    for example, its_language in dict.fromkeys(examples):
        its = {term for _, term in _terms(example, its_language)}
        shared = [word for word, term in asked.items() if term in its]
        if shared:
            likeness = 2 * len(shared) / (len(asked) + len(its))
            found.append(Near(example, its_language, tuple(written[word] for word in shared), round(likeness, 4)))
    return sorted(found, key=lambda one: -one.likeness)[:most]


def likeness(one: str, other: str, language: str) -> float:
    """Share of words that two texts have in common, 0..1; 0 where one has none."""
    near = nearest(one, language, [(other, language)], 1)
    return near[0].likeness if near else 0.0


def _terms(text: str, language: str) -> list[tuple[str, str]]:
    return terms(normalise(text), language if language in READ else "lv")
