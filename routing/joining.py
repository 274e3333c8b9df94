"""Two tickets are merged for the one answer.

The terms of the law are each citizen's own (docs/decisions/0023-merged-questions.md): the earliest receipt counts for
what is done about merged tickets, and each one's clock runs until its own citizen has the answer.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from config.replies import reply
from models.clock import Clock, ClockKind
from models.contact import Contact
from models.forwarding import WITH_A_SAY, forwardings_of
from models.message import Author, Message, attach_copies, say
from models.moments import riga_date
from models.service import Receipt
from models.ticket import WITH_PEOPLE, Procedure, Ticket, TicketState, locked, record
from models.ticket_link import Kind, merged_into, merging_of, new_link
from routing.answering import answer_was_sent
from routing.clocks import (
    calendar_of,
    move_clock,
    reopen_clock,
    span_of,
    stop_clock,
    stop_running,
)
from routing.shown import show_dues
from routing.triage import NotPossible


def merge(session: Session, ticket: Ticket, into: Ticket, at: datetime, actor: str) -> None:
    """`ticket` is answered together with `into`, which keeps its number. Both are locked. Raises NotPossible."""
    _may_be_merged(session, ticket, into)
    if before := merging_of(session, ticket.id or 0):  # merged and answered once, and opened again since
        before.end(at, actor)
        session.flush()
    link = new_link(session, Kind.MERGED, ticket.id or 0, into.id or 0, at, actor)
    clock = ticket.running(ClockKind.FORWARD)
    link.was = {
        "state": ticket.state,
        "attention": ticket.attention,
        "forward": clock.id if clock else None,
        "moved": _count_from_the_earliest(session, ticket, into, at, actor),
    }
    if clock:  # whose duty it is now has been done, or is the other ticket's; what ran out before stays late
        done = into.running(ClockKind.FORWARD) is None
        stop_clock(session, ticket, clock, at, actor, needed=done or riga_date(at) > clock.due_on)
    into.attention = into.attention or ticket.attention
    ticket.state, ticket.attention = TicketState.MERGED, ""
    record(session, ticket, "merged", actor, at, into=into.ref)
    record(session, into, "merged in", actor, at, other=ticket.ref)


def undo_merge(session: Session, ticket: Ticket, at: datetime, actor: str) -> None:
    """Each is answered by itself again, by its own dates. Raises NotPossible once an answer was sent."""
    link = merging_of(session, ticket.id or 0)
    if link is None:
        raise NotPossible("the question is not merged any more")
    into = locked(session, link.other_id)
    if ticket.state != TicketState.MERGED or not into.is_open:
        raise NotPossible("the answer was sent already")
    for number, start in link.was["moved"]:
        clock = session.get_one(Clock, number)
        if clock.is_running:
            clock.started_on = type(clock.started_on).fromisoformat(start)
            on = span_of(clock).end(calendar_of(clock), clock.started_on)
            move_clock(session, into, clock, on, at, actor, "merging undone")
    show_dues(session, [into.id or 0])
    if link.was["forward"]:
        reopen_clock(session, ticket, session.get_one(Clock, link.was["forward"]), at, actor)
    ticket.state, ticket.attention = link.was["state"], ticket.attention or link.was["attention"]
    link.end(at, actor)
    record(session, ticket, "merging undone", actor, at, into=into.ref)
    record(session, into, "merging undone", actor, at, other=ticket.ref)


def answer_too(session: Session, ticket_id: int, message_id: int, at: datetime, pulled: Collection[str]) -> None:
    """The citizen of a merged ticket gets the answer that the other one got, under his own number, in his channel."""
    ticket = locked(session, ticket_id)
    if ticket.state != TicketState.MERGED:  # no longer merged
        return
    answer = session.get_one(Message, message_id)
    other = session.get_one(Ticket, answer.ticket_id)
    contact = session.get_one(Contact, ticket.contact_id)
    message = say(
        session,
        contact,
        ticket,
        _under_own_number(answer, other, ticket),
        at,
        pulled=contact.channel in pulled,
        author=Author(answer.author),
        author_name=answer.author_name,
        choices=[one | {"value": one["value"].replace(other.ref, ticket.ref)} for one in answer.choices],
        source=answer.source,
        answers=True,
        language=answer.language,
    )
    session.flush()
    attach_copies(session, [message_id], message)
    _copy_receipts(session, answer, ticket, message)
    ticket.state, ticket.attention = TicketState.ANSWERED, ""
    record(session, ticket, "answered", "bot", at, other=other.ref)
    stop_running(session, ticket, ClockKind.FORWARD, at, "bot", needed=False)
    if contact.channel in pulled:
        answer_was_sent(session, ticket, at)


def _may_be_merged(session: Session, ticket: Ticket, into: Ticket) -> None:
    if ticket.id == into.id:
        raise NotPossible("a question cannot be joined with itself")
    if into.state not in WITH_PEOPLE or into.state == TicketState.MERGED:
        raise NotPossible("the other question is not open")
    if Procedure.SUBMISSION in (ticket.procedure, into.procedure):
        raise NotPossible("a formal submission is answered by itself")
    said = any(forwarding.state in WITH_A_SAY for forwarding in forwardings_of(session, ticket.id or 0))
    if ticket.state != TicketState.TRIAGE or said:
        raise NotPossible("only a question that waits for a decision can be merged into another")
    others = [session.get_one(Ticket, link.ticket_id) for link in merged_into(session, ticket.id or 0)]
    if any(other.state == TicketState.MERGED for other in others):
        raise NotPossible("others were merged into this question; merge the other way round")


def _count_from_the_earliest(
    session: Session, ticket: Ticket, into: Ticket, at: datetime, actor: str
) -> list[tuple[int | None, str]]:
    """Who asked first must not wait longer for that: clocks of `into` run by the earlier date. The clocks it moved,
    each with the day that it was counted from.
    """
    moved = []
    for kind in (ClockKind.FORWARD, ClockKind.ANSWER):
        its, theirs = into.running(kind), ticket.running(kind)
        if its and theirs and theirs.due_on < its.due_on:
            moved.append((its.id, its.started_on.isoformat()))
            its.started_on = theirs.started_on
            move_clock(session, into, its, theirs.due_on, at, actor, "merged")
    if moved:
        show_dues(session, [into.id or 0])
    return moved


def _under_own_number(answer: Message, other: Ticket, ticket: Ticket) -> str:
    """What people wrote begins with the number of the question (routing/answering.py); each has his own."""
    heads = (
        reply(language, "person_answers", name=answer.author_name, ref=one.ref)
        for one, language in ((other, other.language), (ticket, ticket.language))
    )
    its, own = heads
    return own + answer.text.removeprefix(its) if answer.text.startswith(its) else answer.text


def _copy_receipts(session: Session, answer: Message, ticket: Ticket, message: Message) -> None:
    """He may rely on the catalogue text too."""
    for receipt in session.exec(select(Receipt).where(col(Receipt.message_id) == answer.id)).all():
        kept = receipt.model_dump(exclude={"id", "ticket_id", "message_id"})
        session.add(Receipt(**kept, ticket_id=ticket.id or 0, message_id=message.id or 0))
