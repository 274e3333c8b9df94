"""How an institution works on what it has: who holds it, what waits for the head, what the citizen was asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.absence import Absence, absences_of
from models.approval import Approval, ApprovalState, approvals_of
from models.forwarding import Forwarding
from models.inquiry import Inquiry, inquiries_of
from models.institution import Institution
from models.message import Message
from models.moments import now, riga_date
from models.staff import Person
from routing.approval import may_approve, waits_for_head
from routing.delegation import may_hold
from routing.reminding import may_remind
from web.sessions import Staff


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the institution, and who stands in for him while he is away."""

    person: Person
    absence: Absence | None = None
    substitute: Person | None = None

    @property
    def name(self) -> str:
        return self.person.name or self.person.login


@dataclass(frozen=True, slots=True)
class Inquired:
    inquiry: Inquiry
    reply: Message | None


@dataclass(frozen=True, slots=True)
class Work:
    """What coordinators see of it too."""

    holder: Colleague | None
    meant: Colleague | None
    """for whom the holder stands in"""
    waiting: Approval | None
    """the answer that waits for the head"""
    sent_back: Approval | None
    """the newest answer, where the head wants another one"""
    inquired: Sequence[Inquired]
    may_remind: bool

    @property
    def asks(self) -> Inquired | None:
        """What waits for the coordinator."""
        return next((one for one in self.inquired if one.inquiry.state == "waiting"), None)


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What the institution's own page shows besides."""

    work: Work
    colleagues: Sequence[Colleague] = ()
    """to whom it may be delegated; none for who came by link"""
    may_approve: bool = False
    needs_approval: bool = False
    """what this visitor answers waits for the head"""


def work_on(session: Session, forwarding: Forwarding) -> Work:
    approvals = approvals_of(session, forwarding.id or 0)
    last = approvals[-1] if approvals else None
    people = [one for one in (forwarding.held_by, forwarding.held_for) if one]
    known = colleagues(session, [session.get_one(Person, one) for one in people])
    return Work(
        holder=known.get(forwarding.held_by or 0),
        meant=known.get(forwarding.held_for or 0),
        waiting=last if last and last.state == ApprovalState.WAITING else None,
        sent_back=last if last and last.state == ApprovalState.SENT_BACK else None,
        inquired=[
            Inquired(one, session.get(Message, one.reply_id) if one.reply_id else None)
            for one in inquiries_of(session, forwarding.id or 0)
        ],
        may_remind=may_remind(forwarding, now()),
    )


def own_work_on(session: Session, forwarding: Forwarding, institution: Institution, staff: Staff | None) -> OwnWork:
    """`staff` is none for who came by link."""
    work, person = work_on(session, forwarding), staff.person if staff else None
    needs = waits_for_head(session, institution, person, now())
    if person is None or person.institution_id != forwarding.institution_id:
        return OwnWork(work, needs_approval=needs)
    there = session.exec(select(Person).where(col(Person.institution_id) == institution.id)).all()
    able = colleagues(session, [one for one in there if may_hold(one, forwarding)])
    return OwnWork(
        work,
        sorted(able.values(), key=lambda one: one.name),
        may_approve=work.waiting is not None and may_approve(session, person, now()),
        needs_approval=needs,
    )


def colleagues(session: Session, people: Sequence[Person]) -> Mapping[int, Colleague]:
    """By their numbers, with today's absences."""
    today = riga_date(now())
    absences = absences_of(session, [one.id or 0 for one in people], today) if people else []
    away = {one.person_id: one for one in absences if one.first <= today}
    found = {}
    for one in people:
        absence = away.get(one.id or 0)
        found[one.id or 0] = Colleague(one, absence, session.get(Person, absence.substitute_id) if absence else None)
    return found
