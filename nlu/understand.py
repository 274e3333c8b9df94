"""One function from a citizen's words to their meaning: Engine.understand(text)."""

from collections.abc import Iterable
from dataclasses import replace

from nlu import decide, municipalities, phrases, several, topics
from nlu.arrays import Doubles, Floats
from nlu.decide import Decision, Judgement
from nlu.directory import rank
from nlu.embed import clean, embedder
from nlu.entries import Fit, Services
from nlu.institutions import TOGETHER, Institutions, competent
from nlu.meaning import Band, Candidate, Competence, Entry, Intent, Understanding
from nlu.question import Question, read
from nlu.sense import Sense
from nlu.topics import Found, Owners
from nlu.vocabulary import Vocabulary

__all__ = ["Band", "Candidate", "Competence", "Engine", "Entry", "Intent", "Understanding"]

_NO_TOPIC = {Intent.EMPTY, Intent.GREETING, Intent.THANKS, Intent.ABUSE}
OFFERED = 5
"""most services named in an Understanding"""
MUNICIPAL = 0.6
"""From this probability of the first institution on it is worth asking which municipality is meant, where no service
fits: of 5,149 questions whose service was unknown to the engine three of four asked so are municipal matters."""
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

    def understand(self, text: str, hint: str = "", audience: str = "", place: str = "") -> Understanding:
        """What the text means. Never raises, whatever the text.

        `hint` is the language the person has chosen or used before (lv, en, ru); `audience` is
        "resident" or "business" and makes the entries of the other one less likely; `place` is the municipality
        that the person is known to ask about, as `municipalities.all_places` calls it. One named in the text counts.
        Of several questions in the text each is understood, and the whole is for people.
        """
        question = self.read(text, hint)
        asked = several.split(text) if question.intent is Intent.QUESTION else []
        if len(asked) > 1:
            parts = [self._understand(self.read(one, question.language), audience, place) for one in asked]
            if several.differ(parts):
                return several.together(parts)
        return self._understand(question, audience, place)

    def _understand(self, question: Question, audience: str, place: str) -> Understanding:
        where = question.places or frozenset(filter(None, [place]))
        if question.intent in _NO_TOPIC:
            return Understanding(question.language, question.intent, Band.ROUTE, (), (), 0.0)
        decision = self.decision or decide.shipped()
        fit = replace(self.fit(question, audience), meant=self.services.meant(where))
        found = topics.by_words(self.services, fit, where) if len(fit.score) else None
        if self.sense is None or found is None or self._is_sure(found, decision.words):
            return self._meaning(question, where, fit, found, decision.words, None)
        vector = self.embed(question)
        near = self._sense().near_services(vector)
        owners = self.owners(question, vector, near)
        found = topics.by_meaning(self.services, fit, near, owners, where)
        return self._meaning(question, where, fit, found, decision.full, owners)

    def read(self, text: str, hint: str = "") -> Question:
        return read(text, hint, self._vocabulary, self._institutions.directory)

    def fit(self, question: Question, audience: str = "") -> Fit:
        return self.services.fit(question, audience)

    def embed(self, question: Question) -> Floats:
        """Raises RuntimeError where the engine has no sense."""
        text = clean(question.text)
        return embedder().one(self._sense().spelling.restore(text.capitalize() if text.isupper() else text))

    def owners(self, question: Question, vector: Floats, near: Doubles) -> Owners:
        """The institutions by words and meaning; `near` is the cosine with the centroid of each service."""
        return self._institutions.weigh(question.query, question.named, self._sense(), vector, near)

    def rank(self, question: Question, vector: Floats) -> tuple[Candidate, ...]:
        """The likeliest institutions, at most five."""
        return self._institutions.rank(self.owners(question, vector, self._sense().near_services(vector)).sure)

    def _sense(self) -> Sense:
        if self.sense is None:
            raise RuntimeError("this engine knows words only")
        return self.sense

    @staticmethod
    def _is_sure(found: Found, words: Judgement) -> bool:
        return words.limits.band(words.sure(found.evidence), found.margin, found.vague) is Band.ANSWER

    def _meaning(
        self,
        question: Question,
        where: frozenset[str],
        fit: Fit,
        found: Found | None,
        judgement: Judgement,
        owners: Owners | None,
    ) -> Understanding:
        services: tuple[Candidate, ...] = ()
        band, confident = Band.ROUTE, 0.0
        if found is not None and (owners is not None or fit.score.any()):
            confident = judgement.sure(found.evidence)
            services = self._candidates(found, confident)
            if question.intent is Intent.QUESTION:
                band = judgement.limits.band(confident, found.margin, found.vague)
        institutions = self._institutions.rank(owners.sure) if owners else self._by_words(question, services)
        known = found is not None and bool(services) and confident >= judgement.limits.clarify
        about = self._about(found) if found is not None and known else []
        together = competent(institutions, question.named, about, certain=band is Band.ANSWER)
        place = next(iter(where)) if len(where) == 1 else ""
        municipal = bool(together) and self._is_municipal(together[0])
        lacks = bool(about[0].municipality) if about else institutions[:1] and institutions[0].confidence >= MUNICIPAL
        there = municipalities.at(place, institutions)
        return Understanding(
            question.language,
            question.intent,
            band,
            services,
            there,
            services[0].confidence if services else 0.0,
            municipalities.bodies_at(place, together) or tuple(one.code for one in there[:1]),
            place,
            municipal,
            municipal and not where and band is not Band.ANSWER and bool(lacks),
        )

    def _is_municipal(self, code: str) -> bool:
        return code in self.services.everywhere or municipalities.is_local_body(code)

    def _by_words(self, question: Question, services: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        scored = [(self._entry(candidate.code), candidate.confidence) for candidate in services]
        return rank(scored, self._institutions.directory.score(question.query), question.named)

    def _about(self, found: Found) -> list[Entry]:
        """The services that fit about as well as the best."""
        scores = found.scores[found.order[:OFFERED]]
        return [self.services.entries[at] for at in found.order[:OFFERED][scores >= scores[0] - TOGETHER]]

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
