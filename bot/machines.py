"""Letters that no person wrote: bounces, complaints, automatic replies. None is a question, and none is an answer."""

from collections.abc import Callable

from bot.turn import Turn
from channels.base import Letter, MailKind, Returned
from models.forwarding import Forwarding
from models.ticket import Ticket, locked, record
from routing.by_letter import did_not_arrive
from routing.triage import nobody_there, tell_coordinator

LATE = "letter is late"
"""it may arrive yet"""


class Held(Exception):
    """The letter must not be taken in before a person has said what it is. The text is a key of the desk's words."""


def split(party: str) -> tuple[str, int]:
    """`t12` as ("t", 12); ("", 0) for whatever is none."""
    kind, number = party[:1], party[1:]
    return (kind, int(number)) if kind in ("t", "f") and number.isdecimal() else ("", 0)


def came_back(turn: Turn, letter: Letter) -> None:
    """What we sent did not arrive, or somebody called it spam. Raises Held where nobody says what that was."""
    report = letter.returned or Returned("", (), True, "")
    kind, number = split(turn.verdict or report.party)
    if not kind:
        raise Held("returned")
    if kind == "f" and report.permanent and letter.kind == MailKind.BOUNCE:
        forwarding = _forwarding(turn, number)
        did_not_arrive(turn.session, _ticket(turn, forwarding.ticket_id), forwarding, report.reason, turn.at)
        return
    ticket = _ticket(turn, _forwarding(turn, number).ticket_id if kind == "f" else number)
    if letter.kind == MailKind.COMPLAINT:
        what = "letter complained of"
    else:
        what = "letter came back" if report.permanent else LATE
    record(turn.session, ticket, what, "mail", turn.at, reason=report.reason, to=", ".join(report.recipients))
    if kind == "t" and what != LATE:
        _tell(turn, ticket, "citizen unreachable", what)


def answered_by_machine(turn: Turn, letter: Letter) -> None:
    """Never an answer. Where it says that nobody is there, the institution has not got the question."""
    kind, number = split(turn.verdict or letter.party)
    if not kind:
        raise Held("automatic")
    if kind == "t":
        record(turn.session, _ticket(turn, number), "automatic reply", "mail", turn.at)
        return
    forwarding = _forwarding(turn, number)
    ticket = _ticket(turn, forwarding.ticket_id)
    record(turn.session, ticket, "automatic reply", "mail", turn.at, absent=letter.absent)
    if letter.absent:
        nobody_there(turn.session, ticket, forwarding, turn.at, "mail")


def _tell(turn: Turn, ticket: Ticket, attention: str, about: str) -> None:
    ticket.attention = attention
    tell_coordinator(turn.session, ticket, attention, f"{about}:{ticket.id}:{turn.inbound.external_id}", turn.at)


def _forwarding(turn: Turn, number: int) -> Forwarding:
    if (found := turn.session.get(Forwarding, number)) is None:
        raise Held("returned")
    return found


def _ticket(turn: Turn, number: int) -> Ticket:
    try:
        turn.ticket = locked(turn.session, number)
    except LookupError as error:
        raise Held("returned") from error
    return turn.ticket


MACHINES: dict[str, Callable[[Turn, Letter], None]] = {
    MailKind.BOUNCE: came_back,
    MailKind.COMPLAINT: came_back,
    MailKind.AUTO_REPLY: answered_by_machine,
}
