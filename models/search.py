"""Finding tickets by words and numbers: FTS5 on SQLite, full text on PostgreSQL, behind the same few verbs.

Words are sought by their beginnings, blind to capitals and to the signs on letters. Words with digits are sought whole,
and those that could be part of a personal code only in numbers of tickets and addresses: see decision 0021. The
databases keep the words up to date by themselves, in the transaction that changes the text (migration 0006).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, false, func, literal, literal_column, or_, table
from sqlmodel import Session, col, select, union_all

from models.contact import Contact
from models.forwarding import Forwarding
from models.institution import Institution
from models.message import Message
from models.ticket import Ticket

KEY = 2**31
"""of a message's words on SQLite: the ticket's number times this, and the message's own"""
NAMELESS = ("webchat", "api")
"""channels whose addresses are secrets, not names"""
MOST_WORDS = 8
_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"(?:(?:LV-?)?(20\d\d)-)?(\d{1,15})", re.IGNORECASE)
_BY_HAND = re.compile(r"(ticket|message|contact)_words")
_TICKET_WORDS = "words_of(ticket.subject || ' ' || ticket.municipality)"
_MESSAGE_WORDS = "words_of(message.text)"
_CONTACT_WORDS = (
    "words_of(contact.name || ' ' || CASE WHEN contact.channel IN ('webchat', 'api') THEN '' ELSE contact.address END)"
)
"""as the indexes have them"""


class _Plain(dict[int, str]):
    """Each sign as it is sought, found out when it is met first."""

    def __missing__(self, number: int) -> str:
        self[number] = unicodedata.normalize("NFD", chr(number).lower())[0]
        return self[number]


_PLAIN = _Plain()


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for."""

    text: str
    words: tuple[str, ...]
    year: str = ""
    digits: str = ""
    """of a ticket's number, where it may be one"""


def sought(text: str) -> Sought:
    text = unicodedata.normalize("NFC", text.replace("\x00", "")).strip()
    words = tuple(dict.fromkeys(folded(word) for word in _WORD.findall(text)))[:MOST_WORDS]
    number = _NUMBER.fullmatch(re.sub(r"[ +()]", "", text))
    if number and len(number[2]) > 6 and not number[1]:  # a telephone
        return Sought(text, (number[2],))
    return Sought(text, words, (number[1] or "") if number else "", number[2] if number else "")


def folded(text: str) -> str:
    """In small letters without the signs on them; as long as the text, sign by sign."""
    return text.translate(_PLAIN)


def fits(word: str, sought: str) -> bool:
    """Whether a folded word of a text is one that was sought."""
    return word.startswith(sought) if _by_beginning(sought) else word == sought


def found_by_number(sought: Sought) -> ColumnElement[bool]:
    """Tickets with those digits in their number."""
    if not sought.digits:
        return false()
    said = col(Ticket.ref).like(f"__-{sought.year or '____'}-%{sought.digits}%")
    return col(Ticket.id).in_(select(Ticket.id).where(said).correlate(None))  # by the index of numbers, not by tickets


def found_at_once(session: Session, sought: Sought) -> ColumnElement[bool]:
    """Tickets whose question begins with, or whose citizen is called, all those words."""
    return _all(_one_of(_heads(session, word)) for word in sought.words)


def found_anywhere(session: Session, sought: Sought) -> ColumnElement[bool]:
    """Tickets with all those words in what was said, by whom, and at which institution."""
    called = _institutions_called(session, sought)
    if len(sought.words) == 1:
        called = {sought.words[0]: [number for some in called.values() for number in some]}
    each = _all(_anywhere(session, word, called.get(word, ())) for word in sought.words)
    return or_(each, col(Ticket.id).in_(_at(called[""]))) if "" in called else each


def found_by_institution(session: Session, sought: Sought, institution_id: int) -> ColumnElement[bool]:
    """Forwardings to the institution, by what it may see of them: what was said until it was done with the ticket."""
    return or_(
        col(Forwarding.ticket_id).in_(select(Ticket.id).where(found_by_number(sought)).correlate(None)),
        _all(_shown(session, word, institution_id) for word in sought.words),
    )


def told_by_database(_name: str | None, kind: str, parents: Any = None) -> bool:
    """What Alembic compares with the metadata: all but the words, which only migrations know."""
    return kind not in ("table", "index") or not _BY_HAND.match(_name or "")


def _anywhere(session: Session, word: str, institutions: Sequence[int]) -> ColumnElement[bool]:
    there = [_at(institutions)] if institutions else []
    return _one_of([*_heads(session, word), *_messages(session, word), *there])


def _heads(session: Session, word: str) -> list[Any]:
    """Tickets whose question begins with the word, or whose citizen is called so."""
    parts = [*_subjects(session, word), _contacts(session, word)]
    if word.isdecimal() and not _in_texts(word):
        named = col(Contact.address).contains(word) & col(Contact.channel).not_in(NAMELESS)
        parts.append(select(Ticket.id).join(Contact, col(Contact.id) == col(Ticket.contact_id)).where(named))
    return parts


def _subjects(session: Session, word: str) -> list[Any]:
    if not _in_texts(word):
        return []
    return [_fts("ticket", word) if _is_sqlite(session) else select(Ticket.id).where(_matches(_TICKET_WORDS, word))]


def _contacts(session: Session, word: str) -> Any:
    if _is_sqlite(session):
        return select(Ticket.id).where(col(Ticket.contact_id).in_(_fts("contact", word)))
    asked = select(Ticket.id).join(Contact, col(Contact.id) == col(Ticket.contact_id))
    return asked.where(_matches(_CONTACT_WORDS, word))


def _messages(session: Session, word: str) -> list[Any]:
    """Tickets in whose messages the word stands."""
    if not _in_texts(word):
        return []
    if _is_sqlite(session):
        return [_fts("message", word, literal_column(f"rowid / {KEY}"))]
    letters = select(Forwarding.ticket_id).join(Message, col(Message.forwarding_id) == col(Forwarding.id))
    return [
        select(Message.ticket_id).where(_matches(_MESSAGE_WORDS, word), col(Message.ticket_id).is_not(None)),
        letters.where(_matches(_MESSAGE_WORDS, word), col(Message.ticket_id).is_(None)),
    ]


def _shown(session: Session, word: str, institution_id: int) -> ColumnElement[bool]:
    """Forwardings of which the institution may see the word."""
    if not _in_texts(word):
        return false()
    subjects = col(Forwarding.ticket_id).in_(*_subjects(session, word))
    return or_(subjects, col(Forwarding.id).in_(_shown_messages(session, word, institution_id)))


def _shown_messages(session: Session, word: str, institution_id: int) -> Any:
    """Forwardings of the institution in whose conversation, as far as it is open to it, or letters the word stands."""
    said = col(Message.ticket_id) == col(Forwarding.ticket_id)
    still_there = or_(col(Forwarding.ended_at).is_(None), col(Message.at) <= col(Forwarding.ended_at))
    letters = and_(col(Message.ticket_id).is_(None), col(Message.forwarding_id) == col(Forwarding.id))
    matching: ColumnElement[bool] = _matches(_MESSAGE_WORDS, word)
    if _is_sqlite(session):
        # + 0 keeps SQLite from trying each message that was found with each forwarding, which took half a minute
        matching = (col(Message.id) + 0).in_(_fts("message", word, literal_column(f"rowid % {KEY}")))
    ours = col(Forwarding.institution_id) == institution_id
    conversation = select(Forwarding.id).join(Message, said).where(ours, still_there, matching)
    return union_all(conversation, select(Forwarding.id).join(Message, letters).where(ours, matching))


def _institutions_called(session: Session, sought: Sought) -> dict[str, list[int]]:
    """By word of which it is the code; under "" those that are called what was sought as a whole."""
    found: dict[str, list[int]] = {}
    for number, code, names in session.exec(select(Institution.id, Institution.code, Institution.name)).all():
        if folded(code) in sought.words:
            found.setdefault(folded(code), []).append(number or 0)
        elif folded(code) == folded(sought.text) or any(_called(name, sought.words) for name in names.values()):
            found.setdefault("", []).append(number or 0)
    return found


def _called(name: str, words: Sequence[str]) -> bool:
    parts = _WORD.findall(folded(name))
    return bool(words) and all(any(fits(part, word) for part in parts) for word in words)


def _at(institutions: Sequence[int]) -> Any:
    return select(Forwarding.ticket_id).where(col(Forwarding.institution_id).in_(institutions))


def _one_of(ids: Sequence[Any]) -> ColumnElement[bool]:
    return col(Ticket.id).in_(union_all(*ids))


def _all(conditions: Any) -> ColumnElement[bool]:
    """Nothing is found by no words."""
    each = list(conditions)
    return and_(*each) if each else false()


def _fts(of: str, word: str, key: Any = None) -> Select[Any]:
    words = f"{of}_words"
    matching = literal_column(words).op("MATCH")(literal(f'"{word}"*' if _by_beginning(word) else f'"{word}"'))
    return select(column("rowid") if key is None else key).select_from(table(words)).where(matching)


def _matches(lexemes: str, word: str) -> ColumnElement[bool]:
    asked = func.words_folded(literal(word)).concat(":*" if _by_beginning(word) else "")
    query = func.to_tsquery(literal_column("'simple'::regconfig"), asked)
    return literal_column(lexemes).op("@@")(query)


def _in_texts(word: str) -> bool:
    """Of a personal code one must know whoever's it is; searching does not help to find out."""
    return sum(map(str.isdigit, word)) < 5


def _by_beginning(word: str) -> bool:
    return len(word) > 1 and not any(map(str.isdigit, word))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
