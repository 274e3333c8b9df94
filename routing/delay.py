"""Whose delay it was: asked once, when a clock stops late, and frozen with its outcome.

The rule. To forward, and to answer what was forwarded, is the duty of the clock's owner, and so is the delay.

The citizen's answer is late by days, and each day after its due date is the delay of whoever had the question that
morning:

- an institution whose own term had run out by then (several: each of them). On the due date itself too: who had it
  longer than its term left the coordinator no time;
- the coordinator, where no institution had it: it was not forwarded, never arrived, came back, or its parts lay there;
- the coordinator as well, where an institution had it still within its own term: the coordinator, who owes the answer,
  gave it away late or to the wrong one first;
- nobody new, where an institution had it in time and within its term since another had kept it too long before.

So a late forwarding does not excuse an institution that then took longer than its own six days, and an institution that
was late does not excuse a coordinator who then sat on its part. What never arrived is nobody's delay but the
coordinator's.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlmodel import Session

from models.clock import Clock, ClockKind
from models.forwarding import Forwarding, ForwardingState, forwardings_of
from models.moments import riga_date
from models.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Stay:
    """The question at one institution that had got it."""

    institution: str
    since: date
    until: date | None
    """none: it has it still"""
    due_on: date
    forwarded_late: bool

    def has_it(self, on: date) -> bool:
        """In the morning of that day."""
        return self.since < on and (self.until is None or self.until >= on)

    def is_overdue(self, on: date) -> bool:
        return self.has_it(on) and on > self.due_on


def delayed_by(session: Session, ticket: Ticket, clock: Clock) -> str:
    """The code of the institution whose delay it was; of several all, parted by commas, in the order of the alphabet.

    Of a clock that has stopped late; the rule stands at the top of this file.
    """
    if clock.kind != ClockKind.ANSWER or clock.stopped_at is None:
        return clock.owner
    stays = list(_stays(ticket, forwardings_of(session, ticket.id or 0)))
    late = {stay.institution for stay in stays if stay.is_overdue(clock.due_on)}
    for on in _days_after(clock.due_on, riga_date(clock.stopped_at)):
        late |= _of_the_day(stays, on, clock.owner, late)
    return ",".join(sorted(late)) or clock.owner


def _of_the_day(stays: Sequence[Stay], on: date, coordinator: str, before: set[str]) -> set[str]:
    having = [stay for stay in stays if stay.has_it(on)]
    if overdue := {stay.institution for stay in having if stay.is_overdue(on)}:
        return overdue
    got_it_late_from_another = having and before - {coordinator} and not any(stay.forwarded_late for stay in having)
    return set() if got_it_late_from_another else {coordinator}


def _stays(ticket: Ticket, forwardings: Sequence[Forwarding]) -> Iterator[Stay]:
    clocks = {clock.forwarding_id: clock for clock in ticket.clocks if clock.kind == ClockKind.INSTITUTION}
    for forwarding in forwardings:
        if forwarding.delivered_at is None or forwarding.state == ForwardingState.UNDELIVERED:
            continue
        clock = clocks[forwarding.id]
        until = riga_date(forwarding.ended_at) if forwarding.ended_at else None
        yield Stay(clock.owner, riga_date(forwarding.delivered_at), until, clock.due_on, forwarding.late)


def _days_after(first: date, last: date) -> Iterator[date]:
    """Days off too: who has a question over the weekend after its term has it late."""
    for n in range(1, (last - first).days + 1):
        yield first + timedelta(days=n)
