"""Letters for the desk's tests: raw as they arrive, and rows that hold them."""

import itertools
from base64 import b64decode
from email.message import EmailMessage

from sqlmodel import Session

from models.moments import now
from models.queue import InboxRow, State

PICTURE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
_numbers = itertools.count()


def raw_letter(
    text: str = "Kas rīt?",
    *,
    sender: str = "Ilze Liepa <ilze@example.lv>",
    subject: str = "Jautājums",
    html: str = "",
    picture: bytes = b"",
    files: tuple[tuple[str, bytes], ...] = (),
    **headers: str,
) -> bytes:
    """As a client sends it; the picture is `cid:p` of its HTML."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "atbilde@localhost", subject
    mail["Date"], mail["Message-ID"] = "Mon, 23 Nov 2026 10:00:00 +0200", f"<{next(_numbers)}@example.lv>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
        if picture:
            mail.get_payload()[1].add_related(picture, "image", "png", cid="<p>")  # type: ignore[index, union-attr]
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


def letter_row(session: Session, raw: bytes, state: State, error: str = "") -> InboxRow:
    row = InboxRow(
        channel="email",
        external_id=f"letter {next(_numbers)}",
        raw=raw,
        received_at=now(),
        due_at=now(),
        state=state,
        error=error,
    )
    session.add(row)
    session.flush()
    return row
