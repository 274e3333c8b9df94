"""Why an institution is suggested for a question, in facts that the page puts into words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from models.forwarding import ForwardingState, forwardings_of
from models.institution import Institution
from models.service import LifeSituation, Service
from models.ticket import Event, Ticket
from nlu.lexical import normalise, tokens
from nlu.municipalities import is_local_body
from nlu.why import nearest
from routing.corrections import CHOSEN

AREAS = 2
"""areas named"""
ONE_WORD = 0.3
"""likeness of an area from which a single word in common says something"""


@dataclass(frozen=True, slots=True)
class Reason:
    """`key` names the words, `filling` what is put into them."""

    key: str
    filling: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reasons are looked for in."""

    ticket: Ticket
    text: str
    """of the citizen's first message"""
    services: Sequence[Service]
    """that may be meant, best first"""
    language: str
    """the reader's"""


def reasons_for(session: Session, asked: Asked, institution: Institution) -> list[Reason]:
    """The strongest first; never none."""
    found = [
        *_corrected(session, asked, institution),
        *_named(asked, institution),
        *_of_services(asked, institution),
        *_of_life(session, asked, institution),
        *_of_areas(asked, institution),
        *_of_place(asked, institution),
        *_returned(session, asked, institution),
    ]
    return found or [Reason("by_meaning")]


def _corrected(session: Session, asked: Asked, institution: Institution) -> list[Reason]:
    chosen = select(Event).where(col(Event.ticket_id) == asked.ticket.id, col(Event.kind) == CHOSEN)
    newest = session.exec(chosen.order_by(col(Event.id).desc())).first()
    if newest is None or institution.code not in newest.data["suggested"]:
        return []
    return [Reason("corrected", {"by": newest.actor})]


def _named(asked: Asked, institution: Institution) -> list[Reason]:
    named = institution.code.casefold() in tokens(normalise(asked.text))
    return [Reason("named", {"code": institution.code})] if named else []


def _of_services(asked: Asked, institution: Institution) -> list[Reason]:
    found = []
    for number, service in enumerate(asked.services):
        title = {"title": service.text("title", asked.language)}
        if institution.code == service.institution:
            found.append(Reason("holder" if number == 0 else "holder_alike", title))
        elif institution.code in service.also:
            found.append(Reason("also", title))
    return found[:AREAS]


def _of_life(session: Session, asked: Asked, institution: Institution) -> list[Reason]:
    """It answers for other services of the same life situation."""
    code = asked.services[0].life_situation if asked.services else ""
    if not code or institution.code == asked.services[0].institution:
        return []
    other = select(Service.id).where(
        col(Service.current), Service.life_situation == code, Service.institution == institution.code
    )
    if session.exec(other.limit(1)).first() is None:
        return []
    situation = session.get(LifeSituation, code)
    title = (situation.title.get(asked.language) or situation.title.get("lv", code)) if situation else code
    return [Reason("life", {"title": title})]


def _of_areas(asked: Asked, institution: Institution) -> list[Reason]:
    areas = [(area, language) for language, its in institution.areas.items() for area in its]
    return [
        Reason("area", {"area": near.text, "words": ", ".join(near.words)})
        for near in nearest(asked.text, asked.ticket.language, areas, AREAS)
        if len(near.words) > 1 or near.likeness > ONE_WORD
    ]


def _of_place(asked: Asked, institution: Institution) -> list[Reason]:
    if not (institution.territorial or is_local_body(institution.code)):
        return []
    return [Reason("place" if asked.ticket.municipality else "place_unknown", {"place": asked.ticket.municipality})]


def _returned(session: Session, asked: Asked, institution: Institution) -> list[Reason]:
    states = [f.state for f in forwardings_of(session, asked.ticket.id or 0) if f.institution_id == institution.id]
    return [Reason("returned")] if ForwardingState.RETURNED in states else []
