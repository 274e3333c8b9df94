"""What lies at an institution: its forwardings, and what it can find among what it may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from models.absence import stands_in_for
from models.approval import Approval, ApprovalState
from models.forwarding import Forwarding, ForwardingState
from models.moments import now, riga_date
from models.search import found_by_institution, sought
from models.ticket import Ticket
from web.desk.queues import PAGE, Listing, page_within
from web.sessions import Staff


class Tray(StrEnum):
    TO_ANSWER = "to-answer"
    MINE = "mine"
    """delegated to the person, or to somebody whom he stands in for"""
    TO_APPROVE = "to-approve"
    """an answer waits for the head"""
    ANSWERED = "answered"
    RETURNED = "returned"


TRAYS = {
    Tray.TO_ANSWER: (ForwardingState.WAITING,),
    Tray.MINE: (ForwardingState.WAITING,),
    Tray.TO_APPROVE: (ForwardingState.WAITING,),
    Tray.ANSWERED: (ForwardingState.ANSWERED,),
    Tray.RETURNED: (ForwardingState.RETURNED, ForwardingState.WITHDRAWN, ForwardingState.UNDELIVERED),
}


@dataclass(frozen=True, slots=True)
class ForwardingRow:
    forwarding: Forwarding
    ticket: Ticket


def forwardings_in(session: Session, staff: Staff, which: Tray, words: str, page: int) -> Listing:
    """The forwardings to the person's institution, by what is due first; with `words`, those found in any state."""
    here = [col(Forwarding.institution_id) == staff.institution.id]
    wanted = [*here, _wanted(session, staff, which, words)]
    waiting = ForwardingState.WAITING in TRAYS[which] and not words
    order = (col(Forwarding.shown_due), col(Forwarding.id)) if waiting else (col(Forwarding.id).desc(),)
    found = session.exec(select(func.count()).select_from(Forwarding).where(*wanted)).one()
    page = page_within(page, found)
    asked = select(Forwarding, Ticket).join(Ticket, col(Ticket.id) == col(Forwarding.ticket_id)).where(*wanted)
    rows: Sequence[tuple[Forwarding, Ticket]] = session.exec(
        asked.order_by(*order).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    by_state = dict(
        session.exec(select(Forwarding.state, func.count()).where(*here).group_by(col(Forwarding.state))).all()
    )
    counts = {one: sum(by_state.get(state, 0) for state in states) for one, states in TRAYS.items()}
    for tray in (Tray.MINE, Tray.TO_APPROVE):
        some = select(func.count()).select_from(Forwarding).where(*here, _wanted(session, staff, tray, ""))
        counts[tray] = session.exec(some).one()
    return Listing([ForwardingRow(*row) for row in rows], {str(k): v for k, v in counts.items()}, found, page)


def _wanted(session: Session, staff: Staff, which: Tray, words: str) -> ColumnElement[bool]:
    if words:
        return found_by_institution(session, sought(words), staff.institution.id or 0)
    states = col(Forwarding.state).in_(TRAYS[which])
    if which == Tray.MINE:
        mine = [staff.person.id, *(one.id for one in stands_in_for(session, staff.person, riga_date(now())))]
        return states & (col(Forwarding.held_by).in_(mine) | (col(Forwarding.held_for) == staff.person.id))
    if which == Tray.TO_APPROVE:
        waits = select(Approval.forwarding_id).where(col(Approval.state) == ApprovalState.WAITING)
        return states & col(Forwarding.id).in_(waits)
    return states
