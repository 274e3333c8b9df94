"""What narrows the coordinators' lists; it stands in the address, so that a list can be shared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import ColumnElement, String, cast
from sqlmodel import Session, col, select, union_all

from catalogue.titles import code_meant, titles
from models.forwarding import Forwarding
from models.institution import Institution
from models.moments import RIGA
from models.staff import Person
from models.ticket import Audience, Ticket, TicketState
from nlu.municipalities import all_places
from nlu.privacy import PERSONAL_CODE
from web.desk.queues import Queue, due_between, overseen
from web.desk.words import Wording
from web.sessions import Staff

DAYS = ("due_from", "due_to", "received_from", "received_to")
NAMES = ("institution", "channel", "in_language", "audience", "service", "municipality", "holder", "state", *DAYS)
NARROW = ("institution", "due_from", "due_to")
"""those that find few tickets by themselves"""
NOBODY = "-"
"""as a holder: nobody has taken it"""
LONGEST = 100


class Order:
    """By what a list is sorted."""

    DUE = "due"
    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked for."""

    queue: Queue | None
    """none: nothing was chosen"""
    words: str
    filters: Mapping[str, str]
    """by name, only those that are set"""
    order: str
    page: int
    private: bool = False
    """a personal code was left out of the words: it is not sought, and stands in no address"""
    unknown: Sequence[str] = field(default=())
    """names of filters with something that cannot be understood; they narrow nothing"""

    @property
    def list(self) -> Queue:
        """The queue that is shown: all where something is sought, else what has to be decided."""
        return self.queue or (Queue.ALL if self.words or self.filters else Queue.TRIAGE)

    def address(self, *without: str, **instead: str) -> str:
        """Of the same list, but for what is left out or set."""
        kept = {"queue": str(self.queue or ""), "q": self.words, **self.filters, "order": self.order} | instead
        said = [(name, value) for name, value in kept.items() if value and name not in without]
        return "/desk" + (f"?{urlencode(said)}" if said else "")


def asked_of(query: Mapping[str, str], queue: Queue | None, words: str, page: int) -> Asked:
    """What the address asks for; what it says that cannot be is told, and narrows nothing."""
    given = {name: query.get(name, "").replace("\x00", "").strip()[:LONGEST] for name in NAMES}
    given = {name: value for name, value in given.items() if value}
    unknown = [name for name, value in given.items() if name in DAYS and _day(value) is None]
    unknown += ["state"] if given.get("state", TicketState.TRIAGE) not in set(TicketState) else []
    order = query.get("order", "")
    plain = words.replace("\x00", "").strip()
    return Asked(
        queue,
        without_code(plain) if PERSONAL_CODE.search(plain) else plain,
        {name: value for name, value in given.items() if name not in unknown},
        order if order in (Order.DUE, Order.NEWEST, Order.BEST) else "",
        page,
        private=bool(PERSONAL_CODE.search(plain)) or "private" in query,
        unknown=tuple(unknown),
    )


def without_code(words: str) -> str:
    """What may be sought and stand in an address."""
    return " ".join(PERSONAL_CODE.sub(" ", words).split())


def narrowed(session: Session, staff: Staff, filters: Mapping[str, str]) -> list[ColumnElement[bool]]:
    """The conditions on tickets."""
    columns = {
        "channel": col(Ticket.channel),
        "in_language": col(Ticket.language),
        "audience": col(Ticket.audience),
        "municipality": col(Ticket.municipality),
        "state": col(Ticket.state),
    }
    conditions = [column == filters[name] for name, column in columns.items() if name in filters]
    if code := filters.get("institution"):
        conditions.append(_concerns(staff, code))
    if service := filters.get("service"):
        conditions.append(col(Ticket.service_code) == (code_meant(service, titles(session)) or service))
    if holder := filters.get("holder"):
        conditions.append(_held_by(holder))
    first, last = (_day(filters.get(f"due_{end}", "")) for end in ("from", "to"))
    if first or last:
        conditions.append(due_between(staff, first, last))
    if since := _day(filters.get("received_from", "")):
        conditions.append(col(Ticket.received_at) >= _midnight(since))
    if until := _day(filters.get("received_to", "")):
        conditions.append(col(Ticket.received_at) < _midnight(until + timedelta(days=1)))
    return conditions


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters may be set to, each with its words."""

    institution: Sequence[tuple[str, str]]
    channel: Sequence[tuple[str, str]]
    in_language: Sequence[tuple[str, str]]
    audience: Sequence[tuple[str, str]]
    municipality: Sequence[tuple[str, str]]
    holder: Sequence[tuple[str, str]]
    state: Sequence[tuple[str, str]]
    colleagues: Sequence[tuple[str, str]]
    """to whom a ticket may be given"""

    def of(self, name: str) -> Sequence[tuple[str, str]]:
        return getattr(self, name, ())

    def word(self, name: str, value: str, w: Wording) -> str:
        """How a filter that is set is told."""
        if name in DAYS:
            return w.day(date.fromisoformat(value))
        return next((word for key, word in self.of(name) if key == value), value)


def choices_of(session: Session, institution_id: int | None, w: Wording) -> Choices:
    """With the people of that coordinating institution; None: of all."""
    coordinates = select(Institution.id).where(col(Institution.coordinates).is_not(None))
    of_whom = coordinates if institution_id is None else [institution_id]
    people = session.exec(
        select(Person.login, Person.name, Person.active)
        .where(col(Person.institution_id).in_(of_whom), col(Person.role).in_(("coordinator", "lead")))
        .order_by(col(Person.name), col(Person.login))
    ).all()
    named = session.exec(select(Institution.code, Institution.name)).all()
    institutions = [(code, f"{name.get(w.language) or name['lv']} ({code})") for code, name in named]
    return Choices(
        institution=sorted(institutions, key=lambda one: one[1].casefold()),
        channel=_words_of(w, "channels"),
        in_language=_words_of(w, "language_names"),
        audience=[(one, w.label("audiences", one)) for one in Audience],
        municipality=[(one, w.place(one)) for one in all_places()],
        holder=[(NOBODY, w.t["filters"]["nobody"]), *((login, name or login) for login, name, _ in people)],
        state=[(one, w.label("states", one)) for one in TicketState],
        colleagues=[(login, name or login) for login, name, active in people if active],
    )


def _words_of(w: Wording, group: str) -> list[tuple[str, str]]:
    words: dict[str, Any] = w.t[group]
    return [(key, str(word)) for key, word in words.items()]


def _concerns(staff: Staff, code: str) -> ColumnElement[bool]:
    """Asked, or suggested while nobody has decided."""
    asked = select(Forwarding.ticket_id).join(Institution, col(Institution.id) == col(Forwarding.institution_id))
    undecided = select(Ticket.id).where(overseen(staff), col(Ticket.state) == TicketState.TRIAGE)
    suggested = cast(col(Ticket.suggested), String).contains(f'"{code}"', autoescape=True)
    return col(Ticket.id).in_(union_all(asked.where(col(Institution.code) == code), undecided.where(suggested)))


def _held_by(login: str) -> ColumnElement[bool]:
    if login == NOBODY:
        return col(Ticket.taken_by).is_(None)
    return col(Ticket.taken_by).in_(select(Person.id).where(col(Person.login) == login))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), RIGA)
