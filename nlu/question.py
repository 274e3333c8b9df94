"""A citizen's text as the engine reads it."""

from collections.abc import Mapping
from dataclasses import dataclass

from nlu import municipalities
from nlu.directory import Directory
from nlu.intent import intent_of
from nlu.language import detect, in_its_script
from nlu.lexical import fold, normalise, readable, terms, tokens
from nlu.meaning import Intent
from nlu.privacy import without_private
from nlu.vocabulary import Vocabulary
from nlu.words import GENERAL

LEAST_WORDS = 2
"""Content words from which a question says what is to be known, and not only of what: "pase" is asked back."""
_GENERAL = frozenset(map(fold, GENERAL))


@dataclass(frozen=True, slots=True)
class Question:
    text: str  # without codes, accounts and addresses of persons
    language: str
    intent: Intent
    query: Mapping[str, float]  # its terms, and how sure each is
    topic: Mapping[str, float]  # the same without places: a place is no topic
    places: frozenset[str]  # municipalities named
    named: frozenset[str]  # institutions named
    vague: bool  # one word, or only such as are asked of any service


def read(text: str, hint: str, vocabulary: Vocabulary, directory: Directory) -> Question:
    """Never raises, whatever the text. `hint` is the language the person has chosen or used before."""
    whole = normalise(text)
    text = without_private(readable(text))
    normal = normalise(text)
    language = detect(normal, hint)
    words = [fold(word) for word in tokens(normal)]
    placed = municipalities.places(words)
    in_script = in_its_script(normal, language)
    query = vocabulary.read(in_script, language)
    content = {word for word, _ in terms(in_script, language)}.difference(placed)
    return Question(
        text=text,
        language=language,
        intent=intent_of(whole, language),
        query=query,
        topic=vocabulary.read(in_script, language, without=placed) if placed else query,
        places=frozenset(placed.values()),
        named=directory.named(words, text),
        vague=len(content) < LEAST_WORDS or content <= _GENERAL,
    )
