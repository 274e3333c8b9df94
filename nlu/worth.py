"""What corrections are worth: each asked of an engine that has not learnt it, without and with the others."""

from collections.abc import Iterable, Sequence

from nlu.decide import Decision
from nlu.examples import Example, join
from nlu.meaning import Band, Competence, Entry, Understanding
from nlu.sense import Sense, spelling_of
from nlu.understand import Engine
from nlu.vectors import Vectors
from nlu.vocabulary import Vocabulary

FOLDS = 4
"""Each is asked of an engine that has learnt at least three quarters of the others."""
MOST = 400
"""Examples asked, the newest: a quarter of a minute."""

Told = tuple[Example, Understanding]


class Trial:
    """A catalogue and what is needed to learn it in several ways; every text must be among the vectors."""

    def __init__(
        self, entries: Sequence[Entry], competences: Sequence[Competence], vectors: Vectors, decision: Decision
    ) -> None:
        self._entries, self._competences = entries, competences
        self._vectors, self._decision = vectors, decision
        self._spelling = spelling_of(entries)
        self._by_code = {entry.code: entry for entry in entries}
        self._read: dict[str, str] = {}

    def worth(self, examples: Sequence[Example]) -> dict[str, dict[str, int]]:
        """The counts before and after; nothing where there are no two examples."""
        if len(examples) < 2:
            return {}
        asked = examples[-MOST:]
        after: list[Told] = []
        for fold in range(min(FOLDS, len(asked))):
            held = asked[fold::FOLDS]
            after += self._ask([one for one in examples if one not in held], held)
        return {"before": self._count(self._ask((), asked)), "after": self._count(after)}

    def _ask(self, learnt: Sequence[Example], asked: Sequence[Example]) -> list[Told]:
        entries, competences = join(learnt, self._entries, self._competences)
        vocabulary = Vocabulary(self._read)
        sense = Sense.learn(entries, competences, self._vectors, self._spelling)
        engine = Engine.learn(entries, competences, sense, vocabulary).judging(self._decision)
        self._read |= vocabulary.texts_read
        return [(one, engine.understand(one.text, one.language)) for one in asked]

    def _count(self, told: Iterable[Told]) -> dict[str, int]:
        """How many had the right institution first, or among three; the right service; an answer, and a wrong one."""
        known = list(told)
        ranked = [(one, [candidate.code for candidate in meaning.institutions]) for one, meaning in known]
        answered = [(one, meaning) for one, meaning in known if meaning.band is Band.ANSWER]
        return {
            "asked": len(known),
            "institution": sum(codes[:1] == [one.institution] for one, codes in ranked),
            "institution of three": sum(one.institution in codes[:3] for one, codes in ranked),
            "of a service": sum(bool(one.service) for one, _ in known),
            "service": sum(bool(one.service) and meaning.service == one.service for one, meaning in known),
            "answered": len(answered),
            "wrongly": sum(not self._is_right(one, meaning) for one, meaning in answered),
        }

    def _is_right(self, one: Example, meaning: Understanding) -> bool:
        entry = self._by_code[meaning.service or ""]
        return entry.code == one.service if one.service else one.institution in (entry.institution, *entry.also)
