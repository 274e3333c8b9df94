"""Files that people send: fetched with no session open, judged by what they are, kept under their hash."""

import asyncio
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from sqlmodel import Session

from bot.danger import is_dangerous
from bot.files import Files
from bot.turn import Turn
from channels.base import Channel, FileRef, SendError
from models.message import DANGEROUS, Attachment, attach_copies

ALLOWED = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/heic",
    "image/gif",
    "audio/",
    "video/",
    "text/plain",
    "application/pdf",
    "application/zip",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/vnd.etsi.asic-e+zip",
)
"""media types that are taken from whoever can be told that others are not; of a letter every file is kept

The type is found in the bytes, not believed from the name.
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a file: its hash where it is kept; why it is not, a reply's key, or why nobody is offered it."""

    name: str
    media_type: str
    size: int
    sha256: str = ""
    refused: str = ""


async def keep(store: Files, channel: Channel, files: tuple[FileRef, ...]) -> list[Kept]:
    """Fetches, judges and keeps each. Raises SendError where the provider fails for now, and ScannerDown where nobody
    can say whether a virus is in it, so that the row is tried again.
    """
    return [await _keep_one(store, channel, file) for file in files]


def attach(session: Session, turn: Turn, files: list[Kept], limit: int) -> None:
    """Joins the files to the message just heard, and tells the citizen of any that were not taken."""
    if not files or turn.heard is None:
        return
    session.flush()
    for file in files:
        session.add(
            Attachment(
                message_id=turn.heard.id or 0,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                sha256=file.sha256,
                refused=file.refused,
            )
        )
        if file.refused and not file.sha256:
            reason = turn.reply(file.refused, limit=limit // 1_000_000)
            turn.say(turn.reply("file_refused", name=file.name, reason=reason))
    if turn.heard.forwarding_id is not None:  # an institution's letter: what it sent goes along with the answer
        session.flush()
        for answer in turn.said:
            attach_copies(session, [turn.heard.id or 0], answer)


async def _keep_one(store: Files, channel: Channel, file: FileRef) -> Kept:
    name = safe_name(file.name)
    if file.size is not None and file.size > store.limit and not channel.letters:
        return Kept(name, file.media_type, file.size, refused="reason_too_large")
    try:
        content = file.content if file.content is not None else await channel.fetch(file, store.limit)
    except SendError as error:
        if not error.permanent:
            raise
        return Kept(name, file.media_type, file.size or 0, refused="reason_gone")
    media_type = await asyncio.to_thread(type_of, content)
    if not media_type.startswith(ALLOWED) and not channel.letters:
        return Kept(name, media_type, len(content), refused="reason_bad_type")
    danger = await store.scan(content) or (DANGEROUS if await asyncio.to_thread(is_dangerous, name, content) else "")
    return Kept(name, media_type, len(content), await asyncio.to_thread(store.keep, content), danger)


def type_of(content: bytes) -> str:
    """The media type by the bytes themselves; text where they are UTF-8 without control characters."""
    if found := filetype.guess_mime(content):
        return str(found)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain" if not any(ord(c) < 32 and c not in "\t\r\n\f" for c in text) else "application/octet-stream"


def safe_name(name: str) -> str:
    """A name without folders, control characters or excess length."""
    bare = PurePath(name.replace("\\", "/")).name
    clean = "".join(c for c in bare if c.isprintable() and c not in '<>:"|?*').strip(". ")
    return clean[-120:] or "file"
