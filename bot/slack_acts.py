"""What somebody did in Slack, done as the person of the desk whom he is linked to: his rights, his name."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from bot.slack_board import Board
from bot.slack_cards import Shown, as_lines, card_of, form_of, offered_institutions, shown, unpacked
from bot.slack_who import Actor, Refused, actor_of, link_by_code, said
from channels.base import ParseError
from channels.slack_card import TAKE, Form
from channels.slack_parse import Done, Filled, Mentioned, Pressed, Typed, Who
from models.slack import unlink
from models.staff import Person
from models.ticket import Ticket
from routing.taking import by_way_of, take
from routing.triage import NotPossible, forward
from web.desk.access import NotThere, forwarding_here, overseen_ticket, own_ticket
from web.desk.forms import typed
from web.problems import Problem
from web.sessions import acting, coordinating
from web.signing import Signing

DOOR = "slack"
LINK = ("link", "saistīt", "saistit")
UNLINK = ("unlink", "atsaistīt", "atsaistit")
LONGEST_NOTE = 2000


@dataclass(frozen=True, slots=True)
class Acts:
    board: Board
    signing: Signing

    def do(self, session: Session, done: Done, at: datetime) -> None:
        """Does it, and stores what is said to who did it, in one transaction."""
        to = _back_to(done)
        try:
            with session.begin_nested():
                answer = self._do(session, done, at)
        except Refused as refused:
            answer = str(refused)
        self.board.say(session, to, answer, at)

    def form(self, session: Session, pressed: Pressed, at: datetime) -> Form:
        """The window in which he chooses. Raises Refused."""
        actor, seen = self._who(session, pressed.who, at), _seen(pressed.value)
        ticket = self._overseen(session, actor, seen)
        _is_as_shown(actor, ticket, seen)
        return form_of(session, ticket, actor.w, pressed.channel)

    def refuse(self, session: Session, done: Done, why: str, at: datetime) -> None:
        self.board.say(session, _back_to(done), why, at)

    def too_slow(self, session: Session, pressed: Pressed, at: datetime) -> str:
        return self._who(session, pressed.who, at).say("too_slow", ref=_seen(pressed.value).ref)

    def _who(self, session: Session, who: Who, at: datetime) -> Actor:
        return actor_of(session, who, self.board, self.signing, at)

    def _do(self, session: Session, done: Done, at: datetime) -> str:
        if isinstance(done, Mentioned):
            return said(self.board.words(), "mentioned")
        if isinstance(done, Typed):
            return self._typed(session, done, at)
        actor = self._who(session, done.who, at)
        if isinstance(done, Filled):
            return self._forward(session, actor, _seen(done.context), done.institutions, done.note, at)
        seen = _seen(done.value)
        if done.does == TAKE:
            return self._take(session, actor, seen, at)
        return self._forward(session, actor, seen, seen.codes, "", at)

    def _take(self, session: Session, actor: Actor, seen: Shown, at: datetime) -> str:
        def work(ticket: Ticket) -> str:
            try:
                take(session, ticket, actor.staff.person, seen.holder, at)
            except NotPossible as error:
                holder = session.get(Person, ticket.taken_by) if ticket.taken_by else None
                if holder is None:
                    raise
                raise Refused(actor.say("taken_before", ref=ticket.ref, name=holder.name or holder.login)) from error
            return actor.say("taken", ref=ticket.ref)

        return self._change(session, actor, seen, work)

    def _forward(
        self, session: Session, actor: Actor, seen: Shown, codes: tuple[str, ...], note: str, at: datetime
    ) -> str:
        def work(ticket: Ticket) -> str:
            chosen = offered_institutions(session, codes)
            if not chosen:
                raise Refused(actor.say("no_institution", ref=ticket.ref))
            made = forward(session, ticket, chosen, typed(note)[:LONGEST_NOTE], at, actor.staff.login)
            if not made:
                raise Refused(actor.say("forwarded_before", ref=ticket.ref))
            ids = [forwarding.institution_id for forwarding in made]
            names = [one.called(actor.w.language) for one in chosen if one.id in ids]
            return actor.say("forwarded", ref=ticket.ref, names=", ".join(names))

        return self._change(session, actor, seen, work, as_shown=True)

    def _change(
        self, session: Session, actor: Actor, seen: Shown, work: Callable[[Ticket], str], *, as_shown: bool = False
    ) -> str:
        """On the locked ticket, as the desk does it."""
        try:
            coordinating(acting(actor.staff))
            ticket = own_ticket(session, actor.staff, seen.ref)
        except NotThere as error:
            raise Refused(actor.say("no_ticket", ref=seen.ref)) from error
        except Problem as error:
            raise Refused(actor.say("no_rights")) from error
        if as_shown:
            _is_as_shown(actor, ticket, seen)
        try:
            with by_way_of(session, ticket, DOOR):
                return work(ticket)
        except NotPossible as error:
            why = actor.w.label("problem", str(error))
            raise Refused(actor.say("failed", ref=ticket.ref, why=why)) from error

    def _overseen(self, session: Session, actor: Actor, seen: Shown) -> Ticket:
        try:
            coordinating(acting(actor.staff))
            return overseen_ticket(session, actor.staff, seen.ref)
        except NotThere as error:
            raise Refused(actor.say("no_ticket", ref=seen.ref)) from error
        except Problem as error:
            raise Refused(actor.say("no_rights")) from error

    def _typed(self, session: Session, done: Typed, at: datetime) -> str:
        first, _, rest = done.text.strip().partition(" ")
        if first.casefold() in LINK:
            return link_by_code(session, done.who, rest, self.board.words(), at)
        actor = self._who(session, done.who, at)
        if first.casefold() in UNLINK:
            unlink(session, actor.staff.person.id or 0)
            return actor.say("unlinked")
        if not first or rest.strip():
            return actor.say("help")
        return self._status(session, actor, first.upper())

    def _status(self, session: Session, actor: Actor, ref: str) -> str:
        """Of a ticket that he may open at the desk."""
        try:
            ticket = overseen_ticket(session, actor.staff, ref)
        except NotThere as error:
            forwarding = None if actor.staff.edits else forwarding_here(session, actor.staff, ref)
            if forwarding is None:
                raise Refused(actor.say("no_ticket", ref=ref[:20])) from error
            where = f"{self.board.link_base}/desk/forwardings/{forwarding.id}"
            state = actor.w.label("forwarding_states", forwarding.state)
            return f"{ref}: {state}, {actor.w.day(forwarding.shown_due)}\n{where}"
        return as_lines(card_of(session, ticket, actor.w, ""), self.board.link(ticket.ref))


def _seen(value: str) -> Shown:
    try:
        return unpacked(value)
    except ValueError as error:
        raise ParseError("a button or form that is none of ours") from error


def _is_as_shown(actor: Actor, ticket: Ticket, seen: Shown) -> None:
    """Raises Refused where somebody has done something that the person could not see."""
    now = shown(ticket)
    theirs = now.holder != seen.holder and ticket.taken_by != actor.staff.person.id
    if now.state != seen.state or theirs:
        raise Refused(actor.say("stale", ref=ticket.ref))


def _back_to(done: Done) -> str:
    """Where who did it is answered."""
    if isinstance(done, Pressed | Typed) and done.answer_to:
        return done.answer_to
    channel = _seen(done.context).channel if isinstance(done, Filled) else getattr(done, "channel", "")
    return f"{channel}/{done.who.account}"
