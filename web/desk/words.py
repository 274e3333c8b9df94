"""How the desk writes dates, terms, sizes and the words of the tables, in the reader's language."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from models.clock import Clock, Outcome
from models.institution import Institution
from models.message import Attachment
from models.moments import RIGA, riga_date
from models.ticket import Ticket
from nlu.municipalities import told
from nlu.privacy import mask
from routing.calendar import Day
from routing.clocks import calendar_of, days_of, source_of
from routing.rules import calendar
from web.desk.reasons import Reason
from web.pages import page_words

LANGUAGES = ("lv", "en")
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
LARGEST_PICTURE = 10_000_000
"""bytes"""


@dataclass(frozen=True, slots=True)
class DueIn:
    """A due date in words, and the shape that shows it at a glance."""

    text: str
    shape: str
    on: date


@dataclass(frozen=True, slots=True)
class Bar:
    """A clock's term in working days."""

    used: int
    days: int
    over: int
    """after the due date"""
    shape: str


class Wording:
    """Handed to the templates as `w`."""

    def __init__(self, language: str, today: date) -> None:
        self.language = language
        self.today = today
        self.t = page_words("desk", language)

    def label(self, group: str, key: str) -> str:
        """The word for a code of the tables; the code itself where there is no word yet."""
        return str(self.t[group].get(key, key))

    def day(self, on: date) -> str:
        return on.strftime(self.t["formats"]["day"])

    def weekday(self, on: date) -> str:
        return str(self.t["formats"]["weekdays"][on.weekday()])

    def moment(self, at: datetime) -> str:
        """In Riga, where the law's days begin and end."""
        return at.astimezone(RIGA).strftime(self.t["formats"]["moment"])

    def due(self, on: date) -> DueIn:
        days = (on - self.today).days
        if days < 0:
            return DueIn(self.counted("late_by", calendar("state").between(on, self.today)), "late", on)
        if days == 0:
            return DueIn(self.t["due"]["today"], "today", on)
        if days == 1:
            return DueIn(self.t["due"]["tomorrow"], "tomorrow", on)
        return DueIn(self.counted("left", calendar("state").between(self.today, on)), "later", on)

    def ended(self, clock: Clock) -> str:
        """How a clock came out."""
        if clock.outcome == Outcome.LATE:
            return self.counted("was_late", clock.days_late)
        return self.label("outcomes", clock.outcome)

    def counted(self, key: str, number: int) -> str:
        """The words with the number; Latvian says one of 1, 21, 31 …, but not of 11."""
        single = number == 1 if self.language != "lv" else number % 10 == 1 and number % 100 != 11
        forms = self.t["due"][key]
        form = "none" if number == 0 and "none" in forms else "one" if single else "many"
        return str(forms[form]).format(n=number)

    def bar(self, clock: Clock) -> Bar:
        """How much of the term has passed, today or when the clock stopped, in working days of its calendar."""
        days = calendar_of(clock)
        until = riga_date(clock.stopped_at) if clock.stopped_at else self.today
        total, used = max(1, days.between(clock.started_on, clock.due_on)), days.between(clock.started_on, until)
        over = max(0, used - total)
        ended = "late" if clock.outcome == Outcome.LATE else "met"
        shape = self.due(clock.due_on).shape if clock.outcome == Outcome.RUNNING else ended
        return Bar(min(max(0, used), total), total, over, shape)

    def term_of(self, clock: Clock) -> str:
        """How long the clock's term is."""
        return self.counted("months", clock.months) if clock.months else self.counted("term", clock.working_days)

    def days_of(self, clock: Clock) -> list[Day]:
        """Each day of the term, counted or not."""
        return days_of(clock)

    def source_of(self, clock: Clock) -> str:
        """Where the law says so."""
        return source_of(clock)

    def place(self, municipality: str) -> str:
        return told(municipality, self.language)

    def of_place(self, institution: Institution, ticket: Ticket) -> str:
        """After a role that every municipality has: of which one, or that nobody knows; after others nothing."""
        if not institution.territorial:
            return ""
        return f", {self.place(ticket.municipality) if ticket.municipality else self.t['place_unknown']}"

    def size(self, size: int) -> str:
        if size < 1000:
            return f"{size} B"
        return f"{size // 1000} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"

    def is_picture(self, file: Attachment) -> bool:
        """Whether it may be looked at in the page: pixels only, nothing that can hold a script."""
        return file.media_type in PICTURES and file.size <= LARGEST_PICTURE

    def percent(self, part: float) -> str:
        return f"{part:.0%}".replace("%", " %" if self.language == "lv" else "%")

    def said(self, value: Any) -> str:
        """A detail of an event as text: dates written out, lists joined, personal codes masked."""
        if isinstance(value, bool):
            return str(self.t["yes"] if value else self.t["no"])
        if isinstance(value, list):
            return ", ".join(self.said(part) for part in value)
        try:
            return self.day(date.fromisoformat(str(value)))
        except ValueError:
            return mask(self.label("detail_values", str(value)))

    def reason(self, reason: Reason) -> str:
        """Why an institution is suggested."""
        filling = {key: self.place(text) if key == "place" else text for key, text in reason.filling.items()}
        return mask(str(self.t["why"]["reasons"][reason.key]).format(**filling))

    def masked(self, text: str) -> str:
        return mask(text)
