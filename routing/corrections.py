"""What people made of the engine's suggestions: for each question that went to them, whose it was in the end."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
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
from routing.correction import Correction, Corrections

HANDED = "handed to people"
TAKEN_BACK = "withdrawn"
CHOSEN = "service chosen"
NO_MATTER = (Intent.HUMAN, Intent.GREETING, Intent.THANKS, Intent.STATUS, Intent.ABUSE, Intent.EMPTY)
"""words that belong to no institution, whoever was asked to answer them: "a person, please" teaches nothing"""
OWN_CASE = (Intent.PERSONAL, Intent.COMPLAINT, Intent.EMERGENCY)
"""words that only people answer: a service chosen for them shows whose they are, and is no example of its questions"""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A coordinator said which service a question is about."""

    at: datetime
    service: str
    institutions: tuple[str, ...]
    """competent for the service, its own first"""


@dataclass(slots=True)
class Trail:
    """What the events of a ticket say."""

    suggested: Sequence[str] = ()
    """what people saw when they first got it"""
    guessed: str | None = None
    """the engine's service, before a coordinator chose one"""
    chosen: Chosen | None = None
    """the newest"""
    taken_back: set[tuple[str, datetime]] = field(default_factory=set)
    """code of the institution, moment"""


def corrections(session: Session, since: date | None = None) -> Corrections:
    """Of the questions received on that day in Riga or later, else of all; four queries, however many there are."""
    chosen = _with_people(since)
    tickets = session.exec(select(Ticket).where(col(Ticket.id).in_(chosen)).order_by(col(Ticket.id))).all()
    words, sent, trails = _words(session, chosen), _sent(session, chosen), _trails(session, chosen)
    known = []
    for ticket in tickets:
        number = ticket.id or 0
        its = trails[number]
        suggested = its.suggested or ticket.suggested
        service, whose = _meant(sent[number], its, suggested)
        if whose and ticket.intent not in NO_MATTER and words.get(number, "").strip():
            returned = _codes(sent[number], ForwardingState.RETURNED)
            asks = ticket.intent not in OWN_CASE
            known.append(
                Correction(
                    ticket.ref,
                    mask(words[number]),
                    ticket.language,
                    whose,
                    tuple(code for code in returned if code != whose),  # it thought better of it
                    tuple(suggested),
                    service if asks else "",
                    its.guessed or "",
                )
            )
    return Corrections(len(tickets), known)


_Sent = tuple[str, Forwarding]
"""to the institution with that code"""


def _meant(sent: Sequence[_Sent], its: Trail, suggested: Sequence[str]) -> tuple[str, str]:
    """The service that was chosen and the institution; each empty where nobody has shown it.

    The newest word of a coordinator counts: a service that was chosen no more, once the question went elsewhere or the
    institution of the service returned it.
    """
    whose, chosen = _whose(sent, its.taken_back, suggested), its.chosen
    if chosen is None or any(_contradicts(chosen, *one) for one in sent):
        return "", whose
    return chosen.service, whose if whose in chosen.institutions else chosen.institutions[0]


def _contradicts(chosen: Chosen, code: str, forwarding: Forwarding) -> bool:
    if code not in chosen.institutions:
        return forwarding.forwarded_at > chosen.at
    ended = forwarding.ended_at
    return forwarding.state == ForwardingState.RETURNED and ended is not None and ended > chosen.at


def _whose(sent: Sequence[_Sent], taken_back: Container[tuple[str, datetime]], suggested: Sequence[str]) -> str:
    """The institution that the question belongs to; empty where nobody has shown that yet.

    The coordinator's own answer shows nothing: it takes back what waits at an institution, which may be the right one.
    What did not arrive shows as little about competence, so the coordinator's word stands.
    """
    left = [one for one in sent if (one[0], one[1].ended_at) not in taken_back]
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


def _trails(session: Session, chosen: Select[Any]) -> Mapping[int, Trail]:
    trails: defaultdict[int, Trail] = defaultdict(Trail)
    for event in session.exec(
        select(Event)
        .where(col(Event.ticket_id).in_(chosen), col(Event.kind).in_((HANDED, TAKEN_BACK, CHOSEN)))
        .order_by(col(Event.id))
    ):
        its = trails[event.ticket_id]
        if event.kind == TAKEN_BACK:
            its.taken_back.add((event.data["institution"], event.at))
        elif event.kind == HANDED:
            its.suggested = its.suggested or event.data.get("suggested", [])
        else:
            its.suggested = its.suggested or event.data["old_suggested"]
            its.guessed = event.data["old_service"] if its.guessed is None else its.guessed
            its.chosen = Chosen(event.at, event.data["service"], tuple(event.data["suggested"]))
    return trails
