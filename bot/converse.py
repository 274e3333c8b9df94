"""What happens to one thing a citizen did: contact, ticket, understand, decide, act. One short transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session, col, select

from bot.asking import ask, ask_again, join, last_ticket, question, talk
from bot.brain import Published
from bot.choices import choose, typed_choice
from bot.letters import lettered
from bot.status import answer_by
from bot.turn import PLAIN_WAYS, Turn, Ways
from channels.base import Inbound, Kind
from config.replies import DEFAULT, LANGUAGES
from models.contact import contact_of
from models.message import Message
from models.ticket import WITH_PEOPLE, locked, open_ticket_of, record
from nlu.understand import Understanding
from routing.competence import Talk, TellStatus


def converse(
    session: Session,
    channel: str,
    inbound: Inbound,
    words: str,
    meaning: Understanding,
    *,
    at: datetime,
    received_at: datetime,
    pulled: bool,
    published: Published,
    ways: Ways = PLAIN_WAYS,
    verdict: str = "",
) -> Turn:
    """Takes the turn; what it changes is stored with the session's commit, nothing before.

    `words` is what `meaning` is the meaning of; `pulled` says that the channel's side fetches what we say;
    `published` is the catalogue that may be quoted; `verdict` is what a person said of a letter that was held, with
    his log-in after a blank.
    """
    said, _, judge = verdict.partition(" ")
    turn = Turn(session, inbound, words, meaning, at, received_at, pulled, published, ways, said, judge)
    language = inbound.language if inbound.language in LANGUAGES else DEFAULT
    turn.contact = contact_of(session, channel, inbound.conversation, at, name=inbound.name, language=language)
    if step := STEPS.get(inbound.kind):
        if inbound.kind in SPOKEN:
            turn.excuse()
        step(turn)
    turn.due = answer_by(turn.ticket) if turn.ticket else None
    return turn


def wrote(turn: Turn) -> None:
    """A text: perhaps a choice typed instead of pressed, else it joins the open ticket or asks something new."""
    if not turn.inbound.files and (choice := typed_choice(turn)):
        choose(turn, choice)
        return
    if turn.meaning.language in LANGUAGES:
        turn.contact.language = turn.meaning.language
    turn.ticket = open_ticket_of(turn.session, turn.contact)
    if turn.ticket is None:
        ask(turn)
    elif turn.ticket.state in WITH_PEOPLE:
        join(turn, turn.ticket)
    else:
        ask_again(turn, turn.ticket)


def edited(turn: Turn) -> None:
    """Keeps the new text and the one before; what was done on the old one stays done, and people are told."""
    message = turn.session.exec(
        select(Message).where(
            col(Message.contact_id) == turn.contact.id, col(Message.external_id) == turn.inbound.external_id
        )
    ).first()
    if message is None:  # the edit came before the message, or the message is older than we are: take it as one
        wrote(turn)
        return
    if message.text == turn.inbound.text:
        return
    message.earlier = [*message.earlier, message.text]
    message.text, message.edited_at = turn.inbound.text, turn.at
    if message.ticket_id:
        ticket = locked(turn.session, message.ticket_id)
        record(turn.session, ticket, "citizen edited", "citizen", turn.at, message=message.id)
        if ticket.state in WITH_PEOPLE:
            ticket.attention = "citizen wrote"


def complained(turn: Turn) -> None:
    """About the last ticket: people look at it, again where it was finished; with none, it is a question of its own."""
    ticket = last_ticket(turn)
    if ticket is None:
        question(turn)
        return
    turn.ticket = ticket = locked(turn.session, ticket.id or 0)
    message = turn.hear()
    turn.session.flush()
    record(turn.session, ticket, "complaint", "citizen", turn.at, message=message.id)
    if ticket.state in WITH_PEOPLE:
        turn.say(turn.reply("joined", ref=ticket.ref, date=answer_by(ticket)))
    else:
        turn.go_on()
        turn.hand_over("routed_complaint", "citizen")
    ticket.attention = "complaint"


def left(turn: Turn) -> None:
    """Blocks us: answers cannot reach this address, and whoever owes one is told."""
    turn.contact.gone_at = turn.at
    if ticket := open_ticket_of(turn.session, turn.contact):
        ticket.attention = "citizen unreachable"
        record(turn.session, ticket, "citizen unreachable", "citizen", turn.at)


SPOKEN = frozenset({Kind.TEXT, Kind.QUESTION, Kind.START})

STEPS: dict[Kind, Callable[[Turn], None]] = {
    Kind.TEXT: wrote,
    Kind.QUESTION: question,
    Kind.COMPLAINT: complained,
    Kind.CHOICE: lambda turn: choose(turn, turn.inbound.choice),
    Kind.EDIT: edited,
    Kind.START: lambda turn: talk(turn, Talk("greeting")),
    Kind.STATUS: lambda turn: talk(turn, TellStatus()),
    Kind.LETTER: lettered,
    Kind.LEFT: left,
}
