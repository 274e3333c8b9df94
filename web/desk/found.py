"""Where the words stand that somebody sought: a piece of the text around them, personal codes masked."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, and_, col, select

from models.contact import Contact
from models.forwarding import Forwarding
from models.message import Message
from models.search import NAMELESS, Sought, fits, folded
from models.ticket import Ticket
from nlu.privacy import mask

AROUND = 70
"""characters before and after the first word"""
LOOKED_INTO = 20_000
"""characters of a message"""
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of what a person or the bot said, or the citizen himself."""

    author: str
    """empty: it is the citizen's name or address"""
    language: str
    parts: Sequence[tuple[str, bool]]
    """of the text, each with whether it is what was sought"""


def found_in(session: Session, tickets: Sequence[Ticket], words: Sought) -> dict[int, Found]:
    """By ticket the message that says most of the words; else the citizen's name and address."""
    best: dict[int, tuple[int, Found]] = {}
    ids = [ticket.id or 0 for ticket in tickets]
    of_letters = and_(col(Message.ticket_id).is_(None), col(Message.forwarding_id) == col(Forwarding.id))
    said = select(Message.ticket_id, Message.author, Message.language, Message.text)
    letters = select(Forwarding.ticket_id, Message.author, Message.language, Message.text)
    rows = [
        *session.exec(said.where(col(Message.ticket_id).in_(ids)).order_by(col(Message.id))).all(),
        *session.exec(letters.join(Message, of_letters).where(col(Forwarding.ticket_id).in_(ids))).all(),
    ]
    for ticket_id, author, language, text in rows:
        _keep(best, ticket_id or 0, author, language, mask(text[:LOOKED_INTO]), words)
    contacts = select(Ticket.id, Contact).join(Contact, col(Contact.id) == col(Ticket.contact_id))
    for ticket_id, contact in session.exec(contacts.where(col(Ticket.id).in_(ids))).all():
        _keep(best, ticket_id or 0, "", contact.language, _called(contact, words), words)
    return {number: found for number, (_, found) in best.items()}


def around(text: str, words: Sought) -> tuple[int, list[tuple[str, bool]]]:
    """How many of the words stand in the text, and the piece of it around the first, cut into parts."""
    small = folded(text)
    spans = [
        (one.start(), one.end(), word)
        for one in _WORD.finditer(small)
        if (word := next((word for word in words.words if fits(one[0], word)), ""))
    ]
    if not spans:
        return 0, []
    first, last = max(0, spans[0][0] - AROUND), min(len(text), spans[0][1] + AROUND)
    parts, at = [("…" if first else "", False)], first
    for start, end, _ in spans:
        if end <= last:
            parts += [(text[at:start], False), (text[start:end], True)]
            at = end
    parts += [(text[at:last], False), ("…" if last < len(text) else "", False)]
    return len({word for *_, word in spans}), [part for part in parts if part[0]]


def _keep(
    best: dict[int, tuple[int, Found]], ticket_id: int, author: str, language: str, text: str, words: Sought
) -> None:
    number, parts = around(text, words)
    if number > best.get(ticket_id, (0,))[0]:
        best[ticket_id] = number, Found(author, language, parts)


def _called(contact: Contact, words: Sought) -> str:
    """The name, and of the address no more than shows that it is the one."""
    if contact.channel in NAMELESS:
        return contact.name
    whole = folded(contact.address)
    hit = any(fits(part, word) for word in words.words for part in _WORD.findall(whole)) or any(
        word.isdecimal() and word in whole for word in words.words
    )
    return f"{contact.name} {contact.address[:2]}…{contact.address[-3:]}" if hit else contact.name
