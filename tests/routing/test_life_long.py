"""Whatever happens to a ticket in whatever order, the law's clocks stay what they must be."""

import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import Session, col, select

from models.clock import Clock, ClockKind, Outcome, clocks_of
from models.contact import contact_of
from models.database import Database, T
from models.forwarding import Forwarding, ForwardingState, forwardings_of
from models.institution import Institution, institution_by_code
from models.moments import now, riga_date
from models.queue import OutboxRow, State
from models.staff import Person, Role
from models.step import StepTaken
from models.ticket import Event, Procedure, Ticket, TicketState, open_ticket
from routing import submission
from routing.answering import coordinator_answers, institution_answers, mark_sent
from routing.clocks import due_of, reopen_clock, start_clock
from routing.delivery import delivered
from routing.escalation import tick
from routing.recompute import recompute
from routing.rules import CALENDARS, in_force, put_in_force, read_rules, rules_from
from routing.telling import tell
from routing.triage import forward, give_back, hand_to_people, not_delivered, take_back
from tests.routing.life import counted_by_hand, month_by_hand, replayed

INSTITUTIONS = ("PMLP", "VSAA", "VID", "PAŠV-SD")
"""the first two have people at the desk, the others are reached by a link; the last one is municipal"""
START = datetime(2026, 6, 15, 7, tzinfo=UTC)
"""before two moved days, a worked Saturday and two holidays"""
YEAR = [START.date() + timedelta(days=n) for n in range(60)]
DATABASES: list[Database] = []
LIVES = settings(
    max_examples=250,
    stateful_step_count=35,
    deadline=None,
    phases=(Phase.generate,),  # a life that fails is shown as it was: to shorten it over a database takes minutes
)


class Life(RuleBasedStateMachine):
    """One ticket; the clock on the wall only goes forward."""

    def __init__(self) -> None:
        super().__init__()
        self.database = DATABASES[-1]
        self.at = START
        self.promised: dict[int, date] = {}
        self.frozen: dict[int, tuple[object, ...]] = {}
        put_in_force(read_rules())

    @initialize(hours=st.integers(0, 72))
    def asked(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

        def work(session: Session) -> int:
            contact = contact_of(session, "telegram", f"c{now().timestamp()}", self.at, name="Anna", language="lv")
            ticket = open_ticket(session, contact, self.at)
            session.flush()
            when = due_of(ticket, ClockKind.ANSWER, ticket.received_on)
            start_clock(session, ticket, ClockKind.ANSWER, when, ticket.coordinator, self.at)
            hand_to_people(session, ticket, self.at, "bot", "routed")
            return ticket.id or 0

        self.id = self.database.write(work)
        self.look()

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @precondition(lambda self: self.is_open)
    @rule(codes=st.sets(st.sampled_from(INSTITUTIONS), min_size=1, max_size=3))
    def forwarded(self, codes: set[str]) -> None:
        def work(session: Session, ticket: Ticket) -> None:
            chosen = [institution_by_code(session, code) for code in sorted(codes)]
            forward(session, ticket, [one for one in chosen if one], "", self.at, "anna")

        self.does(work)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def passed_on(self, data: st.DataObject) -> None:
        self.with_one(data, lambda s, t, f: delivered(s, t, f, self.at, "anna", "anna"))

    @precondition(lambda self: self.by_link)
    @rule(data=st.data())
    def bounced(self, data: st.DataObject) -> None:
        self.with_one(data, lambda s, t, f: not_delivered(s, t, f, "no such mailbox", self.at, "anna"), bounces=True)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def returned(self, data: st.DataObject) -> None:
        self.with_one(data, lambda s, t, f: give_back(s, t, f, "not ours", self.at, "clerk"))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def withdrawn(self, data: st.DataObject) -> None:
        self.with_one(data, lambda s, t, f: take_back(s, t, f, self.at, "anna"))

    @precondition(lambda self: self.waiting and self.is_open)
    @rule(data=st.data())
    def institution_answered(self, data: st.DataObject) -> None:
        def work(session: Session, ticket: Ticket, forwarding: Forwarding) -> None:
            institution = session.get_one(Institution, forwarding.institution_id)
            institution_answers(
                session, ticket.contact, ticket, forwarding, institution, "Yes.", self.at, "clerk", pulled=False
            )

        self.with_one(data, work)

    @precondition(lambda self: self.is_open)
    @rule()
    def coordinator_answered(self) -> None:
        self.does(lambda s, t: coordinator_answers(s, t.contact, t, "Yes.", self.at, "anna", pulled=False))

    @rule()
    def telegram_took_everything(self) -> None:
        def work(session: Session, ticket: Ticket) -> None:
            rows = select(OutboxRow).where(col(OutboxRow.ticket_id) == ticket.id, col(OutboxRow.state) != State.DONE)
            for row in session.exec(rows).all():
                mark_sent(session, row, self.at)

        self.does(work)

    @precondition(lambda self: self.ticket.state == TicketState.ANSWERED)
    @rule()
    def it_did_not_help(self) -> None:
        def work(session: Session, ticket: Ticket) -> None:
            reopen_clock(session, ticket, self.answer_of(ticket.clocks), self.at, "citizen")
            hand_to_people(session, ticket, self.at, "citizen", "routed")

        self.does(work)

    @precondition(lambda self: self.is_open and self.ticket.procedure == Procedure.QUESTION)
    @rule(later=st.integers(0, 30))
    def converted(self, later: int) -> None:
        received = min(self.ticket.received_on + timedelta(days=later), riga_date(self.at))
        self.does(lambda s, t: submission.convert(s, t.contact, t, received, "signed", self.at, "anna", pulled=False))

    @precondition(lambda self: self.may_be_put_off)
    @rule(days=st.integers(1, 120))
    def put_off(self, days: int) -> None:
        def work(session: Session, ticket: Ticket) -> None:
            clock = self.answer_of(ticket.clocks)
            on = min(clock.due_on + timedelta(days=days), submission.last_day(ticket))
            while not in_force().calendars[clock.calendar].works(on):
                on -= timedelta(days=1)
            if on > clock.due_on:
                submission.extend(session, ticket.contact, ticket, on, "difficult", self.at, "anna", pulled=False)

        self.does(work)

    @rule(
        days=st.lists(st.tuples(st.sampled_from(YEAR), st.booleans()), max_size=6, unique_by=lambda day: day[0]),
        calendars=st.sampled_from(["[state]", "[municipal]", "[state, municipal]"]),
    )
    def calendar_changed(self, days: list[tuple[date, bool]], calendars: str) -> None:
        lines = [f"- {{calendars: {calendars}, {'works' if works else 'off'}: {on}, reason: so}}" for on, works in days]
        said = "\n".join(["days:", *lines]) if lines else "days: []"
        put_in_force(rules_from({**read_rules().texts, CALENDARS: said}))
        self.count_anew()

    @rule()
    def looked_at(self) -> None:
        self.database.write(lambda session: tick(session, self.at))
        self.database.write(lambda session: tell(session, self.at, "/desk"))
        self.look()

    @invariant()
    def each_clock_is_as_the_law_says(self) -> None:
        clocks = self.clocks
        assert [clock.kind for clock in clocks].count(ClockKind.ANSWER) == 1
        assert all(clock.owner for clock in clocks)
        assert sum(clock.kind == ClockKind.FORWARD and clock.is_running for clock in clocks) <= 1
        running = {clock.forwarding_id for clock in clocks if clock.kind == ClockKind.INSTITUTION and clock.is_running}
        assert running == {one.id for one in self.forwardings if one.state == ForwardingState.WAITING}
        assert not self.is_open or self.answer_of(clocks).is_running
        for clock in clocks:
            assert self.promised.setdefault(clock.id or 0, clock.first_due_on) == clock.first_due_on
            assert not clock.is_running or clock.next_on is not None, "somebody is told again as long as it runs"

    @invariant()
    def each_due_date_is_counted_by_hand(self) -> None:
        for clock in self.clocks:
            if not clock.is_running:
                continue
            works = in_force().calendars[clock.calendar].works
            assert clock.calendar_version == in_force().calendars.version
            if clock.extended_to:
                assert clock.due_on >= clock.extended_to
                assert works(clock.due_on)
            elif clock.months:
                assert clock.due_on == month_by_hand(clock.started_on, clock.months, works)
            else:
                assert clock.due_on == counted_by_hand(clock.started_on, clock.working_days, works)

    @invariant()
    def what_has_stopped_is_frozen(self) -> None:
        for clock in self.clocks:
            key = clock.id or 0
            if clock.is_running:
                self.frozen.pop(key, None)
                continue
            came_out = (clock.opening, clock.due_on, clock.outcome, clock.days_late, clock.delayed_by, clock.stopped_at)
            assert self.frozen.setdefault(key, came_out) == came_out
            late = clock.outcome == Outcome.LATE
            assert bool(clock.delayed_by) == late
            if late:
                assert clock.stopped_at is not None
                assert riga_date(clock.stopped_at) > clock.due_on

    @invariant()
    def institutions_are_shown_the_earlier_date(self) -> None:
        answer = self.answer_of(self.clocks).due_on
        own = {clock.forwarding_id: clock.due_on for clock in self.clocks}
        for forwarding in self.forwardings:
            if forwarding.state == ForwardingState.WAITING:
                assert forwarding.shown_due == min(own[forwarding.id], answer)

    @invariant()
    def the_trail_replays_to_the_state(self) -> None:
        told = replayed(self.trail)
        assert (told.state, told.procedure) == (self.ticket.state, self.ticket.procedure)
        assert [(one.kind, one.owner, one.forwarding, one.due, one.outcome, one.days_late) for one in told.clocks] == [
            (one.kind, one.owner, one.forwarding_id, one.due_on.isoformat(), one.outcome, one.days_late)
            for one in self.clocks
        ]

    @invariant()
    def no_step_is_taken_before_its_day(self) -> None:
        assert all(step.falls_on <= riga_date(step.at) for step in self.steps)

    def teardown(self) -> None:
        put_in_force(read_rules())

    def does(self, work: Callable[[Session, Ticket], T]) -> T:
        """Does it, and what the next beat makes of it: a clock that was reopened is counted by today's calendar."""
        done = self.database.write(lambda session: work(session, session.get_one(Ticket, self.id)))
        self.count_anew()
        return done

    def count_anew(self) -> None:
        while self.database.write(lambda session: recompute(session, self.at)):
            pass
        self.look()

    def with_one(
        self, data: st.DataObject, work: Callable[[Session, Ticket, Forwarding], object], *, bounces: bool = False
    ) -> None:
        """With one of the waiting forwardings."""
        number = data.draw(st.sampled_from([one.id for one in self.waiting if not bounces or one in self.by_link]))
        self.does(lambda session, ticket: work(session, ticket, session.get_one(Forwarding, number)) and None)

    def look(self) -> None:
        """What there is now, read once for all that is asked of it."""
        with self.database.read() as session:
            self.ticket = session.get_one(Ticket, self.id)
            self.clocks = clocks_of(session, self.id)
            self.forwardings = forwardings_of(session, self.id)
            trail = select(Event).where(col(Event.ticket_id) == self.id).order_by(col(Event.id))
            self.trail = list(session.exec(trail))
            self.steps = list(session.exec(select(StepTaken).where(col(StepTaken.ticket_id) == self.id)))

    def answer_of(self, clocks: list[Clock]) -> Clock:
        return next(clock for clock in clocks if clock.kind == ClockKind.ANSWER)

    @property
    def is_open(self) -> bool:
        return self.ticket.is_open

    @property
    def may_be_put_off(self) -> bool:
        if not self.is_open or self.ticket.procedure != Procedure.SUBMISSION:
            return False
        return riga_date(self.at) <= self.answer_of(self.clocks).due_on

    @property
    def by_link(self) -> list[Forwarding]:
        """What is at an institution that only the coordinator's word says has it."""
        return [one for one in self.waiting if one.delivered_by != "desk"]

    @property
    def waiting(self) -> list[Forwarding]:
        return [one for one in self.forwardings if one.state == ForwardingState.WAITING]


def test_long(prepared_sqlite: Path, tmp_path: Path) -> None:
    path = tmp_path / "life.db"
    shutil.copy(prepared_sqlite, path)
    database = Database(f"sqlite:///{path}")
    database.write(_employ)
    DATABASES.append(database)
    try:
        run_state_machine_as_test(Life, settings=LIVES)
    finally:
        DATABASES.pop()
        database.close()


def _employ(session: Session) -> None:
    """Clerks of the first two institutions, and the coordinators."""
    for code, role in (("PMLP", Role.CLERK), ("VSAA", Role.CLERK), ("VDAA", Role.COORDINATOR)):
        institution = institution_by_code(session, code)
        assert institution is not None
        session.add(
            Person(login=code, role=role, institution_id=institution.id or 0, password_hash="", created_at=START)
        )
