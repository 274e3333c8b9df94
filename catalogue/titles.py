"""The services in force by their titles, for people to choose one from."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.service import Service

_CODE_IN_BRACKETS = re.compile(r"\(([^()]+)\)\s*$")


@dataclass(frozen=True, slots=True)
class Title:
    code: str
    institution: str
    names: dict[str, str]
    """by language"""

    def line(self, language: str) -> str:
        """What is chosen from: unlike any other, and found by the words of the title."""
        return f"{self.names.get(language) or self.names.get('lv', '')} ({self.code})"


def titles(session: Session) -> list[Title]:
    """In the order of the Latvian titles."""
    rows = session.exec(
        select(Service.code, Service.institution, col(Service.texts)["title"]).where(col(Service.current))
    )
    return sorted((Title(*row) for row in rows), key=lambda one: (one.names.get("lv", "").casefold(), one.code))


def code_meant(typed: str, known: Iterable[Title]) -> str:
    """The code of the service that somebody chose or typed: its line, title or code; empty where not one fits."""
    written = typed.strip().casefold()
    found = _CODE_IN_BRACKETS.search(written)
    fitting = {
        one.code
        for one in known
        if one.code.casefold() in (written, found[1] if found else "")
        or written in (name.casefold() for name in one.names.values())
    }
    return fitting.pop() if len(fitting) == 1 else ""
