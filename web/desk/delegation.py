"""Somebody of an institution gives a question to a colleague, or takes it back."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from models.moments import now
from models.staff import Person
from routing.delegation import delegate, take_back_delegation
from routing.triage import NotPossible
from web.desk.forms import Mistake
from web.desk.pages import DeskRoute
from web.desk.visit import Case, Id, Text, change_forwarding, logged_in
from web.portal import HasPortal
from web.sessions import Acting

router = APIRouter(prefix="/desk/forwardings/{forwarding_id}", route_class=DeskRoute, include_in_schema=False)


@router.post("/delegate")
async def give(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, person: Text = "", holder: Text = ""
) -> Response:
    """To the person with that log-in, if whoever the page showed as having it (`holder`) still has it."""

    def change(case: Case) -> None:
        chosen = case.session.get(Person, int(person)) if person.isascii() and person.isdigit() else None
        if chosen is None:
            raise Mistake("person", "choose_colleague")
        if chosen.id not in (case.forwarding.held_by, case.forwarding.held_for):
            _nobody_else_did(case, holder)
        delegate(case.session, case.ticket, case.forwarding, chosen, now(), case.actor)

    visit = logged_in(staff, forwarding_id)
    return await change_forwarding(request, portal, visit, "delegate", change, {"person": person})


@router.post("/take-back")
async def take_back(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, holder: Text = ""
) -> Response:
    def change(case: Case) -> None:
        if case.forwarding.held_by is not None:
            _nobody_else_did(case, holder)
        take_back_delegation(case.session, case.ticket, case.forwarding, now(), case.actor)

    return await change_forwarding(request, portal, logged_in(staff, forwarding_id), "take_back", change, {})


def _nobody_else_did(case: Case, holder: str) -> None:
    if str(case.forwarding.held_by or "") != holder:
        raise NotPossible("somebody else has delegated it meanwhile")
