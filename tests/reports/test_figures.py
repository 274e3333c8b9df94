"""Figures against cases counted by hand, with the real law over a real database; sums agree with each other."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from models.clock import ClockKind, Outcome
from models.database import Database
from models.institution import Institution, institution_by_code
from models.message import Author, Direction, Message
from models.service import Receipt
from models.ticket import Ticket, TicketState, record
from reports.bot_share import BotShare, bot_share
from reports.due import open_now, weeks_around
from reports.endings import Ending, Kept, endings, kept, median, spread, tally
from reports.flow import answered, complaints, received
from reports.league import league
from reports.own import ServiceRow, answered_by_day, by_service, forwarded_by_day
from reports.scope import EVERYTHING, Scope
from reports.span import Span
from routing.outcomes import records, stopped_between
from routing.rules import calendar
from tests.routing.case import Case, employ, riga

Found = TypeVar("Found")
NOVEMBER = Span(date(2026, 11, 1), date(2026, 11, 30))
AUTUMN = Span(date(2026, 11, 1), date(2026, 12, 31))
TODAY = date(2026, 12, 10)


def working_days(name: str, after: date, until: date) -> int:
    return calendar(name).between(after, until)


@pytest.fixture
def town(database: Database) -> Database:
    """Received on Monday 23 November: one answered in time, one late, one returned and open; and one of LIAA's."""
    employ(database, "PMLP", "VSAA")
    good = Case(database)
    good.forward("PMLP", at=riga(24))
    good.answers("PMLP", "Laikā.", at=riga(27))
    late = Case(database)
    late.forward("PMLP", at=riga(26))
    late.answers("PMLP", "Vēlu.", at=riga(7, month=12))
    back = Case(database, channel="telegram")
    back.forward("VSAA", at=riga(23, 14))
    back.give_back("VSAA", "Nav mūsu.", at=riga(25))
    back.forward("PMLP", at=riga(25, 15))
    letter = Case(database, riga(30, 23, 30), channel="email", coordinator="LIAA")
    letter.composes("Atbilde.", at=riga(1, 10, month=12))
    return database


def look(database: Database, question: Callable[[Session], Found]) -> Found:
    with database.read() as session:
        return question(session)


def test_what_came_and_what_was_answered_is_counted_by_day_and_channel(town: Database) -> None:
    came = look(town, lambda session: received(session, NOVEMBER, EVERYTHING))
    assert came == {
        (date(2026, 11, 23), "webchat"): 2,
        (date(2026, 11, 23), "telegram"): 1,
        (date(2026, 11, 30), "email"): 1,
    }
    went = look(town, lambda session: answered(session, AUTUMN, EVERYTHING))
    assert went == {(date(2026, 11, 27), "webchat"): 1, (date(2026, 12, 7), "webchat"): 1}
    assert look(town, lambda session: answered(session, NOVEMBER, EVERYTHING)).total() == 1


def test_a_coordinator_a_channel_and_an_audience_narrow_the_figures(town: Database) -> None:
    def number(**scope: str) -> int:
        return look(town, lambda session: received(session, AUTUMN, Scope(**scope))).total()

    assert number() == 4
    assert (number(coordinator="VDAA"), number(coordinator="LIAA"), number(coordinator="PMLP")) == (3, 1, 0)
    assert (number(channel="webchat"), number(channel="webchat", coordinator="LIAA")) == (2, 0)
    assert (number(audience="resident"), number(audience="business")) == (4, 0)


def test_terms_are_kept_or_not_as_the_clocks_say(town: Database) -> None:
    found = look(town, lambda session: endings(session, AUTUMN, EVERYTHING, working_days))
    forward = kept(found, ClockKind.FORWARD)
    assert (forward.in_time, forward.late, forward.not_needed) == (3, 1, 1)
    assert kept(found, ClockKind.ANSWER) == Kept(in_time=1, late=1, days_late=3, longest=3)
    institution = kept(found, ClockKind.INSTITUTION)
    assert (institution.in_time, institution.late, institution.not_needed) == (1, 1, 1)
    assert institution.share == 0.5
    assert spread(found, ClockKind.ANSWER) == {4: 1, 10: 1}
    assert spread(found, ClockKind.INSTITUTION) == {3: 1, 7: 1}
    assert median(spread(found, ClockKind.INSTITUTION)) == 5


def test_the_same_sums_come_out_of_every_way_of_counting(town: Database) -> None:
    for span in (NOVEMBER, AUTUMN):
        for scope in (EVERYTHING, Scope("VDAA"), Scope(channel="webchat")):
            found = look(town, lambda session, s=span, c=scope: endings(session, s, c, working_days))  # type: ignore[misc]
            shortly = look(town, lambda session, s=span, c=scope: tally(session, s, c))  # type: ignore[misc]
            assert shortly == {kind: kept(found, kind) for kind in ClockKind}
    stopped = look(town, lambda session: records(stopped_between(session, AUTUMN.first, AUTUMN.last), []))
    found = look(town, lambda session: endings(session, AUTUMN, EVERYTHING, working_days))
    for row in stopped:
        of_owner = kept([one for one in found if one.owner == row.owner], ClockKind(row.kind))
        assert (row.in_time, row.late, row.not_needed, row.days_late) == (
            of_owner.in_time, of_owner.late, of_owner.not_needed, of_owner.days_late,
        )  # fmt: skip


def test_the_league_has_each_institution_with_its_own_figures(town: Database) -> None:
    def rows(session: Session) -> list[tuple[object, ...]]:
        found, running = endings(session, AUTUMN, EVERYTHING, working_days), open_now(session, EVERYTHING)
        return [
            (one.code, one.received, one.terms.in_time, one.terms.late, one.median, one.returned, one.caused,
             one.waiting, one.overdue)
            for one in league(session, AUTUMN, EVERYTHING, found, running, TODAY)
        ]  # fmt: skip

    assert look(town, rows) == [("PMLP", 3, 1, 1, 5.0, 0, 1, 1, 1), ("VSAA", 1, 0, 0, None, 1, 0, 0, 0)]


def test_what_is_open_is_counted_by_its_due_date(town: Database) -> None:
    running = look(town, lambda session: open_now(session, EVERYTHING))
    assert running.answers == {date(2026, 12, 2): 1, date(2026, 12, 9): 1}
    assert running.at_institutions == {("PMLP", date(2026, 12, 3)): 1}
    assert (running.overdue(date(2026, 12, 2)), running.overdue(date(2026, 12, 3))) == (0, 1)
    mine = look(town, lambda session: open_now(session, EVERYTHING, owner="PMLP"))
    assert (mine.answers.total(), mine.at_institutions.total()) == (0, 1)
    weeks = weeks_around(date(2026, 12, 2), running.answers)
    assert [on.weekday() for on, _ in weeks[0]] == list(range(7))
    assert sum(number for week in weeks for _, number in week) == 2


def test_an_institutions_own_figures_are_of_its_forwardings_only(town: Database) -> None:
    def ids(session: Session) -> list[int]:
        found = [institution_by_code(session, code) for code in ("PMLP", "VSAA")]
        return [one.id or 0 for one in found if isinstance(one, Institution)]

    pmlp, vsaa = look(town, ids)
    assert look(town, lambda session: by_service(session, pmlp, AUTUMN)) == [ServiceRow("", 3, 1, 1, 0)]
    assert look(town, lambda session: by_service(session, vsaa, AUTUMN)) == [ServiceRow("", 1, 0, 0, 1)]
    came = look(town, lambda session: forwarded_by_day(session, pmlp, AUTUMN))
    assert came == {date(2026, 11, 24): 1, date(2026, 11, 25): 1, date(2026, 11, 26): 1}
    went = look(town, lambda session: answered_by_day(session, pmlp, AUTUMN))
    assert went == {date(2026, 11, 27): 1, date(2026, 12, 7): 1}
    assert look(town, lambda session: answered_by_day(session, vsaa, AUTUMN)) == {}


def test_every_question_stands_in_one_part_of_what_the_bot_did(town: Database) -> None:
    for rating in ("yes", "", "no"):
        by_bot(town, rating, handed=rating == "no")
    share = look(town, lambda session: bot_share(session, AUTUMN, EVERYTHING))
    assert share == BotShare(helped=1, silent=1, not_helped=1, people=4)
    assert share.received == look(town, lambda session: received(session, AUTUMN, EVERYTHING)).total() == 7
    assert share.share == 2 / 7


def by_bot(database: Database, rating: str, *, handed: bool) -> None:
    """A question whose answer the bot quoted; `handed` to people after all."""
    case = Case(database)

    def work(session: Session) -> None:
        ticket = session.get_one(Ticket, case.id)
        ticket.rating, ticket.state = rating, TicketState.TRIAGE if handed else TicketState.ANSWERED
        for clock in list(ticket.clocks):
            if clock.kind == ClockKind.FORWARD and not handed:
                session.delete(clock)
        said = Message(
            ticket=ticket, contact=ticket.contact, direction=Direction.OUT, author=Author.BOT, text="Pase.", at=riga(23)
        )
        session.add(said)
        session.add(
            Receipt(ticket=ticket, message=said, service_code="pase", service_version=1, institution="PMLP",
                    language="lv", url="", published_on=TODAY, text="Pase.", at=riga(23))
        )  # fmt: skip
        record(session, ticket, "complaint", "citizen", riga(30, 23))

    database.write(work)


def test_complaints_are_counted_by_the_day_on_which_they_were_made(town: Database) -> None:
    by_bot(town, "", handed=True)
    assert look(town, lambda session: complaints(session, NOVEMBER, EVERYTHING)) == 1
    december = Span(date(2026, 12, 1), date(2026, 12, 31))
    assert look(town, lambda session: complaints(session, december, EVERYTHING)) == 0
    assert look(town, lambda session: complaints(session, NOVEMBER, Scope("LIAA"))) == 0


def test_nothing_is_counted_where_there_is_nothing(database: Database) -> None:
    def everything(session: Session) -> None:
        found = endings(session, AUTUMN, EVERYTHING, working_days)
        assert (found, median(spread(found, ClockKind.ANSWER))) == ([], None)
        assert kept(found, ClockKind.ANSWER).share is None
        assert bot_share(session, AUTUMN, EVERYTHING).share is None
        assert league(session, AUTUMN, EVERYTHING, found, open_now(session, EVERYTHING), TODAY) == []

    look(database, everything)


ENDINGS = st.builds(
    Ending,
    kind=st.sampled_from(list(ClockKind)),
    owner=st.sampled_from(["PMLP", "VSAA"]),
    delayed_by=st.just(""),
    outcome=st.sampled_from([Outcome.IN_TIME, Outcome.LATE, Outcome.NOT_NEEDED]),
    people=st.booleans(),
    is_question=st.booleans(),
    took=st.integers(0, 30),
    number=st.integers(1, 50),
    days_late=st.integers(0, 90),
    longest=st.integers(0, 30),
    reopened=st.integers(0, 5),
)


@given(st.lists(ENDINGS, max_size=30))
def test_sums_of_parts_make_the_whole(found: list[Ending]) -> None:
    for kind in ClockKind:
        whole = kept(found, kind)
        parts = [kept([one for one in found if one.owner == owner], kind) for owner in ("PMLP", "VSAA")]
        assert whole.needed == sum(part.needed for part in parts)
        assert whole.days_late == sum(part.days_late for part in parts)
        assert whole.longest == max(part.longest for part in parts)
        assert spread(found, kind).total() <= whole.needed
        assert whole.share is None or 0 <= whole.share <= 1


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_the_median_is_that_of_the_single_numbers(numbers: list[int]) -> None:
    ordered, middle = sorted(numbers), len(numbers) // 2
    expected = ordered[middle] if len(numbers) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    assert median(Counter(numbers)) == expected
