"""Composing the one answer: what it may be made of, where it goes, and how it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from models.contact import Contact
from models.forwarding import Answer, Forwarding, answers_of
from models.institution import Institution, institution_by_code
from models.moments import now
from models.service import Service, service_by_code
from models.staff import Person
from models.ticket import Ticket, record
from routing.answering import coordinator_answers
from routing.quoting import catalogue_words
from routing.reaching import PAGE, Reach, contact_by, reach
from routing.sources import Source, entry, part
from web.desk.forms import Mistake
from web.portal import Portal
from web.question_page import question_link


@dataclass(frozen=True, slots=True)
class Part:
    """What the answer may be made of: its words and where they are from."""

    source: Source
    text: str
    answer: Answer | None = None
    """of an institution; none for the catalogue's entry"""
    role: str = ""
    """of who wrote it: a role, `link` or `letter`"""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Composing:
    parts: Sequence[Part]
    """of institutions, that have not gone out yet"""
    entry: Part | None
    """the catalogue's, of the service that the question seems to be about"""
    reach: Reach
    page: str
    """address of the ticket's own page for the citizen, where nothing else reaches him"""

    @property
    def draft(self) -> str:
        """The institutions' words under their names, for the coordinator to edit."""
        return "\n\n".join(f"{one.source.name}:\n{one.text}" for one in self.parts)


def composing(session: Session, portal: Portal, ticket: Ticket) -> Composing:
    contact = session.get_one(Contact, ticket.contact_id)
    service = service_by_code(session, ticket.service_code) if ticket.service_code else None
    how = reach(session, contact, now(), portal.windows, portal.pulled, portal.sends)
    return Composing(
        _parts(session, ticket),
        _entry(session, ticket, service) if service else None,
        how,
        question_link(portal.signing, portal.settings.link_base, ticket.id or 0) if how.shut else "",
    )


def send_answer(
    session: Session, portal: Portal, ticket: Ticket, text: str, keys: Sequence[str], way: str, actor: str
) -> None:
    """Sends the answer with the sources named by `keys`; `way` is another channel than the one he asked in, if any.

    Raises Mistake or NotPossible.
    """
    made_of = composing(session, portal, ticket)
    known = {one.source.key: one.source for one in [*made_of.parts, *([made_of.entry] if made_of.entry else [])]}
    if not set(keys) <= set(known):
        raise Mistake("sources", "source_gone")
    contact, pulled = session.get_one(Contact, ticket.contact_id), ticket.channel in portal.pulled
    shut, at = made_of.reach.shut, now()
    if way and shut:
        other = made_of.reach.way(way)
        if other is None and way != PAGE:
            raise Mistake("way", "no_such_way")
        contact = contact_by(session, ticket, contact, other, at) if other else contact
        pulled, shut = other is None, None
        record(session, ticket, "answered another way", actor, at, channel=way)
    elif shut:
        raise Mistake("way", "choose_way")
    sources = [source for key, source in known.items() if key in keys]
    coordinator_answers(session, contact, ticket, text, at, actor, pulled=pulled, sources=sources)


def _parts(session: Session, ticket: Ticket) -> list[Part]:
    answers = [one for one in answers_of(session, ticket.id or 0) if one.forwarding_id and one.message_id is None]
    authors = select(Person.login, Person.role).where(col(Person.login).in_([one.author for one in answers]))
    roles = dict(session.exec(authors).all()) if answers else {}
    parts = []
    for answer in answers:
        forwarding = session.get_one(Forwarding, answer.forwarding_id)
        institution = session.get_one(Institution, forwarding.institution_id)
        role = roles.get(answer.author, "link" if answer.author.startswith("link ") else "letter")
        source = part(answer, institution, ticket.language)
        parts.append(Part(source, answer.text, answer, role, ticket.language))
    return parts


def _entry(session: Session, ticket: Ticket, service: Service) -> Part:
    language = service.language_of_answer(ticket.language)
    source = entry(service, institution_by_code(session, service.institution), language)
    return Part(source, catalogue_words(service, language), language=language)
