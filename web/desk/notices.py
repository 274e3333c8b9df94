"""The notices of a staff member: which ones are his, and what they say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models.absence import stands_in_for
from models.moments import now, riga_date
from models.staff import Notice, Person, Role
from models.ticket import Ticket
from web.desk.words import Wording
from web.sessions import Staff

MOST = 5
"""most notices shown at a time"""
EVERYBODY = ""
SEES = {Role.LEAD: (EVERYBODY, Role.LEAD, Role.COORDINATOR), Role.HEAD: (EVERYBODY, Role.HEAD, Role.CLERK)}
"""who sees more than what concerns his own role"""
ABOUT_RULES = ("calendar changed", "rules refused")
CALENDAR = "/desk/calendar"


@dataclass(frozen=True, slots=True)
class Note:
    """A notice in the reader's words."""

    id: int
    at: datetime
    refs: list[str]
    """of the tickets it is about, each a link"""
    text: str
    details: list[str]
    """as the program says them: file, line and reason"""
    page: str
    """where to look, besides the tickets"""


def notices_of(session: Session, staff: Staff, words: Wording) -> list[Note]:
    """What he has not seen yet, the newest first; none for administrators: a notice is for those who act."""
    if staff.looks_on:
        return []
    wanted = (
        select(Notice, Ticket.ref)
        .join(Ticket, col(Ticket.id) == col(Notice.ticket_id), isouter=True)
        .where(*_concerns(staff, _absent(session, staff)))
        .order_by(col(Notice.id).desc())
        .limit(MOST)
    )
    return [_note(notice, ref, staff, words) for notice, ref in session.exec(wanted)]


def mark_seen(session: Session, staff: Staff, ids: list[int]) -> None:
    """Only his own; other numbers are passed over."""
    for notice in session.exec(
        select(Notice).where(col(Notice.id).in_(ids), *_concerns(staff, _absent(session, staff)))
    ):
        notice.seen_at = now()


def _concerns(staff: Staff, instead_of: Sequence[Person]) -> tuple[ColumnElement[bool], ...]:
    does = [staff.person, *instead_of]  # his own work, and that of those whom he stands in for
    roles = {role for one in does for role in SEES.get(Role(one.role), (EVERYBODY, one.role))}
    whose = col(Notice.person_id).is_(None) & col(Notice.role).in_(roles)
    return (
        col(Notice.institution_id) == staff.institution.id,
        whose | col(Notice.person_id).in_([one.id for one in does]),
        col(Notice.seen_at).is_(None),
    )


def _absent(session: Session, staff: Staff) -> list[Person]:
    """Whose work he does today."""
    return stands_in_for(session, staff.person, riga_date(now()))


def _note(notice: Notice, ref: str | None, staff: Staff, words: Wording) -> Note:
    data = notice.data
    refs = [ref] if ref else [str(one) for one in data.get("refs", [])]
    page = CALENDAR if notice.kind in ABOUT_RULES and staff.coordinates else ""
    details = [str(flaw) for flaw in data.get("flaws", [])]
    return Note(notice.id or 0, notice.at, refs, _text(notice, words), details, page)


def _text(notice: Notice, words: Wording) -> str:
    """The words of its kind, filled with its dates and numbers."""
    filling = {name: value for name, value in notice.data.items() if isinstance(value, str | int)}
    if "due" in filling:
        filling["due"] = words.day(date.fromisoformat(str(filling["due"])))
    if "days" in filling:
        filling["late"] = words.counted("late_by", int(filling["days"]))
    try:
        return words.label("notices", notice.kind).format(**filling)
    except (KeyError, IndexError):  # left by an earlier version, with less in it
        return words.label("notices", notice.kind).split("{")[0].rstrip(" ,:;(–")
