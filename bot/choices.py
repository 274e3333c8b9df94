"""What a pressed button does. Its value names a ticket or message; one that is not the presser's own does nothing."""

from sqlmodel import col, select

from bot.act import act
from bot.status import status_text
from bot.turn import SUBJECT, Turn
from models.message import Direction, Message, last_said
from models.ticket import Ticket, TicketState, locked, record
from nlu.municipalities import all_places
from routing.competence import AnswerFromCatalogue, Route, Talk, TellStatus, decide
from routing.inquiries import is_no_reply


def choose(turn: Turn, value: str) -> None:
    """`s:REF:n` chooses a service, `p:REF:Rīga` a municipality, `h:REF:yes|no` says whether it helped.

    `n:ID` makes a message its own question.
    """
    what, _, rest = value.partition(":")
    if (message := message_meant(value)) is not None:
        _split_off(turn, message)
        return
    ref, _, choice = rest.partition(":")
    ticket = _own_ticket(turn, ref) if what in ("s", "p", "h") else None
    if ticket is None:
        turn.say(turn.reply("not_yours"))
        return
    turn.ticket = ticket
    if what == "s":
        _chose_service(turn, ticket, choice)
    elif what == "p":
        _told_place(turn, ticket, choice)
    else:
        _rated(turn, ticket, choice)


def typed_choice(turn: Turn) -> str:
    """The button whose number or label was typed in answer to the last thing we said; empty where none was."""
    typed = turn.inbound.text.strip().casefold()
    if not typed or len(typed) > SUBJECT or (last := last_said(turn.session, turn.contact)) is None:
        return ""
    for number, choice in enumerate(last.choices, 1):
        label = choice["label"].casefold()
        if typed in (str(number), label, label.split(",")[0]):
            return choice["value"]
    return ""


def message_meant(choice: str) -> int | None:
    """The id of the message that a button is about, so that it can be understood before the turn is taken."""
    what, _, rest = choice.partition(":")
    return int(rest) if what == "n" and _is_number(rest) else None


def _is_number(text: str) -> bool:
    """Digits as we write them: `²` is one by Python's word, and yet no number."""
    return text.isascii() and text.isdigit() and len(text) < 19


def _own_ticket(turn: Turn, ref: str) -> Ticket | None:
    found = turn.session.exec(
        select(Ticket.id).where(col(Ticket.ref) == ref, col(Ticket.contact_id) == turn.contact.id)
    ).first()
    return locked(turn.session, found) if found else None


def _chose_service(turn: Turn, ticket: Ticket, choice: str) -> None:
    if ticket.state != TicketState.CLARIFYING:
        turn.say(status_text(turn.session, ticket))
    elif _is_number(choice) and int(choice) < len(ticket.offered):
        act(turn, AnswerFromCatalogue(ticket.offered[int(choice)]))
    else:
        turn.hand_over("routed", "citizen")


def _told_place(turn: Turn, ticket: Ticket, place: str) -> None:
    """Pressed or typed by name, the turn's meaning is that of the question there (bot/places.py)."""
    if ticket.state != TicketState.CLARIFYING or ticket.offered:
        turn.say(status_text(turn.session, ticket))
        return
    if place not in all_places():
        turn.hand_over("routed", "citizen")
    elif turn.meaning.municipality != place:  # its number was typed
        ticket.municipality = place
        turn.hand_over("routed", "citizen")
    else:
        turn.understood_anew()
        decision = decide(turn.meaning)
        act(turn, decision if isinstance(decision, AnswerFromCatalogue) else Route("routed"))


def _rated(turn: Turn, ticket: Ticket, choice: str) -> None:
    if ticket.state != TicketState.ANSWERED or choice not in ("yes", "no"):
        turn.say(status_text(turn.session, ticket))
        return
    ticket.rating = choice
    record(turn.session, ticket, "rated", "citizen", turn.at, helped=choice)
    if choice == "yes":
        ticket.state = TicketState.CLOSED
        turn.say(turn.reply("helped", ref=ticket.ref))
        return
    turn.go_on()
    turn.hand_over("routed", "citizen")


def _split_off(turn: Turn, message_id: int) -> None:
    """ "This is another question": the message leaves the ticket it joined and opens its own, with its own receipt."""
    message = turn.session.get(Message, message_id)
    if message is None or message.contact_id != turn.contact.id or message.direction != Direction.IN:
        turn.say(turn.reply("not_yours"))
        return
    old = locked(turn.session, message.ticket_id) if message.ticket_id else None
    if old is not None and _first_message(turn, old) == message.id:  # pressed twice: it has its own ticket already
        turn.ticket = old
        turn.say(status_text(turn.session, old))
        return
    if old is not None:
        record(turn.session, old, "question split off", "citizen", turn.at, message=message.id)
        is_no_reply(turn.session, message)
    message.ticket = turn.open(message.at)
    turn.heard = message
    decision = decide(turn.meaning)
    act(turn, Route("routed") if isinstance(decision, (Talk, TellStatus)) else decision)


def _first_message(turn: Turn, ticket: Ticket) -> int | None:
    return turn.session.exec(
        select(Message.id).where(col(Message.ticket_id) == ticket.id).order_by(col(Message.id)).limit(1)
    ).first()
