"""The head of an institution decides about an answer that waits: it goes out, changed or not, or it goes back."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from models.approval import Approval
from models.moments import now
from routing.approval import approve, may_approve, send_back
from web.desk.access import NotThere
from web.desk.forms import Mistake, wanted
from web.desk.forwarding import NEWER
from web.desk.pages import DeskRoute
from web.desk.seen import nothing_newer
from web.desk.visit import Case, Id, Text, change_forwarding, logged_in
from web.portal import HasPortal
from web.sessions import Acting, Staff

router = APIRouter(prefix="/desk/forwardings/{forwarding_id}/drafts", route_class=DeskRoute, include_in_schema=False)
LONGEST_REMARK = 2000


@router.post("/{approval_id}/approve")
async def it_may_go(
    request: Request,
    portal: HasPortal,
    staff: Acting,
    forwarding_id: Id,
    approval_id: Id,
    text: Text = "",
    seen: Text = "",
) -> Response:
    """In the words `text`, which the head may have changed."""

    def change(case: Case) -> None:
        approval = _handed_in(case, staff, approval_id)
        said = wanted(text, "text", "write_answer")
        if approval.state == "waiting":
            nothing_newer(case.session, case.ticket, seen, case.actor, NEWER)
        approve(
            case.session,
            case.contact,
            case.ticket,
            case.forwarding,
            case.institution,
            approval,
            said,
            now(),
            case.actor,
            pulled=case.pulled(portal),
            reachable=case.reachable(portal),
        )

    typed = {"text": text, "seen": seen}
    return await change_forwarding(
        request, portal, logged_in(staff, forwarding_id), f"approval-{approval_id}", change, typed
    )


@router.post("/{approval_id}/send-back")
async def it_has_to_be_written_anew(
    request: Request, portal: HasPortal, staff: Acting, forwarding_id: Id, approval_id: Id, remark: Text = ""
) -> Response:
    def change(case: Case) -> None:
        approval = _handed_in(case, staff, approval_id)
        why = wanted(remark, "remark", "write_remark")
        if len(why) > LONGEST_REMARK:
            raise Mistake("remark", "remark_too_long")
        send_back(case.session, case.ticket, case.forwarding, approval, why, now(), case.actor)

    visit = logged_in(staff, forwarding_id)
    return await change_forwarding(request, portal, visit, f"remark-{approval_id}", change, {"remark": remark})


def _handed_in(case: Case, staff: Staff, approval_id: int) -> Approval:
    """The answer as it is now, for whoever may approve there. Raises NotThere."""
    approval = case.session.get(Approval, approval_id)
    if approval is None or approval.forwarding_id != case.forwarding.id:
        raise NotThere
    if not may_approve(case.session, staff.person, now()):
        raise NotThere
    case.session.refresh(approval)
    return approval
