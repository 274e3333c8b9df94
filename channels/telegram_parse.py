"""From Telegram's updates to our own words. Pure; importing it imports aiogram, which takes seconds.

Only private chats are for us, since an answer is personal. There nothing a citizen sends vanishes: what has no words
of its own (a location, a contact, a poll, a kind Telegram invents next year) becomes `[kind] its details` as text.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, Update, User

from channels.base import Inbound, Kind, ParseError
from channels.telegram_files import files_of, kind_of
from channels.telegram_text import clean

COMMAND = re.compile(r"/(\w+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
COMMANDS = {"start": Kind.START, "help": Kind.START, "status": Kind.STATUS}
GONE = {"kicked", "left"}
WORDLESS = {"unknown", "contact", "location", "venue", "poll", "dice", "story", "checklist", "game", "paid_media"}
WORDLESS |= {"rich_message", "giveaway", "web_app_data", "invoice", "passport_data", "users_shared", "chat_shared"}
"""Contents a citizen chose to send. Others without text or file are Telegram's own notes, e.g. "pinned a message"."""


def parse(raw: bytes) -> list[Inbound]:
    """One update. Empty for kinds of updates that nobody wrote to us (they are not asked for). Raises ParseError."""
    try:
        return _inbound(Update.model_validate(_cleaned(json.loads(raw))))
    except (ValueError, OverflowError, OSError, RecursionError) as error:
        raise ParseError(f"not an update of Telegram: {error}") from error


def _inbound(update: Update) -> list[Inbound]:
    if update.message:
        return [_message(update.message)]
    if update.edited_message:
        return [_edit(update.edited_message)]
    if update.callback_query:
        return [_press(update.callback_query)]
    if update.my_chat_member:
        return [_membership(update.my_chat_member, update.update_id)]
    return []


def _message(message: Message) -> Inbound:
    if reason := _not_for_us(message):
        return _ignored(message, reason)
    text = message.text or message.caption or ""
    files = files_of(message)
    if message.text and (command := COMMAND.fullmatch(message.text)) and command[1].lower() in COMMANDS:
        # What stands behind /start is the payload of a link to us, e.g. the service the citizen came from.
        return _from(message, COMMANDS[command[1].lower()], text=command[2] or "")
    if text or files:
        return _from(message, Kind.TEXT, text=text, files=files)
    if kind_of(message) in WORDLESS:
        return _from(message, Kind.TEXT, text=_described(message))
    return _ignored(message, f"a note of Telegram: {kind_of(message)}")


def _edit(message: Message) -> Inbound:
    if reason := _not_for_us(message):
        return _ignored(message, reason)
    if message.location:
        return _ignored(message, "a live location moved")
    text = message.text or message.caption or _described(message)
    at = datetime.fromtimestamp(message.edit_date, UTC) if message.edit_date else message.date
    return _from(message, Kind.EDIT, text=text, files=files_of(message), at=at)


def _press(query: CallbackQuery) -> Inbound:
    chat = query.message.chat if query.message else None
    ours = chat is None or chat.type == "private"
    return Inbound(
        conversation=str(chat.id if chat else query.from_user.id),
        external_id=f"cb{query.id}",
        kind=Kind.CHOICE if ours and query.data else Kind.IGNORED,
        text="" if ours and query.data else "a button outside a private chat or without a value",
        choice=query.data or "",
        acknowledge=query.id,
        **_person(query.from_user),
    )


def _membership(change: ChatMemberUpdated, update_id: int) -> Inbound:
    status = change.new_chat_member.status
    left = change.chat.type == "private" and status in GONE
    return Inbound(
        conversation=str(change.chat.id),
        external_id=f"member{update_id}",
        kind=Kind.LEFT if left else Kind.IGNORED,
        text="" if left else f"we are now {status} in a {change.chat.type} chat",
        at=change.date,
        **_person(change.from_user),
    )


def _not_for_us(message: Message) -> str:
    if message.chat.type != "private":
        return f"written in a {message.chat.type} chat; we answer in private ones only"
    if message.from_user and message.from_user.is_bot:
        return "written by a bot"
    return ""


def _ignored(message: Message, reason: str) -> Inbound:
    return _from(message, Kind.IGNORED, text=reason)


def _from(message: Message, kind: Kind, **rest: Any) -> Inbound:
    return Inbound(
        conversation=str(message.chat.id),
        external_id=f"{message.chat.id}:{message.message_id}",
        kind=kind,
        **{"at": message.date, **_person(message.from_user), **rest},
    )


def _person(user: User | None) -> dict[str, Any]:
    if user is None:
        return {}
    return {"name": user.full_name, "language": (user.language_code or "")[:2].lower()}


def _described(message: Message) -> str:
    details: list[object] = []
    if message.venue:
        details = [message.venue.title, message.venue.address]
    elif message.contact:
        details = [message.contact.first_name, message.contact.last_name, message.contact.phone_number]
    elif message.poll:
        details = [message.poll.question, *(option.text for option in message.poll.options)]
    elif message.checklist:
        details = [message.checklist.title, *(task.text for task in message.checklist.tasks)]
    elif message.dice:
        details = [message.dice.emoji, message.dice.value]
    if message.location:
        details += [f"{message.location.latitude:.6f} {message.location.longitude:.6f}"]
    return f"[{kind_of(message)}] {', '.join(str(detail) for detail in details if detail)}".strip()


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value
