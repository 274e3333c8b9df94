"""The span of time that figures are asked for, as it stands in the address: a running month, or dates of one's own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from models.ticket import Audience
from reports.scope import Scope
from reports.span import Named, Span, running
from web.desk.forms import Mistake, Refused, refused
from web.desk.words import Wording

LONGEST = 366 * 5
"""most days of a span"""
FILTERS = ("channel", "audience")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for, and what is wrong with it."""

    name: str
    """week, month, quarter, year, or empty where the dates are one's own"""
    span: Span
    before: Span
    channel: str
    audience: str
    problem: Refused | None

    def scope(self, coordinator: str) -> Scope:
        return Scope(coordinator, self.channel, self.audience)

    def query(self, **other: str) -> str:
        """The same asked for again, with something else in it; dates of one's own give way to a named span."""
        own = {} if self.name else {"from": self.span.first.isoformat(), "to": self.span.last.isoformat()}
        values = own | {"span": self.name, "channel": self.channel, "audience": self.audience}
        if "span" in other or "from" in other:
            values = {name: value for name, value in values.items() if name in FILTERS}
        return urlencode({name: value for name, value in (values | other).items() if value})

    @property
    def earlier(self) -> str:
        """The dates before, asked for as one's own."""
        return self.query(**{"from": self.before.first.isoformat(), "to": self.before.last.isoformat()})


def asked_for(query: Mapping[str, str], today: date, w: Wording) -> Asked:
    """As the address says; the running month where it says nothing, or nothing that makes sense."""
    name = query.get("span", "")
    named = Named(name) if name in tuple(Named) else Named.MONTH
    channel = query.get("channel", "") if query.get("channel", "") in w.t["channels"] else ""
    audience = query.get("audience", "") if query.get("audience", "") in tuple(Audience) else ""
    first, last = query.get("from", ""), query.get("to", "")
    problem = None
    if first or last:
        try:
            own = _own(first, last, today)
            return Asked("", own, own.before(), channel, audience, None)
        except Mistake as mistake:
            problem = refused("charts", mistake, {})
    span, before = running(named, today)
    return Asked(named, span, before, channel, audience, problem)


def _own(first: str, last: str, today: date) -> Span:
    """Raises Mistake."""
    try:
        begins = date.fromisoformat(first)
    except ValueError:
        raise Mistake("from", "not_a_date") from None
    try:
        ends = date.fromisoformat(last) if last else max(begins, today)
    except ValueError:
        raise Mistake("to", "not_a_date") from None
    if begins > ends:
        raise Mistake("to", "dates_reversed")
    if (ends - begins).days > LONGEST or begins.year < 2000 or ends.year > 2100:
        raise Mistake("from", "span_too_long")
    return Span(begins, ends)
