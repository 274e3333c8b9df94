"""Makes raw mails from the rows of people.yaml and machines.yaml."""

from collections.abc import Mapping
from email.header import Header
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((HERE / name).read_text(encoding="utf-8")))


def raw_of(row: Mapping[str, Any]) -> bytes:
    """As it would come in: the headers that a mail has anyway, then those of the row."""
    kind = row.get("type") or ("text/html" if row.get("html") else "text/plain")
    heads = {
        "Return-Path": "<kads@example.lv>",
        "From": row.get("from", "Kāds Cilvēks <kads@example.lv>"),
        "To": "Atbilde <atbilde@portals.example>",
        "Subject": row["subject"],
        "Date": "Mon, 04 May 2026 10:00:00 +0300",
        "Message-ID": "<1@example.lv>",
        "MIME-Version": "1.0",
        "Content-Type": f"{kind}; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        **row.get("headers", {}),
    }
    lines = [f"{name}: {_ascii(str(value))}" for name, value in heads.items()]
    return "\r\n".join([*lines, "", *row["text"].split("\n")]).encode()


def _ascii(value: str) -> str:
    name, bracket, rest = value.partition(" <")
    return f"{_word(name)}{bracket}{rest}" if bracket else _word(value)


def _word(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=900).encode()
