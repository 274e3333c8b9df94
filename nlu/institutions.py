"""Which institutions a question is for: by words and meaning of their services, areas and names together."""

from collections.abc import Collection, Sequence

import numpy as np

from nlu.arrays import Doubles, Floats
from nlu.directory import WORD, Directory, texts_of
from nlu.entries import Services, learn_asked
from nlu.fit import softmax
from nlu.index import Examples, Index, Weighted
from nlu.meaning import Candidate, Competence, Entry
from nlu.sense import Sense
from nlu.topics import Owners
from nlu.vocabulary import Vocabulary

WEIGHTS = {
    "services": 0.8,  # cosine with the nearest of its services' centroids
    "areas": 1.3,  # likeness of its areas by words
    "centroid": 4.2,  # cosine with the centroid of all its texts: services, areas, names
    "area": 1.6,  # how near its areas and names are by meaning
    "cover": 3.5,  # share of the question in the words of all its services, areas and names
    "like": 2.9,  # likeness by words with the nearest of those texts
    "named": 10.0,  # whoever writes "VSAA" means it
}
"""A conditional logit over questions of the catalogue whose service was unknown (3,955) or known (1,977) to the engine,
and over areas that it had not learnt (903): of these it puts the right institution first for 70, 82 and 75 %, among
three for 87, 94 and 92 % (the logit fitted without their institutions, but for a name, which decides). The real
questions had no part in it. More areas of each (three, five), those by words alone, priors by number of services, a
naive Bayes or ridge classifier of letters or embeddings added nothing beside these."""
MOST = 5
TOGETHER = 0.05
"""The services that score within this of the best say who is competent together.

Of 1,277 held-out questions of the starting catalogue 22 % are for several institutions: of the matters called one of
several 89 % are (250), and 81 % of those that are were seen (277). The distance was chosen by nested cross-validation
over services with 2,550 questions: 0.04 to 0.06 in all five parts, F1 0.87 in those left out. How near the
institutions' own probabilities are to each other says how doubtful a matter is, not that it is of several: with
half of the first one's probability, as it was before, 24 % of those called so were, hardly more than chance, and
13 % were seen. Of 5,149 questions whose service is unknown nothing tells it (24 % and 18 %): only the first is named.
"""


class Institutions:
    """All institutions by the words of everything they do; immutable."""

    def __init__(self, known: Sequence[Competence], services: Services, vocabulary: Vocabulary) -> None:
        self.directory = Directory(known, vocabulary)
        self.codes = [one.code for one in known]
        self._index = self._all_words(known, services, vocabulary)

    def rank(self, sure: Doubles) -> tuple[Candidate, ...]:
        """At most five, best first, by their probabilities."""
        best = np.argsort(-sure, kind="stable")[:MOST]
        return tuple(Candidate(self.codes[at], round(float(sure[at]), 4)) for at in best)

    def weigh(self, query: Weighted, named: frozenset[str], sense: Sense, vector: Floats, near: Doubles) -> Owners:
        """How likely each is meant; `near` is the cosine with each service's centroid."""
        evidence = self.evidence(query, named, sense, vector, near)
        scores = np.sum([WEIGHTS[name] * values for name, values in evidence.items()], axis=0)
        return Owners(sense.service_of, softmax(np.asarray(scores, np.float64), 1.0), evidence["area"])

    def evidence(
        self, query: Weighted, named: frozenset[str], sense: Sense, vector: Floats, near: Doubles
    ) -> dict[str, Doubles]:
        weights = self._index.weigh(query)
        by_area = self.directory.score(query)
        nearest = np.zeros(len(self.codes))
        np.maximum.at(nearest, sense.service_of, near)
        return {
            "services": nearest,
            "areas": np.array([by_area.get(code, 0.0) for code in self.codes]),
            "centroid": sense.institutions.alike(vector[None])[0].astype(np.float64),
            "area": sense.near_areas(vector),
            "cover": np.array(self._index.cover(query, weights)),
            "like": np.array(self._index.resemble(query, weights)),
            "named": np.array([float(code in named) for code in self.codes]),
        }

    def _all_words(self, known: Sequence[Competence], services: Services, vocabulary: Vocabulary) -> Index:
        at = {code: number for number, code in enumerate(self.codes)}
        fields: list[dict[str, float]] = [{} for _ in known]
        examples: list[Examples] = [[] for _ in known]
        for entry, (field, texts) in zip(services.entries, services.texts, strict=True):
            if (number := at.get(entry.institution)) is not None:
                examples[number] += texts
                for word, weight in field.items():
                    fields[number][word] = fields[number].get(word, 0.0) + weight
        for number, one in enumerate(known):
            texts = texts_of(one.areas, vocabulary) + texts_of(one.names, vocabulary)
            examples[number] += texts
            for word in (word for text in texts for word in text):
                fields[number][word] = fields[number].get(word, 0.0) + WORD
            learn_asked(one.asked, fields[number], examples[number], vocabulary)
        return Index(self.codes, fields, examples)


def competent(
    ranked: Sequence[Candidate], named: Collection[str], services: Sequence[Entry], certain: bool
) -> tuple[str, ...]:
    """Those who together have to do with the matter, the first one first: a coordinator asks them all.

    `services` are those that it is about, best first. Where that is `certain`, the best one's own institution and the
    others that have a say. Otherwise the named ones; or the likeliest, and whoever shares such a service with it.
    """
    if certain and services:
        return services[0].institution, *services[0].also
    called = tuple(one.code for one in ranked if one.code in named)
    if called or not ranked:
        return called
    first = ranked[0].code
    groups = ((entry.institution, *entry.also) for entry in services)
    return tuple(dict.fromkeys([first, *(code for group in groups if first in group for code in group)]))
