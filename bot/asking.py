"""What follows when somebody asks, asks again or adds something: small talk, a ticket, an answer, or people."""

from sqlmodel import col, select

from bot.act import act
from bot.status import answer_by, status_text
from bot.turn import Turn
from config.replies import LANGUAGES
from models.ticket import REF, Ticket, record
from nlu.understand import Intent
from routing.competence import TALK, AskPlace, Clarify, Route, Talk, TellStatus, decide
from routing.inquiries import citizen_replied

COURTEOUS = frozenset({Intent.GREETING, Intent.THANKS})
"""what needs no look of the people who have the question"""


def ask(turn: Turn) -> None:
    """A new question, unless it is small talk."""
    decision = decide(turn.meaning)
    if isinstance(decision, (Talk, TellStatus)) and not turn.inbound.files:
        turn.hear()
        talk(turn, decision)
    else:
        question(turn)


def question(turn: Turn) -> None:
    """A ticket for certain, even where the words are small talk: somebody wanted one."""
    if turn.meaning.language in LANGUAGES and not turn.inbound.language:
        turn.contact.language = turn.meaning.language
    decision = decide(turn.meaning)
    turn.open(turn.received_at)
    turn.hear()
    act(turn, Route("routed") if isinstance(decision, (Talk, TellStatus)) else decision)


def ask_again(turn: Turn, ticket: Ticket) -> None:
    """Words instead of a choice: one more try to understand, then people; never round in circles."""
    turn.hear()
    decision = decide(turn.meaning)
    turn.understood_anew()
    act(turn, Route("routed") if isinstance(decision, (Talk, TellStatus, Clarify, AskPlace)) else decision)


def join(turn: Turn, ticket: Ticket) -> None:
    """A further message of somebody who waits for people."""
    message = turn.hear()
    turn.session.flush()
    if turn.meaning.intent == Intent.STATUS and not turn.inbound.files:
        turn.say(status_text(turn.session, named_ticket(turn) or ticket))
        return
    asked = citizen_replied(turn.session, ticket, message, turn.at)
    if turn.meaning.intent in COURTEOUS and not turn.inbound.files and not asked:
        turn.say(turn.reply(TALK[turn.meaning.intent]))
        return
    ticket.attention = "complaint" if turn.meaning.intent == Intent.COMPLAINT else "citizen wrote"
    record(turn.session, ticket, "citizen wrote", "citizen", turn.at, message=message.id)
    if turn.meaning.intent == Intent.EMERGENCY:
        turn.say(turn.reply("routed_emergency", ref=ticket.ref, date=answer_by(ticket)))
        return
    new = {"value": f"n:{message.id}", "label": turn.reply("new_question")}
    turn.say(turn.reply("joined", ref=ticket.ref, date=answer_by(ticket)), [new])


def talk(turn: Turn, decision: Talk | TellStatus) -> None:
    """Small talk, or how the last question stands."""
    if isinstance(decision, Talk):
        turn.contact.greeted = turn.contact.greeted or decision.reply == "greeting"
        turn.say(turn.reply(decision.reply))
        return
    asked = named_ticket(turn) or last_ticket(turn)
    turn.say(status_text(turn.session, asked) if asked else turn.reply("no_ticket"))


def named_ticket(turn: Turn) -> Ticket | None:
    """The person's own ticket whose number stands in the words."""
    refs = REF.findall(turn.words.upper())
    return turn.session.exec(
        select(Ticket).where(col(Ticket.contact_id) == turn.contact.id, col(Ticket.ref).in_(refs)).limit(1)
    ).first()


def last_ticket(turn: Turn) -> Ticket | None:
    return turn.session.exec(
        select(Ticket).where(col(Ticket.contact_id) == turn.contact.id).order_by(col(Ticket.id).desc()).limit(1)
    ).first()
