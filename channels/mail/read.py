"""Reads a mail: any bytes become a `Mail`."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import structlog

from channels.mail.addresses import addresses, first_of, sender_of
from channels.mail.headers import Headers
from channels.mail.kind import judged
from channels.mail.mail import Address, Mail, MailKind
from channels.mail.outline import outline
from channels.mail.pieces import found_in
from channels.mail.reply import own_words
from channels.mail.structure import tree_of
from channels.mail.trust import authentic, is_spam

MOST_IDS = 200
"""ids that a mail says it answers; the oldest and those in between tell nothing new"""
_ID = re.compile(r"<([^<>]{1,900})>")
_log = structlog.get_logger()


def read(raw: bytes, authserv_id: str = "") -> Mail:
    """What the mail says. Never raises; `flaws` of the mail tell what was wrong with it.

    `authserv_id`: only Authentication-Results with this id are believed; empty: none.
    """
    try:
        return read_strictly(raw, authserv_id)
    except Exception as error:  # a mail comes from anybody, and must reach a person whatever it does to us
        _log.exception("mail.unreadable", size=len(raw))
        return _unread(f"could not be read: {type(error).__name__}")


def read_strictly(raw: bytes, authserv_id: str = "") -> Mail:
    """The same, but an error of ours is raised, so that tests find it."""
    tree = tree_of(raw)
    headers = tree.root.headers
    found = found_in(tree)
    sender, text = sender_of(headers), found.text()
    judgement = judged(outline(tree.raw, tree.root), text, sender)
    date, flaw = _date(headers.bare("date"))
    return Mail(
        message_id=next(iter(_ids(headers, "message-id")), ""),
        sender=sender,
        reply_to=_or(first_of(headers, "reply-to"), sender),
        to=addresses(headers, "to", "cc", "delivered-to", "x-original-to", "envelope-to"),
        subject=headers.text("subject"),
        date=date,
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        kind=judgement.kind,
        absent=judgement.absent,
        text=text,
        reply=own_words(text).strip() or text,
        html=found.html(),
        parts=tuple(found.parts),
        spam=is_spam(headers),
        authentic=authentic(headers, authserv_id, sender.domain),
        list_id=_list(headers),
        returned=judgement.returned,
        flaws=tuple(dict.fromkeys([*tree.flaws, *_missing(headers, sender), *flaw, *found.flaws])),
    )


def _unread(why: str) -> Mail:
    nobody = Address("")
    return Mail(
        "", nobody, nobody, (), "", None, (), (), MailKind.MESSAGE, False, "", "", "", (), False, "", "", None, (why,)
    )


def _or(address: Address, other: Address) -> Address:
    return address if address.address else other


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    """All ids in the header, without < > and blanks, oldest first; words that stand beside them are none."""
    found: dict[str, None] = {}
    for value in headers.values(name):
        text = value[:100_000].decode("utf-8", "replace")
        several = _ID.findall(text) or [
            word.strip("<>,;") for word in text.split() if "@" in word or name == "message-id"
        ]
        found.update((clean, None) for one in several if (clean := "".join(one.split())[:900]))
    return tuple(found)[-MOST_IDS:]


def _date(said: str) -> tuple[datetime | None, list[str]]:
    if not said:
        return None, []
    try:
        date = parsedate_to_datetime(said[:200])
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None, ["its date cannot be read"]
    return date, []


def _list(headers: Headers) -> str:
    """List-Id, else where the list is written to (RFC 2369)."""
    said = headers.text("list-id")
    if found := re.search(r"<([^<>]+)>", said) or re.search(r"(\S+)$", said):
        return found[1].lower()
    post = re.search(r"mailto:([^\s<>?]+)", headers.bare("list-post"), re.IGNORECASE)
    return post[1].lower() if post else headers.bare("x-mailing-list").strip("<> ").lower()


def _missing(headers: Headers, sender: Address) -> list[str]:
    lacks = [name for name in ("From", "Date", "Message-ID", "Subject") if not headers.bare(name.lower())]
    flaws = [f"no {', '.join(lacks)}"] if lacks else []
    return flaws if sender.address else [*flaws, "nobody can be made out who sent it"]
