"""One function from a citizen's words to their meaning: Engine.understand(text)."""

from collections.abc import Iterable

from nlu import decide, phrases
from nlu.entries import Match, Services
from nlu.institutions import Directory, rank
from nlu.intent import intent_of
from nlu.language import detect, in_its_script
from nlu.lexical import fold, normalise, tokens
from nlu.meaning import Band, Candidate, Competence, Entry, Intent, Understanding
from nlu.vocabulary import Vocabulary

__all__ = ["Band", "Candidate", "Competence", "Engine", "Entry", "Intent", "Understanding"]

_NO_TOPIC = {Intent.EMPTY, Intent.GREETING, Intent.THANKS, Intent.ABUSE}


class Engine:
    """The built-in engine: lexical, immutable once it has learnt, safe to share between threads."""

    def __init__(self, vocabulary: Vocabulary, services: Services, directory: Directory) -> None:
        self._vocabulary, self._services, self._directory = vocabulary, services, directory

    @classmethod
    def learn(cls, entries: Iterable[Entry], competences: Iterable[Competence]) -> "Engine":
        """An engine that knows these services and institutions; it never changes afterwards."""
        vocabulary, institutions = Vocabulary(), list(competences)
        everywhere = frozenset(institution.code for institution in institutions if institution.territorial)
        services = Services(entries, vocabulary, everywhere)
        engine = cls(vocabulary, services, Directory(institutions, vocabulary))
        phrases.intents()  # read now, so that the first question does not wait for it
        return engine

    def understand(self, text: str, hint: str = "", audience: str = "") -> Understanding:
        """What the text means. Never raises, whatever the text.

        `hint` is the language the person has chosen or used before (lv, en, ru); `audience` is
        "resident" or "business" and makes the entries of the other one less likely.
        """
        normal = normalise(text)
        language = detect(normal, hint)
        intent = intent_of(normal, language)
        if intent in _NO_TOPIC:
            return Understanding(language, intent, Band.ROUTE, (), (), 0.0)
        words = [fold(word) for word in tokens(normal)]
        normal = in_its_script(normal, language)
        query = self._vocabulary.read(normal, language)
        named = self._directory.named(words, text)
        placed = phrases.places(words)
        places = frozenset(placed.values())
        topic = self._vocabulary.read(normal, language, without=placed) if placed else query  # a place is no topic
        found = self._services.find(topic, places, named, audience)
        confident = decide.confidence(found.evidence)
        services = _candidates(found.matches, confident)
        institutions = rank(
            [(match.entry, candidate.confidence) for match, candidate in zip(found.matches, services, strict=False)],
            self._directory.score(query),
            named,
        )
        band = decide.band(confident, found.evidence, found.local) if intent is Intent.QUESTION else Band.ROUTE
        return Understanding(language, intent, band, services, institutions, round(confident, 4))


def _candidates(matches: list[Match], confident: float) -> tuple[Candidate, ...]:
    """The five best; the first has the confidence, the others the part that the square of their score is of its own."""
    if not matches:
        return ()
    first = matches[0].score
    return tuple(Candidate(m.entry.code, round(confident * (m.score / first) ** 2, 4)) for m in matches[:5])
