"""Letters that wait until a person says what they are: a new question, part of a ticket, or nothing for us."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Form, Path, Query
from sqlmodel import Session, col, func, not_
from starlette.requests import Request
from starlette.responses import Response

from channels.base import Opened
from models.moments import now
from models.queue import InboxRow, State, head_of_raw, revive
from models.ticket import REF, Ticket
from nlu.privacy import mask
from routing.by_letter import CHANNEL
from routing.triage import NotPossible
from web.desk.access import NotThere, overseen_ticket, oversees
from web.desk.forms import Mistake, refused, typed
from web.desk.letter_view import OUT, sides_of
from web.desk.letters import letter_page
from web.desk.pages import DeskRoute, desk_page, done
from web.desk.problems import of_those_seen
from web.desk.queues import PAGE, Listing
from web.portal import HasPortal
from web.sessions import Coordinating, Overseeing, Staff

router = APIRouter(prefix="/desk/held", route_class=DeskRoute, include_in_schema=False)
HEAD = 200_000
"""bytes of a letter that the list looks into"""
PREVIEW = 300
"""characters of its text that the list shows"""
Id = Annotated[int, Path(ge=1, lt=2**31)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
Text = Annotated[str, Form()]


class Show(StrEnum):
    WAITING = "waiting"
    LEFT_OUT = "left-out"


class What(StrEnum):
    """What a person says of a letter."""

    NEW = "new"
    BELONGS = "belongs"
    OUT = "out"
    BACK = "back"
    """out no more: it waits again"""


DONE = {What.NEW: "let_in", What.BELONGS: "let_in", What.OUT: "left_out", What.BACK: "taken_back"}


@dataclass(frozen=True, slots=True)
class HeldLetter:
    id: int
    error: str
    verdict: str
    received_at: datetime
    letter: Opened
    """of its beginning"""
    words: str
    """the first of them, masked"""

    @property
    def judge(self) -> str:
        return self.verdict.partition(" ")[2]

    @property
    def ref(self) -> str:
        """The ticket's number that the subject names."""
        found = REF.search(self.letter.subject)
        return found.group() if found else ""


@router.get("")
async def held(
    request: Request, portal: HasPortal, staff: Overseeing, show: Show = Show.WAITING, page: PageNumber = 1
) -> Response:
    listing = await portal.database.reading(lambda session: _listing(session, staff, show, page))
    letters = [
        HeldLetter(number, error, verdict, at, opened, mask(opened.own[:PREVIEW]))
        for number, error, verdict, at, raw in listing.rows
        for opened in (await asyncio.to_thread(portal.open_letter, raw),)
    ]
    return desk_page(request, "held.html", staff, letters=letters, listing=listing, show=show, shows=list(Show))


@router.post("/{inbox_id}")
async def decide(
    request: Request,
    portal: HasPortal,
    staff: Coordinating,
    inbox_id: Id,
    what: Annotated[What, Form()],
    verdict: Text = "",
    ref: Text = "",
    party: Text = "",
) -> Response:
    """A person says what the letter is; `verdict` is what the page showed as said before.

    With `belongs`, `party` says whose letter of the ticket `ref` it is.
    """

    def work(session: Session) -> None:
        row = _locked(session, staff, inbox_id)
        said = f"{_said(session, staff, what, ref, party)} {staff.login}" if what != What.BACK else ""
        if row.verdict == said:  # an impatient second click
            return
        if row.state != State.HELD or row.verdict != verdict:
            raise NotPossible("somebody else has decided about this letter meanwhile")
        row.verdict = said
        if what in (What.NEW, What.BELONGS):
            revive(row, now())

    try:
        await portal.database.writing(work)
    except (NotPossible, Mistake) as error:
        problem = refused("belongs", error, {"ref": ref, "party": party})
        return await letter_page(request, portal, staff, inbox_id, ref=ref, problem=problem)
    return done("/desk/held", DONE[what])


def count_held(session: Session, staff: Staff) -> int:
    """How many letters wait for somebody like that."""
    return int(session.exec(_held(staff, Show.WAITING, func.count(col(InboxRow.id)))).one())


def _listing(session: Session, staff: Staff, show: Show, page: int) -> Listing:
    counts = {str(one): session.exec(_held(staff, one, func.count(col(InboxRow.id)))).one() for one in Show}
    found = counts[show]
    page = min(page, max(1, -(-found // PAGE)))
    columns = (InboxRow.id, InboxRow.error, InboxRow.verdict, InboxRow.received_at, head_of_raw(HEAD))
    order = col(InboxRow.id) if show == Show.WAITING else col(InboxRow.id).desc()
    rows: Sequence[Any] = session.exec(
        _held(staff, show, *columns).order_by(order).limit(PAGE).offset((page - 1) * PAGE)
    ).all()
    return Listing(rows, counts, found, page)


def _held(staff: Staff, show: Show, *columns: Any) -> Any:
    out = col(InboxRow.verdict).startswith(f"{OUT} ")
    asked = of_those_seen(InboxRow, staff, (State.HELD,), *columns).where(col(InboxRow.channel) == CHANNEL)
    return asked.where(out if show == Show.LEFT_OUT else not_(out))


def _locked(session: Session, staff: Staff, inbox_id: int) -> InboxRow:
    """Raises NotThere."""
    row = session.get(InboxRow, inbox_id)
    if row is None or row.channel != CHANNEL:
        raise NotThere
    if row.ticket_id is not None and not oversees(staff, session.get_one(Ticket, row.ticket_id)):
        raise NotThere
    session.refresh(row, with_for_update=True)
    return row


def _said(session: Session, staff: Staff, what: What, ref: str, party: str) -> str:
    """The verdict. Raises Mistake where the ticket or the party is none."""
    if what != What.BELONGS:
        return what
    try:
        ticket = overseen_ticket(session, staff, typed(ref).upper())
    except NotThere:
        raise Mistake("ref", "no_such_ticket") from None
    if party not in [side.party for side in sides_of(session, ticket)]:
        raise Mistake("party", "choose_whose_letter")
    return party
