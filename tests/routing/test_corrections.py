"""Whose the questions were in the end, against what the engine had suggested."""

from datetime import date, datetime

from sqlalchemy import event
from sqlmodel import Session

from models.database import Database
from models.message import heard
from models.service import service_by_code
from models.ticket import Event, Ticket
from nlu.examples import Example
from routing.correction import Confusion, Correction, Corrections, Kind
from routing.corrections import corrections
from routing.meant import choose_service
from routing.triage import hand_to_people
from tests.routing.case import MONDAY, Case, riga

QUESTION = "Kur mainīt pasi?"


def asked(
    database: Database, *suggested: str, text: str = QUESTION, at: datetime = MONDAY, language: str = "lv"
) -> Case:
    """With people, who were told these suggestions."""
    case = Case(database, at)

    def work(session: Session) -> None:
        ticket = session.get_one(Ticket, case.id)
        ticket.suggested, ticket.language = list(suggested), language
        heard(session, ticket.contact, ticket, text, at)

    case.changes(work)
    return case


def found(database: Database, since: date | None = None) -> Corrections:
    with database.read() as session:
        return corrections(session, since)


def only(database: Database) -> Correction:
    (one,) = found(database).known
    return one


def test_the_institution_that_was_suggested_first_and_answered_was_right(database: Database) -> None:
    case = asked(database, "PMLP", "VSAA", language="en")
    case.forward("PMLP", at=riga(23, 15))
    case.answers("PMLP", "Jebkurā nodaļā.", at=riga(24))
    assert only(database).row() == {
        "text": QUESTION,
        "intent": "PMLP",
        "institution": "PMLP",
        "service": "",
        "kind": "confirmed",
        "not": [],
        "suggested": ["PMLP", "VSAA"],
        "right": True,
        "language": "en",
        "ticket": case.ticket.ref,
    }


def test_not_ours_and_forwarded_anew_the_first_suggestion_was_wrong(database: Database) -> None:
    case = asked(database, "PMLP", "VSAA")
    case.forward("PMLP", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    assert found(database) == Corrections(1, [])
    case.forward("VSAA", at=riga(24, 15))
    one = only(database)
    assert (one.institution, one.returned, one.right) == ("VSAA", ("PMLP",), False)
    case.answers("VSAA", "Mūsu nodaļā.", at=riga(25))
    assert only(database) == one


def test_what_the_coordinator_took_back_was_wrong_without_a_word_from_the_institution(database: Database) -> None:
    case = asked(database, "PMLP")
    case.forward("PMLP", at=riga(23, 15))
    case.take_back("PMLP", at=riga(23, 16))
    assert found(database).known == []
    case.forward("VSAA", at=riga(23, 17))
    assert (only(database).institution, only(database).returned) == ("VSAA", ())


def test_an_institution_that_returned_it_and_then_answered_did_not_say_no_in_the_end(database: Database) -> None:
    case = asked(database, "PMLP")
    case.forward("PMLP", at=riga(23, 15))
    case.give_back("PMLP", "Nav mūsu.", at=riga(24))
    case.forward("PMLP", at=riga(24, 15), note="Tomēr jūsu.")
    case.answers("PMLP", "Jā.", at=riga(25))
    assert (only(database).right, only(database).returned) == (True, ())


def test_of_several_that_have_it_the_one_suggested_best_counts_else_the_last(database: Database) -> None:
    asked(database, "RVP", "VSAA", "PMLP").forward("PMLP", "VSAA", at=riga(23, 15))
    asked(database, "RVP").forward("VSAA", "PMLP", at=riga(23, 15))
    assert [one.institution for one in found(database).known] == ["VSAA", "PMLP"]


def test_who_answered_counts_more_than_who_still_has_it(database: Database) -> None:
    case = asked(database, "PMLP")
    case.forward("PMLP", "VSAA", at=riga(23, 15))
    case.answers("VSAA", "Daļa.", at=riga(24))
    assert only(database).institution == "VSAA"
    case.composes("Viss.", at=riga(25))
    assert only(database).institution == "VSAA"


def test_the_coordinators_own_answer_says_nothing_against_the_institution_that_had_it(database: Database) -> None:
    case = asked(database, "PMLP")
    case.forward("PMLP", at=riga(23, 15))
    case.composes("Atbildam paši.", at=riga(24))
    assert only(database).right
    asked(database, "PMLP").composes("Bez iestādes.", at=riga(24))
    assert (found(database).tickets, len(found(database).known)) == (2, 1)


def test_what_did_not_arrive_was_still_meant_for_that_institution(database: Database) -> None:
    case = asked(database, "RVP")
    case.forward("RVP", at=riga(23, 15))
    case.bounces("RVP", at=riga(24))
    assert only(database).right


def test_the_suggestion_counts_that_people_saw_first(database: Database) -> None:
    case = asked(database, "VSAA")
    first = next(one for one in case.events if one.kind == "handed to people")

    def work(session: Session) -> None:
        session.get_one(Event, first.id).data = {"suggested": ["PMLP"]}
        hand_to_people(session, session.get_one(Ticket, case.id), riga(23, 13), "citizen", "routed_complaint")

    case.changes(work)
    case.forward("PMLP", at=riga(23, 15))
    assert only(database).suggested == ("PMLP",)


def test_the_text_is_what_was_asked_first_without_what_is_private(database: Database) -> None:
    case = asked(database, "PMLP", text="Mans kods ir 010190-12345, raksti anna@example.lv\u2028Kur pase?")

    def work(session: Session) -> None:
        ticket = session.get_one(Ticket, case.id)
        heard(session, ticket.contact, ticket, "Un vēl?", riga(24))

    case.changes(work)
    case.forward("PMLP", at=riga(24))
    assert only(database).text == "Mans kods ir [personas kods], raksti [e-pasts]\u2028Kur pase?"


def test_a_question_without_words_is_counted_and_not_learnt(database: Database) -> None:
    asked(database, "PMLP", text=" ").forward("PMLP", at=riga(24))
    assert found(database) == Corrections(1, [])


def test_a_wish_for_a_person_is_counted_and_not_learnt(database: Database) -> None:
    case = asked(database, "PMLP", text="Gribu runāt ar cilvēku!")
    case.changes(lambda s: setattr(s.get_one(Ticket, case.id), "intent", "human"))
    case.forward("PMLP", at=riga(24))
    assert found(database) == Corrections(1, [])


def test_a_day_counts_in_riga(database: Database) -> None:
    asked(database, "PMLP", at=riga(23, 23, 59)).forward("PMLP", at=riga(24))
    asked(database, "VSAA", at=riga(24, 0)).forward("VSAA", at=riga(24))
    late = found(database, date(2026, 11, 24))
    assert (late.tickets, [one.institution for one in late.known]) == (1, ["VSAA"])
    assert found(database, date(2026, 11, 23)).tickets == 2


def test_confusions_are_counted_the_most_frequent_first(database: Database) -> None:
    for suggested, right in (("PMLP", "PMLP"), ("RVP", "PMLP"), ("VSAA", "PMLP"), ("VSAA", "PMLP"), ("", "RVP")):
        asked(database, *suggested.split()).forward(right, at=riga(24))
    told = found(database)
    assert told.right == 1
    assert told.confusions() == [Confusion("VSAA", "PMLP", 2), Confusion("", "RVP", 1), Confusion("RVP", "PMLP", 1)]


def test_every_kind_is_counted_with_what_became_what(database: Database) -> None:
    asked(database, "PMLP").forward("PMLP", at=riga(24))
    for _ in range(2):
        asked(database, "PMLP").forward("VSAA", at=riga(24))
    back = asked(database, "PMLP")
    back.forward("RVP", at=riga(24))
    back.give_back("RVP", "Nav mūsu.", at=riga(25))
    back.forward("PMLP", at=riga(25))
    chooses(asked(database, "PMLP"), "vecuma-pensija")
    told = found(database)
    assert told.kinds() == {
        "confirmed": [Confusion("PMLP", "PMLP", 1)],
        "elsewhere": [Confusion("PMLP", "VSAA", 2)],
        "not ours": [Confusion("RVP", "PMLP", 1)],
        "another service": [Confusion("", "vecuma-pensija", 1)],
    }
    assert told.institutions() == {
        "PMLP": {"theirs": 2, "right": 2, "wrong": 3, "returned": 0},
        "RVP": {"theirs": 0, "right": 0, "wrong": 0, "returned": 1},
        "VSAA": {"theirs": 3, "right": 0, "wrong": 0, "returned": 0},
    }


def chooses(case: Case, code: str, *, at: datetime = MONDAY) -> None:
    """The coordinator says which service it is about."""

    def work(session: Session) -> None:
        service = service_by_code(session, code)
        assert service is not None
        choose_service(session, session.get_one(Ticket, case.id), service, at, "anna")

    case.changes(work)


def test_a_chosen_service_is_what_the_question_is_about_without_being_forwarded(database: Database) -> None:
    case = asked(database, "PMLP", "RVP")
    chooses(case, "vecuma-pensija")
    one = only(database)
    assert (one.service, one.institution, one.kind, one.suggested) == (
        "vecuma-pensija", "VSAA", Kind.SERVICE, ("PMLP", "RVP"),
    )  # fmt: skip
    assert (case.ticket.service_code, case.ticket.suggested[0]) == ("vecuma-pensija", "VSAA")
    assert one.example() == Example(QUESTION, "lv", "VSAA", "vecuma-pensija", case.ticket.ref)


def test_the_coordinators_newest_word_on_the_service_counts(database: Database) -> None:
    case = asked(database, "PMLP")
    chooses(case, "vecuma-pensija")
    chooses(case, "berna-kopsanas-pabalsts", at=riga(23, 15))
    assert (only(database).service, only(database).guessed) == ("berna-kopsanas-pabalsts", "")
    case.forward("VSAA", at=riga(23, 16))
    assert only(database).service == "berna-kopsanas-pabalsts"
    case.forward("RVP", at=riga(23, 17))
    assert (only(database).service, only(database).institution) == ("", "RVP")


def test_a_service_whose_institution_returns_the_question_was_not_meant(database: Database) -> None:
    case = asked(database, "PMLP")
    chooses(case, "vecuma-pensija")
    case.forward("VSAA", at=riga(23, 15))
    case.give_back("VSAA", "Nav mūsu.", at=riga(24))
    assert found(database).known == []


def test_the_same_service_again_confirms_it(database: Database) -> None:
    case = asked(database, "VSAA")
    case.changes(lambda s: setattr(s.get_one(Ticket, case.id), "service_code", "vecuma-pensija"))
    chooses(case, "vecuma-pensija")
    assert (only(database).service, only(database).kind) == ("vecuma-pensija", Kind.CONFIRMED)


def test_somebodys_own_case_is_no_question_of_a_service(database: Database) -> None:
    case = asked(database, "PMLP", text="Kāpēc man atteica pensiju?")
    case.changes(lambda s: setattr(s.get_one(Ticket, case.id), "intent", "personal"))
    chooses(case, "vecuma-pensija")
    assert (only(database).service, only(database).institution) == ("", "VSAA")


def test_four_queries_however_many_questions_there_are(database: Database) -> None:
    statements: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    for number in (1, 4):
        for _ in range(number):
            case = asked(database, "PMLP")
            case.forward("PMLP", "VSAA", at=riga(24))
            case.give_back("PMLP", "Nav mūsu.", at=riga(25))
        event.listen(database.engine, "before_cursor_execute", count)
        found(database)
        event.remove(database.engine, "before_cursor_execute", count)
        assert len(statements) == 4
        statements.clear()
