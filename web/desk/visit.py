"""Whoever has a forwarding's page open: somebody who is logged in, or who holds its signed link. What both may do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.contact import Contact
from models.draft import drop_draft
from models.forwarding import Forwarding
from models.institution import Institution
from models.moments import now
from models.ticket import Ticket, locked
from routing.reaching import is_open
from routing.triage import NotPossible
from web.desk.access import shown_forwarding
from web.desk.forms import Mistake, Refused, refused
from web.desk.forwarding_view import forwarding_view
from web.desk.keep import kept_by, owned_by, owned_by_link
from web.desk.pages import desk_page, desk_wording, done
from web.desk.presence import look_in, said_of
from web.desk.view import LINK, LINK_DAYS
from web.portal import Portal
from web.problems import Problem
from web.sessions import Staff, StaleForm, same

DAY = 24 * 60 * 60
EVER = 100 * 365 * DAY
FORM = "answer form"
"""purpose of the signature that the form of a link's page carries"""
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form()]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who has opened a forwarding's page, and where it lies."""

    forwarding_id: int
    address: str
    csrf: str
    staff: Staff | None = None
    actor: str = ""
    """empty for a holder of the link, who is called after the institution"""

    @property
    def place(self) -> str:
        """The page's path after log-in: by it drafts are kept, and who looks."""
        return f"/desk/forwardings/{self.forwarding_id}"

    @property
    def owner(self) -> str:
        """Whose drafts stand on the page."""
        return owned_by(self.staff) if self.staff else owned_by_link(self.forwarding_id)

    @property
    def drafts(self) -> str:
        """Where they are sent."""
        return "/desk/drafts" if self.staff else f"{self.address}/drafts"


@dataclass(frozen=True, slots=True)
class Case:
    """What a form of the page is about, locked for a change."""

    session: Session
    forwarding: Forwarding
    ticket: Ticket
    actor: str

    @property
    def institution(self) -> Institution:
        return self.session.get_one(Institution, self.forwarding.institution_id)

    @property
    def contact(self) -> Contact:
        return self.session.get_one(Contact, self.ticket.contact_id)

    def pulled(self, portal: Portal) -> bool:
        """Whether the citizen's side fetches what we say."""
        return self.contact.channel in portal.pulled

    def reachable(self, portal: Portal) -> bool:
        """Whether a message can reach him now."""
        return is_open(self.session, self.contact, now(), portal.windows, portal.pulled)


Change = Callable[[Case], str | None]
"""what is done; raises NotPossible or Mistake and then nothing has happened. Returns which words say it, if others"""


def logged_in(staff: Staff, forwarding_id: int) -> Visit:
    return Visit(forwarding_id, f"/desk/forwardings/{forwarding_id}", staff.csrf, staff, staff.login)


def by_link(portal: Portal, token: str, csrf: str | None = None) -> Visit:
    """Whose link that is; with a form, `csrf` must be what its page gave. Raises Problem 404, 410 or 403."""
    value = portal.signing.read_within(LINK, token, LINK_DAYS * DAY)
    if value is None:
        expired = portal.signing.read_within(LINK, token, EVER) is not None
        raise Problem(410, "This link has expired.") if expired else Problem(404, "There is no such page.")
    visit = Visit(int(value), f"/answer/{token}", portal.signing.sign(FORM, token))
    if csrf is not None and not same(csrf, visit.csrf):
        raise StaleForm
    return visit


async def change_forwarding(
    request: Request, portal: Portal, visit: Visit, form: str, change: Change, typed: Mapping[str, Any]
) -> Response:
    """Does it and shows what became of it; where it cannot be done, the page says why and keeps what was typed."""

    def work(session: Session) -> tuple[int, str]:
        found = _found(session, visit)
        ticket = locked(session, found.ticket_id)
        session.refresh(found)
        said = change(Case(session, found, ticket, visit.actor or _called(session, found)))
        drop_draft(session, visit.owner, visit.place, form)
        return ticket.contact_id, said or form.partition("-")[0]

    try:
        contact_id, said = await portal.database.writing(work)
    except (NotPossible, Mistake) as error:
        return await forwarding_page(request, portal, visit, refused(form, error, typed))
    portal.wake_outbox()
    portal.said.tell(contact_id)
    return done(visit.address, said)


async def forwarding_page(request: Request, portal: Portal, visit: Visit, problem: Refused | None = None) -> Response:
    staff = visit.staff
    view, kept = await portal.database.reading(
        lambda session: (
            forwarding_view(session, _found(session, visit), staff),
            kept_by(session, portal, visit.owner, visit.place, visit.drafts),
        )
    )
    people = await portal.database.writing(lambda session: look_in(session, staff, visit.place)) if staff else []
    return desk_page(
        request,
        "forwarding.html",
        staff,
        here=visit.address,
        csrf=visit.csrf,
        status=problem.status if problem else 200,
        view=view,
        kept=kept,
        people=said_of(people, desk_wording(request, staff)),
        problem=problem,
    )


def _found(session: Session, visit: Visit) -> Forwarding:
    """The forwarding, if the visitor may see it. Raises NotThere."""
    if visit.staff is not None:
        return shown_forwarding(session, visit.staff, visit.forwarding_id)
    return session.get_one(Forwarding, visit.forwarding_id)


def _called(session: Session, forwarding: Forwarding) -> str:
    """Who answers by link is known by the institution it was given to."""
    return f"link {session.get_one(Institution, forwarding.institution_id).code}"
