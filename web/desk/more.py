"""What a ticket's page shows besides the ticket itself: notes among the messages, other tickets, canned replies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, func, select

from models.canned import CannedReply, canned_for
from models.message import Author, Direction
from models.moments import now
from models.note import Note, notes_of
from models.staff import Person
from models.ticket import Ticket
from models.ticket_link import Kind, TicketLink, links_of
from models.translation import Translation, translations_of
from nlu.municipalities import all_places
from nlu.privacy import mask
from web.desk.colleagues import colleagues, may_mend
from web.desk.said import Said
from web.desk.view import TicketView
from web.sessions import Staff

REASONS = ("to_answer", "to_institution", "to_check")
"""why somebody may look at what is masked"""
EARLIER = 5
"""earlier tickets of the same contact that are shown"""


@dataclass(frozen=True, slots=True)
class Noted:
    """A note, and whether this reader may change it."""

    note: Note
    author: Person
    mine: bool


@dataclass(frozen=True, slots=True)
class Linked:
    link: TicketLink
    other: Ticket

    @property
    def how(self) -> str:
        """A key of the words: how the other ticket belongs to this one."""
        way = "out" if self.link.other_id == self.other.id else "in"
        return self.link.kind if self.link.kind == Kind.DUPLICATE else f"{self.link.kind}_{way}"


@dataclass(frozen=True, slots=True)
class More:
    talk: Sequence[Said | Noted]
    """messages and notes in the order of time"""
    canned: Sequence[CannedReply]
    colleagues: Sequence[Person]
    earlier: Sequence[Ticket]
    earlier_count: int
    links: Sequence[Linked]
    translations: Mapping[int, Translation]
    """by message, into the reader's language"""
    translates: bool
    """whether an engine is set up"""
    places: Sequence[str]
    revealed: Mapping[int, str] = field(default_factory=dict)
    """by message, the text that is shown once without a mask"""
    reasons: Sequence[str] = REASONS

    @property
    def merged(self) -> Linked | None:
        """Into what this ticket was merged."""
        return next((one for one in self.links if one.how == f"{Kind.MERGED}_out"), None)

    @property
    def may_split(self) -> bool:
        return sum(isinstance(one, Said) and one.message.author == Author.CITIZEN for one in self.talk) > 1

    @staticmethod
    def is_note(one: Said | Noted) -> bool:
        return isinstance(one, Noted)

    def hides(self, one: Said) -> bool:
        """Whether something of the message is masked."""
        return one.message.direction == Direction.IN and mask(one.message.text) != one.message.text

    def translation(self, one: Said) -> Translation | None:
        """Of the text as it is now."""
        kept = self.translations.get(one.message.id or 0)
        return kept if kept is not None and kept.of == mask(one.message.text) else None


def more_of(
    session: Session, staff: Staff, view: TicketView, language: str, *, translates: bool, revealed: Mapping[int, str]
) -> More:
    ticket = view.ticket
    notes = _noted(session, staff, ticket)
    earlier = select(Ticket).where(col(Ticket.contact_id) == ticket.contact_id, col(Ticket.id) != ticket.id)
    overseen = earlier if staff.looks_on else earlier.where(col(Ticket.coordinator) == ticket.coordinator)
    return More(
        talk=sorted([*view.said, *notes], key=_moment),
        canned=canned_for(session, staff.person, staff.institution) if staff.coordinates else (),
        colleagues=colleagues(session, ticket) if staff.coordinates else (),
        earlier=session.exec(overseen.order_by(col(Ticket.id).desc()).limit(EARLIER)).all(),
        earlier_count=session.exec(select(func.count()).select_from(overseen.subquery())).one(),
        links=_links(session, ticket),
        translations=translations_of(session, [one.message.id or 0 for one in view.said], language),
        translates=translates,
        places=sorted(all_places()) if staff.coordinates and ticket.is_open else (),
        revealed=revealed,
    )


def _noted(session: Session, staff: Staff, ticket: Ticket) -> list[Noted]:
    at = now()
    return [
        Noted(note, session.get_one(Person, note.author_id), staff.coordinates and may_mend(note, staff.person, at))
        for note in notes_of(session, [ticket.id or 0])
    ]


def _links(session: Session, ticket: Ticket) -> list[Linked]:
    found = []
    for link in links_of(session, ticket.id or 0):
        other = session.get_one(Ticket, link.other_id if link.ticket_id == ticket.id else link.ticket_id)
        found.append(Linked(link, other))
    return found


def _moment(one: Said | Noted) -> datetime:
    return one.note.at if isinstance(one, Noted) else one.message.at
