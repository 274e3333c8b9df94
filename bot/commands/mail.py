"""`atbilde mail`: what is read out of mails."""

import json
import re
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import bytes_of, fail, print_for_programs

if TYPE_CHECKING:
    from channels.mail.mail import Mail, Part

app = typer.Typer(help="What is read out of mails.", no_args_is_help=True)
_NEXT = re.compile(
    rb"\r?\n\r?\n(?=From \S+ +\w{3} \w{3} +\d{1,2} \d\d:\d\d[^\r\n]{0,40}\d{4}[^\r\n]{0,20}\r?\n[\w-]+:)"
)


@app.callback()
def mail() -> None:
    """What is read out of mails."""


@app.command()
def parse(
    files: Annotated[
        list[str], typer.Argument(help="Raw mails, or mailboxes of several (mbox); - for standard input.")
    ],
) -> None:
    """Print, as one line of JSON for each mail, who wrote, what kind it is, its text, own words and attachments."""
    print_for_programs()
    unread = 0
    for file in files:
        try:
            raw = bytes_of(file)
        except OSError as error:
            unread += 1
            typer.secho(f"{file}: {error.strerror or error}", fg=typer.colors.RED, err=True)
            continue
        for one in _mails(raw):
            sys.stdout.write(json.dumps(_line(file, one), ensure_ascii=False) + "\n")
    if unread:
        fail(f"{unread} of {len(files)} could not be read")


def _mails(raw: bytes) -> list[bytes]:
    """One for a mail, several for a mailbox."""
    return _NEXT.split(raw) if raw.startswith(b"From ") else [raw]


def _line(file: str, raw: bytes) -> dict[str, Any]:
    from channels.mail.read import read

    found: Mail = read(raw)
    return {
        "file": file,
        "kind": found.kind.value,
        "from": found.sender.address,
        "to": [address.address for address in found.to],
        "subject": found.subject,
        "text": found.text,
        "reply": found.reply,
        "attachments": [{"name": one.name, "type": _type(one), "size": len(one.content)} for one in found.parts],
        "references": list(dict.fromkeys((*found.in_reply_to, *found.references))),
    }


def _type(part: "Part") -> str:
    """By its bytes; as the mail says where those tell nothing but that it is text or not."""
    from bot.attachments import type_of

    found = type_of(part.content)
    return part.type if found in ("text/plain", "application/octet-stream") and "/" in part.type else found
