"""A ticket as a card and as a form for Slack, and what stands behind its buttons."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from channels.slack_card import CHOOSE, FORWARD, OPEN, TAKE, Button, Card, Form
from models.clock import ClockKind
from models.forwarding import ForwardingState, forwardings_of
from models.institution import Institution
from models.message import Direction, Message
from models.staff import Person
from models.ticket import Ticket, TicketState
from web.desk.words import Wording

MOST = 5
"""institutions that one button forwards to"""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a card showed when its button was pressed: whoever acts on less than that would act blindly."""

    ref: str
    state: str
    holder: str
    """id of who had taken the ticket"""
    codes: tuple[str, ...] = ()
    channel: str = ""
    """where answers to a form go"""

    def packed(self) -> str:
        return "|".join((self.ref, self.state, self.holder, ",".join(self.codes), self.channel))


def unpacked(value: str) -> Shown:
    """Raises ValueError."""
    ref, state, holder, codes, channel = value.split("|")
    return Shown(ref, state, holder, tuple(code for code in codes.split(",") if code), channel)


def shown(ticket: Ticket, codes: tuple[str, ...] = (), channel: str = "") -> Shown:
    return Shown(ticket.ref, ticket.state, str(ticket.taken_by or ""), codes, channel)


def card_of(session: Session, ticket: Ticket, w: Wording, link: str) -> Card:
    """As it is now."""
    words = w.t["slack"]["card"]
    return Card(
        title=ticket.ref,
        state=_state(session, ticket, w),
        question=w.masked(question_of(session, ticket)),
        facts=tuple(_facts(session, ticket, w)),
        buttons=(*_buttons(session, ticket, w), Button(OPEN, words["open"], url=link)),
        yes=words["yes"],
        no=words["no"],
    )


def as_lines(card: Card, link: str) -> str:
    """The same for who only asked."""
    return "\n".join([f"{card.title}: {card.state}", *(f"{name}: {value}" for name, value in card.facts), link])


def form_of(session: Session, ticket: Ticket, w: Wording, channel: str) -> Form:
    words = w.t["slack"]["form"]
    offered = {one.code: f"{one.code} – {one.called(w.language)}" for one in offered_institutions(session)}
    suggested = tuple((code, offered[code]) for code in ticket.suggested if code in offered)
    return Form(
        title=words["title"],
        submit=words["submit"],
        cancel=words["cancel"],
        question=w.masked(question_of(session, ticket)),
        institutions=words["institutions"],
        placeholder=words["placeholder"],
        note=words["note"],
        groups=((words["suggested"], suggested), (words["all"], tuple(offered.items()))),
        chosen=tuple(code for code, _ in suggested) if ticket.state == TicketState.TRIAGE else (),
        context=shown(ticket, channel=channel).packed(),
    )


def offered_institutions(session: Session, codes: tuple[str, ...] | None = None) -> list[Institution]:
    """To which may be forwarded: all, or those of the codes."""
    wanted = select(Institution).where(col(Institution.retired_at).is_(None))
    if codes is not None:
        wanted = wanted.where(col(Institution.code).in_(codes))
    return list(session.exec(wanted.order_by(col(Institution.code))))


def question_of(session: Session, ticket: Ticket) -> str:
    first = select(Message.text).where(col(Message.ticket_id) == ticket.id, col(Message.direction) == Direction.IN)
    return session.exec(first.order_by(col(Message.id)).limit(1)).first() or ticket.subject


def _state(session: Session, ticket: Ticket, w: Wording) -> str:
    words = w.t["slack"]["card"]
    parts = [w.label("states", ticket.state)]
    if any(clock.is_running and clock.due_on < w.today for clock in ticket.clocks):
        parts.insert(0, words["overdue"])
    holder = session.get(Person, ticket.taken_by) if ticket.taken_by else None
    if holder:
        parts.append(words["holder"].format(name=holder.name or holder.login))
    elif ticket.state == TicketState.TRIAGE:
        parts.append(words["nobody"])
    if ticket.attention:
        parts.append(w.label("attention", ticket.attention))
    return " · ".join(parts)


def _facts(session: Session, ticket: Ticket, w: Wording) -> list[tuple[str, str]]:
    words = w.t["slack"]["card"]
    facts = [
        (words["channel"], w.label("channels", ticket.channel)),
        (words["language"], w.label("language_names", ticket.language)),
    ]
    if ticket.state == TicketState.TRIAGE:
        names = ", ".join(_named(one, ticket, w) for one in _suggested(session, ticket))
        facts.append((words["suggested"], names or words["nothing_suggested"]))
    for kind, name in ((ClockKind.FORWARD, "forward_by"), (ClockKind.ANSWER, "answer_by")):
        if clock := ticket.running(kind):
            facts.append((words[name], f"{w.day(clock.due_on)} ({w.due(clock.due_on).text})"))
    for forwarding in forwardings_of(session, ticket.id or 0):
        if forwarding.state == ForwardingState.WAITING:
            name = _named(session.get_one(Institution, forwarding.institution_id), ticket, w)
            facts.append((words["at"], words["waits"].format(name=name, due=w.day(forwarding.shown_due))))
    return facts


def _buttons(session: Session, ticket: Ticket, w: Wording) -> list[Button]:
    words = w.t["slack"]["card"]
    buttons: list[Button] = []
    if not ticket.is_open:
        return buttons
    if not ticket.taken_by:
        buttons.append(Button(TAKE, words["take"], shown(ticket).packed()))
    suggested = _suggested(session, ticket)[:MOST]
    if ticket.state == TicketState.TRIAGE and suggested:
        codes = tuple(one.code for one in suggested)
        names = ", ".join(_named(one, ticket, w) for one in suggested)
        label = words["forward"].format(codes=", ".join(codes))
        confirm = words["forward_confirm"].format(ref=ticket.ref, names=names)
        buttons.append(Button(FORWARD, label, shown(ticket, codes).packed(), confirm=confirm))
    buttons.append(Button(CHOOSE, words["choose"], shown(ticket).packed()))
    return buttons


def _suggested(session: Session, ticket: Ticket) -> list[Institution]:
    there = {one.code: one for one in offered_institutions(session, tuple(ticket.suggested))}
    return [there[code] for code in ticket.suggested if code in there]


def _named(institution: Institution, ticket: Ticket, w: Wording) -> str:
    return institution.called(w.language) + w.of_place(institution, ticket)
