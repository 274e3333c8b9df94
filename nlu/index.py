"""An inverted index: which of its owners (services, institutions) a question's terms speak of, and how loudly."""

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

Weighted = Mapping[str, float]
Examples = list[tuple[str, ...]]

UNKNOWN_SHARE = 0.6
"""A word that no owner uses weighs this share of the rarest known one: it may be another topic, or a mere name."""


class Index:
    """Weighted terms and short examples of each owner, by term; immutable once built."""

    def __init__(self, owners: list[str], fields: Sequence[Weighted], examples: Sequence[Examples]) -> None:
        """`fields` are the weighted terms of each owner, `examples` its short texts, which are matched as a whole."""
        self.owners = owners
        seen_in = Counter(its_term for field in fields for its_term in field)
        self._idf = {its_term: math.log(1 + (len(owners) - n + 0.5) / (n + 0.5)) for its_term, n in seen_in.items()}
        self._rarest = max(self._idf.values(), default=1.0)
        self._in_field: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._in_example: dict[str, list[int]] = defaultdict(list)
        self._example_owner: list[int] = []
        self._example_length: list[float] = []
        for owner, (field, its_examples) in enumerate(zip(fields, examples, strict=True)):
            for its_term, weight in field.items():
                self._in_field[its_term].append((owner, weight / (weight + 1)))
            for example in its_examples:
                self._add_example(owner, example)

    def _add_example(self, owner: int, example: tuple[str, ...]) -> None:
        length = math.sqrt(sum(self._idf[its_term] ** 2 for its_term in set(example)))
        if length:
            for its_term in set(example):
                self._in_example[its_term].append(len(self._example_owner))
            self._example_owner.append(owner)
            self._example_length.append(length)

    def weigh(self, query: Weighted) -> dict[str, float]:
        """How much each term of a question says; an unknown word says something too."""
        unknown = UNKNOWN_SHARE * self._rarest
        return {its_term: self._idf.get(its_term, unknown) for its_term in query}

    def cover(self, query: Weighted, weights: Weighted) -> list[float]:
        """For each owner the share of the question, by weight, that its texts contain."""
        total = sum(weights.values()) or 1.0
        covered = [0.0] * len(self.owners)
        for its_term, sure in query.items():
            part = sure * weights[its_term] / total
            for owner, share in self._in_field.get(its_term, ()):
                covered[owner] += part * share
        return covered

    def resemble(self, query: Weighted, weights: Weighted, best: int = 1) -> list[float]:
        """For each owner the likeness (cosine) of the question and the nearest of its examples.

        With `best` above 1 further near examples add to it: small texts that each hold a part of the question.
        """
        length = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        dots: dict[int, float] = defaultdict(float)
        for its_term, sure in query.items():
            part = sure * weights[its_term] * self._idf.get(its_term, 0.0) / length
            for example in self._in_example.get(its_term, ()):
                dots[example] += part
        near: dict[int, list[float]] = defaultdict(list)
        for example, dot in dots.items():
            near[self._example_owner[example]].append(dot / self._example_length[example])
        alike = [0.0] * len(self.owners)
        for owner, likes in near.items():
            alike[owner] = max(likes) if best == 1 else sum(sorted(likes)[-best:]) / math.sqrt(best)
        return alike
