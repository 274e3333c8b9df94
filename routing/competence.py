"""From meaning to what is to be done: quote the catalogue, ask back, or hand to people."""

from dataclasses import dataclass

from nlu.understand import Band, Intent, Understanding

CHOICES = 3
"""most services that the bot asks among"""
TALK = {
    Intent.GREETING: "greeting",
    Intent.THANKS: "thanks",
    Intent.EMPTY: "empty",
    Intent.ABUSE: "calm",
}
"""what is no question and makes no ticket, with the reply it gets"""
ROUTED = {
    Intent.HUMAN: "routed_human",
    Intent.COMPLAINT: "routed_complaint",
    Intent.EMERGENCY: "routed_emergency",
}
"""what the citizen is told when people take over; `routed` where nothing else fits"""


@dataclass(frozen=True, slots=True)
class AnswerFromCatalogue:
    service: str


@dataclass(frozen=True, slots=True)
class AnswerSeveral:
    """Of several questions in one message those that the catalogue answers."""

    services: tuple[str, ...]
    rest: bool
    """whether some question is left for people"""


@dataclass(frozen=True, slots=True)
class Clarify:
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskPlace:
    """Which municipality?"""


@dataclass(frozen=True, slots=True)
class Route:
    reply: str
    """key of the reply that tells the citizen"""


@dataclass(frozen=True, slots=True)
class Talk:
    reply: str


@dataclass(frozen=True, slots=True)
class TellStatus:
    pass


Decision = AnswerFromCatalogue | AnswerSeveral | Clarify | AskPlace | Route | Talk | TellStatus


def decide(meaning: Understanding) -> Decision:
    """What is to be done with a message. Whatever is doubtful goes to people; nothing is made up."""
    if meaning.intent in TALK:
        return Talk(TALK[meaning.intent])
    if meaning.intent == Intent.STATUS:
        return TellStatus()
    if meaning.parts:
        return _of_several(meaning)
    if meaning.intent == Intent.QUESTION and meaning.services:
        if meaning.band == Band.ANSWER:
            return AnswerFromCatalogue(meaning.services[0].code)
        if meaning.place_lacks:
            return AskPlace()
        if meaning.band == Band.CLARIFY:
            return Clarify(tuple(candidate.code for candidate in meaning.services[:CHOICES]))
    return Route(ROUTED.get(meaning.intent, "routed"))


def _of_several(meaning: Understanding) -> Decision:
    told = [decide(part) for part in meaning.parts]
    sure = [one.service for one in told if isinstance(one, AnswerFromCatalogue)]
    if not sure:
        return Route(ROUTED.get(meaning.intent, "routed"))
    left = [one for one in told if not isinstance(one, (AnswerFromCatalogue, Talk))]
    return AnswerSeveral(tuple(sure), rest=bool(left))


def suggested(meaning: Understanding) -> list[str]:
    """Codes of the institutions that seem competent, best first."""
    return [candidate.code for candidate in meaning.institutions[:CHOICES]]
