"""An institution asks the citizen something, through the coordinator. No clock pauses for it."""

from datetime import datetime

from sqlmodel import Session, col, select

from config.replies import reply
from models.contact import Contact
from models.forwarding import Forwarding, ForwardingState
from models.inquiry import Inquiry, InquiryState, asked_about, inquiries_of
from models.institution import Institution, institution_by_code
from models.message import Author, Message, say
from models.ticket import Ticket, record
from routing.answering import worded
from routing.delivery import delivered_by_hand
from routing.dropping import INQUIRY, asked_enough
from routing.telling_institution import holder_of, tell_them, write_them
from routing.triage import NotPossible, tell_coordinator


def ask(session: Session, ticket: Ticket, forwarding: Forwarding, text: str, at: datetime, actor: str) -> None:
    """The institution's question waits for the coordinator. Raises NotPossible."""
    if forwarding.state != ForwardingState.WAITING:
        raise NotPossible("this forwarding has ended already")
    text = worded(text)
    waiting = [one for one in inquiries_of(session, forwarding.id or 0) if one.state == InquiryState.WAITING]
    if waiting and (waiting[0].text, waiting[0].author) == (text, actor):  # an impatient second click
        return
    if waiting:
        raise NotPossible("a question of yours waits for the coordinator already")
    delivered_by_hand(session, ticket, forwarding, at, actor)
    inquiry = Inquiry(forwarding_id=forwarding.id or 0, author=actor, text=text, at=at)
    session.add(inquiry)
    session.flush()
    ticket.attention = INQUIRY
    record(session, ticket, INQUIRY, actor, at, institution=_institution(session, forwarding).code)
    tell_coordinator(session, ticket, INQUIRY, f"inquiry:{inquiry.id}", at)


def send_on(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    forwarding: Forwarding,
    inquiry: Inquiry,
    text: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
    reachable: bool = True,
) -> Message | None:
    """The coordinator asks the citizen, in the words `text`; None where he has done so already. Raises NotPossible."""
    text = worded(text)
    if (inquiry.state, inquiry.decided_by, inquiry.asked) == (InquiryState.ASKED, actor, text):
        return None
    if not reachable:
        raise NotPossible("the citizen cannot be reached there now")
    _decide(session, ticket, inquiry, InquiryState.ASKED, at, actor)
    inquiry.asked = text
    institution, coordinator = _institution(session, forwarding), institution_by_code(session, ticket.coordinator)
    head = reply(ticket.language, "institution_asks", name=institution.called(ticket.language), ref=ticket.ref)
    message = say(
        session,
        contact,
        ticket,
        f"{head}\n\n{text}",
        at,
        pulled=pulled,
        author=Author.COORDINATOR,
        author_name=coordinator.called(ticket.language) if coordinator else ticket.coordinator,
    )
    session.flush()
    inquiry.message_id = message.id
    changed = text != inquiry.text
    record(session, ticket, "citizen asked", actor, at, institution=institution.code, changed=changed)
    return message


def decline(
    session: Session, ticket: Ticket, forwarding: Forwarding, inquiry: Inquiry, reason: str, at: datetime, actor: str
) -> None:
    """The coordinator does not ask the citizen, and says why. Raises NotPossible."""
    if inquiry.state == InquiryState.DECLINED and inquiry.decided_by == actor:
        return
    _decide(session, ticket, inquiry, InquiryState.DECLINED, at, actor)
    inquiry.reason = reason
    code = _institution(session, forwarding).code
    record(session, ticket, "inquiry declined", actor, at, institution=code, reason=reason)
    _tell(session, ticket, forwarding, inquiry, "inquiry declined", "declined_letter", at)


def citizen_replied(session: Session, ticket: Ticket, message: Message, at: datetime) -> bool:
    """What the citizen wrote goes to the institutions that wanted to know something; True where any did."""
    asked = asked_about(session, ticket.id or 0)
    for inquiry, forwarding in asked:
        inquiry.state, inquiry.reply_id = InquiryState.REPLIED, message.id
        record(session, ticket, "citizen replied", "citizen", at, institution=_institution(session, forwarding).code)
        _tell(session, ticket, forwarding, inquiry, "citizen replied", "reply_letter", at)
    return bool(asked)


def is_no_reply(session: Session, message: Message) -> None:
    """What was taken for the reply is another question: the institution still waits for one."""
    for inquiry in session.exec(select(Inquiry).where(col(Inquiry.reply_id) == message.id)):
        if inquiry.state == InquiryState.REPLIED:
            inquiry.state, inquiry.reply_id = InquiryState.ASKED, None


def _tell(
    session: Session, ticket: Ticket, forwarding: Forwarding, inquiry: Inquiry, kind: str, letter: str, at: datetime
) -> None:
    key = f"{kind}:{inquiry.id}"
    to = holder_of(session, forwarding)
    tell_them(session, ticket, forwarding, kind, key, at, to=to, due=forwarding.shown_due)
    write_them(session, ticket, forwarding, letter, key, at, about=inquiry.id or 0)


def _decide(session: Session, ticket: Ticket, inquiry: Inquiry, state: InquiryState, at: datetime, actor: str) -> None:
    if inquiry.state != InquiryState.WAITING:
        raise NotPossible("somebody else has decided about this question meanwhile")
    inquiry.state, inquiry.decided_by, inquiry.decided_at = state, actor, at
    asked_enough(session, ticket)


def _institution(session: Session, forwarding: Forwarding) -> Institution:
    return session.get_one(Institution, forwarding.institution_id)
