"""What the pages of a ticket and of a forwarding show, gathered in one reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from catalogue.titles import Title, titles
from models.clock import Clock, ClockKind, clocks_of
from models.contact import Contact
from models.forwarding import Answer, Forwarding, ForwardingState, answers_of, forwardings_of
from models.institution import Institution
from models.moments import now, riga_date
from models.service import Service, service_by_code
from models.staff import Person
from models.ticket import Event, Procedure, Ticket
from routing.delivery import DESK
from routing.delivery import LINK as BY_LINK
from routing.submission import converted_due, last_day
from web.desk.compose import Composing, composing
from web.desk.said import Said, conversation, letters_between
from web.desk.work import Inquired, Work, work_on
from web.portal import Portal
from web.signing import Signing

LINK = "forwarding"
"""purpose of the signature in an institution's link"""
LINK_DAYS = 30


@dataclass(frozen=True, slots=True)
class AtInstitution:
    forwarding: Forwarding
    institution: Institution
    answer: Answer | None
    link: str
    """opens the institution's page without a log-in; empty once it has ended"""
    letters: Sequence[Said] = ()
    work: Work | None = None
    """how the institution works on it"""

    @property
    def waits(self) -> bool:
        return self.forwarding.state == ForwardingState.WAITING

    @property
    def has_it_by_itself(self) -> bool:
        """By evidence from the institution, not by a coordinator's word."""
        return self.forwarding.delivered_by in (DESK, BY_LINK)


@dataclass(frozen=True, slots=True)
class TicketView:
    ticket: Ticket
    contact: Contact
    service: Service | None
    holder: Person | None
    said: Sequence[Said]
    clocks: Sequence[Clock]
    forwardings: Sequence[AtInstitution]
    composed: Sequence[Answer]
    """what coordinators wrote"""
    events: Sequence[Event]
    institutions: Mapping[str, Institution]
    """all, by code"""
    received_on: date
    """the day from which the terms of a formal submission would count"""
    foreseen: Sequence[tuple[Clock, date]]
    """the running clocks with their dates if this became a formal submission"""
    services: Sequence[Title]
    """of which a coordinator may choose the one that the question is about; none where it is too late"""
    compose: Composing
    last_day: date | None
    """to which the answer to a formal submission may be put off; none where it may not, or no more"""

    @property
    def newest(self) -> int:
        """The last thing that happened: what the page has seen."""
        return max((event.id or 0 for event in self.events), default=0)

    @property
    def suggested(self) -> list[Institution]:
        return [self.institutions[code] for code in self.ticket.suggested if code in self.institutions]

    @property
    def others(self) -> list[Institution]:
        asked = (one for one in self.institutions.values() if one.retired_at is None)
        return [one for one in asked if one.code not in self.ticket.suggested]

    @property
    def busy(self) -> set[str]:
        """Codes of the institutions that have it now."""
        return {at.institution.code for at in self.forwardings if at.waits}

    @property
    def parts(self) -> list[AtInstitution]:
        """What institutions answered, for the coordinator to make one answer of."""
        return [at for at in self.forwardings if at.answer is not None]

    @property
    def proposed(self) -> list[tuple[AtInstitution, Said]]:
        """Institutions' letters that wait until somebody says whether they are the answer."""
        return [(at, letter) for at in self.forwardings for letter in at.letters if letter.message.proposed]

    @property
    def draft(self) -> str:
        """What the one answer is made of, while it is to be written."""
        return self.compose.draft if self.ticket.is_open else ""

    @property
    def asking(self) -> list[tuple[AtInstitution, Inquired]]:
        """What institutions want to know from the citizen, which waits for the coordinator."""
        return [(at, at.work.asks) for at in self.forwardings if at.work and at.work.asks]


def view_of(session: Session, portal: Portal, ticket: Ticket, received_on: str = "") -> TicketView:
    """`received_on` is the day that somebody typed for a formal submission, to see what would come of it."""
    ticket_id = ticket.id or 0
    day = _receipt(ticket, received_on)
    institutions = {i.code: i for i in session.exec(select(Institution).order_by(col(Institution.code)))}
    answers, forwardings = answers_of(session, ticket_id), forwardings_of(session, ticket_id)
    letters = letters_between(session, forwardings)
    return TicketView(
        ticket=ticket,
        contact=session.get_one(Contact, ticket.contact_id),
        service=service_by_code(session, ticket.service_code) if ticket.service_code else None,
        holder=session.get(Person, ticket.taken_by) if ticket.taken_by else None,
        said=conversation(session, ticket_id),
        clocks=clocks_of(session, ticket_id),
        forwardings=[_at(session, portal, f, institutions, answers, letters[f.id or 0]) for f in forwardings],
        composed=[answer for answer in answers if answer.forwarding_id is None],
        events=session.exec(select(Event).where(col(Event.ticket_id) == ticket_id).order_by(col(Event.id))).all(),
        institutions=institutions,
        received_on=day,
        foreseen=_foreseen(ticket, day),
        services=titles(session) if ticket.is_open else (),
        compose=composing(session, portal, ticket),
        last_day=_last_day(ticket),
    )


def link_to(signing: Signing, link_base: str, forwarding_id: int) -> str:
    """The address that opens the forwarding for who holds it, for LINK_DAYS days from now."""
    return f"{link_base}/answer/{signing.sign_for_a_time(LINK, str(forwarding_id))}"


def _at(
    session: Session,
    portal: Portal,
    forwarding: Forwarding,
    institutions: Mapping[str, Institution],
    answers: Sequence[Answer],
    letters: Sequence[Said],
) -> AtInstitution:
    institution = next(one for one in institutions.values() if one.id == forwarding.institution_id)
    answer = next((answer for answer in answers if answer.forwarding_id == forwarding.id), None)
    waits = forwarding.state == ForwardingState.WAITING
    link = link_to(portal.signing, portal.settings.link_base, forwarding.id or 0) if waits else ""
    return AtInstitution(forwarding, institution, answer, link, letters, work_on(session, forwarding))


def _receipt(ticket: Ticket, typed: str) -> date:
    """The day typed where a submission can have been received then, else that of the question."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return ticket.received_on
    return day if ticket.received_on <= day <= riga_date(now()) else ticket.received_on


def _foreseen(ticket: Ticket, day: date) -> list[tuple[Clock, date]]:
    if not ticket.is_open or ticket.procedure == Procedure.SUBMISSION or not ticket.running(ClockKind.ANSWER):
        return []
    return [(clock, converted_due(ticket, clock, day).on) for clock in ticket.clocks if clock.is_running]


def _last_day(ticket: Ticket) -> date | None:
    answer = ticket.running(ClockKind.ANSWER)
    if answer is None or not ticket.is_open or ticket.procedure != Procedure.SUBMISSION:
        return None
    last = last_day(ticket)
    return last if riga_date(now()) <= answer.due_on < last else None
