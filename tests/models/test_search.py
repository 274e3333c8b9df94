"""Search: what is found by which words, on both databases, and that the words follow every change of a text."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, col, delete, select, update

from models.contact import Contact, contact_of
from models.database import Database
from models.forwarding import Forwarding
from models.institution import institution_by_code
from models.message import Author, Direction, Message, heard
from models.search import found_anywhere, found_at_once, found_by_institution, found_by_number, sought
from models.ticket import Ticket, locked, open_ticket

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def asks(database: Database, text: str, *, name: str = "", address: str = "77", channel: str = "telegram") -> int:
    def work(session: Session) -> int:
        contact = contact_of(session, channel, address, AT, name=name, language="lv")
        ticket = open_ticket(session, contact, AT, subject=text[:100])
        heard(session, contact, ticket, text, AT)
        session.flush()
        return ticket.id or 0

    return database.write(work)


def forwarded(database: Database, ticket_id: int, code: str = "PMLP", ended: datetime | None = None) -> int:
    def work(session: Session) -> int:
        institution = institution_by_code(session, code)
        assert institution
        forwarding = Forwarding(
            ticket_id=ticket_id,
            institution_id=institution.id or 0,
            forwarded_at=AT,
            forwarded_by="anna",
            shown_due=AT.date(),
            ended_at=ended,
        )
        session.add(forwarding)
        session.flush()
        return forwarding.id or 0

    return database.write(work)


def found(database: Database, words: str) -> list[int]:
    with database.read() as session:
        asked = sought(words)
        by_number = session.exec(select(Ticket.id).where(found_by_number(asked))).all()
        return sorted(
            {n or 0 for n in (*by_number, *session.exec(select(Ticket.id).where(found_anywhere(session, asked))))}
        )


def found_by(database: Database, words: str, code: str = "PMLP") -> list[int]:
    with database.read() as session:
        institution = institution_by_code(session, code)
        assert institution
        here = (
            col(Forwarding.institution_id) == institution.id,
            found_by_institution(session, sought(words), institution.id or 0),
        )
        return [n or 0 for n in session.exec(select(Forwarding.id).where(*here).order_by(col(Forwarding.id)))]


@pytest.mark.parametrize(
    "words",
    [
        "kada pase", "PASE", "pas jasanem", "ĶĪPSALA", "kipsal", "jāsaņem pasi", "паспорт", "ПАСПОР", "Anna Bērz",
        "berzina pases", "000001", "1", "LV-2026-000001", "lv-2026-1", "2026-000001", "anna.berzina", "inbox.lv",
    ],
)  # fmt: skip
def test_a_question_is_found_by_what_it_says_who_asks_and_its_number(database: Database, words: str) -> None:
    text = "Kādā kārtībā jāsaņem pasi? Vai pases izsniedz Ķīpsalā? Нужен паспорт."
    one = asks(database, text, name="Anna Bērziņa", address="anna.berzina@inbox.lv", channel="email")
    asks(database, "Kur maksā nodokļus?", name="Jānis", address="78")
    assert found(database, words) == [one]


@pytest.mark.parametrize(
    "words",
    ["", "!?", "_", "%", '"', "'", "pase OR nodoklis", "pase AND", "NEAR(pase)", "a:b", "*", "-pase", "pasē nodok"],
)
def test_signs_of_a_query_language_are_no_more_than_signs(database: Database, words: str) -> None:
    asks(database, "Kur saņemt pasi?")
    assert found(database, words) == []


def test_all_words_have_to_be_there_but_not_in_one_message(database: Database) -> None:
    one = asks(database, "Kur saņemt pasi?", name="Ilze")
    database.write(
        lambda s: heard(s, s.get_one(Ticket, one).contact, s.get_one(Ticket, one), "Esmu Ogrē.", AT) and None
    )
    assert found(database, "pasi ogr ilze") == [one]
    assert found(database, "pasi Rīga") == []


def test_edits_and_erasures_are_followed(database: Database) -> None:
    one = asks(database, "Pirmais teksts", name="Zane")

    def edit(session: Session) -> None:
        message = session.exec(select(Message)).one()
        message.text = "Otrais vārds"
        locked(session, one).subject = "Trešais"
        session.exec(select(Contact)).one().name = "Ulla"

    database.write(edit)
    assert [found(database, words) for words in ("pirmais", "zane", "otrais", "trešais", "ulla")] == [
        [],
        [],
        [one],
        [one],
        [one],
    ]
    database.write(lambda s: s.exec(update(Message).values(text="")) and None)
    assert found(database, "otrais") == []
    database.write(lambda s: s.exec(update(Message).values(text="Ceturtais")) and None)
    database.write(lambda s: s.exec(delete(Message)) and None)
    assert found(database, "ceturtais") == []


def test_a_message_is_found_at_the_ticket_to_which_it_was_moved(database: Database) -> None:
    one, other = asks(database, "Kur saņemt pasi?"), asks(database, "Cits", address="78")
    database.write(
        lambda s: s.exec(update(Message).where(col(Message.ticket_id) == one).values(ticket_id=other)) and None
    )
    database.write(lambda s: setattr(locked(s, one), "subject", ""))
    assert found(database, "pasi") == [other]


def test_an_institutions_letter_is_found_at_its_ticket_also_where_that_is_another_now(database: Database) -> None:
    one, other = asks(database, "Kur saņemt pasi?"), asks(database, "Cits", address="78")
    forwarding = forwarded(database, one)

    def write(session: Session) -> None:
        contact = contact_of(session, "email", "x@pmlp.gov.lv", AT, name="PMLP", language="lv")
        session.add(
            Message(
                contact=contact,
                forwarding_id=forwarding,
                direction=Direction.IN,
                author=Author.INSTITUTION,
                text="Raķešu nav.",
                at=AT,
            )
        )

    database.write(write)
    assert found(database, "raketes") == []
    assert found(database, "rakesu") == [one]
    database.write(lambda s: setattr(s.get_one(Forwarding, forwarding), "ticket_id", other))
    assert found(database, "raķešu") == [other]


@pytest.mark.parametrize("words", ["010190-12345", "010190", "12345", "0101", "01019", "3245678", "32456789012"])
def test_a_personal_code_is_not_found_however_it_is_typed(database: Database, words: str) -> None:
    asks(database, "Mans kods ir 010190-12345, jaunais 32456789012.")
    assert found(database, words) == []


def test_short_numbers_are_found_whole(database: Database) -> None:
    one = asks(database, "Saskaņā ar noteikumu Nr. 400 un 2025. gada kārtību")
    assert [found(database, words) for words in ("400", "nr 2025", "40 noteikumu")] == [[one], [one], []]


def test_a_telephone_is_found_by_its_last_digits_and_a_secret_address_is_not(database: Database) -> None:
    one = asks(database, "Labdien", address="37120001234", channel="whatsapp")
    asks(database, "Sveiki", address="zzyzx20001234", channel="webchat")
    assert found(database, "+371 2000 1234") == [one]
    assert found(database, "20001234") == [one]
    assert found(database, "zzyzx") == []


def test_an_institution_is_called_by_code_or_name(database: Database) -> None:
    one, other = asks(database, "Kur saņemt pasi?"), asks(database, "Cits", address="78")
    forwarded(database, one, "PMLP")
    forwarded(database, other, "VSAA")
    assert found(database, "pmlp") == [one]
    assert found(database, "pasi pmlp") == [one]
    assert found(database, "pilsonibas un migracijas lietu") == [one]
    assert found(database, "VSAA") == [other]


def test_what_the_question_itself_says_is_told_from_what_was_said_later(database: Database) -> None:
    one, other = asks(database, "Kur saņemt pasi?"), asks(database, "Cits", address="78")
    database.write(
        lambda s: heard(s, s.get_one(Ticket, other).contact, s.get_one(Ticket, other), "Un pasi?", AT) and None
    )
    with database.read() as session:
        assert session.exec(select(Ticket.id).where(found_at_once(session, sought("pasi")))).all() == [one]
    assert found(database, "pasi") == [one, other]


def test_an_institution_finds_its_own_and_only_what_it_may_see(database: Database) -> None:
    mine, foreign = asks(database, "Kur saņemt pasi?", name="Anna"), asks(database, "Kur mana pase?", address="78")
    forwarding = forwarded(database, mine, ended=AT + timedelta(hours=1))
    elsewhere = forwarded(database, foreign, "VSAA")

    def later(session: Session) -> None:
        ticket = session.get_one(Ticket, mine)
        heard(session, ticket.contact, ticket, "Sākumā pieminēju Liepāju.", AT + timedelta(minutes=5))
        heard(session, ticket.contact, ticket, "Vēlāk pieminu Ventspili.", AT + timedelta(hours=2))

    database.write(later)
    assert found_by(database, "pas") == [forwarding]
    assert found_by(database, "liepaju pasi") == [forwarding]
    assert found_by(database, f"{mine}") == [forwarding]
    assert found_by(database, "ventspili") == []
    assert found_by(database, "anna") == []
    assert found_by(database, "") == []
    assert found_by(database, "pase", "VSAA") == [elsewhere]
    assert found(database, "ventspili") == [mine]


def test_a_very_long_text_is_stored_and_its_beginning_found(database: Database) -> None:
    one = asks(database, "Sākums " + "".join(f"v{n:x} " for n in range(40_000)) + " beigas")
    assert found(database, "sakums") == [one]
    assert found(database, "beigas") == []
