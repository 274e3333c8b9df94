"""Tickets that may ask the same as another: of the same person, or with much the same words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, or_, select

from models.moments import now
from models.ticket import OPEN, Ticket
from models.ticket_link import links_of
from nlu.why import likeness

SAME_PERSON, ANYBODY = 0.34, 0.6
"""least likeness of the questions: of the same person, of another one"""
LOOKED_AT = 60
"""tickets compared, the newest"""
MOST = 5
A_MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Alike:
    ticket: Ticket
    same_person: bool
    likeness: float


def alike(session: Session, ticket: Ticket, text: str) -> Sequence[Alike]:
    """Of the same coordination and the last month, the likest first; not those that are linked with it already."""
    linked = {number for link in links_of(session, ticket.id or 0) for number in (link.ticket_id, link.other_id)}
    theirs = col(Ticket.contact_id) == ticket.contact_id
    same_matter = col(Ticket.state).in_(OPEN) & (col(Ticket.service_code) == ticket.service_code)
    wanted = (
        select(Ticket)
        .where(
            col(Ticket.id).not_in([ticket.id, *linked]),
            col(Ticket.coordinator) == ticket.coordinator,
            col(Ticket.received_at) > now() - A_MONTH,
            or_(theirs, same_matter) if ticket.service_code else theirs,
        )
        .order_by(col(Ticket.received_at).desc())
        .limit(LOOKED_AT)
    )
    found = [
        Alike(one, one.contact_id == ticket.contact_id, likeness(text, one.subject, ticket.language))
        for one in session.exec(wanted)
    ]
    near = [one for one in found if one.likeness >= (SAME_PERSON if one.same_person else ANYBODY)]
    return sorted(near, key=lambda one: (-one.likeness, one.ticket.id))[:MOST]
