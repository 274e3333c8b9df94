"""Merged questions: one answer for two people, each by the law's dates of his own; and questions split apart again."""

from datetime import date, datetime

import pytest
from sqlmodel import Session, col, select

from models.clock import ClockKind
from models.contact import Contact
from models.database import Database
from models.message import Message, heard
from models.queue import Timer
from models.ticket import Ticket, open_ticket_of, ticket_by_ref
from models.ticket_link import TicketLink, links_of
from routing import joining, parting
from routing.merged import ANSWER_TOO
from routing.triage import NotPossible
from tests.routing.case import MONDAY, Case, employ, riga

PULLED = frozenset({"webchat"})


def merge(one: Case, into: Case, at: datetime) -> None:
    def work(session: Session) -> None:
        joining.merge(session, session.get_one(Ticket, one.id), session.get_one(Ticket, into.id), at, "anna")

    one.database.write(work)


def undo(one: Case, at: datetime) -> None:
    one.database.write(lambda session: joining.undo_merge(session, session.get_one(Ticket, one.id), at, "anna"))


def answer_too(case: Case, at: datetime) -> None:
    """What the schedule does for each such timer."""

    def work(session: Session) -> None:
        for timer in session.exec(select(Timer).where(col(Timer.kind) == ANSWER_TOO)):
            joining.answer_too(session, timer.ticket_id, timer.data["message"], at, PULLED)

    case.database.write(work)


def outcomes(case: Case) -> dict[str, str]:
    return {clock.kind: clock.outcome for clock in case.clocks}


def wrote(case: Case, *texts: str, at: datetime = MONDAY) -> list[int]:
    """What the citizen wrote, each an hour after the other."""

    def work(session: Session) -> list[int]:
        ticket = session.get_one(Ticket, case.id)
        said = [
            heard(session, ticket.contact, ticket, text, at.replace(hour=at.hour + n)) for n, text in enumerate(texts)
        ]
        session.flush()
        return [message.id or 0 for message in said]

    return case.database.write(work)


def split_off(case: Case, messages: list[int]) -> str:
    def work(session: Session) -> str:
        ticket = session.get_one(Ticket, case.id)
        return parting.split(session, ticket, messages, riga(26), "anna", pulled=True, suggested=["VSAA"]).ref

    return case.database.write(work)


def test_each_citizen_gets_the_one_answer_under_his_own_number_in_his_channel(database: Database) -> None:
    employ(database, "PMLP")
    first, second = Case(database), Case(database, received_at=riga(24), channel="telegram")
    merge(second, first, riga(24, 13))
    assert (second.state, outcomes(second)) == ("merged", {"forward": "not needed", "answer": "running"})
    first.forward("PMLP", at=riga(24, 14))
    message = first.answers("PMLP", "Pase maksā 34 eiro.", at=riga(25))
    assert message is not None
    assert outcomes(first)["answer"] == "in time"
    assert outcomes(second)["answer"] == "running"  # its own citizen has nothing yet
    for _ in range(2):  # a timer that fires again says nothing twice
        answer_too(second, riga(25, 13))
    (too,) = second.messages
    assert too.text == message.text.replace(first.ticket.ref, second.ticket.ref)
    assert second.ticket.ref in too.text
    assert (too.contact_id, too.answers) == (second.ticket.contact_id, True)
    assert (second.state, outcomes(second)["answer"]) == ("answered", "running")
    second.sent(riga(26))
    assert second.clock(ClockKind.ANSWER).stopped_at == riga(26)
    assert outcomes(second)["answer"] == "in time"


def test_the_earliest_receipt_counts_for_what_is_done_about_both(database: Database) -> None:
    older, newer = Case(database), Case(database, received_at=riga(25))
    merge(older, newer, riga(25, 13))
    assert older.clock(ClockKind.ANSWER).due_on == newer.clock(ClockKind.ANSWER).due_on == date(2026, 12, 2)
    assert newer.clock(ClockKind.FORWARD).due_on == date(2026, 11, 24)
    assert newer.clock(ClockKind.ANSWER).first_due_on == date(2026, 12, 4)
    assert outcomes(older)["forward"] == "late"  # what ran out before stays late
    (forwarding,) = newer.forward("PMLP", at=riga(25, 14))
    assert (forwarding.shown_due, forwarding.late) == (date(2026, 12, 2), True)


def test_what_was_forwarded_already_is_forwarded_for_the_second_too(database: Database) -> None:
    employ(database, "PMLP")
    first, second = Case(database), Case(database, received_at=riga(24))
    first.forward("PMLP", at=riga(23, 15))
    merge(second, first, riga(24, 13))
    assert outcomes(second)["forward"] == "in time"


def test_undone_before_anything_was_sent_all_is_as_it_was(database: Database) -> None:
    older, newer = Case(database), Case(database, received_at=riga(24))
    before = [(c.kind, c.started_on, c.due_on) for c in newer.clocks]
    merge(older, newer, riga(24, 13))
    undo(older, riga(24, 14))
    assert [(c.kind, c.started_on, c.due_on) for c in newer.clocks] == before
    assert (older.state, outcomes(older)) == ("triage", {"forward": "running", "answer": "running"})
    assert older.trail[-1] == newer.trail[-1] == "merging undone"
    merge(older, newer, riga(24, 15))  # and may be merged again
    newer.composes("Jā.", at=riga(24, 16))
    with pytest.raises(NotPossible, match="sent already"):
        undo(older, riga(24, 17))
    answer_too(older, riga(24, 17))
    assert older.state == "answered"


def test_what_a_merged_citizen_writes_joins_his_own_ticket(database: Database) -> None:
    first, second = Case(database), Case(database)
    merge(second, first, MONDAY)
    with database.read() as session:
        contact = session.get_one(Contact, second.ticket.contact_id)
        joined = open_ticket_of(session, contact)
        assert joined is not None
        assert joined.id == second.id


def test_not_everything_can_be_merged(database: Database) -> None:
    employ(database, "PMLP")
    one, other, third = Case(database), Case(database), Case(database)
    one.forward("PMLP", at=MONDAY)
    for ticket, into, words in (
        (one, other, "waits for a decision"),
        (other, other, "with itself"),
    ):
        with pytest.raises(NotPossible, match=words):
            merge(ticket, into, MONDAY)
    merge(third, other, MONDAY)
    with pytest.raises(NotPossible, match="other way round"):
        merge(other, one, MONDAY)
    with pytest.raises(NotPossible, match="not open"):
        merge(other, third, MONDAY)
    one.answers("PMLP", "Jā.", at=MONDAY)
    with pytest.raises(NotPossible, match="not open"):
        merge(other, one, MONDAY)
    formal = Case(database)
    formal.converts(date(2026, 11, 23), at=MONDAY)
    with pytest.raises(NotPossible, match="by itself"):
        merge(formal, other, MONDAY)


def test_messages_split_off_are_a_question_received_when_they_were(database: Database) -> None:
    case = Case(database)
    ids = wrote(case, "Cik maksā pase?", "Un kur saņemt pabalstu? Kods 010190-12345.", "Paldies.")

    ref = split_off(case, ids[1:])
    with database.read() as session:
        new = ticket_by_ref(session, ref)
        assert new is not None
        assert (new.state, new.suggested, new.received_on) == ("triage", ["VSAA"], date(2026, 11, 23))
        assert new.subject == "Un kur saņemt pabalstu? Kods [personas kods]."
        assert {clock.kind: clock.due_on for clock in new.clocks} == {
            "answer": date(2026, 12, 2),
            "forward": date(2026, 11, 24),
        }
        texts = [m.text for m in session.exec(select(Message).where(col(Message.ticket_id) == new.id))]
        assert texts[:2] == ["Un kur saņemt pabalstu? Kods 010190-12345.", "Paldies."]
        assert ref in texts[2]  # the citizen is told
        assert [link.kind for link in links_of(session, case.id)] == ["split"]
    assert [m.text for m in case.messages] == ["Cik maksā pase?"]
    for chosen, words in (([ids[0]], "must stay"), ([ids[1]], "not at this question"), ([], "not at this question")):
        with pytest.raises(NotPossible, match=words):
            split_off(case, chosen)


def test_duplicates_are_linked_once_and_unlinked(database: Database) -> None:
    one, other = Case(database), Case(database)

    def link(session: Session) -> None:
        parting.link_duplicates(
            session, session.get_one(Ticket, one.id), session.get_one(Ticket, other.id), MONDAY, "anna"
        )

    database.write(link)
    database.write(link)
    assert one.trail.count("linked") == other.trail.count("linked") == 1
    database.write(lambda s: parting.unlink(s, s.get_one(Ticket, other.id), s.get_one(Ticket, one.id), MONDAY, "anna"))
    with database.read() as session:
        assert links_of(session, one.id) == []
        assert len(session.exec(select(TicketLink)).all()) == 1  # ended, not gone
