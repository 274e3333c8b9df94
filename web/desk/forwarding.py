"""An institution's page of what was forwarded to it: after log-in, or by a signed link that expires.

That the link was fetched is no evidence that the institution has the question: mail scanners, previews and proxies
fetch links that nobody has read. What only a person does is: pressing "We have received it", answering, returning it.
"""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from models.forwarding import Forwarding, ForwardingState
from models.moments import now
from routing.approval import hand_in
from routing.delivery import delivered_by_hand
from routing.triage import give_back
from web.desk.access import attachment_of
from web.desk.files import download
from web.desk.forms import wanted
from web.desk.forwarding_view import answer_to
from web.desk.pages import DeskRoute
from web.desk.seen import CITIZEN, nothing_newer
from web.desk.visit import Case, Id, Text, Visit, by_link, change_forwarding, forwarding_page, logged_in
from web.portal import HasPortal, Portal
from web.sessions import Acting, SignedIn

router = APIRouter(route_class=DeskRoute, include_in_schema=False)
NEWER = CITIZEN | {"draft handed in", "draft sent back", "draft approved"}
"""what matters to who answers for an institution"""


@router.get("/desk/forwardings/{forwarding_id}")
async def forwarding(request: Request, portal: HasPortal, staff: SignedIn, forwarding_id: Id) -> Response:
    return await forwarding_page(request, portal, logged_in(staff, forwarding_id))


@router.post("/desk/forwardings/{forwarding_id}/answer")
async def answer(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, text: Text = "", seen: Text = ""
) -> Response:
    return await _answer(request, portal, logged_in(staff, forwarding_id), text, seen)


@router.post("/desk/forwardings/{forwarding_id}/return")
async def give_it_back(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, reason: Text = ""
) -> Response:
    return await _return(request, portal, logged_in(staff, forwarding_id), reason)


@router.post("/desk/forwardings/{forwarding_id}/received")
async def received(request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id) -> Response:
    return await _received(request, portal, logged_in(staff, forwarding_id))


@router.get("/answer/{token}")
async def forwarding_by_link(request: Request, portal: HasPortal, token: str) -> Response:
    return await forwarding_page(request, portal, by_link(portal, token))


@router.post("/answer/{token}/answer")
async def answer_by_link(
    request: Request, portal: HasPortal, token: str, text: Text = "", csrf: Text = "", seen: Text = ""
) -> Response:
    return await _answer(request, portal, by_link(portal, token, csrf), text, seen)


@router.post("/answer/{token}/return")
async def return_by_link(
    request: Request, portal: HasPortal, token: str, reason: Text = "", csrf: Text = ""
) -> Response:
    return await _return(request, portal, by_link(portal, token, csrf), reason)


@router.post("/answer/{token}/received")
async def received_by_link(request: Request, portal: HasPortal, token: str, csrf: Text = "") -> Response:
    return await _received(request, portal, by_link(portal, token, csrf))


@router.get("/answer/{token}/attachments/{attachment_id}")
async def attachment_by_link(portal: HasPortal, token: str, attachment_id: Id) -> Response:
    visit = by_link(portal, token)
    attachment = await portal.database.reading(
        lambda session: attachment_of(session, session.get_one(Forwarding, visit.forwarding_id), attachment_id)
    )
    return await download(portal, attachment)


async def _received(request: Request, portal: Portal, visit: Visit) -> Response:
    def change(case: Case) -> None:
        delivered_by_hand(case.session, case.ticket, case.forwarding, now(), case.actor)

    return await change_forwarding(request, portal, visit, "received", change, {})


async def _answer(request: Request, portal: Portal, visit: Visit, text: str, seen: str) -> Response:
    """Goes out at once, or waits for the head where the institution wants that."""

    def change(case: Case) -> str:
        said = wanted(text, "text", "write_answer")
        before = answer_to(case.session, case.forwarding)
        if before is not None and before.text == said:  # an impatient second click
            return "answer"
        nothing_newer(case.session, case.ticket, seen, case.actor, NEWER, case.institution.code)
        hand_in(
            case.session,
            case.contact,
            case.ticket,
            case.forwarding,
            case.institution,
            said,
            now(),
            case.actor,
            person=visit.staff.person if visit.staff else None,
            pulled=case.pulled(portal),
            reachable=case.reachable(portal),
        )
        return "answer" if answer_to(case.session, case.forwarding) else "handed_in"

    return await change_forwarding(request, portal, visit, "answer", change, {"text": text, "seen": seen})


async def _return(request: Request, portal: Portal, visit: Visit, reason: str) -> Response:
    def change(case: Case) -> None:
        why = wanted(reason, "reason", "write_reason")
        if case.forwarding.state == ForwardingState.RETURNED and case.forwarding.reason == why:
            return
        give_back(case.session, case.ticket, case.forwarding, why, now(), case.actor)

    return await change_forwarding(request, portal, visit, "return", change, {"reason": reason})
