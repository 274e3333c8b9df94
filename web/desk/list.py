"""A coordinator's list: the tickets of a queue, narrowed by filters, or those that are found by words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.search import Sought, found_anywhere, found_at_once, found_by_number, sought
from models.staff import Person
from models.ticket import Ticket
from web.desk.filters import NARROW, Asked, Order, narrowed
from web.desk.found import Found, found_in
from web.desk.queues import (
    FEW,
    MOST,
    NEWEST,
    PAGE,
    Listing,
    Queue,
    counts_of,
    next_due,
    overseen,
    overseen_of_few,
    page_within,
    standing_in,
)
from web.sessions import Staff


@dataclass(frozen=True, slots=True)
class TicketRow:
    ticket: Ticket
    due: date | None
    """the next thing the coordinator owes: the forwarding while it runs, then the answer"""
    institutions: Sequence[Institution]
    """who has it, else who seems competent"""
    holder: str
    """who took it"""
    undelivered: Sequence[str] = ()
    """codes of the institutions of which nobody knows yet whether they have it"""
    found: Found | None = None
    """where the words stand that were sought"""


def tickets_in(session: Session, staff: Staff, asked: Asked, at: datetime) -> Listing:
    """The tickets of the queue by what is due first; those that are found by words, the best first."""
    counts = counts_of(session, staff, at)
    due = (Queue.OVERDUE, Queue.DUE_TODAY, Queue.FORWARD_TODAY)
    few = asked.words or asked.list in (*FEW, *due) or not asked.filters.keys().isdisjoint(NARROW)
    whose = overseen_of_few(staff) if few else overseen(staff)
    wanted = [whose, standing_in(asked.list, staff, at), *narrowed(session, staff, asked.filters)]
    words = sought(asked.words)
    if asked.words:
        ids, found = _found(session, words, wanted, asked)
    else:
        known = counts.get(asked.list) if not asked.filters else None
        ids, found = _standing(session, wanted, asked, known)
    rows = _rows(session, ids, words if asked.words else None)
    return Listing(
        rows, counts, min(found, MOST) if asked.words else found, page_within(asked.page, found), found > MOST
    )


def _standing(session: Session, wanted: Sequence[Any], asked: Asked, known: int | None) -> tuple[list[int], int]:
    """The numbers of a page's tickets, and how many there are in all."""
    newest = asked.order == Order.NEWEST or (asked.list in NEWEST and asked.order != Order.DUE)
    found = known
    if found is None:
        found = session.exec(select(func.count()).select_from(Ticket).where(*wanted)).one()
    ids = select(Ticket.id).where(*wanted)
    ids = ids.order_by(col(Ticket.id).desc() if newest else next_due().asc().nulls_last(), col(Ticket.id))
    first = (page_within(asked.page, found) - 1) * PAGE
    return [number or 0 for number in session.exec(ids.limit(PAGE).offset(first)).all()], found


def _found(session: Session, words: Sought, wanted: Sequence[Any], asked: Asked) -> tuple[list[int], int]:
    """By number first, then where the question itself says it, then anywhere; each time the newest first."""
    ways = [found_by_number(words), found_at_once(session, words), found_anywhere(session, words)]
    ids: dict[int, None] = {}
    for way in ways:
        some = select(Ticket.id).where(*wanted, way).order_by(col(Ticket.id).desc()).limit(MOST + 1)
        ids |= dict.fromkeys(number or 0 for number in session.exec(some).all())
        if len(ids) > MOST:
            break
    found = list(ids)
    if asked.order == Order.NEWEST:
        found.sort(reverse=True)
    elif asked.order == Order.DUE:
        due = _dues(session, found)
        found.sort(key=lambda number: (due[number] or date.max, number))
    first = (page_within(asked.page, min(len(found), MOST)) - 1) * PAGE
    return found[first : min(first + PAGE, MOST)], len(found)


def _rows(session: Session, ids: Sequence[int], words: Sought | None) -> list[TicketRow]:
    asked = select(Ticket, Person.name, Person.login).outerjoin(Person, col(Person.id) == col(Ticket.taken_by))
    read = {row[0].id: row for row in session.exec(asked.where(col(Ticket.id).in_(ids))).all()}
    tickets = [read[number][0] for number in ids]
    due, whose, on_the_way = _dues(session, ids), _institutions(session, tickets), _undelivered(session, ids)
    places = found_in(session, tickets, words) if words else {}
    return [
        TicketRow(
            ticket, due[number], whose[number], name or login or "", on_the_way.get(number, ()), places.get(number)
        )
        for number, (ticket, name, login) in ((number, read[number]) for number in ids)
    ]


def _dues(session: Session, ids: Sequence[int]) -> Mapping[int, date | None]:
    rows = session.exec(select(Ticket.id, next_due()).where(col(Ticket.id).in_(ids))).all()
    return {number or 0: due for number, due in rows}


def _institutions(session: Session, tickets: Sequence[Ticket]) -> dict[int, list[Institution]]:
    """By ticket: the institutions that have it, else the ones suggested."""
    having = session.exec(
        select(Forwarding.ticket_id, Institution)
        .join(Institution, col(Institution.id) == col(Forwarding.institution_id))
        .where(
            col(Forwarding.ticket_id).in_([ticket.id for ticket in tickets]),
            col(Forwarding.state).in_((ForwardingState.WAITING, ForwardingState.ANSWERED)),
        )
    ).all()
    codes = {code for ticket in tickets for code in ticket.suggested}
    known = {i.code: i for i in session.exec(select(Institution).where(col(Institution.code).in_(codes)))}
    found: dict[int, list[Institution]] = {}
    for ticket in tickets:
        has = [institution for ticket_id, institution in having if ticket_id == ticket.id]
        found[ticket.id or 0] = has or [known[code] for code in ticket.suggested if code in known]
    return found


def _undelivered(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    """By ticket: the institutions it was forwarded to without evidence that they have it."""
    rows = session.exec(
        select(Forwarding.ticket_id, Institution.code)
        .join(Institution, col(Institution.id) == col(Forwarding.institution_id))
        .where(
            col(Forwarding.ticket_id).in_(ids),
            col(Forwarding.state) == ForwardingState.WAITING,
            col(Forwarding.delivered_at).is_(None),
        )
        .order_by(col(Forwarding.id))
    )
    found: dict[int, list[str]] = {}
    for ticket_id, code in rows.all():
        found.setdefault(ticket_id, []).append(code)
    return found
