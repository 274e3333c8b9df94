"""Canned replies in use: chosen, filled in, and put into the text that somebody is writing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from config.replies import in_words
from models.canned import CannedReply, canned_for
from models.clock import ClockKind
from models.contact import Contact
from models.forwarding import WITH_A_SAY, forwardings_of
from models.institution import Institution, institution_by_code
from models.service import service_by_code
from models.ticket import Ticket
from web.desk.access import NotThere, overseen_ticket
from web.desk.forms import Refused, typed
from web.desk.pages import DeskRoute
from web.desk.ticket import ticket_page
from web.portal import HasPortal
from web.sessions import Coordinating, Overseeing, Staff

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form()]
FIELD = {"answer": "text", "note": "text", "forward": "note"}
"""of each form the field that the text goes into"""
_VARIABLE = re.compile(r"\{(\w*)\}")


@dataclass(frozen=True, slots=True)
class Filled:
    text: str
    language: str
    missing: tuple[str, ...]
    """variables that are unknown or have no value here; in the text they stand in double braces"""


@router.get("/{ref}/canned/{canned_id}")
async def canned(portal: HasPortal, staff: Overseeing, ref: str, canned_id: Id) -> Response:
    """The text for this ticket, for a script that puts it where the cursor is."""
    filled = await portal.database.reading(
        lambda session: fill(session, overseen_ticket(session, staff, ref), offered(session, staff, canned_id))
    )
    return JSONResponse({"text": filled.text, "missing": filled.missing}, headers={"Cache-Control": "no-store"})


@router.post("/{ref}/insert/{form}")
async def insert(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    ref: str,
    form: Literal["answer", "note", "forward"],
    canned: Text = "",
    text: Text = "",
    note: Text = "",
    institutions: Annotated[list[str] | None, Form()] = None,
    sources: Annotated[list[str] | None, Form()] = None,
    way: Text = "",
    seen: Text = "",
) -> Response:
    """The page again, with the reply below what had been typed into the form; nothing is stored."""
    number = int(canned) if canned.isascii() and canned.isdigit() and len(canned) < 10 else 0
    written = {"text": text, "note": note}[FIELD[form]]

    def look(session: Session) -> Filled | None:
        ticket = overseen_ticket(session, staff, ref)
        try:
            return fill(session, ticket, offered(session, staff, number))
        except NotThere:  # retired meanwhile, or none was chosen
            return None

    filled = await portal.database.reading(look)
    whole = "\n\n".join(part for part in (typed(written), filled.text if filled else "") if part)
    given = {FIELD[form]: whole, "institutions": institutions or [], "sources": sources or [], "way": way, "seen": seen}
    reason = "unfilled" if filled and filled.missing else "" if filled else "choose_canned"
    return await ticket_page(
        request, portal, staff, ref, Refused(form, FIELD[form] if reason else "", reason, 200, given)
    )


def offered(session: Session, staff: Staff, canned_id: int) -> CannedReply:
    """A reply that this person's pages offer. Raises NotThere."""
    found = next((one for one in canned_for(session, staff.person, staff.institution) if one.id == canned_id), None)
    if found is None:
        raise NotThere
    return found


def fill(session: Session, ticket: Ticket, reply: CannedReply, institution: Institution | None = None) -> Filled:
    """In the ticket's language where the reply has it; `institution` is the one on whose page it is used."""
    text, language = reply.text(ticket.language)
    return filled(text, language, _values(session, ticket, language, institution))


def filled(text: str, language: str, values: Mapping[str, str]) -> Filled:
    missing: list[str] = []

    def value(found: re.Match[str]) -> str:
        if its := values.get(found[1], ""):
            return its
        missing.append(found[1])
        return "{{" + found[1] + "}}"

    return (
        Filled(_VARIABLE.sub(value, text), language, tuple(dict.fromkeys(missing)))
        if text
        else Filled("", language, ())
    )


def _values(session: Session, ticket: Ticket, language: str, institution: Institution | None) -> dict[str, str]:
    """What is known; a variable without a value is empty."""
    contact = session.get_one(Contact, ticket.contact_id)
    service = service_by_code(session, ticket.service_code) if ticket.service_code else None
    coordinator = institution_by_code(session, ticket.coordinator)
    due = ticket.clock(ClockKind.ANSWER)
    asked = institution.called(language) if institution else _asked(session, ticket, language)
    return {
        "name": contact.name,
        "ref": ticket.ref,
        "due": in_words(due.due_on, language) if due else "",
        "institution": asked,
        "service": service.text("title", language) if service else "",
        "link": service.url if service else "",
        "coordinator": coordinator.called(language) if coordinator else "",
    }


def _asked(session: Session, ticket: Ticket, language: str) -> str:
    """The institutions that have a say; before it is forwarded the one that is suggested first."""
    ids = [one.institution_id for one in forwardings_of(session, ticket.id or 0) if one.state in WITH_A_SAY]
    bodies = [session.get_one(Institution, number) for number in dict.fromkeys(ids)]
    if not bodies and ticket.suggested and (first := institution_by_code(session, ticket.suggested[0])):
        bodies = [first]
    return ", ".join(body.called(language) for body in bodies)
