"""The published mails that machines sent, with what each is; read in place, and not part of the project."""

import json
from pathlib import Path

from channels.mail.mail import MailKind
from config.settings import ROOT

BOUNCES = ROOT.parent / "shared" / "data" / "mail" / "bounce"
REPLIES = ROOT.parent / "shared" / "data" / "mail" / "reply" / "emails"
WHY_ABSENT = "the published mails are not here"
_KINDS = {
    "feedback": {MailKind.COMPLAINT},
    "vacation": {MailKind.AUTO_REPLY},
    "delivered": {MailKind.AUTO_REPLY, MailKind.AUTO_GENERATED},  # arrived, so it is no bounce
}


def published() -> list[tuple[Path, str, bool]]:
    """The file, the reason that the collection gives, and whether it calls it hard: the address is no good."""
    lines = (BOUNCES / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [
        (BOUNCES / row["file"], row["recipients"][0]["reason"], all(one["hard"] for one in row["recipients"]))
        for row in sorted(rows, key=lambda row: row["file"])
    ]


def wanted(reason: str) -> set[MailKind]:
    return _KINDS.get(reason, {MailKind.BOUNCE})
