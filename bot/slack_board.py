"""What is posted to Slack: finds questions that came to people, and cards that no longer show how their ticket stands.

Whoever looks stores a row for the outbox; the card is drawn when the row's turn comes, as the ticket is then.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, exists, func, select

from bot.letter_out import Written
from bot.slack_cards import card_of
from channels.base import Outbound
from channels.slack import Slack, SlackSettings
from channels.slack_card import Post
from models.contact import contact_of
from models.institution import institution_by_code
from models.message import Author, Direction, Message
from models.moments import now, riga_date
from models.queue import OutboxRow, State
from models.slack import SlackCard, live_behind, opened_again, put_card_once
from models.staff import Notice
from models.ticket import WITH_PEOPLE, Event, Ticket, TicketState
from routing.escalation import AT_COORDINATOR
from routing.notices import notice_text
from routing.telling import Taken, notices_about
from web.desk.words import Wording

CARD = "card:"
"""begins the conversation of a card's rows: they keep their order; the ticket's id follows"""
ASIDE = "aside:"
"""begins that of a word to one person; the Slack channel and his account follow, or the address for the answer"""
RECENT = timedelta(days=1)
"""Slack switched on late is not flooded with what has waited for longer"""
BATCH = 100


@dataclass(frozen=True, slots=True)
class Board:
    """Where things are posted and how they are worded."""

    settings: SlackSettings
    link_base: str

    def words(self) -> Wording:
        return Wording(self.settings.language, riga_date(now()))

    def link(self, ref: str) -> str:
        return f"{self.link_base}/desk/tickets/{ref}"

    def is_behind(self, session: Session, at: datetime, since: int = 0) -> bool:
        """A look that writes nothing: whether `follow` would find something."""
        looks = (self._new(at), live_behind(since), opened_again(since))
        return any(session.exec(look.limit(1)).first() is not None for look in looks)

    def newest(self, session: Session) -> int:
        """Of all events; while it stays the same there is hardly anything to follow."""
        return session.exec(select(func.max(Event.id))).one() or 0

    def follow(self, session: Session, at: datetime, since: int = 0) -> int:
        """Stores what has to be posted; returns how much. Any number of processes may do it at once.

        Of cards it looks only at those whose tickets have events after `since`.
        """
        new = [
            ticket
            for ticket in session.exec(self._new(at).limit(BATCH)).all()
            if put_card_once(session, SlackCard(ticket_id=ticket.id or 0))
        ]
        for ticket in new:
            card = session.get_one(SlackCard, ticket.id)
            card.outbox_id = self._post_card(session, ticket, at)
            card.event_id = _newest(session, ticket.id or 0)
        changed = [pair for look in (live_behind(since), opened_again(since)) for pair in _locked(session, look)]
        for card, ticket in changed:
            self._follow(session, card, ticket, at)
        return len(new) + len(changed)

    def write(self, session: Session, row: OutboxRow, message: Message) -> Written:
        """What goes out for a row."""
        return Written(self._written(session, row, message))

    def say(self, session: Session, to: str, text: str, at: datetime) -> None:
        """A word to one person; `to` is `channel/account`, or the address that Slack gave."""
        self._store(session, f"{ASIDE}{to}", text, at)

    def alert(self, session: Session, told: Sequence[tuple[Notice, Sequence[Taken]]], at: datetime) -> None:
        """What coordinators are told of a step of the ladder, each clock once, be it said to several of their roles."""
        ours = institution_by_code(session, self.settings.coordinator)
        steps = {
            step.clock_id: step
            for notice, about in told
            for step in about
            if ours is not None and notice.role in AT_COORDINATOR and notice.institution_id == ours.id
        }
        if not steps:
            return
        first = next(iter(steps.values()))
        for notice, _ in notices_about(first.group, list(steps.values()), at):
            text = f"{notice_text(notice, self.settings.language)}\n{self.link_base}/desk"
            self._store(session, self.settings.alerts or self.settings.channel, text, at)

    def _new(self, at: datetime) -> Any:
        """Tickets that came to people and have no card."""
        return (
            select(Ticket)
            .where(
                col(Ticket.state) == TicketState.TRIAGE,
                col(Ticket.coordinator) == self.settings.coordinator,
                col(Ticket.changed_at) > at - RECENT,
                ~exists().where(col(SlackCard.ticket_id) == col(Ticket.id)),
            )
            .order_by(col(Ticket.id))
        )

    def _follow(self, session: Session, card: SlackCard, ticket: Ticket, at: datetime) -> None:
        card.event_id = _newest(session, card.ticket_id)
        if not card.live:  # opened again: the old card lies far above, where nobody looks
            card.outbox_id = self._post_card(session, ticket, at)
        elif not _waits(session, card):
            self._post_card(session, ticket, at)
        card.live = ticket.state in WITH_PEOPLE

    def _post_card(self, session: Session, ticket: Ticket, at: datetime) -> int:
        text = self.words().t["slack"]["card"]["open_text"].format(ref=ticket.ref)
        return self._store(session, f"{CARD}{ticket.id}", text, at)

    def _store(self, session: Session, conversation: str, text: str, at: datetime) -> int:
        """A message and its outbox row, of no ticket: neither the citizen nor the ticket's page has to do with it."""
        contact = contact_of(
            session, Slack.name, self.settings.channel, at, name="Slack", language=self.settings.language
        )
        message = Message(
            contact=contact, direction=Direction.OUT, author=Author.BOT, text=text, language=contact.language, at=at
        )
        session.add(message)
        session.flush()
        row = OutboxRow(
            channel=Slack.name,
            conversation=conversation,
            message_id=message.id or 0,
            language=contact.language,
            due_at=at,
            created_at=at,
        )
        session.add(row)
        session.flush()
        return row.id or 0

    def _written(self, session: Session, row: OutboxRow, message: Message) -> Outbound:
        own_id, since = f"{self.link_base} m{message.id}", row.created_at
        kind, _, to = row.conversation.partition(":")
        if f"{kind}:" == ASIDE:
            channel, _, account = to.partition("/")
            if account.startswith("/"):  # an address, https://…
                return Post(own_id, "", message.text, answer_to=to, since=since)
            return Post(own_id, channel, message.text, only_to=account, since=since)
        if f"{kind}:" != CARD:
            return Post(own_id, row.conversation, message.text, since=since)
        card = session.get_one(SlackCard, int(to), with_for_update=True)
        if row.id != card.outbox_id:
            first = session.get(OutboxRow, card.outbox_id) if card.outbox_id else None
            if first is not None and first.provider_id:
                return self._drawn(session, card, own_id, since, replaces=first.provider_id)
            if first is not None and first.state != State.DEAD:  # nobody knows where it is, if it is anywhere
                return Post(own_id, self.settings.channel, "", nothing=True)
            card.outbox_id = row.id
        return self._drawn(session, card, own_id, since)

    def _drawn(self, session: Session, card: SlackCard, own_id: str, since: datetime, replaces: str = "") -> Post:
        ticket = session.get_one(Ticket, card.ticket_id)
        drawn = card_of(session, ticket, self.words(), self.link(ticket.ref))
        text = f"{drawn.title} · {drawn.state}"
        return Post(own_id, self.settings.channel, text, card=drawn, replaces=replaces, since=since)


def _locked(session: Session, look: Any) -> Sequence[tuple[SlackCard, Ticket]]:
    """Left to another process where that has them."""
    found: Sequence[tuple[SlackCard, Ticket]] = session.exec(
        look.limit(BATCH).with_for_update(skip_locked=True, of=SlackCard)
    ).all()
    return found


def _newest(session: Session, ticket_id: int) -> int:
    return session.exec(select(func.max(Event.id)).where(col(Event.ticket_id) == ticket_id)).one() or 0


def _waits(session: Session, card: SlackCard) -> bool:
    """A row that nobody has taken up will show the ticket as it is when its turn comes."""
    waiting = select(OutboxRow.id).where(
        col(OutboxRow.channel) == Slack.name,
        col(OutboxRow.conversation) == f"{CARD}{card.ticket_id}",
        col(OutboxRow.state) == State.WAITING,
    )
    return session.exec(waiting.limit(1)).first() is not None
