"""A letter: what it belongs to, and whether its sender may say so. What is doubtful waits until a person has looked.

A letter joins a ticket or a forwarding only where its sender is a party to it: the citizen who asked, or the
institution that was asked. That somebody knows a number or has got hold of a token is not enough.
"""

from datetime import timedelta

from sqlmodel import col, func, select

from bot.asking import ask_again, join, question
from bot.choices import choose, typed_choice
from bot.institution_letters import institution_wrote
from bot.machines import MACHINES, Held, split
from bot.status import answer_by
from bot.turn import Turn
from channels.base import Letter, MailKind
from models.contact import Contact
from models.forwarding import Forwarding
from models.institution import Institution
from models.message import Author, Direction, Message
from models.setting import LETTERS_HEARD, LETTERS_TOLD, REOPEN_DAYS, REOPEN_TIMES, value_of
from models.ticket import REF, WITH_PEOPLE, Event, Ticket, TicketState, locked, record, ticket_by_ref
from nlu.understand import Intent
from routing.by_letter import is_of
from routing.inquiries import citizen_replied
from routing.triage import hand_to_people

NEW = "new"
"""a person's verdict on a letter that was held: it is a question of its own"""
HOUR = timedelta(hours=1)


def lettered(turn: Turn) -> None:
    """Takes the letter in. Raises Held, and then nothing may be stored.

    What a person says goes before what we see, also that no machine wrote it: a question that was taken for a machine's
    letter is let in as `new`.
    """
    letter = turn.letter
    if letter.kind in MACHINES and turn.verdict != NEW:
        MACHINES[letter.kind](turn, letter)
    else:
        _wrote(turn, letter)
    if turn.judge:
        record(turn.session, turn.on, "let in", turn.judge, turn.at, sender=letter.sender)


def _wrote(turn: Turn, letter: Letter) -> None:
    if not turn.verdict:
        _let_in(turn, letter)
    kind, number = split(turn.verdict or letter.party or _thread(turn, letter))
    if kind == "f":
        _to_forwarding(turn, letter, number)
    elif kind == "t":
        _to_ticket(turn, letter, number)
    else:
        _new(turn, letter)


def _let_in(turn: Turn, letter: Letter) -> None:
    if letter.doubtful:
        raise Held(letter.doubtful)
    if _number(turn, Direction.IN) >= value_of(turn.session, LETTERS_HEARD):
        raise Held("too many")


def _thread(turn: Turn, letter: Letter) -> str:
    """By the ids that it names, of the sender's own letters; by the number in the subject where that ticket is his."""
    own = select(Message.ticket_id).join(Contact, col(Contact.id) == col(Message.contact_id))
    named = own.where(
        col(Contact.channel) == turn.contact.channel,
        col(Contact.address) == letter.sender,
        col(Message.direction) == Direction.IN,
        col(Message.external_id).in_(letter.answers),
        col(Message.ticket_id).is_not(None),
    )
    if letter.answers and (found := turn.session.exec(named.order_by(col(Message.id).desc())).first()):
        return f"t{found}"
    ticket = ticket_by_ref(turn.session, ref) if (ref := ref_in(letter.subject)) else None
    return f"t{ticket.id}" if ticket and ticket.contact.address == letter.sender else ""


def _to_forwarding(turn: Turn, letter: Letter, number: int) -> None:
    forwarding = turn.session.get(Forwarding, number)
    if forwarding is None:
        raise Held("foreign")
    institution = turn.session.get_one(Institution, forwarding.institution_id)
    if not turn.verdict and not is_of(institution, letter.sender):
        raise Held("foreign")
    institution_wrote(turn, locked(turn.session, forwarding.ticket_id), forwarding, institution)


def _to_ticket(turn: Turn, letter: Letter, number: int) -> None:
    if (known := turn.session.get(Ticket, number)) is None:
        raise Held("foreign")
    citizen = known.contact
    if not turn.verdict and (citizen.channel, citizen.address) != (turn.contact.channel, letter.sender):
        raise Held("foreign")
    turn.contact, turn.ticket = citizen, locked(turn.session, number)
    if not turn.inbound.files and (choice := typed_choice(turn)):
        choose(turn, choice)
    elif turn.on.state in WITH_PEOPLE and _told_enough(turn):
        message = turn.hear()
        turn.session.flush()
        record(turn.session, turn.on, "citizen wrote", "citizen", turn.at, message=message.id)
        citizen_replied(turn.session, turn.on, message, turn.at)
        turn.on.attention = "citizen wrote"
    elif turn.on.state in WITH_PEOPLE:
        join(turn, turn.on)
    elif turn.on.is_open:
        ask_again(turn, turn.on)
    elif turn.meaning.intent == Intent.THANKS and not turn.inbound.files:
        turn.hear()
    elif _may_open_again(turn, turn.on):
        _open_again(turn)
    else:
        turn.ticket = None
        _new(turn, letter)


def _new(turn: Turn, letter: Letter) -> None:
    """A question: answered or acknowledged, unless nobody would read that or two machines may be at it."""
    if letter.kind == MailKind.AUTO_GENERATED or _told_enough(turn):
        turn.open(turn.received_at)
        turn.hear()
        hand_to_people(turn.session, turn.on, turn.at, "bot", "routed")
    else:
        turn.excuse()
        question(turn)
        if turn.on.state not in WITH_PEOPLE:  # the words for those tell the number and the date anyway
            turn.say(turn.reply("letter_number", ref=turn.on.ref, date=answer_by(turn.on)))


def _may_open_again(turn: Turn, ticket: Ticket) -> bool:
    """Not for ever, and not for an old matter: what is asked then is a new question with clocks of its own."""
    longest = timedelta(days=value_of(turn.session, REOPEN_DAYS))
    if ticket.state == TicketState.CLOSED or turn.received_at - ticket.changed_at > longest:
        return False
    before = select(func.count()).where(col(Event.ticket_id) == ticket.id, col(Event.kind) == "opened again by letter")
    return turn.session.exec(before).one() < value_of(turn.session, REOPEN_TIMES)


def _open_again(turn: Turn) -> None:
    """The answer was none: the clock runs on from the first receipt, as when a citizen presses "no"."""
    message = turn.hear()
    turn.session.flush()
    record(turn.session, turn.on, "opened again by letter", "citizen", turn.at, message=message.id)
    turn.go_on()
    turn.hand_over("routed", "citizen")
    turn.on.attention = "citizen wrote"


def _told_enough(turn: Turn) -> bool:
    """Somebody who answers us that often is a machine that does not say so: two of them would never end."""
    return _number(turn, Direction.OUT) >= value_of(turn.session, LETTERS_TOLD)


def _number(turn: Turn, direction: Direction) -> int:
    """Letters to or from this address within the last hour; of ours, those that no person wrote."""
    said = select(func.count(col(Message.id))).where(
        col(Message.contact_id) == turn.contact.id,
        col(Message.direction) == direction,
        col(Message.at) > turn.at - HOUR,
        col(Message.author).in_((Author.BOT, Author.CITIZEN)),
    )
    return turn.session.exec(said).one() if turn.contact.id else 0


def ref_in(subject: str) -> str:
    """The ticket's number in a subject; empty where there is none."""
    found = REF.search(subject)
    return found.group() if found else ""
