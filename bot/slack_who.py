"""Who somebody in Slack is at the desk, now; who is nobody there is told how to link himself."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from bot.slack_board import Board
from channels.slack_parse import Who
from models.institution import Institution
from models.moments import riga_date
from models.slack import SlackLink, link, person_of_code
from models.staff import Person
from web.desk.words import Wording
from web.sessions import Staff
from web.signing import Signing
from web.slack_link import address_to_link


class Refused(Exception):
    """It was not done; the message is for who tried."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who it is at the desk, and how he is spoken to."""

    staff: Staff
    w: Wording

    def say(self, key: str, **filling: str) -> str:
        return said(self.w, key, **filling)


def actor_of(session: Session, who: Who, board: Board, signing: Signing, at: datetime) -> Actor:
    """With the role that he has now. Raises Refused for who is linked to nobody that works here now."""
    found = session.exec(
        select(Person, Institution)
        .join(SlackLink, col(SlackLink.person_id) == col(Person.id))
        .join(Institution, col(Institution.id) == col(Person.institution_id))
        .where(col(SlackLink.team) == who.team, col(SlackLink.account) == who.account, col(Person.active))
    ).first()
    if found is None:
        where = address_to_link(signing, board.link_base, who.team, who.account, who.name)
        raise Refused(said(board.words(), "not_linked", link=where))
    return Actor(Staff(found[0], found[1], ""), Wording(found[0].language, riga_date(at)))


def link_by_code(session: Session, who: Who, code: str, w: Wording, at: datetime) -> str:
    """Returns what he is told. Raises Refused where the code is nobody's, used up or too old."""
    person = person_of_code(session, code, at)
    if person is None:
        raise Refused(said(w, "wrong_code"))
    link(session, person.id or 0, who.team, who.account, who.name, at)
    return said(Wording(person.language, riga_date(at)), "linked", name=person.name or person.login)


def said(w: Wording, key: str, **filling: str) -> str:
    return str(w.t["slack"]["said"][key]).format(**filling)
