"""What an institution is told by letter: a reminder, the citizen's reply, why not, and what the head wants changed."""

import pytest
from sqlmodel import Session, col, select

from bot.brain import Brain
from bot.institution_told import mail_institution
from models.approval import Approval
from models.contact import Contact
from models.database import Database
from models.forwarding import Forwarding, ForwardingState
from models.inquiry import Inquiry
from models.message import Message
from models.queue import OutboxRow, Timer
from models.staff import Person, Role
from models.ticket import Ticket, TicketState, locked
from routing.approval import approve, send_back
from routing.inquiries import ask, decline, send_on
from routing.notices import tell_of
from routing.reminding import remind
from tests.bot.post import Post
from tests.bot.talk import institution, said, ticket, trail

ANNA = "anna@example.lv"
PMLP = "pmlp@pmlp.gov.lv"


@pytest.fixture
def post(database: Database, brain: Brain) -> Post:
    office = Post(database, brain)
    office.has_address("PMLP", PMLP, "pmlp.gov.lv")
    return office


@pytest.fixture
def asked(post: Post) -> Ticket:
    return post.brings(ANNA, "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?", subject="Raķete").on


@pytest.fixture
def forwarding(post: Post, asked: Ticket) -> Forwarding:
    [made] = post.forwards(asked, "PMLP")
    return made


def employ(post: Post, role: Role, login: str) -> None:
    """With an address on Telegram."""

    def work(session: Session) -> None:
        contact = Contact(channel="telegram", address=login, created_at=post.at)
        session.add(contact)
        session.flush()
        at = institution(session, "PMLP").id or 0
        person = Person(login=login, role=role, institution_id=at, password_hash="", created_at=post.at)
        person.contact_id = contact.id
        session.add(person)

    post.database.write(work)


def letters(post: Post) -> list[str]:
    """What the timers let be written, in order."""

    def work(session: Session) -> list[str]:
        texts = []
        for timer in session.exec(select(Timer).where(col(Timer.kind) == "mail a forwarding").order_by(col(Timer.id))):
            if "letter" in timer.data:
                message = mail_institution(session, timer.data, post.at, lambda number: f"https://x.test/{number}")
                texts.append(message.text if message else "")
        return texts

    return post.database.write(work)


def test_a_reminder_brings_the_question_with_personal_codes_masked(
    post: Post, asked: Ticket, forwarding: Forwarding
) -> None:
    post.brings(ANNA, "Mans kods ir 010190-12345.", party=f"t{asked.id}")
    post.database.write(lambda s: remind(s, locked(s, asked.id or 0), again(s, forwarding), post.at, "anna"))
    [letter] = letters(post)
    assert "Atgādinām" in letter
    assert "nopirkt raķeti" in letter
    assert "010190-12345" not in letter
    assert f"https://x.test/{forwarding.id}" in letter
    [row] = [row for row in rows(post) if row.conversation == PMLP]
    assert row.channel == "email"


def test_what_was_asked_of_the_citizen_and_the_reply_reach_the_institution(
    post: Post, asked: Ticket, forwarding: Forwarding
) -> None:
    def through(session: Session) -> None:
        there, at = locked(session, asked.id or 0), again(session, forwarding)
        ask(session, there, at, "Uz kuru Marsa pusi?", post.at, "link PMLP")
        inquiry = session.exec(select(Inquiry)).one()
        send_on(session, there.contact, there, at, inquiry, "Uz kuru pusi?", post.at, "anna", pulled=False)

    post.database.write(through)
    assert "Uz kuru pusi?" in said(post.database, asked.ref)[-1].text
    post.brings(ANNA, "Uz kreiso.", party=f"t{asked.id}")
    [letter] = letters(post)
    assert "Uz kuru pusi?" in letter
    assert "Uz kreiso." in letter
    assert "termiņš nav apturēts" in letter
    assert "citizen replied" in trail(post.database, asked.ref)


def test_why_it_was_not_asked_is_said(post: Post, asked: Ticket, forwarding: Forwarding) -> None:
    def through(session: Session) -> None:
        there, at = locked(session, asked.id or 0), again(session, forwarding)
        ask(session, there, at, "Kāds ir kods?", post.at, "link PMLP")
        decline(session, there, at, session.exec(select(Inquiry)).one(), "Nedrīkst.", post.at, "anna")

    post.database.write(through)
    assert "Nedrīkst." in letters(post)[0]


def test_a_letter_waits_for_the_head_who_is_told_where_he_wants_and_its_files_go_along(
    post: Post, asked: Ticket, forwarding: Forwarding
) -> None:
    employ(post, Role.HEAD, "head")

    def wants(session: Session) -> None:
        institution(session, "PMLP").approval = True

    post.database.write(wants)
    post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}")
    assert ticket(post.database, asked.ref).state == TicketState.FORWARDED

    def told(session: Session) -> None:
        timer = session.exec(select(Timer).where(col(Timer.kind) == "tell of a notice")).one()
        tell_of(session, timer.data["notice"], "https://desk.test", post.at)

    post.database.write(told)
    [row] = [row for row in rows(post) if row.conversation == "head"]
    assert "gaida jūsu apstiprinājumu" in text_of(post, row)

    def back(session: Session) -> None:
        there, at = locked(session, asked.id or 0), again(session, forwarding)
        send_back(session, there, at, session.exec(select(Approval)).one(), "Laipnāk!", post.at, "head")

    post.database.write(back)
    assert "Laipnāk!" in letters(post)[0]
    post.brings(PMLP, "Diemžēl raķešu nav.", party=f"f{forwarding.id}")

    def let_go(session: Session) -> None:
        there, at = locked(session, asked.id or 0), again(session, forwarding)
        waiting = session.exec(select(Approval).order_by(col(Approval.id).desc())).first()
        assert waiting is not None
        pmlp = institution(session, "PMLP")
        approve(session, there.contact, there, at, pmlp, waiting, waiting.text, post.at, "head", pulled=False)

    post.database.write(let_go)
    assert said(post.database, asked.ref)[-1].text.endswith("Diemžēl raķešu nav.")
    assert post.forwardings(asked)[0].state == ForwardingState.ANSWERED


def test_where_it_no_longer_waits_there_no_letter_is_written(post: Post, asked: Ticket, forwarding: Forwarding) -> None:
    post.database.write(lambda s: remind(s, locked(s, asked.id or 0), again(s, forwarding), post.at, "anna"))
    post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}")
    assert letters(post) == [""]


def again(session: Session, forwarding: Forwarding) -> Forwarding:
    return session.get_one(Forwarding, forwarding.id)


def rows(post: Post) -> list[OutboxRow]:
    with post.database.read() as session:
        return list(session.exec(select(OutboxRow).order_by(col(OutboxRow.id))))


def text_of(post: Post, row: OutboxRow) -> str:
    with post.database.read() as session:
        return session.get_one(Message, row.message_id).text
