"""Who else looks at a page and who types there, in words."""

from collections.abc import Iterable

from sqlmodel import Session

from models.moments import now
from models.presence import Looker, lookers, looks
from models.staff import Role
from web.desk.words import Wording
from web.sessions import Staff

ACTING = (Role.COORDINATOR, Role.LEAD, Role.CLERK, Role.HEAD)
"""who is shown to others: somebody who only looks on is in nobody's way"""


def is_shown(staff: Staff) -> bool:
    return staff.person.role in ACTING


def look_in(session: Session, staff: Staff, place: str) -> list[Looker]:
    """The person has opened the page; who else is there."""
    at = now()
    if is_shown(staff):
        looks(session, place, staff.person.id or 0, at)
    return [one for one in lookers(session, at, place) if one.person_id != staff.person.id]


def said_of(people: Iterable[Looker], w: Wording) -> list[str]:
    """One sentence for each."""
    return [w.t["people"]["types" if one.types else "looks"].format(name=one.name) for one in people]
