"""Citizens' own questions as further examples: which are taken, where they are kept, and how the engine gets them."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from nlu.language import LANGUAGES, detect
from nlu.lexical import fold, normalise, readable, terms, tokens
from nlu.meaning import Competence, Entry
from nlu.privacy import mask

LONGEST, LEAST_WORDS = 600, 2
"""Characters, and words of content. A long story speaks of much beside its point; one word is nobody's question."""
MOST = 5_000
"""examples looked at, the newest"""

_MASKED = re.compile(r"\[(?:e-pasts|konts|karte|personas kods|dokuments|tālrunis)\]")


@dataclass(frozen=True, slots=True)
class Example:
    """What a citizen wrote, and whose it is by the word of a person at the desk."""

    text: str
    language: str
    institution: str
    service: str = ""
    """where one was chosen: then it is a question of that service"""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class Screened:
    learnt: Sequence[Example]
    """in the order they were given"""
    ignored: Mapping[str, int]
    """how many were not taken, by reason"""
    against: Sequence[Mapping[str, Any]]
    """those of other services or institutions than the catalogue says of the same words: one of the two is wrong"""


def screen(examples: Sequence[Example], entries: Sequence[Entry], competences: Sequence[Competence]) -> Screened:
    """Those that are safe to learn beside this catalogue, the newest (last) word on the same text winning."""
    sieve = _Sieve(entries, competences)
    sieve.ignored["too old"] = max(0, len(examples) - MOST)
    learnt = [one for one in map(sieve.take, reversed(examples[-MOST:])) if one is not None]
    ignored = {reason: number for reason, number in sorted(sieve.ignored.items()) if number}
    return Screened(learnt[::-1], ignored, sieve.against[::-1])


def join(
    examples: Iterable[Example], entries: Sequence[Entry], competences: Sequence[Competence]
) -> tuple[list[Entry], list[Competence]]:
    """The same with the examples; one whose service or institution is no longer there is left out."""
    of_services, of_institutions = _Texts(), _Texts()
    known = {entry.code for entry in entries}
    for one in examples:
        if one.service in known:
            of_services.add(one.service, one)
        else:
            of_institutions.add(one.institution, one)
    return (
        [replace(entry, asked=of_services.of(entry.code)) for entry in entries],
        [replace(one, asked=of_institutions.of(one.code)) for one in competences],
    )


def line(example: Example) -> str:
    return json.dumps(asdict(example), ensure_ascii=False)


def example_of(row: object) -> Example:
    """Of a line of JSON as `atbilde nlu corrections --out` writes it; the text masked. Raises ValueError."""
    if not isinstance(row, dict):
        raise ValueError("not an object")
    texts = {name: row.get(name, "") for name in ("text", "language", "institution", "service", "ticket")}
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f'not a text: "{name}"')
    if not texts["text"] or not (texts["institution"] or texts["service"]):
        raise ValueError('needs "text" and "institution" or "service"')
    return Example(**texts | {"text": mask(texts["text"])})


class _Sieve:
    """Takes examples, the newest first."""

    def __init__(self, entries: Sequence[Entry], competences: Sequence[Competence]) -> None:
        self._services = {entry.code: entry for entry in entries}
        self._institutions = {one.code for one in competences}
        self._in_catalogue: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            for texts in (tuple(entry.titles.values()), *entry.questions.values()):
                for text in texts:
                    self._in_catalogue[_words(text)].append(entry)
        self._taken: set[str] = set()
        self.ignored: Counter[str] = Counter()
        self.against: list[dict[str, Any]] = []

    def take(self, given: Example) -> Example | None:
        one = self._known(given)
        if reason := self._reason(one):
            self.ignored[reason] += 1
            return None
        self._taken.add(_words(one.text))
        return one

    def _known(self, given: Example) -> Example:
        """As it may be learnt: without what was masked, of a service and an institution that are there."""
        text = readable(_MASKED.sub(" ", mask(given.text)))
        language = given.language if given.language in LANGUAGES else detect(text)
        entry = self._services.get(given.service)
        institution = given.institution or (entry.institution if entry else "")
        return replace(
            given, text=text, language=language, institution=institution, service=entry.code if entry else ""
        )

    def _reason(self, one: Example) -> str:
        """Why it is not learnt; empty where it is."""
        words = _words(one.text)
        if len(one.text) > LONGEST:
            return "too long"
        if len(terms(normalise(one.text), one.language)) < LEAST_WORDS:
            return "too short"
        if one.institution not in self._institutions:
            return "unknown institution"
        if words in self._taken:
            return "same words as a newer one"
        if words in self._in_catalogue:
            return self._compare(one, self._in_catalogue[words])
        return ""

    def _compare(self, one: Example, same: Sequence[Entry]) -> str:
        if one.service:
            agrees = one.service in {entry.code for entry in same}
        else:
            agrees = any(one.institution in (entry.institution, *entry.also) for entry in same)
        if agrees:
            return "in the catalogue already"
        codes = sorted({entry.code for entry in same})
        self.against.append(asdict(one) | {"catalogue": codes})
        return "against the catalogue"


class _Texts:
    """By code and language."""

    def __init__(self) -> None:
        self._texts: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))

    def add(self, code: str, one: Example) -> None:
        self._texts[code][one.language].append(one.text)

    def of(self, code: str) -> dict[str, tuple[str, ...]]:
        return {language: tuple(texts) for language, texts in self._texts.get(code, {}).items()}


def _words(text: str) -> str:
    """What is the same word for word, however it is typed."""
    return " ".join(map(fold, tokens(normalise(text))))
