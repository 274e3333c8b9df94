"""Internal notes at a ticket: written, mended within minutes, and colleagues told who are named in one."""

import re
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from models.moments import now
from models.note import Note, notes_of
from models.staff import Person, notify
from models.ticket import Ticket, record
from routing.triage import NotPossible
from web.desk.access import NotThere
from web.desk.colleagues import colleagues, may_mend
from web.desk.forms import wanted
from web.desk.pages import DeskRoute
from web.desk.ticket import change_ticket
from web.portal import HasPortal
from web.sessions import Coordinating

router = APIRouter(prefix="/desk/tickets", route_class=DeskRoute, include_in_schema=False)
Id = Annotated[int, Path(ge=1, lt=2**31)]
Text = Annotated[str, Form()]
AGAIN = timedelta(minutes=1)
"""the same words again within that are an impatient second click"""
_MENTION = re.compile(r"(?<![\w.@-])@([\w][\w.-]*)")


@router.post("/{ref}/notes")
async def write(request: Request, portal: HasPortal, staff: Coordinating, ref: str, text: Text = "") -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        said, at = wanted(text, "text", "write_note"), now()
        before = notes_of(session, [ticket.id or 0])
        if any(_same(note, staff.person, said, at) for note in before):
            return
        note = Note(ticket_id=ticket.id or 0, author_id=staff.person.id or 0, text=said, at=at)
        session.add(note)
        session.flush()
        _mention(session, ticket, note, staff.person, at)
        record(session, ticket, "note written", staff.login, at, mentions=note.mentions)

    return await change_ticket(request, portal, staff, ref, "note", change, {"text": text})


@router.post("/{ref}/notes/{note_id}")
async def mend(
    request: Request, portal: HasPortal, staff: Coordinating, ref: str, note_id: Id, text: Text = ""
) -> Response:
    def change(session: Session, ticket: Ticket) -> None:
        note, at = session.get(Note, note_id), now()
        if note is None or note.ticket_id != ticket.id:
            raise NotThere
        said = wanted(text, "text", "write_note")
        if said == note.text:
            return
        if not may_mend(note, staff.person, at):
            raise NotPossible("only its author may change a note, and only for some minutes")
        note.earlier = [*note.earlier, note.text]
        note.text, note.edited_at = said, at
        _mention(session, ticket, note, staff.person, at)
        record(session, ticket, "note changed", staff.login, at, mentions=note.mentions)

    return await change_ticket(request, portal, staff, ref, f"mend-{note_id}", change, {"text": text})


def _mention(session: Session, ticket: Ticket, note: Note, author: Person, at: datetime) -> None:
    """Tells those whom the note names; each once, however often it is changed."""
    known = {person.login.casefold(): person for person in colleagues(session, ticket)}
    named = [known.get(found.casefold().rstrip(".-")) for found in _MENTION.findall(note.text)]
    people = list({person.id: person for person in named if person and person.id != author.id}.values())
    note.mentions = [person.login for person in people]
    for person in people:
        by, key = author.name or author.login, f"mentioned:{note.id}:{person.id}"
        notice = notify(session, person.institution_id, ticket.id, "mentioned", key, at, by=by)
        notice.person_id = person.id


def _same(note: Note, author: Person, text: str, at: datetime) -> bool:
    return note.author_id == author.id and note.text == text and at - note.at < AGAIN
