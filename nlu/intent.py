"""What the person wants, told by the phrases in config/phrases.yaml."""

import re

from nlu import phrases
from nlu.lexical import fold, terms, tokens
from nlu.meaning import Intent
from nlu.privacy import PERSONAL_CODE, without_private

PHRASES_WITHIN = 1_000
"""Characters searched for phrases; what a person wants of us is said early, and the time stays bounded."""

_COURTESY = (Intent.THANKS, Intent.GREETING)
_NUMBER = re.compile(r"lv \d")
_BESIDE_A_QUESTION = (*_COURTESY, Intent.ABUSE)


def intent_of(normal: str, language: str) -> Intent:
    """The intent of a normalised text. A greeting, thanks or abuse beside a question leaves the question."""
    words = " ".join(map(fold, tokens(without_private(normal[:PHRASES_WITHIN]))))
    if PERSONAL_CODE.search(normal) and not any(map(str.isalpha, words)):
        return Intent.PERSONAL
    if not any(map(str.isalpha, words)):
        return Intent.EMPTY
    for intent, pattern in phrases.intents().items():
        if intent in _BESIDE_A_QUESTION or not (found := pattern.search(words)):
            continue
        if intent is Intent.STATUS and _NUMBER.match(found[0]) and _content(pattern.sub(" ", words), language, 2):
            continue  # the number of a ticket, and something new about it
        return intent
    if PERSONAL_CODE.search(normal) or "[personas kods]" in normal:
        return Intent.PERSONAL  # whoever writes a personal code asks about a person's own case
    return _courtesy(words, language)


def _courtesy(words: str, language: str) -> Intent:
    known = phrases.intents()
    if (abuse := known[Intent.ABUSE]).search(words) and not _content(abuse.sub(" ", words), language, at_most=1):
        return Intent.ABUSE
    rest = words
    for intent in _COURTESY:
        rest = known[intent].sub(" ", rest)
    if rest == words or _content(rest, language):
        return Intent.QUESTION
    return next(intent for intent in _COURTESY if known[intent].search(words))


def _content(words: str, language: str, at_most: int = 0) -> bool:
    """Whether more is left than words of grammar."""
    return len(terms(words, language)) > at_most
