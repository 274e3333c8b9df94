"""A question that turns out to be a formal submission: the terms of Iesniegumu likums count, not those of MK 400."""

from datetime import date, datetime

from sqlmodel import Session

from config.replies import reply
from models.clock import Clock, ClockKind
from models.contact import Contact
from models.message import Message, say
from models.moments import riga_date
from models.ticket import Procedure, Ticket, TicketState, record
from routing.clocks import Due, calendar_of, due, due_of, move_clock
from routing.shown import show_dues
from routing.triage import NotPossible, hand_to_people


def convert(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    received_on: date,
    reason: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
) -> Message:
    """It is a formal submission, received on that day; each running clock is counted anew. Raises NotPossible.

    What has stopped stays as it came out. The citizen is told the new date.
    """
    if ticket.procedure == Procedure.SUBMISSION:
        raise NotPossible("it is a formal submission already")
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    if not reason.strip():
        raise NotPossible("say why it is a formal submission")
    if not ticket.received_on <= received_on <= riga_date(at):
        raise NotPossible("the day of receipt lies before the question or in the future")
    answer = _answer_clock(ticket)
    late = calendar_of(answer).between(answer.due_on, riga_date(at))  # stays on the trail, though the date moves
    ticket.procedure = Procedure.SUBMISSION
    record(session, ticket, "converted", actor, at, received_on=received_on, reason=reason.strip(), days_late=late)
    if ticket.state == TicketState.CLARIFYING:
        hand_to_people(session, ticket, at, actor, "converted")
    for clock in _running(ticket):
        _count_anew(session, ticket, clock, received_on, at, actor)
    show_dues(session, [ticket.id or 0])
    return say(
        session,
        contact,
        ticket,
        reply(ticket.language, "converted", ref=ticket.ref, date=answer.due_on),
        at,
        pulled=pulled,
    )


def extend(
    session: Session,
    contact: Contact,
    ticket: Ticket,
    until: date,
    reason: str,
    at: datetime,
    actor: str,
    *,
    pulled: bool,
) -> Message:
    """Puts the answer off, four months from receipt at most, and tells the citizen why. Raises NotPossible."""
    if ticket.procedure != Procedure.SUBMISSION:
        raise NotPossible("only the answer to a formal submission can be put off")
    if not ticket.is_open:
        raise NotPossible("the ticket is answered already")
    if not reason.strip():
        raise NotPossible("say why the answer takes longer")
    answer = _answer_clock(ticket)
    if riga_date(at) > answer.due_on:
        raise NotPossible("the term has run out; it can be put off only before that")
    if until <= answer.due_on:
        raise NotPossible("the new date must be later than the one before")
    if until > last_day(ticket):
        raise NotPossible("that is later than the law allows")
    if not calendar_of(answer).works(until):
        raise NotPossible("that is a day off")
    record(session, ticket, "extended", actor, at, until=until, reason=reason.strip())
    for clock in _running(ticket):
        if clock.kind != ClockKind.FORWARD and clock.due_on < until:
            clock.extended_to = until
            move_clock(session, ticket, clock, until, at, actor, "extended")
    show_dues(session, [ticket.id or 0])
    text = reply(ticket.language, "extended", ref=ticket.ref, date=until, reason=reason.strip())
    return say(session, contact, ticket, text, at, pulled=pulled)


def converted_due(ticket: Ticket, clock: Clock, received_on: date) -> Due:
    """What a running clock becomes when the ticket is a formal submission received on that day."""
    start = max(clock.started_on, received_on)
    return due(
        clock.kind,
        start,
        calendar_of(clock).name,
        procedure=Procedure.SUBMISSION,
        received_on=ticket.received_on,
    )


def last_day(ticket: Ticket) -> date:
    """The latest day to which the answer may be put off. Iesniegumu likums, section 5."""
    answer = _answer_clock(ticket)
    return due_of(ticket, "extension", answer.started_on, answer.calendar).on


def _count_anew(session: Session, ticket: Ticket, clock: Clock, received_on: date, at: datetime, actor: str) -> None:
    when = converted_due(ticket, clock, received_on)
    clock.started_on, clock.rule = when.start, when.term.rule
    clock.working_days, clock.months = when.term.span.working_days, when.term.span.months
    clock.calendar, clock.calendar_version, clock.provisional = when.calendar, when.version, when.provisional
    move_clock(session, ticket, clock, when.on, at, actor, "converted")


def _running(ticket: Ticket) -> list[Clock]:
    return [clock for clock in ticket.clocks if clock.is_running]


def _answer_clock(ticket: Ticket) -> Clock:
    clock = ticket.running(ClockKind.ANSWER)
    if clock is None:
        raise NotPossible("the citizen has an answer already")
    return clock
