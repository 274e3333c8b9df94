"""Thresholds that were chosen at the desk take effect in what the bot does next, in every process."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.brain import Brain
from bot.machines import Held
from models.database import Database
from models.forwarding import ForwardingState, forwardings_of
from models.moments import now
from models.queue import Timer
from models.setting import (
    APPROVE_LETTERS,
    CHOICE_HOURS,
    FORWARD_ALONE,
    LETTERS_HEARD,
    LETTERS_TOLD,
    REOPEN_DAYS,
    REOPEN_TIMES,
    Setting,
)
from models.ticket import TicketState
from nlu.understand import Band, Candidate, Intent, Understanding
from routing.alone import goes_alone
from tests.bot.post import WAYS, Post
from tests.bot.talk import Talk, said, ticket, trail

UNKNOWN = "Kāds rīt būs laiks Marsā un kur nopirkt raķeti?"
FOR_PMLP = "Vai PMLP telpās drīkst ieiet ar suni?"
PMLP = "pmlp@pmlp.gov.lv"


def choose(database: Database, name: str, value: int) -> None:
    database.write(
        lambda session: session.merge(Setting(name=name, value=value, changed_by="admin", changed_at=now())) and None
    )


@pytest.fixture
def post(database: Database, brain: Brain) -> Post:
    office = Post(database, brain)
    office.has_address("PMLP", PMLP, "pmlp.gov.lv")
    return office


def meaning(confidence: float = 0.9, **more: object) -> Understanding:
    plain = {"municipal": False, "parts": (), "competent": (), "intent": Intent.QUESTION} | more
    return Understanding(
        "lv", band=Band.ROUTE, services=(), institutions=(Candidate("PMLP", confidence),), confidence=0.2,
        **plain,  # type: ignore[arg-type]
    )  # fmt: skip


@pytest.mark.parametrize(
    ("of", "percent", "code"),
    [
        (meaning(), 0, ""),
        (meaning(), 90, "PMLP"),
        (meaning(0.899), 90, ""),
        (meaning(intent=Intent.COMPLAINT), 60, ""),
        (meaning(intent=Intent.PERSONAL), 60, ""),
        (meaning(municipal=True), 60, ""),
        (meaning(competent=("PMLP", "VSAA")), 60, ""),
        (meaning(parts=(meaning(), meaning())), 60, ""),
    ],
)
def test_only_a_plain_and_sure_question_goes_alone(of: Understanding, percent: int, code: str) -> None:
    assert goes_alone(of, percent) == code


@pytest.mark.parametrize("percent", [0, 60])
def test_the_bot_forwards_by_itself_only_where_the_house_lets_it(
    database: Database, brain: Brain, percent: int
) -> None:
    choose(database, FORWARD_ALONE, percent)
    turn = Talk(database, brain).says(FOR_PMLP)
    with database.read() as session:
        sent = forwardings_of(session, turn.on.id or 0)
    assert [one.forwarded_by for one in sent] == (["bot"] if percent else [])
    assert turn.on.state == (TicketState.FORWARDED if percent else TicketState.TRIAGE)
    assert ("forwarded" in trail(database, turn.on.ref)) == bool(sent)
    assert turn.on.ref in said(database, turn.on.ref)[-1].text, "the citizen hears the number all the same"


def test_the_bot_waits_for_a_choice_as_long_as_was_chosen(database: Database, brain: Brain) -> None:
    choose(database, CHOICE_HOURS, 5)
    talk = Talk(database, brain)
    turn = talk.says("Kā saņemt bērna pabalstu?")
    assert turn.on.state == TicketState.CLARIFYING
    with database.read() as session:
        (timer,) = session.exec(select(Timer).where(col(Timer.ticket_id) == turn.on.id)).all()
    assert timer.due_at == talk.at + timedelta(hours=5)


@pytest.mark.parametrize(("environment", "desk", "waits"), [(False, None, False), (False, 1, True), (True, 0, False)])
def test_the_desk_has_the_last_word_on_institutions_letters(
    post: Post, environment: bool, desk: int | None, waits: bool
) -> None:
    if desk is not None:
        choose(post.database, APPROVE_LETTERS, desk)
    post.ways = type(WAYS)(pulled=WAYS.pulled, approve_letters=environment)
    asked = post.brings("anna@example.lv", UNKNOWN, subject="Raķete").on
    [forwarding] = post.forwards(asked, "PMLP")
    post.brings(PMLP, "Raķešu nav.", party=f"f{forwarding.id}")
    assert (post.forwardings(asked)[0].state == ForwardingState.WAITING) == waits


def test_letters_are_counted_by_what_was_chosen(post: Post) -> None:
    choose(post.database, LETTERS_HEARD, 5)
    choose(post.database, LETTERS_TOLD, 1)
    first = post.brings("anna@example.lv", UNKNOWN, subject="Raķete")
    assert first.said
    second = post.brings("anna@example.lv", UNKNOWN, subject="Cita raķete")
    assert second.said == [], "one automatic letter in an hour"
    for _ in range(3):
        post.brings("anna@example.lv", UNKNOWN, subject="Vēl")
    with pytest.raises(Held, match="too many"):
        post.brings("anna@example.lv", UNKNOWN, subject="Sestā")


def test_a_ticket_is_opened_again_by_letter_as_was_chosen(post: Post) -> None:
    choose(post.database, REOPEN_DAYS, 3)
    choose(post.database, REOPEN_TIMES, 0)
    asked = post.brings("anna@example.lv", "Kā deklarēt dzīvesvietu portālā latvija.gov.lv ar eParakstu?").on
    assert ticket(post.database, asked.ref).state == TicketState.ANSWERED
    again = post.brings("anna@example.lv", "Nesapratu.", party=f"t{asked.id}")
    assert again.on.ref != asked.ref, "never again: it is a new question"
