"""Reminds an institution of a question that it has: a coordinator does, and the ladder, by letter too."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session

from models.forwarding import Forwarding, ForwardingState
from models.institution import Institution
from models.moments import riga_date
from models.queue import Timer
from models.ticket import Ticket, record
from models.timers import put_once
from routing.telling_institution import holder_of, tell_them, write_them
from routing.triage import MAIL_IT, NotPossible

LETTER = "reminder_letter"
IMPATIENCE = timedelta(minutes=1)
"""within which a second click is the same reminder"""


def remind(session: Session, ticket: Ticket, forwarding: Forwarding, at: datetime, actor: str) -> None:
    """At its desk and by letter, once a day. Raises NotPossible."""
    if forwarding.state != ForwardingState.WAITING:
        raise NotPossible("this forwarding has ended already")
    if not may_remind(forwarding, at):
        if forwarding.reminded_at and at - forwarding.reminded_at < IMPATIENCE:
            return
        raise NotPossible("the institution was reminded today already")
    forwarding.reminded_at = at
    institution = session.get_one(Institution, forwarding.institution_id)
    record(session, ticket, "institution reminded", actor, at, institution=institution.code, due=forwarding.shown_due)
    key = f"reminded:{forwarding.id}:{riga_date(at)}"
    to = holder_of(session, forwarding)
    tell_them(session, ticket, forwarding, "institution reminded", key, at, to=to, due=forwarding.shown_due)
    write_them(session, ticket, forwarding, LETTER, key, at)


def may_remind(forwarding: Forwarding, at: datetime) -> bool:
    """Not twice on a day in Riga."""
    return forwarding.reminded_at is None or riga_date(forwarding.reminded_at) < riga_date(at)


def ladder_letters(session: Session, steps: Iterable[tuple[int, int, str]], at: datetime) -> None:
    """A letter for each step of an institution's term: the ticket, the forwarding, and what makes the step unique."""
    timers = [
        Timer(
            kind=MAIL_IT,
            ticket_id=ticket_id,
            key=f"ladder:{key}",
            due_at=at,
            data={"forwarding": forwarding_id, "letter": LETTER},
        )
        for ticket_id, forwarding_id, key in steps
    ]
    put_once(session, timers)
