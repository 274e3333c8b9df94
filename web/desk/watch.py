"""One open page of the desk: what it is told, and what concerns it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence

import orjson
from sqlmodel import Session

from models.presence import Looker
from web.desk.access import NotThere, overseen_ticket, shown_forwarding
from web.desk.changes import Change
from web.desk.presence import is_shown, said_of
from web.desk.seen import CITIZEN, COORDINATOR
from web.desk.words import Wording
from web.sessions import Staff

TICKET = "/desk/tickets/"
FORWARDING = "/desk/forwardings/"
LISTS = ("/desk", "/desk/forwardings")
RETRY = b"retry: 4000\n\n"
"""milliseconds until a browser comes back after the connection broke"""
BEAT = b":\n\n"
"""keeps proxies from cutting a silent connection"""


class Watch:
    """Frames wait here until the connection takes them; a newer one of the same kind takes an older one's place."""

    __slots__ = ("_bell", "_frames", "_told", "ended", "number", "person_id", "place", "secret", "shown", "staff",
                 "ticket_id", "w")  # fmt: skip

    def __init__(self, staff: Staff, place: str, ticket_id: int | None, w: Wording, number: int) -> None:
        self.staff = staff
        self.place = place
        self.ticket_id = ticket_id
        self.w = w
        self.number = number
        """of the newest event that it has been told of"""
        self.person_id = staff.person.id or 0
        self.secret = staff.session.token_hash if staff.session else ""
        self.shown = ticket_id is not None and is_shown(staff)
        """whether others at the page are told that the person is there"""
        self.ended = False
        self._told: Sequence[Looker] | None = None
        self._frames: dict[str, bytes] = {}
        self._bell = asyncio.Event()

    def concerns(self, change: Change) -> bool:
        if self.ticket_id is not None and change.ticket_id != self.ticket_id:
            return False
        if self.place.startswith(FORWARDING[:-1]) or not self.staff.oversees:
            return self.staff.looks_on or self.staff.institution.id in change.institutions
        return self.staff.looks_on or change.coordinator == self.staff.institution.code

    def tell(self, changes: Iterable[Change], number: int) -> None:
        """What is new; on a ticket's page also in words, but for what the person did himself."""
        mine = [change for change in changes if self.concerns(change)]
        self.number = max(self.number, number)
        if mine:
            kinds = COORDINATOR if self.place.startswith(TICKET) else CITIZEN
            told = [c.kind for c in mine if c.kind in kinds and c.actor != self.staff.login] if self.ticket_id else []
            said = [self.w.label("events", kind) for kind in dict.fromkeys(told)]
            self._put("changed", {"said": said})

    def tell_of(self, people: Iterable[Looker]) -> None:
        """Who else is at the same page, where that is not as it was told last."""
        if self.ticket_id is None:
            return
        here = [one for one in people if one.person_id != self.person_id]
        if here != (self._told or []):
            self._put("people", {"said": said_of(here, self.w)})
        self._told = here

    def beat(self) -> None:
        self._frames.setdefault("", BEAT)
        self._bell.set()

    def end(self, why: str = "") -> None:
        """`over`: the log-in has ended, so that the page need not come back."""
        self.ended = True
        if why:
            self._put(why, {})
        self._bell.set()

    async def frames(self) -> AsyncIterator[bytes]:
        """As they come, until the end."""
        yield RETRY
        while True:
            await self._bell.wait()
            self._bell.clear()
            if taken := self.taken():
                yield taken
            if self.ended:
                return

    def taken(self) -> bytes:
        """What waits."""
        frames, self._frames = self._frames, {}
        return b"".join(frames.values())

    def _put(self, event: str, data: dict[str, object]) -> None:
        text = orjson.dumps(data).decode()
        self._frames[event] = f"id: {self.number}\nevent: {event}\ndata: {text}\n\n".encode()
        self._bell.set()


def watched(session: Session, staff: Staff, place: str) -> int | None:
    """The ticket that the page is about, none for a list. Raises NotThere where the person may not see the page."""
    if place in LISTS:
        return None
    if place.startswith(TICKET):
        return overseen_ticket(session, staff, place.removeprefix(TICKET)).id
    number = place.removeprefix(FORWARDING)
    if not place.startswith(FORWARDING) or not number.isascii() or not number.isdigit() or len(number) > 9:
        raise NotThere
    return shown_forwarding(session, staff, int(number)).ticket_id
