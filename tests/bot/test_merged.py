"""A merged question on its way: the schedule gives the one answer on, and what its citizen writes is for people."""

from sqlmodel import Session, col, select

from bot.brain import Brain
from models.database import Database
from models.message import Message
from models.moments import now
from models.ticket import Ticket
from routing import joining
from tests.bot.talk import Talk, ticket
from tests.bot.test_schedule import schedule_of
from tests.routing.case import Case

PERSON = "Gribu sūdzēties par ierēdni; lūdzu, lai zvana cilvēks."


async def test_the_one_answer_goes_on_and_a_merged_citizen_stays_with_people(sqlite_url: str, brain: Brain) -> None:
    database = Database(sqlite_url)
    first = Case(database, received_at=now())
    citizen = Talk(database, brain, "webchat", "ivars", at=now())
    asked = citizen.says(PERSON).ticket
    assert asked is not None

    def merge(session: Session) -> None:
        into = session.get_one(Ticket, first.id)
        joining.merge(session, session.get_one(Ticket, asked.id), into, now(), "anna")

    database.write(merge)
    turn = citizen.says("Un vēl: viņš bija rupjš!")
    assert turn.ticket is not None
    assert (turn.ticket.ref, turn.ticket.state, turn.ticket.attention) == (asked.ref, "merged", "citizen wrote")
    assert f"Jautājums {asked.ref}: apvienots" in citizen.says("Kas notiek ar manu jautājumu?").said[-1].text
    first.composes("Lūdzu, atvainojiet.", at=now())
    for _ in range(2):
        await schedule_of(database, "one", lambda _session: now()).beat()
    assert _said(database, asked)[-1].text.endswith(f"{asked.ref}:\n\nLūdzu, atvainojiet.")
    assert ticket(database, asked.ref).state == "answered"
    assert len([m for m in _said(database, asked) if m.answers]) == 1
    database.close()


def _said(database: Database, asked: Ticket) -> list[Message]:
    with database.read() as session:
        return list(session.exec(select(Message).where(col(Message.ticket_id) == asked.id).order_by(col(Message.id))))
