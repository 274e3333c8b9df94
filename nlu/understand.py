"""One function from a citizen's words to their meaning: Engine.understand(text)."""

from collections.abc import Iterable

from nlu import decide, phrases, topics
from nlu.arrays import Floats
from nlu.decide import Decision, Judgement
from nlu.directory import rank
from nlu.embed import clean, embedder
from nlu.entries import Fit, Services
from nlu.institutions import Institutions, competent
from nlu.meaning import Band, Candidate, Competence, Entry, Intent, Understanding
from nlu.question import Question, read
from nlu.sense import Sense
from nlu.topics import Found
from nlu.vocabulary import Vocabulary

__all__ = ["Band", "Candidate", "Competence", "Engine", "Entry", "Intent", "Understanding"]

_NO_TOPIC = {Intent.EMPTY, Intent.GREETING, Intent.THANKS, Intent.ABUSE}
OFFERED = 5
"""most services named in an Understanding"""
STEEP = 0.15
"""How far (in score) a service must be behind the first to be half as likely as it, roughly."""


class Engine:
    """The built-in engine: immutable once it has learnt, safe to share between threads.

    Words alone decide where they are sure (a millisecond); else the question is embedded (some 20 ms). Without a
    `sense` words alone must do: as safely, but fewer questions are answered.
    """

    def __init__(
        self, services: Services, institutions: Institutions, vocabulary: Vocabulary, sense: Sense | None
    ) -> None:
        self.services, self.sense = services, sense
        self._institutions, self._vocabulary = institutions, vocabulary
        self.decision: Decision | None = None

    @classmethod
    def learn(
        cls,
        entries: Iterable[Entry],
        competences: Iterable[Competence],
        sense: Sense | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> "Engine":
        """An engine that knows these services and institutions, of which `sense` was learnt too."""
        vocabulary, known = vocabulary or Vocabulary(), list(competences)
        everywhere = frozenset(one.code for one in known if one.territorial)
        services = Services(entries, vocabulary, everywhere)
        engine = cls(services, Institutions(known, services, vocabulary), vocabulary, sense)
        phrases.intents()  # read now, so that the first question does not wait for it
        return engine

    def judging(self, decision: Decision) -> "Engine":
        """The same engine with other limits than those that are shipped."""
        other = Engine(self.services, self._institutions, self._vocabulary, self.sense)
        other.decision = decision
        return other

    def understand(self, text: str, hint: str = "", audience: str = "") -> Understanding:
        """What the text means. Never raises, whatever the text.

        `hint` is the language the person has chosen or used before (lv, en, ru); `audience` is
        "resident" or "business" and makes the entries of the other one less likely.
        """
        question = self.read(text, hint)
        if question.intent in _NO_TOPIC:
            return Understanding(question.language, question.intent, Band.ROUTE, (), (), 0.0)
        decision = self.decision or decide.shipped()
        fit = self.fit(question, audience)
        found = topics.by_words(self.services, fit, question.places) if len(fit.score) else None
        if self.sense is None or found is None or self._is_sure(found, decision.words):
            return self._meaning(question, fit, found, decision.words, None)
        vector = self.embed(question)
        found = self.by_meaning(question, fit, vector)
        return self._meaning(question, fit, found, decision.full, vector)

    def read(self, text: str, hint: str = "") -> Question:
        return read(text, hint, self._vocabulary, self._institutions.directory)

    def fit(self, question: Question, audience: str = "") -> Fit:
        return self.services.fit(question.topic, question.places, question.named, audience)

    def embed(self, question: Question) -> Floats:
        """Raises RuntimeError where the engine has no sense."""
        text = clean(question.text)
        return embedder().one(self._sense().spelling.restore(text.capitalize() if text.isupper() else text))

    def by_meaning(self, question: Question, fit: Fit, vector: Floats) -> Found:
        return topics.by_meaning(self.services, fit, self._sense().near_services(vector), question.places)

    def rank(self, question: Question, vector: Floats) -> tuple[Candidate, ...]:
        """The institutions by words and meaning."""
        near = self._sense().near_services(vector)
        return self._institutions.rank(question.query, question.named, self._sense(), vector, near)

    def _sense(self) -> Sense:
        if self.sense is None:
            raise RuntimeError("this engine knows words only")
        return self.sense

    @staticmethod
    def _is_sure(found: Found, words: Judgement) -> bool:
        return words.limits.band(words.sure(found.evidence), found.margin, found.local) is Band.ANSWER

    def _meaning(
        self, question: Question, fit: Fit, found: Found | None, judgement: Judgement, vector: Floats | None
    ) -> Understanding:
        services: tuple[Candidate, ...] = ()
        band = Band.ROUTE
        if found is not None and (vector is not None or fit.score.any()):
            confident = judgement.sure(found.evidence)
            services = self._candidates(found, confident)
            if question.intent is Intent.QUESTION:
                band = judgement.limits.band(confident, found.margin, found.local)
        institutions = self.rank(question, vector) if vector is not None else self._by_words(question, services)
        answer = self._entry(services[0].code) if band is Band.ANSWER else None
        return Understanding(
            question.language,
            question.intent,
            band,
            services,
            institutions,
            services[0].confidence if services else 0.0,
            competent(institutions, question.named, answer),
            next(iter(sorted(question.places)), "") if len(question.places) == 1 else "",
        )

    def _by_words(self, question: Question, services: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        scored = [(self._entry(candidate.code), candidate.confidence) for candidate in services]
        return rank(scored, self._institutions.directory.score(question.query), question.named)

    def _entry(self, code: str) -> Entry:
        return next(entry for entry in self.services.entries if entry.code == code)

    def _candidates(self, found: Found, confident: float) -> tuple[Candidate, ...]:
        """The five best that are meant; the first has the confidence, the others less the further they are behind."""
        best = found.scores[found.order[0]]
        return tuple(
            Candidate(
                self.services.entries[at].code, round(confident * 2 ** float((found.scores[at] - best) / STEEP), 4)
            )
            for at in found.order[:OFFERED]
            if found.scores[at] > 0
        )
