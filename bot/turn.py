"""One thing a citizen did, on its way through the steps of a conversation."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

from sqlmodel import Session

from bot.brain import Published
from bot.status import answer_by
from channels.base import Inbound, Letter
from config.replies import DEFAULT, LANGUAGES, courtesy, reply
from models.clock import ClockKind
from models.contact import Contact
from models.institution import institution_by_code
from models.message import Message, heard, say, spoken_to
from models.setting import FORWARD_ALONE, value_of
from models.ticket import Audience, Ticket, open_ticket, record
from nlu import municipalities
from nlu.privacy import mask
from nlu.understand import Band, Intent, Understanding
from routing.alone import goes_alone
from routing.clocks import due_of, reopen_clock, start_clock
from routing.competence import suggested
from routing.reaching import Windows
from routing.triage import forward, hand_to_people

SUBJECT = 120
"""characters of the question that stand for it in lists"""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ways:
    """How things are done in this house."""

    pulled: frozenset[str] = frozenset()
    """channels whose side fetches what we say"""
    approve_letters: bool = False
    """an institution's letter goes to the citizen only when a coordinator has approved it"""
    windows: Windows = field(default_factory=dict)
    """channels that let us write only for a while after the citizen has written"""


PLAIN_WAYS = Ways()


@dataclass(slots=True)
class Turn:
    session: Session
    inbound: Inbound
    words: str
    """what was understood: the text, or the earlier message that a button is about"""
    meaning: Understanding
    at: datetime
    received_at: datetime
    """when the citizen's words arrived, which may be long before they are worked"""
    pulled: bool
    published: Published
    ways: Ways = PLAIN_WAYS
    verdict: str = ""
    """what a person has said of a letter that was held: `new`, or the party that it belongs to"""
    judge: str = ""
    """that person's log-in"""
    contact: Contact = field(init=False)
    ticket: Ticket | None = None
    heard: Message | None = None
    due: date | None = None
    """what the citizen is promised, when all is done"""
    said: list[Message] = field(default_factory=list)

    @property
    def on(self) -> Ticket:
        """The ticket, where a step needs one."""
        if self.ticket is None:
            raise LookupError("this step needs a ticket")
        return self.ticket

    @property
    def letter(self) -> Letter:
        """What came beside the words, where a step needs a letter."""
        if self.inbound.letter is None:
            raise LookupError("this step needs a letter")
        return self.inbound.letter

    def say(self, text: str, choices: list[dict[str, str]] | None = None, language: str = "") -> None:
        said = partial(say, self.session, self.contact, self.ticket, text, self.at, pulled=self.pulled)
        self.said.append(said(choices=choices or (), language=language))

    def excuse(self) -> None:
        """To somebody who writes in a language that we do not speak, in that language: what is urgent, and why the
        answer is in Latvian; the latter once a day.
        """
        language = self.meaning.language
        if language in LANGUAGES:
            return
        if self.meaning.intent == Intent.EMERGENCY:
            self.say(courtesy(language, "emergency"), language=language)
        if self.contact.language == DEFAULT and not spoken_to(self.session, self.contact, language, self.at - A_DAY):
            self.say(courtesy(language, "only_latvian"), language=language)

    def reply(self, key: str, **filling: object) -> str:
        return reply(self.ticket.language if self.ticket else self.contact.language, key, **filling)

    def hear(self) -> Message:
        """Keeps the citizen's words, with the ticket if there is one."""
        self.heard = heard(
            self.session,
            self.contact,
            self.ticket,
            self.inbound.text,
            self.received_at,
            external_id=self.inbound.external_id,
            language="" if self.meaning.language in LANGUAGES else self.meaning.language,
        )
        return self.heard

    def open(self, received_at: datetime) -> Ticket:
        """A ticket for the words, received at that moment; the citizen's clock runs."""
        audience = self.inbound.audience or self._audience_meant()
        self.ticket = open_ticket(
            self.session,
            self.contact,
            received_at,
            audience=audience,
            coordinator="LIAA" if audience == "business" else "VDAA",
            language=self.contact.language,
            subject=mask(self._subject())[:SUBJECT],
            confidence=self.meaning.confidence,
            band=self.meaning.band,
            intent=self.meaning.intent,
            suggested=suggested(self.meaning),
            service_code=self.meaning.service or "",
            municipality=self.meaning.municipality,
        )
        self._remember_place()
        record(self.session, self.ticket, "received", "citizen", self.at, channel=self.contact.channel)
        when = due_of(self.ticket, ClockKind.ANSWER, self.ticket.received_on)
        start_clock(self.session, self.ticket, ClockKind.ANSWER, when, self.ticket.coordinator, self.at)
        return self.ticket

    def understood_anew(self) -> None:
        """What the further words say of the ticket, which may be only where its matter belongs."""
        self.on.suggested = suggested(self.meaning) or self.on.suggested
        self.on.municipality = self.meaning.municipality or self.on.municipality
        self._remember_place()

    def _remember_place(self) -> None:
        """The next municipal matter is one of the same place; where one only picks up a passport says nothing."""
        if self.meaning.municipal and self.meaning.municipality:
            self.contact.municipality = self.meaning.municipality

    def _subject(self) -> str:
        """What stands for the question in lists: of a letter its own subject, where it has one."""
        return (self.inbound.letter.subject.strip() if self.inbound.letter else "") or self.words

    def _audience_meant(self) -> str:
        """Whose coordinator it is where the channel does not know: LIAA's for a service that only businesses use."""
        service = self.published.services.get(self.meaning.service or "")
        meant = service is not None and service.audience == Audience.BUSINESS and self.meaning.band != Band.ROUTE
        return Audience.BUSINESS if meant else Audience.RESIDENT

    def hand_over(self, reply_key: str, actor: str) -> None:
        """To people; the citizen is told the number and the date."""
        hand_to_people(self.session, self.on, self.at, actor, reply_key)
        if actor == "bot":
            self._forward_alone()
        self.disclose()
        told = self.reply(reply_key, ref=self.on.ref, date=answer_by(self.on))
        if self.meaning.municipal and (place := self.on.municipality):
            told += " " + self.reply("for_place", place=municipalities.told(place, self.on.language))
        self.say(told)

    def _forward_alone(self) -> None:
        """To the institution that it is surely for, where the house lets the bot do so."""
        code = goes_alone(self.meaning, value_of(self.session, FORWARD_ALONE))
        institution = institution_by_code(self.session, code) if code else None
        if institution and institution.retired_at is None and not institution.coordinates:
            self.session.flush()  # a forwarding names its ticket by number
            forward(self.session, self.on, [institution], "", self.at, "bot")

    def go_on(self) -> None:
        """The question was not answered after all: the clock runs on from the first receipt, as if never stopped."""
        if clock := self.on.clock(ClockKind.ANSWER):
            reopen_clock(self.session, self.on, clock, self.at, "citizen")

    def disclose(self) -> None:
        """Once per contact: a bot answers, and this is no formal submission. Pages that we serve say so themselves."""
        if not self.contact.greeted and not self.pulled:
            self.contact.greeted = True
            self.say(self.reply("first_notice"))
