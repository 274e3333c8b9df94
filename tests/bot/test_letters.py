"""What becomes of a letter: whom it belongs to, who may say so, and what is held for a person."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from bot.brain import Brain
from bot.machines import Held
from channels.base import MailKind
from models.clock import ClockKind, Outcome
from models.contact import Contact
from models.database import Database
from models.forwarding import ForwardingState
from models.message import Author, Message
from models.setting import LETTERS_HEARD, LETTERS_TOLD, REOPEN_DAYS, REOPEN_TIMES, THRESHOLDS
from models.ticket import Ticket, TicketState, locked
from routing.answering import coordinator_answers
from routing.by_letter import answer_by_letter, no_answer
from tests.bot.post import WAYS, Post
from tests.bot.talk import clocks, said, ticket, trail

ANNA = "anna@example.lv"
KNOWN = "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?"
UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"
PMLP = "pmlp@pmlp.gov.lv"
MOST_HEARD, MOST_TOLD, REOPENED_DAYS, MOST_REOPENED = (
    THRESHOLDS[name].default for name in (LETTERS_HEARD, LETTERS_TOLD, REOPEN_DAYS, REOPEN_TIMES)
)


@pytest.fixture
def post(database: Database, brain: Brain) -> Post:
    office = Post(database, brain)
    office.has_address("PMLP", PMLP, "pmlp.gov.lv")
    return office


@pytest.fixture
def asked(post: Post) -> Ticket:
    """A question of Anna's that people have."""
    return post.brings(ANNA, UNKNOWN, subject="Raķete").on


def tickets(database: Database) -> list[Ticket]:
    with database.read() as session:
        return list(session.exec(select(Ticket).order_by(col(Ticket.id))))


def test_a_letter_is_a_question_and_is_acknowledged_with_number_and_date(post: Post) -> None:
    turn = post.brings(ANNA, UNKNOWN, subject="Jautājums")
    assert turn.on.state == TicketState.TRIAGE
    assert turn.on.ref in turn.said[-1].text
    assert turn.on.contact.address == ANNA


def test_a_thank_you_alone_is_a_ticket_too_since_every_letter_is_one(post: Post) -> None:
    assert post.brings(ANNA, "Paldies!").ticket is not None


def test_the_subject_may_be_the_question(post: Post) -> None:
    assert post.brings(ANNA, "Ar cieņu, Anna", subject=KNOWN).on.state != TicketState.TRIAGE


def test_the_subject_stands_for_the_question_in_lists(post: Post) -> None:
    assert (
        post.brings(ANNA, UNKNOWN, subject="Raķete, mans kods 010190-12345").on.subject
        == "Raķete, mans kods [personas kods]"
    )
    assert post.brings(ANNA, UNKNOWN, subject=" ").on.subject == UNKNOWN


def test_where_a_machine_answers_the_letter_tells_number_and_date_too(post: Post) -> None:
    turn = post.brings(ANNA, "Vēlos uzzināt, kā to izdarīt.", subject=KNOWN)
    assert turn.on.state in (TicketState.ANSWERED, TicketState.CLARIFYING)
    assert turn.on.ref in turn.said[-1].text
    assert turn.due is not None
    assert str(turn.due.day) in turn.said[-1].text


def test_an_answer_by_token_joins_the_ticket(post: Post, asked: Ticket) -> None:
    turn = post.brings(ANNA, "Un vēl: tas ir steidzami.", party=f"t{asked.id}")
    assert turn.on.ref == asked.ref
    assert ticket(post.database, asked.ref).attention == "citizen wrote"


def test_an_answer_by_its_own_earlier_letter_joins_the_ticket(post: Post, asked: Ticket) -> None:
    first = said(post.database, asked.ref)[0]
    assert post.brings(ANNA, "Un vēl kas.", answers=("x@y", first.external_id)).on.ref == asked.ref


def test_the_number_in_the_subject_is_enough_for_its_own_citizen(post: Post, asked: Ticket) -> None:
    assert post.brings(ANNA, "Un vēl kas.", subject=f"Re: [{asked.ref}] Raķete").on.ref == asked.ref


@pytest.mark.parametrize("verdict", ["", "new"])
def test_a_stranger_with_the_number_asks_a_question_of_his_own(post: Post, asked: Ticket, verdict: str) -> None:
    turn = post.brings("eve@example.com", "Kas tur ir?", subject=f"Re: [{asked.ref}] Raķete", verdict=verdict)
    assert turn.on.ref != asked.ref


def test_a_stranger_with_the_token_is_held_and_nothing_is_stored(post: Post, asked: Ticket) -> None:
    with pytest.raises(Held, match="foreign"):
        post.brings("eve@example.com", "Es esmu Anna.", party=f"t{asked.id}")
    with post.database.read() as session:
        assert session.exec(select(Contact).where(col(Contact.address) == "eve@example.com")).first() is None
    assert "Es esmu Anna." not in [message.text for message in said(post.database, asked.ref)]


def test_what_a_person_lets_in_joins_though_the_sender_is_a_stranger(post: Post, asked: Ticket) -> None:
    turn = post.brings("anna.darba@example.com", "Rakstu no darba.", verdict=f"t{asked.id}")
    assert turn.on.ref == asked.ref


@pytest.mark.parametrize("party", ["t999999", "f999999"])
def test_a_token_of_nothing_that_there_is_is_held(post: Post, party: str) -> None:
    with pytest.raises(Held, match="foreign"):
        post.brings(ANNA, "Labdien", party=party)


@pytest.mark.parametrize("why", ["spam", "forged"])
def test_a_doubtful_letter_is_held_until_a_person_lets_it_in(post: Post, why: str) -> None:
    with pytest.raises(Held, match=why):
        post.brings(ANNA, UNKNOWN, doubtful=why)
    assert tickets(post.database) == []
    assert post.brings(ANNA, UNKNOWN, doubtful=why, verdict="new").ticket is not None


def test_what_one_sender_sends_beyond_all_measure_is_held(post: Post, asked: Ticket) -> None:
    for number in range(MOST_HEARD - 1):
        post.brings(ANNA, f"Vēl viens jautājums, {number}.", party=f"t{asked.id}")
    with pytest.raises(Held, match="too many"):
        post.brings(ANNA, "Un vēl.")


def test_two_machines_that_answer_one_another_stop(post: Post) -> None:
    first = post.brings("robot@example.com", UNKNOWN)
    answers = [
        post.brings("robot@example.com", f"Jūsu vēstule saņemta, {number}.", party=f"t{first.on.id}")
        for number in range(MOST_TOLD + 2)
    ]
    assert first.said
    assert not answers[-1].said
    assert all(turn.heard for turn in answers)


def test_a_report_of_a_system_is_a_ticket_and_is_not_acknowledged(post: Post) -> None:
    turn = post.brings("noreply@system.lv", KNOWN, kind=MailKind.AUTO_GENERATED)
    assert (turn.on.state, turn.said) == (TicketState.TRIAGE, [])


def test_an_answer_to_an_answer_opens_the_ticket_again_with_its_first_date(post: Post, asked: Ticket) -> None:
    due = clocks(post.database, asked.ref)[ClockKind.ANSWER].due_on
    _answered(post, asked)
    post.at += timedelta(days=2)
    turn = post.brings(ANNA, "Tas neatbild uz manu jautājumu.", party=f"t{asked.id}")
    assert (turn.on.ref, turn.on.state) == (asked.ref, TicketState.TRIAGE)
    assert clocks(post.database, asked.ref)[ClockKind.ANSWER].due_on == due
    assert "opened again by letter" in trail(post.database, asked.ref)


def test_thanks_open_nothing_again(post: Post, asked: Ticket) -> None:
    _answered(post, asked)
    turn = post.brings(ANNA, "Paldies!", party=f"t{asked.id}")
    assert (turn.on.ref, turn.on.state, turn.said) == (asked.ref, TicketState.ANSWERED, [])


def test_an_old_matter_is_a_new_question(post: Post, asked: Ticket) -> None:
    _answered(post, asked)
    post.at += timedelta(days=REOPENED_DAYS + 1)
    assert post.brings(ANNA, "Vēl par to pašu.", party=f"t{asked.id}").on.ref != asked.ref


def test_a_ticket_is_not_opened_again_for_ever(post: Post, asked: Ticket) -> None:
    refs = []
    for number in range(MOST_REOPENED + 1):
        _answered(post, asked)
        post.at += timedelta(hours=2)
        refs.append(post.brings(ANNA, f"Tas neatbild, {number}.", party=f"t{asked.id}").on.ref)
    assert refs[:-1] == [asked.ref] * MOST_REOPENED
    assert refs[-1] != asked.ref


def test_the_forwarding_goes_out_masked_with_the_date_and_the_link(post: Post) -> None:
    turn = post.brings(ANNA, f"{UNKNOWN} Mans kods ir 010190-12345.")
    [forwarding] = post.forwards(turn.on, "PMLP")
    message = post.mails(forwarding)
    assert "010190" not in message.text
    assert UNKNOWN in message.text
    assert f"https://atbilde.example/answer/{forwarding.id}" in message.text
    assert message.ticket_id is None, "the citizen's conversation shows it not"
    assert post.forwardings(turn.on)[0].delivered_by == "mail"
    assert clocks(post.database, turn.on.ref)[ClockKind.FORWARD].outcome == Outcome.IN_TIME


def test_the_institution_answers_by_pressing_reply(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.mails(forwarding)
    post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}")
    answer = said(post.database, asked.ref)[-1]
    assert (answer.text.splitlines()[-1], answer.author, answer.contact_id) == ("Raķešu nav.", Author.INSTITUTION, 1)
    assert ticket(post.database, asked.ref).state == TicketState.ANSWERED
    assert post.forwardings(asked)[0].state == ForwardingState.ANSWERED


def test_an_official_of_its_domain_may_answer_too(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.brings("janis.berzins@riga.pmlp.gov.lv", "Raķešu nav.", party=f"f{forwarding.id}")
    assert ticket(post.database, asked.ref).state == TicketState.ANSWERED


@pytest.mark.parametrize("sender", ["eve@example.com", "eve@notpmlp.gov.lv", "eve@pmlp.gov.lv.example.com", ANNA])
def test_nobody_else_answers_for_the_institution(post: Post, asked: Ticket, sender: str) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    with pytest.raises(Held, match="foreign"):
        post.brings(sender, "Maksājiet man.", party=f"f{forwarding.id}")
    assert post.forwardings(asked)[0].state == ForwardingState.WAITING


def test_an_institution_cannot_answer_for_another_one(post: Post, asked: Ticket) -> None:
    post.has_address("VSAA", "vsaa@vsaa.gov.lv", "vsaa.gov.lv")
    pmlp, _ = post.forwards(asked, "PMLP", "VSAA")
    with pytest.raises(Held, match="foreign"):
        post.brings("vsaa@vsaa.gov.lv", "Tas ir mūsu.", party=f"f{pmlp.id}")


def test_where_answers_are_approved_the_letter_waits_for_a_coordinator(post: Post, asked: Ticket) -> None:
    post.ways = type(WAYS)(pulled=WAYS.pulled, approve_letters=True)
    [forwarding] = post.forwards(asked, "PMLP")
    message = post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}").heard
    assert message is not None
    assert message.proposed
    assert ticket(post.database, asked.ref).attention == "answer to approve"
    assert post.forwardings(asked)[0].delivered_by == "mail"

    def approve(session: Session) -> None:
        answer_by_letter(session, _again(session, message), "Raķešu diemžēl nav.", post.at, "anna", WAYS.pulled)

    post.database.write(approve)
    assert said(post.database, asked.ref)[-1].text.endswith("Raķešu diemžēl nav.")
    assert ticket(post.database, asked.ref).attention == ""


def test_a_letter_that_is_no_answer_leaves_the_institution_its_duty(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    message = post.brings(PMLP, "", party=f"f{forwarding.id}").heard
    assert message is not None
    assert message.proposed, "a letter without words goes to nobody unseen"
    post.database.write(lambda session: no_answer(session, _again(session, message), post.at, "anna"))
    assert post.forwardings(asked)[0].state == ForwardingState.WAITING
    assert ticket(post.database, asked.ref).attention == ""


def test_a_second_letter_of_the_institution_is_shown_to_the_coordinator(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}")
    number = len(said(post.database, asked.ref))
    post.brings(PMLP, "Labojums: ir.", party=f"f{forwarding.id}")
    assert len(said(post.database, asked.ref)) == number
    assert ticket(post.database, asked.ref).attention == "institution wrote"


def test_of_several_institutions_the_coordinator_writes_the_one_answer(post: Post, asked: Ticket) -> None:
    post.has_address("VSAA", "vsaa@vsaa.gov.lv", "vsaa.gov.lv")
    pmlp, vsaa = post.forwards(asked, "PMLP", "VSAA")
    post.brings(PMLP, "Mūsu daļa.", party=f"f{pmlp.id}")
    post.brings("vsaa@vsaa.gov.lv", "Mūsu daļa.", party=f"f{vsaa.id}")
    assert ticket(post.database, asked.ref).state == TicketState.COMPOSING


def test_a_forwarding_that_bounces_opens_the_forward_clock_with_its_old_date(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.mails(forwarding)
    before = clocks(post.database, asked.ref)[ClockKind.FORWARD]
    post.comes_back(f"f{forwarding.id}")
    after = clocks(post.database, asked.ref)[ClockKind.FORWARD]
    assert (before.outcome, after.outcome, after.due_on) == (Outcome.IN_TIME, Outcome.RUNNING, before.due_on)
    assert post.forwardings(asked)[0].state == ForwardingState.UNDELIVERED


def test_a_letter_that_is_only_late_changes_nothing(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.mails(forwarding)
    post.comes_back(f"f{forwarding.id}", permanent=False)
    assert post.forwardings(asked)[0].state == ForwardingState.WAITING
    assert "letter is late" in trail(post.database, asked.ref)


def test_out_of_office_is_no_answer_and_opens_the_forward_clock(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.mails(forwarding)
    post.brings(PMLP, "Esmu atvaļinājumā.", party=f"f{forwarding.id}", kind=MailKind.AUTO_REPLY, absent=True)
    assert clocks(post.database, asked.ref)[ClockKind.FORWARD].outcome == Outcome.RUNNING
    assert post.forwardings(asked)[0].state == ForwardingState.WAITING
    post.brings(PMLP, "Atgriezos. Raķešu nav.", party=f"f{forwarding.id}")
    assert ticket(post.database, asked.ref).state == TicketState.ANSWERED
    assert clocks(post.database, asked.ref)[ClockKind.FORWARD].outcome == Outcome.IN_TIME


def test_that_a_registry_got_it_opens_nothing(post: Post, asked: Ticket) -> None:
    [forwarding] = post.forwards(asked, "PMLP")
    post.mails(forwarding)
    post.brings(PMLP, "Jūsu vēstule reģistrēta.", party=f"f{forwarding.id}", kind=MailKind.AUTO_REPLY)
    assert clocks(post.database, asked.ref)[ClockKind.FORWARD].outcome == Outcome.IN_TIME


def test_an_answer_that_comes_back_calls_the_coordinator(post: Post, asked: Ticket) -> None:
    _answered(post, asked)
    post.comes_back(f"t{asked.id}")
    assert ticket(post.database, asked.ref).attention == "citizen unreachable"


def test_a_machine_without_a_token_is_held(post: Post) -> None:
    for kind, why in ((MailKind.AUTO_REPLY, "automatic"), (MailKind.BOUNCE, "returned")):
        with pytest.raises(Held, match=why):
            post.brings("daemon@example.lv", "x", kind=kind)
    assert tickets(post.database) == []


def _answered(post: Post, asked: Ticket) -> None:
    def work(session: Session) -> None:
        there = locked(session, asked.id or 0)
        coordinator_answers(session, there.contact, there, "Raķešu nav.", post.at, "anna", pulled=False)

    post.database.write(work)


def _again(session: Session, message: Message) -> Message:
    return session.get_one(Message, message.id)
