"""A letter opened for people to look at: all of its text, its page made safe, its files, what was wrong with it."""

from functools import partial

from channels.base import FileRef, Opened
from channels.mail.mail import Mail, Part
from channels.mail.read import read
from channels.mail.safe import has_remote, safe_html


def opened(raw: bytes) -> Opened:
    """Never raises; also a letter that was cut off shows what there is."""
    mail = read(raw)
    return Opened(
        sender=mail.sender.address,
        name=mail.sender.name,
        to=tuple(address.address for address in mail.to),
        subject=mail.subject,
        at=mail.date,
        kind=mail.kind,
        text=mail.text,
        own=mail.reply,
        files=tuple(_file(number, part) for number, part in enumerate(mail.parts)),
        pictures={part.content_id: number for number, part in enumerate(mail.parts) if part.content_id},
        page=_page(mail),
        remote=has_remote(mail.html),
        flaws=mail.flaws,
    )


def _file(number: int, part: Part) -> FileRef:
    return FileRef(str(number), part.name, part.type, len(part.content), part.content)


def _page(mail: Mail) -> "partial[str] | None":
    return partial(safe_html, mail.html) if mail.html.strip() else None
