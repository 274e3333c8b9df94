"""Whose tickets are counted."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import col

from models.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Scope:
    """Tickets that agree in all that is named; all tickets where nothing is."""

    coordinator: str = ""
    """code of the coordinating institution"""
    channel: str = ""
    audience: str = ""

    def conditions(self) -> list[Any]:
        named = (
            (Ticket.coordinator, self.coordinator),
            (Ticket.channel, self.channel),
            (Ticket.audience, self.audience),
        )
        return [col(column) == value for column, value in named if value]


EVERYTHING = Scope()
