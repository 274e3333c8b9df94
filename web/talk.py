"""A citizen's talk on the web: whose it is, what the citizen may hand in, and what has been said."""

import re
import secrets
import unicodedata
from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from sqlmodel import Session, col, select

from models.contact import Contact
from models.message import Direction, Message
from models.queue import InboxRow
from models.ticket import Ticket
from web.portal import Portal, Taken

CHANNEL = "webchat"
LONGEST = 4000
"""characters of a message"""
VISITOR = "visitor"
Json = dict[str, Any]

# Control characters say nothing, and those that turn the direction of writing can make a text look like another one.
_UNSAID = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def new_visitor() -> str:
    return secrets.token_hex(16)


def token_of(portal: Portal, visitor: str) -> str:
    return portal.signing.sign(VISITOR, visitor)


def visitor_of(portal: Portal, token: object) -> str | None:
    """Whose token it is; None where we did not make it."""
    if not isinstance(token, str) or len(token) > 200:
        return None
    return portal.signing.read(VISITOR, token)


def cleaned(text: str) -> str:
    """The text without what cannot be seen. Raises ValueError where nothing is left or too much."""
    text = _UNSAID.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in text):
        raise ValueError("The message is empty.")
    if len(text) > LONGEST:
        raise ValueError(f"The message has {len(text)} characters; at most {LONGEST} are possible.")
    return text


def _known(*words: str) -> BeforeValidator:
    """A hint that we do not know is no reason to refuse the message."""
    return BeforeValidator(lambda value: value if value in words else "")


class Hints(BaseModel):
    model_config = ConfigDict(extra="ignore")
    language: Annotated[str, _known("lv", "en", "ru")] = ""
    audience: Annotated[str, _known("resident", "business")] = ""


ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]


class Say(Hints):
    type: Literal["say"] = "say"
    id: ClientId
    text: Annotated[str, AfterValidator(cleaned)]

    def raw(self, visitor: str) -> Json:
        return {"conversation": visitor, "id": self.id, "kind": "text", "text": self.text}


class Choose(Hints):
    type: Literal["choose"] = "choose"
    id: ClientId
    value: Annotated[str, Field(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]

    def raw(self, visitor: str) -> Json:
        return {"conversation": visitor, "id": self.id, "kind": "choice", "choice": self.value}


async def hand_in(portal: Portal, visitor: str, said: Say | Choose, hints: Hints) -> Taken:
    """Stores it for certain; the same id again stores nothing."""
    raw = said.raw(visitor) | {
        "language": said.language or hints.language,
        "audience": said.audience or hints.audience,
    }
    return await portal.take(CHANNEL, f"{visitor}:{said.id}", orjson.dumps(raw), visitor)


def contact_id_of(session: Session, visitor: str) -> int | None:
    """None before the visitor's first message has been worked."""
    return session.exec(
        select(Contact.id).where(col(Contact.channel) == CHANNEL, col(Contact.address) == visitor)
    ).first()


def messages_after(session: Session, contact_id: int, after: int) -> list[Json]:
    """The messages of a contact with a higher id, in order, as the page is given them."""
    found = session.exec(
        select(Message, Ticket.ref)
        .join(Ticket, col(Ticket.id) == col(Message.ticket_id), isouter=True)
        .where(col(Message.contact_id) == contact_id, col(Message.id) > after)
        .order_by(col(Message.id))
    ).all()
    pressed = _pressed(session, contact_id) if any(message.choices for message, _ in found) else set()
    return [_as_json(message, ref, pressed) for message, ref in found]


def _as_json(message: Message, ref: str | None, pressed: set[str]) -> Json:
    shown: Json = {
        "id": message.id,
        "direction": message.direction,
        "author": message.author,
        "author_name": message.author_name,
        "text": message.text,
        "language": message.language,
        "choices": message.choices,
        "chosen": next((c["value"] for c in message.choices if c["value"] in pressed), None),
        "source": _source(message.source) if message.source else None,
        "answers": message.answers,
        "ticket": ref,
        "at": message.at.isoformat(),
    }
    if message.direction == Direction.IN:
        shown["client_id"] = message.external_id.partition(":")[2]
    return shown


def _source(source: Json) -> Json:
    keys = ("url", "version", "published_on", "institution", "institution_name")
    return {key: source.get(key) for key in keys}


def _pressed(session: Session, contact_id: int) -> set[str]:
    """Values of the buttons the visitor has pressed: a press is no message, only its raw form tells of it."""
    raws = session.exec(
        select(InboxRow.raw)
        .join(Ticket, col(Ticket.id) == col(InboxRow.ticket_id))
        .where(col(Ticket.contact_id) == contact_id, col(InboxRow.channel) == CHANNEL)
    ).all()
    return {value for raw in raws if (value := orjson.loads(raw).get("choice"))}
