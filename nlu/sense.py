"""What the services and the institutions mean: centroids of the embeddings of their texts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.arrays import Floats, Ints
from nlu.centroids import Centroids
from nlu.embed import clean
from nlu.meaning import Competence, Entry
from nlu.spelling import Spelling
from nlu.vectors import Vectors

NEAR = 0.08
"""How far an area may be from a question and still speak for it; cross-validation over 3,955 questions whose
service was unknown took it from 0.03, 0.08, 0.12 and 0.2. Several near areas count for more than one."""


@dataclass(frozen=True, slots=True)
class Sense:
    """Immutable once learnt; services and institutions are numbered as they were given."""

    spelling: Spelling
    services: Centroids
    institutions: Centroids
    areas: Floats  # of each area, name and question the unit vector, in the space of the institutions' centroids
    area_of: Ints
    service_of: Ints  # the institution of each service

    @classmethod
    def learn(
        cls,
        entries: Sequence[Entry],
        competences: Sequence[Competence],
        vectors: Vectors,
        spelling: Spelling | None = None,
    ) -> "Sense | None":
        """None where there is nothing to learn from. Raises KeyError where a text was not embedded before."""
        at = {one.code: number for number, one in enumerate(competences)}
        known = [entry for entry in entries if entry.institution in at]
        if not known or len(known) < len(entries):
            return None
        spelling = spelling or spelling_of(entries)
        of_services = _labelled(entry_texts(entry) for entry in entries)
        of_areas = _labelled(area_texts(one) for one in competences)
        service_of = np.array([at[entry.institution] for entry in entries], np.int64)
        embedded = vectors.of([spelling.restore(clean(text)) for text in of_services[0] + of_areas[0]])
        own, areas = embedded[: len(of_services[0])], embedded[len(of_services[0]) :]
        institutions = Centroids.learn(embedded, np.concatenate([service_of[of_services[1]], of_areas[1]]))
        return cls(
            spelling=spelling,
            services=Centroids.learn(own, of_services[1]),
            institutions=institutions,
            areas=institutions.place(areas),
            area_of=of_areas[1],
            service_of=service_of,
        )

    def near_services(self, vector: Floats) -> NDArray[np.float64]:
        """Cosine of a question with the centroid of each service."""
        return np.asarray(self.services.alike(vector[None])[0], np.float64)

    def near_areas(self, vector: Floats) -> NDArray[np.float64]:
        """How near the areas, names and questions of each institution are: the density of them, logarithmic."""
        alike = self.areas @ self.institutions.place(vector[None])[0]
        near = np.exp((alike.astype(np.float64) - 1) / NEAR)
        return np.asarray(np.log(np.bincount(self.area_of, near, len(self.institutions.points)) + 1e-9), np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For a model file."""
        centroids = {"services": self.services, "institutions": self.institutions}
        return {
            f"{whose}_{name}": getattr(one, name)
            for whose, one in centroids.items()
            for name in ("origin", "turn", "points")
        } | {name: getattr(self, name) for name in ("areas", "area_of", "service_of")}

    @classmethod
    def read(cls, arrays: Mapping[str, NDArray[Any]], spelling: Mapping[str, str]) -> "Sense":
        services, institutions = (
            Centroids(*(arrays[f"{whose}_{name}"] for name in ("origin", "turn", "points")))
            for whose in ("services", "institutions")
        )
        return cls(Spelling(spelling), services, institutions, arrays["areas"], arrays["area_of"], arrays["service_of"])


def texts_to_embed(
    entries: Sequence[Entry], competences: Sequence[Competence], spelling: Spelling | None = None
) -> list[str]:
    """Everything that `Sense.learn` needs a vector of, as it is embedded."""
    spelling = spelling or spelling_of(entries)
    texts = [*_labelled(map(entry_texts, entries))[0], *_labelled(map(area_texts, competences))[0]]
    return list(dict.fromkeys(spelling.restore(clean(text)) for text in texts))


def entry_texts(entry: Entry) -> list[str]:
    """Of a service: what the catalogue says of it, and what citizens asked about it."""
    return [*catalogue_texts(entry), *(text for texts in entry.asked.values() for text in texts)]


def catalogue_texts(entry: Entry) -> list[str]:
    """Titles, keywords, questions and summaries, in each of its languages."""
    keywords = [" ".join(words) for words in entry.keywords.values()]
    questions = [question for texts in entry.questions.values() for question in texts]
    return [*entry.titles.values(), *keywords, *questions, *entry.summaries.values()]


def area_texts(one: Competence) -> list[str]:
    """Of an institution: areas, names, and what citizens asked of it.

    Of questions about services that the catalogue lacks the right institution was first for 65 %, for 73 % where half
    of them (a tenth of those given to a wrong one) were learnt as words and in the centroid, for 78 % as areas too.
    """
    areas = [area for areas in one.areas.values() for area in areas]
    return [*areas, *one.names.values(), *(text for texts in one.asked.values() for text in texts)]


def spelling_of(entries: Sequence[Entry]) -> Spelling:
    """The services' own words, whatever the order of the services; citizens' own spelling is no example."""
    known = sorted(entries, key=lambda entry: entry.code)
    return Spelling.learn(clean(text) for entry in known for text in catalogue_texts(entry))


def _labelled(texts: Iterable[list[str]]) -> tuple[list[str], Ints]:
    """All texts, and of each the number of its owner."""
    pairs = [(text, at) for at, its in enumerate(texts) for text in its]
    return [text for text, _ in pairs], np.array([at for _, at in pairs], np.int64)
