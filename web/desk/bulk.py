"""Several tickets at once: forwarded, taken, given to a colleague. Each by itself, so that one takes none along."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import structlog
from fastapi import APIRouter, Form
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.forwarding import ForwardingState, forwardings_of
from models.institution import Institution
from models.moments import now
from models.staff import Person, Role
from models.ticket import Ticket, TicketState
from routing.taking import take
from routing.triage import NotPossible, forward
from web.desk.access import NotThere, own_ticket
from web.desk.enter import local
from web.desk.forms import Mistake, refused, typed
from web.desk.pages import DeskRoute, desk_page
from web.portal import HasPortal, Portal
from web.sessions import Coordinating, Staff

router = APIRouter(prefix="/desk/bulk", route_class=DeskRoute, include_in_schema=False)
log = structlog.get_logger()
MOST = 100
BETWEEN = "~"
"""in what was ticked, between the ticket's number and who had it when the page was made"""
Change = Callable[[Session, Ticket, str], bool]
"""what is done to one ticket, which is locked, and whom the page showed as its holder; whether anything changed"""


class Act(StrEnum):
    MINE = "mine"
    ASSIGN = "assign"
    SUGGESTION = "suggestion"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Came:
    """What came of it for one ticket."""

    ref: str
    contact_id: int = 0
    changed: bool = False
    reason: str = ""
    """why it was not done, a key of the words"""


@router.post("")
async def bulk(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    act: Annotated[Act, Form()],
    pick: Annotated[list[str] | None, Form()] = None,
    institutions: Annotated[list[str] | None, Form()] = None,
    holder: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/desk",
) -> Response:
    picked = dict(one.partition(BETWEEN)[::2] for one in map(typed, pick or []))
    try:
        if not picked:
            raise Mistake("pick", "tick_some")
        if len(picked) > MOST:
            raise Mistake("pick", "tick_fewer")
        change = await portal.database.reading(
            lambda session: _change(session, staff, act, [*map(typed, institutions or [])], typed(holder), typed(note))
        )
    except Mistake as error:
        problem = refused("bulk", error, {"note": note})
        return desk_page(
            request, "bulk.html", staff, here="/desk", status=422, came=(), problem=problem, back=local(next)
        )
    came = [await _one(portal, staff, ref, shown, change) for ref, shown in picked.items()]
    portal.wake_outbox()
    for one in came:
        if one.changed:
            portal.said.tell(one.contact_id)
    return desk_page(request, "bulk.html", staff, here="/desk", came=came, problem=None, back=local(next))


async def _one(portal: Portal, staff: Staff, ref: str, shown: str, change: Change) -> Came:
    """In a transaction of its own; whatever goes wrong with it, the others go on."""

    def work(session: Session) -> Came:
        ticket = own_ticket(session, staff, ref)
        changed = change(session, ticket, shown)
        return Came(ref, ticket.contact_id, changed)

    try:
        return await portal.database.writing(work)
    except NotThere:
        return Came(ref, reason="no_such_ticket")
    except NotPossible as error:
        return Came(ref, reason=str(error))
    except Exception:
        log.exception("a ticket of several failed", ticket=ref)
        return Came(ref, reason="something went wrong")


def _change(session: Session, staff: Staff, act: Act, codes: Sequence[str], login: str, note: str) -> Change:
    """What is to be done to each. Raises Mistake."""
    if act == Act.MINE:
        return _given_to(staff, staff.person)
    if act == Act.ASSIGN:
        return _given_to(staff, _colleague(session, staff, login))
    if len(note) > 2000:
        raise Mistake("note", "note_too_long")
    if act == Act.SUGGESTION:
        return _forwarded(staff, None, note)
    found = session.exec(select(Institution.code).where(col(Institution.code).in_(codes))).all()
    if not found:
        raise Mistake("institutions", "choose_institution")
    return _forwarded(staff, found, note)


def _colleague(session: Session, staff: Staff, login: str) -> Person:
    colleague = session.exec(
        select(Person).where(
            col(Person.login) == login,
            col(Person.institution_id) == staff.institution.id,
            col(Person.role).in_((Role.COORDINATOR, Role.LEAD)),
            col(Person.active),
        )
    ).first()
    if colleague is None:
        raise Mistake("holder", "choose_holder")
    return colleague


def _given_to(staff: Staff, person: Person) -> Change:
    """If whoever the page showed as having it still has it."""

    def change(session: Session, ticket: Ticket, shown: str) -> bool:
        if ticket.taken_by == person.id:
            return False
        if not ticket.is_open:
            raise NotPossible("only open questions can be taken")
        take(session, ticket, person, shown, now(), staff.login)
        return True

    return change


def _forwarded(staff: Staff, codes: Sequence[str] | None, note: str) -> Change:
    """To those institutions; None: to the one that is suggested for it."""

    def change(session: Session, ticket: Ticket, _shown: str) -> bool:
        wanted = ticket.suggested[:1] if codes is None else codes
        chosen = session.exec(select(Institution).where(col(Institution.code).in_(wanted))).all()
        if not chosen:
            raise NotPossible("the bot suggested no institution")
        waiting = [f for f in forwardings_of(session, ticket.id or 0) if f.state == ForwardingState.WAITING]
        if {institution.id for institution in chosen} <= {forwarding.institution_id for forwarding in waiting}:
            return False  # an impatient second click
        if ticket.state in (TicketState.FORWARDED, TicketState.COMPOSING):
            raise NotPossible("an institution has the ticket already")
        forward(session, ticket, chosen, note, now(), staff.login)
        return True

    return change
