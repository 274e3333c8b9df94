"""An institution's answer goes out when its head has approved it, where the institution wants that.

The law's clocks run on meanwhile: they stop when the answer is sent, not when it is written.
"""

from datetime import datetime

from sqlmodel import Session, col, select

from models.absence import stands_in_for
from models.approval import Approval, ApprovalState, waiting_approval
from models.contact import Contact
from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.message import Message, attach_copies
from models.moments import riga_date
from models.staff import Person, Role
from models.ticket import Ticket, record
from routing.answering import institution_answers, worded
from routing.delivery import delivered_by_hand
from routing.telling_institution import person_called, tell_them, write_them
from routing.triage import NotPossible

TO_APPROVE = "draft to approve"


def hand_in(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    forwarding: Forwarding,
    institution: Institution,
    text: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
    reachable: bool = True,
    person: Person | None = None,
    letter: Message | None = None,
) -> Message | None:
    """The institution's answer: at once, or to its head first, where it wants that and `person` may not approve.

    `letter` brought it. Returns the message that goes to the citizen, if one does. Raises NotPossible.
    """
    if not waits_for_head(session, institution, person, at):
        return institution_answers(
            session, contact, ticket, forwarding, institution, text, at, actor, pulled=pulled, reachable=reachable
        )
    if forwarding.state != ForwardingState.WAITING:
        raise NotPossible("this forwarding has ended already")
    text = worded(text)
    before = waiting_approval(session, forwarding.id or 0)
    if before is not None and (before.text, before.author) == (text, actor):  # an impatient second click
        return None
    if before is not None:
        before.state, before.decided_by, before.decided_at = ApprovalState.REPLACED, actor, at
        session.flush()
    delivered_by_hand(session, ticket, forwarding, at, actor)
    approval = Approval(
        forwarding_id=forwarding.id or 0, author=actor, text=text, at=at, message_id=letter.id if letter else None
    )
    session.add(approval)
    session.flush()
    record(session, ticket, "draft handed in", actor, at, institution=institution.code)
    key, due = f"approve:{approval.id}", forwarding.shown_due
    tell_them(session, ticket, forwarding, TO_APPROVE, key, at, role=Role.HEAD, due=due)
    return None


def waits_for_head(session: Session, institution: Institution, person: Person | None, at: datetime) -> bool:
    """Whether what the person answers has to be approved; None answers by link or letter.

    Where an institution has no head who could approve, its answers go out: nothing may wait for nobody.
    """
    if not institution.approval or (person is not None and may_approve(session, person, at)):
        return False
    heads = select(Person.id).where(
        col(Person.institution_id) == institution.id, col(Person.active), col(Person.role) == Role.HEAD
    )
    return session.exec(heads.limit(1)).first() is not None


def may_approve(session: Session, person: Person, at: datetime) -> bool:
    """A head, or who stands in for one today."""
    if person.role == Role.HEAD:
        return True
    return any(one.role == Role.HEAD for one in stands_in_for(session, person, riga_date(at)))


def approve(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    forwarding: Forwarding,
    institution: Institution,
    approval: Approval,
    text: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
    reachable: bool = True,
) -> Message | None:
    """The head lets the answer go out, in the words `text`. Raises NotPossible."""
    text = worded(text)
    if approval.state == ApprovalState.APPROVED and approval.decided_by == actor:  # an impatient second click
        return None
    _decide(approval, ApprovalState.APPROVED, at, actor)
    changed = text != approval.text
    record(session, ticket, "draft approved", actor, at, institution=institution.code, changed=changed)
    sent = institution_answers(
        session,
        contact,
        ticket,
        forwarding,
        institution,
        text,
        at,
        actor,
        pulled=pulled,
        author=approval.author,
        reachable=reachable,
    )
    if sent is not None and approval.message_id:
        session.flush()
        attach_copies(session, [approval.message_id], sent)
    return sent


def send_back(
    session: Session, ticket: Ticket, forwarding: Forwarding, approval: Approval, remark: str, at: datetime, actor: str
) -> None:
    """The head wants another answer, and says why. Raises NotPossible."""
    if approval.state == ApprovalState.SENT_BACK and approval.decided_by == actor:
        return
    _decide(approval, ApprovalState.SENT_BACK, at, actor)
    approval.remark = remark
    code = session.get_one(Institution, forwarding.institution_id).code
    record(session, ticket, "draft sent back", actor, at, institution=code, reason=remark)
    author = person_called(session, approval.author)
    key = f"sent back:{approval.id}"
    tell_them(session, ticket, forwarding, "draft sent back", key, at, to=author, due=forwarding.shown_due)
    if author is None or author.institution_id != forwarding.institution_id:  # it came by link or letter
        write_them(session, ticket, forwarding, "sent_back_letter", key, at, about=approval.id or 0)


def _decide(approval: Approval, state: ApprovalState, at: datetime, actor: str) -> None:
    if approval.state != ApprovalState.WAITING:
        raise NotPossible("somebody else has decided about this answer meanwhile")
    approval.state, approval.decided_by, approval.decided_at = state, actor, at
