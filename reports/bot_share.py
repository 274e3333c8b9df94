"""What the bot did alone: questions answered word for word from the catalogue (MK 400: who asks may rely on it)."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import exists, select
from sqlmodel import Session, col, func

from models.clock import Clock, ClockKind
from models.service import Receipt
from models.ticket import Ticket, TicketState
from reports.flow import within
from reports.scope import Scope
from reports.span import Span


@dataclass(frozen=True, slots=True)
class BotShare:
    """Every ticket received within the span is counted in one of the five."""

    helped: int = 0
    """answered from the catalogue, never handed to people, and the citizen said that it helped"""
    silent: int = 0
    """the same, and he has not said"""
    not_helped: int = 0
    """answered from the catalogue; the citizen said that it did not help, and people took over"""
    people: int = 0
    """handed to people for any other reason: the bot did not know, or a person was asked for"""
    pending: int = 0
    """the bot has asked back and waits, or has not answered yet"""

    @property
    def received(self) -> int:
        return self.helped + self.silent + self.not_helped + self.people + self.pending

    @property
    def alone(self) -> int:
        return self.helped + self.silent

    @property
    def share(self) -> float | None:
        """The part that the bot answered without people, 0 to 1; none where nothing was received."""
        return self.alone / self.received if self.received else None


def bot_share(session: Session, span: Span, scope: Scope) -> BotShare:
    """Of tickets received within the span, as they stand now.

    Rows: a `receipt` is kept for each text quoted, a clock of the kind `forward` starts when people are asked, and
    `ticket.rating` is what the citizen pressed last.
    """
    quoted = exists().where(col(Receipt.ticket_id) == col(Ticket.id)).label("quoted")
    handed = exists().where(col(Clock.ticket_id) == col(Ticket.id), col(Clock.kind) == ClockKind.FORWARD)
    same = (quoted, handed.label("handed"), col(Ticket.rating), col(Ticket.state))
    asked = (
        select(*same, func.count())
        .where(*within(Ticket.received_at, span), *scope.conditions())
        .group_by("quoted", "handed", col(Ticket.rating), col(Ticket.state))
    )
    counts = Counter[str]()
    for was_quoted, was_handed, rating, state, number in session.execute(asked):
        counts[_which(bool(was_quoted), bool(was_handed), rating, state)] += number
    return BotShare(**counts)


def _which(quoted: bool, handed: bool, rating: str, state: str) -> str:
    if handed:
        return "not_helped" if quoted and rating == "no" else "people"
    if not quoted or state == TicketState.CLARIFYING:
        return "pending"
    return "helped" if rating == "yes" else "silent"
