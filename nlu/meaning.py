"""The words of understanding: what an engine learns from, and what it says about a text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Entry:
    """What the engine learns of a service; texts are by language (lv, en, ru)."""

    code: str
    institution: str
    also: tuple[str, ...]  # further competent institutions
    municipality: str  # the place whose own service this is; "" for a service of the state
    audience: str  # resident, business or both
    titles: Mapping[str, str]
    keywords: Mapping[str, tuple[str, ...]]
    questions: Mapping[str, tuple[str, ...]]
    summaries: Mapping[str, str]
    life_situation: str = ""
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """what citizens asked that people at the desk gave to it (nlu/examples.py); never quoted, only learnt from"""


@dataclass(frozen=True, slots=True)
class Competence:
    """What the engine learns of an institution."""

    code: str
    names: Mapping[str, str]
    areas: Mapping[str, tuple[str, ...]]
    territorial: bool  # one role in every municipality (its social service, its building board)
    asked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """what citizens asked that people at the desk gave to it, where no service was chosen"""


class Band(StrEnum):
    """What the confidence allows: quote the catalogue, ask which was meant, or give it to people."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    ROUTE = "route"


class Intent(StrEnum):
    """What the person wants of us, before any service is looked for."""

    QUESTION = "question"
    GREETING = "greeting"
    THANKS = "thanks"
    HUMAN = "human"  # "a person, please"
    COMPLAINT = "complaint"
    STATUS = "status"  # "where is my answer?"
    PERSONAL = "personal"  # one person's case: "my application no …", "why was I refused?"
    EMERGENCY = "emergency"  # 112, not a chat
    ABUSE = "abuse"
    EMPTY = "empty"  # nothing to understand


@dataclass(frozen=True, slots=True)
class Candidate:
    """A service or an institution that may be meant; confidence is within 0..1."""

    code: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a text means: services and institutions best first, at most five of each."""

    language: str
    intent: Intent
    band: Band
    services: tuple[Candidate, ...]
    institutions: tuple[Candidate, ...]
    confidence: float
    competent: tuple[str, ...] = ()  # institutions that have to do with the matter together, the first one first
    municipality: str = ""  # the one place that is named, or known
    municipal: bool = False  # a matter of the municipality, whichever it is
    place_lacks: bool = False  # so much so that nothing but its name is lacking
    parts: tuple["Understanding", ...] = ()  # what each of several questions in the text means

    @property
    def service(self) -> str | None:
        """The code of the best service, whatever the band."""
        return self.services[0].code if self.services else None
