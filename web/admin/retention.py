"""How long what citizens told is kept: the rules, what a run would touch, the runs, and tickets that must be kept."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form
from sqlalchemy import insert
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import Response

from models.change import note_change
from models.moments import now
from models.retention import Cleaning, LegalHold, cleaning_now, cleanings
from models.ticket import REF, Event, Ticket, event_row, locked, ticket_by_ref
from routing.retention import Foreseen, begin, foresee
from web.admin.access import admin_page
from web.admin.settings import InForce, store, thresholds
from web.desk.access import NotThere
from web.desk.forms import Mistake, Refused, refused, typed
from web.desk.pages import DeskRoute, done
from web.portal import HasPortal, Portal
from web.sessions import Administering, SeeingAdministration, Staff

router = APIRouter(prefix="/desk/admin/retention", route_class=DeskRoute, include_in_schema=False)
HOME = "/desk/admin/retention"
HERE = ("retention",)
THING = "legal hold"
RUNS = 20
"""most runs listed"""
LONGEST = 500
"""characters of a reason"""


@dataclass(frozen=True, slots=True)
class View:
    rules: list[InForce]
    foreseen: Foreseen
    running: Cleaning | None
    runs: list[Cleaning]
    kept: list[tuple[LegalHold, str]]


@router.get("")
async def retention_page(request: Request, portal: HasPortal, staff: SeeingAdministration) -> Response:
    return await _page(request, portal, staff)


@router.post("")
async def choose(request: Request, portal: HasPortal, staff: Administering) -> Response:
    if problem := await store(request, portal, staff, "retention"):
        return await _page(request, portal, staff, problem)
    return done(HOME, "settings_saved")


@router.post("/run")
async def run(portal: HasPortal, staff: Administering) -> Response:
    """Now instead of at night; the leader does it, at its next beat."""
    await portal.database.writing(lambda session: begin(session, staff.login, now()))
    return done(HOME, "cleaning_begun")


@router.post("/keep")
async def keep(
    request: Request,
    portal: HasPortal,
    staff: Administering,
    ref: Annotated[str, Form(max_length=100)] = "",
    reason: Annotated[str, Form(max_length=20_000)] = "",
) -> Response:
    ref, reason = typed(ref).upper(), typed(reason)

    def work(session: Session) -> None:
        ticket = ticket_by_ref(session, ref) if REF.fullmatch(ref) else None
        if ticket is None:
            raise Mistake("ref", "no_such_ticket")
        if not 0 < len(reason) <= LONGEST:
            raise Mistake("reason", "keep_reason")
        ticket = locked(session, ticket.id or 0)
        if session.get(LegalHold, ticket.id) is None:
            session.add(LegalHold(ticket_id=ticket.id or 0, reason=reason, by=staff.login, at=now()))
            _note(session, ticket, "kept from deletion", staff, {}, {"reason": reason})

    try:
        await portal.database.writing(work)
    except Mistake as error:
        return await _page(request, portal, staff, refused("keep", error, {"ref": ref, "reason": reason}))
    return done(HOME, "ticket_kept")


@router.post("/keep/{ref}/end")
async def keep_no_more(portal: HasPortal, staff: Administering, ref: str) -> Response:
    def work(session: Session) -> None:
        ticket = ticket_by_ref(session, ref) if REF.fullmatch(ref) else None
        if ticket is None:
            raise NotThere
        ticket = locked(session, ticket.id or 0)
        if row := session.get(LegalHold, ticket.id):
            session.delete(row)
            _note(session, ticket, "kept no more", staff, {"reason": row.reason}, {})

    await portal.database.writing(work)
    return done(HOME, "ticket_kept_no_more")


def _note(
    session: Session, ticket: Ticket, what: str, staff: Staff, before: dict[str, str], after: dict[str, str]
) -> None:
    """In both trails; not by `record`, which would make the ticket younger."""
    note_change(session, staff.login, THING, ticket.ref, what, before, after, now())
    session.execute(insert(Event), [event_row(ticket.id or 0, what, staff.login, now(), **after)])


async def _page(request: Request, portal: Portal, staff: Staff, problem: Refused | None = None) -> Response:
    view = await portal.database.reading(lambda session: _view(session, portal))
    status = problem.status if problem else 200
    return admin_page(
        request, "retention", "retention.html", staff, here=HOME, status=status, view=view, problem=problem
    )


def _view(session: Session, portal: Portal) -> View:
    kept = select(LegalHold, Ticket.ref).join(Ticket, col(Ticket.id) == col(LegalHold.ticket_id))
    return View(
        thresholds(session, portal, HERE)[HERE[0]],
        foresee(session, now()),
        cleaning_now(session),
        cleanings(session, RUNS),
        list(session.exec(kept.order_by(col(LegalHold.at).desc()))),
    )
