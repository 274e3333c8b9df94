"""Tells people of the steps that were taken: a notice at the desk, and a message where they have an address for it.

Many steps for one role at once become one digest. The notice, its messages and the mark on the steps are one
transaction, so nobody is told twice and nothing is forgotten.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from config.replies import reply
from models.clock import Clock, ClockKind, Outcome
from models.contact import Contact
from models.message import say
from models.staff import Notice, Person, notify
from models.step import UNTOLD_SQL, StepTaken
from models.ticket import Ticket
from routing.escalation import AT_COORDINATOR
from routing.rules import in_force

MOST = 5_000
"""steps in one transaction"""
LISTED = 20
"""tickets named in a digest; the desk lists them all"""
Taken = tuple[StepTaken, Clock, str]
"""with the clock as it is now, and the ticket's number"""


def tell(session: Session, at: datetime, desk: str) -> int:
    """Leaves the notices that are due; returns how many steps it looked at, so call again while it is MOST.

    `desk` is the address of the desk, which messages link to.
    """
    untold: list[Taken] = [
        (step, clock, ref)
        for step, clock, ref in session.exec(
            select(StepTaken, Clock, Ticket.ref)
            .join(Clock, col(Clock.id) == col(StepTaken.clock_id))
            .join(Ticket, col(Ticket.id) == col(StepTaken.ticket_id))
            .where(text(f"step_taken.{UNTOLD_SQL}"))
            .order_by(col(StepTaken.institution_id), col(StepTaken.role), col(StepTaken.id))
            .limit(MOST)
            .with_for_update(skip_locked=True, of=StepTaken)
        )
    ]
    marks = []
    for (institution_id, role), group in groupby(untold, key=lambda one: (one[0].institution_id, one[0].role)):
        steps = list(group)
        said: dict[int | None, int | None] = {}
        for notice, about in _notices(session, institution_id, role, _latest(steps), at):
            session.flush()
            _send(session, notice, desk, at)
            said |= {step.id: notice.id for step, _, _ in about}
        marks += [{"id": step.id, "told_at": at, "notice_id": said.get(step.id)} for step, _, _ in steps]
    if marks:
        session.execute(update(StepTaken), marks)
    return len(untold)


def _latest(steps: Sequence[Taken]) -> list[Taken]:
    """Of each clock the last step, which says all; none of a clock that has stopped or moved meanwhile."""
    last: dict[int, Taken] = {}
    for taken in steps:
        step, clock, _ = taken
        if clock.outcome == Outcome.RUNNING and clock.opening == step.opening and clock.due_on == step.due_on:
            last[step.clock_id] = taken
    return list(last.values())


def _notices(
    session: Session, institution_id: int, role: str, steps: Sequence[Taken], at: datetime
) -> Iterator[tuple[Notice, Sequence[Taken]]]:
    """A notice for each step, or one digest for all where they are many."""
    if len(steps) < in_force().ladder.digest_from:
        for taken in steps:
            yield _notice(session, institution_id, role, taken, at), [taken]
    else:
        yield _digest(session, institution_id, role, steps, at), steps


def _notice(session: Session, institution_id: int, role: str, taken: Taken, at: datetime) -> Notice:
    step, clock, ref = taken
    return notify(
        session,
        institution_id,
        step.ticket_id,
        _kind(step, clock, role),
        f"step:{step.id}",
        at,
        role=role,
        ref=ref,
        due=clock.due_on,
        days=max(step.day, 0),
        owner=clock.owner,
    )


def _digest(session: Session, institution_id: int, role: str, steps: Sequence[Taken], at: datetime) -> Notice:
    late = sorted((taken for taken in steps if taken[0].day > 0), key=lambda taken: taken[1].due_on)
    today = [taken for taken in steps if taken[0].day == 0]
    soon = [taken for taken in steps if taken[0].day < 0]
    return notify(
        session,
        institution_id,
        None,
        "digest",
        f"digest:{institution_id}:{role}:{steps[0][0].id}",
        at,
        role=role,
        overdue=len(late),
        today=len(today),
        soon=len(soon),
        refs=list(dict.fromkeys(ref for _, _, ref in [*late, *today, *soon]))[:LISTED],
    )


def _kind(step: StepTaken, clock: Clock, role: str) -> str:
    when = "overdue" if step.day > 0 else "due today" if step.day == 0 else "due soon"
    return f"institution {when}" if clock.kind == ClockKind.INSTITUTION and role in AT_COORDINATOR else when


def _send(session: Session, notice: Notice, desk: str, at: datetime) -> None:
    """To those of the role who gave an address; by the outbox, like all that leaves us."""
    addresses = select(Contact, Person.language).where(
        col(Person.institution_id) == notice.institution_id,
        col(Person.role) == notice.role,
        col(Person.active),
        col(Contact.id) == col(Person.contact_id),
        col(Contact.gone_at).is_(None),
    )
    for contact, language in session.exec(addresses).all():
        say(session, contact, None, f"{notice_text(notice, language)}\n{desk}", at, pulled=False)


def notice_text(notice: Notice, language: str) -> str:
    """What the notice says, in the words of config/replies."""
    filling = {name: ", ".join(value) if isinstance(value, list) else value for name, value in notice.data.items()}
    if due := filling.get("due"):
        filling["due"] = date.fromisoformat(due)
    return reply(language, f"notices.{notice.kind}", **filling)
