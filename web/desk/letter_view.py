"""What is known of a letter beside what stands in it: where it belongs, or where it might belong while it is held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.forwarding import Forwarding, forwardings_of
from models.institution import Institution
from models.message import Attachment, Direction, Message
from models.queue import InboxRow, State
from models.ticket import Ticket
from routing.by_letter import is_of
from web.desk.access import NotThere, forwarding_here, overseen_ticket, oversees, shown_letter
from web.desk.forms import Refused, typed
from web.sessions import Staff

OUT = "out"
"""verdict on a letter that is left out: it stays held, and nobody asks about it any more"""


@dataclass(frozen=True, slots=True)
class Side:
    """Whose letter of a ticket it may be."""

    party: str
    """`t12` for the citizen, `f34` for an institution's forwarding"""
    forwarding: Forwarding | None = None
    institution: Institution | None = None


@dataclass(frozen=True, slots=True)
class LetterView:
    id: int
    raw: bytes
    state: str
    error: str
    verdict: str
    """what was said of it, with the log-in of who said it; what a form shows it with is sent back with the form"""
    received_at: datetime
    ticket: Ticket | None
    attachments: Sequence[Attachment]
    looks_after: bool
    """the person oversees its ticket, or it has none yet"""
    asked: Ticket | None = None
    """the ticket to which it may belong, as somebody says"""
    sides: Sequence[Side] = ()
    problem: Refused | None = None

    @property
    def is_out(self) -> bool:
        return self.state == State.HELD and self.verdict.partition(" ")[0] == OUT

    @property
    def judge(self) -> str:
        """Log-in of who said what it is."""
        return self.verdict.partition(" ")[2]

    @property
    def waits(self) -> bool:
        """For somebody to say what it is."""
        return self.state == State.HELD and not self.is_out


def letter_view(session: Session, staff: Staff, inbox_id: int, ref: str) -> LetterView:
    """Raises NotThere. `ref` is the number of the ticket to which somebody says that it belongs."""
    row = shown_letter(session, staff, inbox_id)
    asked, sides, problem = _asked(session, staff, row, ref)
    ticket = _ticket(session, staff, row)
    files = (
        select(Attachment)
        .where(col(Attachment.message_id).in_(_brought(inbox_id, Message.id)))
        .order_by(col(Attachment.id))
    )
    return LetterView(
        id=inbox_id,
        raw=row.raw,
        state=row.state,
        error=row.error,
        verdict=row.verdict,
        received_at=row.received_at,
        ticket=ticket,
        attachments=session.exec(files).all(),
        looks_after=oversees(staff, ticket) if ticket else not row.ticket_id,
        asked=asked,
        sides=sides,
        problem=problem,
    )


def sides_of(session: Session, ticket: Ticket) -> list[Side]:
    """The citizen, and each institution that has or had the ticket."""
    theirs = [
        Side(f"f{forwarding.id}", forwarding, session.get_one(Institution, forwarding.institution_id))
        for forwarding in forwardings_of(session, ticket.id or 0)
    ]
    return [Side(f"t{ticket.id}"), *theirs]


def likely(sides: Sequence[Side], sender: str) -> str:
    """The party whose address it is; the only one there is; else empty."""
    if len(sides) == 1:
        return sides[0].party
    theirs = [side.party for side in sides if side.institution and is_of(side.institution, sender)]
    return theirs[-1] if theirs else ""


def _asked(
    session: Session, staff: Staff, row: InboxRow, ref: str
) -> tuple[Ticket | None, Sequence[Side], Refused | None]:
    said = typed(ref).upper()
    if not said or row.state != State.HELD or not staff.coordinates:
        return None, (), None
    try:
        ticket = overseen_ticket(session, staff, said)
    except NotThere:
        return None, (), Refused("belongs", "ref", "no_such_ticket", 422, {"ref": ref})
    return ticket, sides_of(session, ticket), None


def _ticket(session: Session, staff: Staff, row: InboxRow) -> Ticket | None:
    """The one it belongs to, of those that the person may see."""
    numbers = session.exec(_brought(row.id or 0, Message.ticket_id)).all()
    found = [session.get_one(Ticket, number) for number in dict.fromkeys((*numbers, row.ticket_id)) if number]
    return next((one for one in found if oversees(staff, one) or forwarding_here(session, staff, one.ref)), None)


def _brought(inbox_id: int, column: Any) -> Any:
    """Of the messages that the letter brought."""
    return select(column).where(col(Message.inbox_id) == inbox_id, col(Message.direction) == Direction.IN)
