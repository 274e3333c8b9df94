"""A ticket's page, and what a coordinator does about it: take, forward, take back, answer.

What concerns the terms of the law is in `law.py`.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path
from sqlmodel import Session, col, select
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from models.draft import drop_draft
from models.forwarding import Answer, Forwarding, ForwardingState, answers_of
from models.institution import Institution
from models.moments import now
from models.ticket import Ticket, record
from routing.taking import take as take_it
from routing.triage import NotPossible, forward, take_back
from web.desk.access import NotThere, forwarding_here, overseen_ticket, own_ticket
from web.desk.compose import send_answer
from web.desk.forms import Mistake, Refused, refused, typed, wanted, whole
from web.desk.keep import Kept, kept_by, owned_by
from web.desk.more import More, more_of
from web.desk.pages import DeskRoute, desk_language, desk_page, desk_wording, done
from web.desk.presence import look_in, said_of
from web.desk.seen import nothing_newer
from web.desk.view import LINK_DAYS, TicketView, view_of
from web.portal import HasPortal, Portal
from web.sessions import Coordinating, SignedIn, Staff

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]
Change = Callable[[Session, Ticket], None]
"""what is done to the ticket, which is locked; raises NotPossible or Mistake and then nothing has happened"""


@router.get("/{ref}")
async def ticket(request: Request, portal: HasPortal, staff: SignedIn, ref: str) -> Response:
    if not staff.oversees:
        forwarding = await portal.database.reading(lambda session: forwarding_here(session, staff, ref))
        if forwarding is None:
            raise NotThere
        return RedirectResponse(f"/desk/forwardings/{forwarding.id}", 303)
    return await ticket_page(request, portal, staff, ref)


@router.post("/{ref}/take")
async def take(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, holder: Annotated[str, Form()] = ""
) -> Response:
    """The ticket is mine, if whoever the page showed as having it still has it."""

    def change(session: Session, ticket: Ticket) -> None:
        take_it(session, ticket, staff.person, holder, now())

    return await change_ticket(request, portal, staff, ref, "take", change, {})


@router.post("/{ref}/attend")
async def attend(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, attention: Annotated[str, Form()] = ""
) -> Response:
    """Somebody has looked at what the page asked attention for; anything newer goes on asking."""

    def change(session: Session, ticket: Ticket) -> None:
        if ticket.attention and ticket.attention == attention:
            record(session, ticket, "attended", staff.login, now(), reason=attention)
            ticket.attention = ""

    return await change_ticket(request, portal, staff, ref, "attend", change, {})


@router.post("/{ref}/forward")
async def forward_ticket(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    institutions: Annotated[list[str] | None, Form()] = None,
    note: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
) -> Response:
    codes = [typed(code) for code in institutions or []]

    def change(session: Session, ticket: Ticket) -> None:
        called = select(Institution).where(col(Institution.code).in_(codes)).order_by(col(Institution.id))
        chosen = session.exec(called).all()
        if not chosen:
            raise Mistake("institutions", "choose_institution")
        if len(typed(note)) > 2000:
            raise Mistake("note", "note_too_long")
        nothing_newer(session, ticket, seen, staff.login)
        forward(session, ticket, chosen, whole(typed(note), "note"), now(), staff.login)

    typed_in = {"institutions": codes, "note": note, "seen": seen}
    return await change_ticket(request, portal, staff, ref, "forward", change, typed_in)


@router.post("/{ref}/forwardings/{forwarding_id}/withdraw")
async def withdraw(request: Request, portal: HasPortal, staff: Coordinating, ref: str, forwarding_id: Id) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        forwarding = session.get(Forwarding, forwarding_id)
        if forwarding is None or forwarding.ticket_id != ticket.id:
            raise NotThere
        if forwarding.state == ForwardingState.WITHDRAWN:
            return
        take_back(session, ticket, forwarding, now(), staff.login)

    return await change_ticket(request, portal, staff, ref, "withdraw", change, {})


@router.post("/{ref}/answer")
async def answer(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    text: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
    sources: Annotated[list[str] | None, Form()] = None,
    way: Annotated[str, Form()] = "",
) -> Response:
    """The coordinator's answer goes to the citizen, in the channel he asked in; not over what is newer than `seen`.

    `sources` are named under it. `way` is another channel, where nothing can be sent in the first one any more.
    """

    def change(session: Session, ticket: Ticket) -> None:
        said = wanted(text, "text", "write_answer")
        if not ticket.is_open and _answered_so(answers_of(session, ticket.id or 0), staff.login, said):
            return
        nothing_newer(session, ticket, seen, staff.login)
        send_answer(session, portal, ticket, said, sources or [], way, staff.login)

    typed_in = {"text": text, "seen": seen, "sources": sources or [], "way": way}
    return await change_ticket(request, portal, staff, ref, "answer", change, typed_in)


async def change_ticket(
    request: Request, portal: Portal, staff: Staff, ref: str, form: str, change: Change, typed: Mapping[str, Any]
) -> Response:
    """Does it and shows the ticket; where it cannot be done, the page says why and keeps what was typed."""

    def work(session: Session) -> int:
        ticket = own_ticket(session, staff, ref)
        change(session, ticket)
        drop_draft(session, owned_by(staff), _page_of(ref), form)
        return ticket.contact_id

    try:
        contact_id = await portal.database.writing(work)
    except (NotPossible, Mistake) as error:
        return await ticket_page(request, portal, staff, ref, refused(form, error, typed))
    portal.wake_outbox()
    portal.said.tell(contact_id)
    return done(_page_of(ref), form.partition("-")[0])


async def ticket_page(
    request: Request,
    portal: Portal,
    staff: Staff,
    ref: str,
    problem: Refused | None = None,
    looked: Mapping[str, str] | None = None,
    revealed: Mapping[int, str] | None = None,
) -> Response:
    """The page; with a form that was not taken, or one that only asked what would come of it (`looked`).

    `revealed` is what is shown without a mask this once, by message.
    """
    typed = problem.typed if problem else looked or {}
    received_on, place = str(typed.get("received_on", "")), _page_of(ref)
    language, translates = desk_language(request, staff), bool(portal.settings.translate_url)

    def look(session: Session) -> tuple[TicketView, More, Kept]:
        view = view_of(session, portal, overseen_ticket(session, staff, ref), received_on)
        more = more_of(session, staff, view, language, translates=translates, revealed=revealed or {})
        return view, more, kept_by(session, portal, owned_by(staff), place)

    view, more, kept = await portal.database.reading(look)
    people = await portal.database.writing(lambda session: look_in(session, staff, place))
    return desk_page(
        request,
        "ticket.html",
        staff,
        here=place,
        status=problem.status if problem else 200,
        view=view,
        more=more,
        kept=kept,
        people=said_of(people, desk_wording(request, staff)),
        problem=problem,
        looked=looked,
        link_days=LINK_DAYS,
    )


def _page_of(ref: str) -> str:
    return f"/desk/tickets/{ref}"


def _answered_so(answers: list[Answer], author: str, text: str) -> bool:
    """Sent twice by an impatient click: said once."""
    return any(one.author == author and one.text == text and one.forwarding_id is None for one in answers)
