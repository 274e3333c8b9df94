"""What people made of the engine's suggestions: for each question that went to them, whose it was in the end."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select
from sqlmodel import Session, col, func, or_, select

from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.message import Direction, Message
from models.moments import RIGA
from models.ticket import Event, Ticket
from nlu.meaning import Intent
from nlu.privacy import mask

HANDED = "handed to people"
TAKEN_BACK = "withdrawn"
NO_MATTER = (Intent.HUMAN, Intent.GREETING, Intent.THANKS, Intent.STATUS, Intent.ABUSE, Intent.EMPTY)
"""words that belong to no institution, whoever was asked to answer them: "a person, please" teaches nothing"""


@dataclass(frozen=True, slots=True)
class Correction:
    """A question of which it is known whose it is."""

    ticket: str
    text: str
    """the first words of the citizen in it, masked"""
    language: str
    institution: str
    """that answered, else that has it; of several the one that was suggested best, else the last"""
    returned: tuple[str, ...]
    """that said "not ours" """
    suggested: tuple[str, ...]
    """by the engine, best first, when the question was handed to people"""

    @property
    def right(self) -> bool:
        return self.suggested[:1] == (self.institution,)

    def row(self) -> dict[str, Any]:
        """As `atbilde nlu evaluate` and `export-rasa --data` read it: the institution is the intent."""
        return {
            "text": self.text,
            "intent": self.institution,
            "institution": self.institution,
            "not": list(self.returned),
            "suggested": list(self.suggested),
            "right": self.right,
            "language": self.language,
            "ticket": self.ticket,
        }


@dataclass(frozen=True, slots=True)
class Confusion:
    suggested: str
    """empty where the engine had no suggestion"""
    right: str
    count: int


@dataclass(frozen=True, slots=True)
class Corrections:
    tickets: int
    """that people had to do with"""
    known: Sequence[Correction]
    """those that name a matter, with an institution that answered or has them, in the order they were opened"""

    @property
    def right(self) -> int:
        return sum(one.right for one in self.known)

    def confusions(self) -> list[Confusion]:
        """Where the first suggestion was wrong, the most frequent first."""
        wrong = Counter(("".join(one.suggested[:1]), one.institution) for one in self.known if not one.right)
        return [Confusion(*pair, count) for pair, count in sorted(wrong.items(), key=lambda item: (-item[1], item[0]))]


def corrections(session: Session, since: date | None = None) -> Corrections:
    """Of the questions received on that day in Riga or later, else of all; four queries, however many there are."""
    chosen = _with_people(since)
    tickets = session.exec(select(Ticket).where(col(Ticket.id).in_(chosen)).order_by(col(Ticket.id))).all()
    words, sent, handed, taken = _words(session, chosen), _sent(session, chosen), *_trail(session, chosen)
    known = []
    for ticket in tickets:
        number = ticket.id or 0
        suggested = handed.get(number) or ticket.suggested
        whose = _whose(sent[number], taken, suggested)
        if whose and ticket.intent not in NO_MATTER and words.get(number, "").strip():
            returned = _codes(sent[number], ForwardingState.RETURNED)
            known.append(
                Correction(
                    ticket.ref,
                    mask(words[number]),
                    ticket.language,
                    whose,
                    tuple(code for code in returned if code != whose),  # it thought better of it
                    tuple(suggested),
                )
            )
    return Corrections(len(tickets), known)


_Sent = tuple[str, Forwarding]
"""to the institution with that code"""
_TakenBack = set[tuple[int, str, datetime]]
"""ticket, code of the institution, moment"""


def _whose(sent: Sequence[_Sent], taken: _TakenBack, suggested: Sequence[str]) -> str:
    """The institution that the question belongs to; empty where nobody has shown that yet.

    The coordinator's own answer shows nothing: it takes back what waits at an institution, which may be the right one.
    What did not arrive shows as little about competence, so the coordinator's word stands.
    """
    left = [one for one in sent if (one[1].ticket_id, one[0], one[1].ended_at) not in taken]
    for states in (
        (ForwardingState.ANSWERED,),
        (ForwardingState.WAITING,),
        (ForwardingState.WITHDRAWN, ForwardingState.UNDELIVERED),
    ):
        if codes := _codes(left, *states):
            return next((code for code in suggested if code in codes), codes[-1])
    return ""


def _codes(sent: Iterable[_Sent], *states: ForwardingState) -> list[str]:
    """Each once, in the order of the last forwarding."""
    codes = [code for code, forwarding in sent if forwarding.state in states]
    return list(dict.fromkeys(reversed(codes)))[::-1]


def _with_people(since: date | None) -> Select[Any]:
    """The numbers of the tickets."""
    handed = select(Event.ticket_id).where(col(Event.kind) == HANDED)
    chosen = select(Ticket.id).where(
        or_(col(Ticket.id).in_(handed), col(Ticket.id).in_(select(Forwarding.ticket_id))),
    )
    if since is not None:
        chosen = chosen.where(col(Ticket.received_at) >= datetime.combine(since, time(), RIGA))
    return chosen


def _words(session: Session, chosen: Select[Any]) -> dict[int, str]:
    """What the citizen wrote first, by ticket."""
    first = (
        select(func.min(Message.id))
        .where(col(Message.ticket_id).in_(chosen), col(Message.direction) == Direction.IN)
        .group_by(col(Message.ticket_id))
    )
    rows = session.exec(select(Message.ticket_id, Message.text).where(col(Message.id).in_(first)))
    return {number: text for number, text in rows if number is not None}


def _sent(session: Session, chosen: Select[Any]) -> Mapping[int, list[_Sent]]:
    """To which institutions each ticket was forwarded, in that order."""
    sent: defaultdict[int, list[_Sent]] = defaultdict(list)
    for code, forwarding in session.exec(
        select(Institution.code, Forwarding)
        .join(Institution, col(Institution.id) == Forwarding.institution_id)
        .where(col(Forwarding.ticket_id).in_(chosen))
        .order_by(col(Forwarding.id))
    ):
        sent[forwarding.ticket_id].append((code, forwarding))
    return sent


def _trail(session: Session, chosen: Select[Any]) -> tuple[dict[int, list[str]], _TakenBack]:
    """What was suggested when a ticket was first handed to people, and what the coordinator took back."""
    handed: dict[int, list[str]] = {}
    taken: _TakenBack = set()
    for event in session.exec(
        select(Event)
        .where(col(Event.ticket_id).in_(chosen), col(Event.kind).in_((HANDED, TAKEN_BACK)))
        .order_by(col(Event.id))
    ):
        if event.kind == HANDED:
            handed.setdefault(event.ticket_id, event.data.get("suggested", []))
        else:
            taken.add((event.ticket_id, event.data["institution"], event.at))
    return handed, taken
