"""A ticket's whole life at random, and what the trail alone says of it: the machine's model is its own bookkeeping."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from models.ticket import Event

WAITING, ANSWERED = "waiting", "answered"


@dataclass
class Told:
    """A clock as the trail tells of it."""

    kind: str
    owner: str
    forwarding: int | None
    due: str
    outcome: str = "running"
    days_late: int = 0


@dataclass
class Replay:
    """The state of a ticket, told by nothing but its trail."""

    state: str = ""
    procedure: str = "question"
    clocks: list[Told] = field(default_factory=list)
    at: dict[str, str] = field(default_factory=dict)
    """institutions that have it, or answered their part"""

    def hear(self, event: Event) -> None:
        data = event.data
        match event.kind:
            case "clock started":
                self.clocks.append(Told(data["clock"], data["owner"], data["forwarding"], data["due"]))
            case "clock stopped":
                clock = self._clock(data)
                clock.outcome, clock.days_late = data["outcome"], data["days_late"]
            case "clock reopened":
                clock = self._clock(data)
                clock.outcome, clock.days_late = "running", 0
            case "due moved":
                clock = self._clock(data)
                assert clock.due == data["old_due"], "the trail has no gap"
                clock.due = data["new_due"]
            case "handed to people":
                self.state = "triage"
            case "forwarded":
                self.at[data["institution"]] = WAITING
                self.state = "forwarded"
            case "returned" | "withdrawn" | "not delivered":
                del self.at[data["institution"]]
                self._perhaps_back()
            case "institution answered":
                self.at[data["institution"]] = ANSWERED
                self._perhaps_back()
            case "answered":
                self.state = "answered"
                self.at = {code: state for code, state in self.at.items() if state == ANSWERED}
            case "converted":
                self.procedure = "submission"

    def _clock(self, data: dict[str, Any]) -> Told:
        """The newest of that kind and forwarding."""
        wanted = data["clock"], data["forwarding"]
        return next(clock for clock in reversed(self.clocks) if (clock.kind, clock.forwarding) == wanted)

    def _perhaps_back(self) -> None:
        if WAITING not in self.at.values():
            self.state = "composing" if ANSWERED in self.at.values() else "triage"


def replayed(events: list[Event]) -> Replay:
    told = Replay()
    for event in events:
        told.hear(event)
    return told


def counted_by_hand(start: date, working_days: int, works: Any) -> date:
    """The oracle: from one day to the next, as one does with a finger on a wall calendar."""
    on = start
    while working_days > 0:
        on += timedelta(days=1)
        if works(on):
            working_days -= 1
    return on


def month_by_hand(start: date, months: int, works: Any) -> date:
    """The same date so many months later, or the day before the first of the next month; then to a working day."""
    month, year = start.month, start.year
    for _ in range(months):
        month, year = (1, year + 1) if month == 12 else (month + 1, year)
    on, first_of_next = None, date(year + (month == 12), month % 12 + 1, 1)
    try:
        on = date(year, month, start.day)
    except ValueError:
        on = first_of_next - timedelta(days=1)
    while not works(on):
        on += timedelta(days=1)
    return on
