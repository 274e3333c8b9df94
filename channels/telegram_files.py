"""The files of a Telegram message, with the names and media types Telegram leaves out."""

from aiogram.enums import ContentType
from aiogram.types import Message, PhotoSize, Sticker

from channels.base import FileRef


def kind_of(message: Message) -> str:
    """What the message consists of, in Telegram's word; `unknown` for what aiogram does not know."""
    return ContentType(message.content_type).value


def files_of(message: Message) -> tuple[FileRef, ...]:
    """At most one: Telegram sends an album as several messages. Which types are taken is not decided here."""
    number = message.message_id
    if message.photo:
        largest = max(message.photo, key=_area)
        return (FileRef(largest.file_id, f"photo-{number}.jpg", "image/jpeg", largest.file_size),)
    if message.sticker:
        ending, media_type = _sticker_type(message.sticker)
        return (FileRef(message.sticker.file_id, f"sticker-{number}{ending}", media_type, message.sticker.file_size),)
    # Before `document`: Telegram repeats an animation there for old clients.
    if media := message.animation or message.video or message.audio or message.document:
        kind = kind_of(message)
        name = media.file_name or f"{kind}-{number}{ENDINGS.get(kind, '')}"
        return (FileRef(media.file_id, name, media.mime_type or MEDIA_TYPES.get(kind, ANY), media.file_size),)
    if message.voice:
        media_type = message.voice.mime_type or "audio/ogg"
        return (FileRef(message.voice.file_id, f"voice-{number}.ogg", media_type, message.voice.file_size),)
    if message.video_note:
        note = message.video_note
        return (FileRef(note.file_id, f"video-note-{number}.mp4", "video/mp4", note.file_size),)
    if message.live_photo:
        live = message.live_photo
        return (FileRef(live.file_id, f"live-photo-{number}.mp4", live.mime_type or "video/mp4", live.file_size),)
    return ()


ANY = "application/octet-stream"
ENDINGS = {"animation": ".mp4", "video": ".mp4", "audio": ".mp3"}
MEDIA_TYPES = {"animation": "video/mp4", "video": "video/mp4", "audio": "audio/mpeg"}


def _area(size: PhotoSize) -> int:
    return size.width * size.height


def _sticker_type(sticker: Sticker) -> tuple[str, str]:
    if sticker.is_video:
        return ".webm", "video/webm"
    if sticker.is_animated:
        return ".tgs", "application/x-tgsticker"
    return ".webp", "image/webp"
