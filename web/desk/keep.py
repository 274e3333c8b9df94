"""Drafts on the pages: a signed word in each form says whose draft it is and where it belongs.

With that word a text is kept even when the log-in ran out while it was typed: it becomes its writer's draft, and only
he sees it once he has logged in again. The word opens nothing and sends nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session
from starlette.datastructures import FormData

from models.draft import Draft, drafts_of, save_draft
from models.presence import looks
from web.portal import Portal
from web.sessions import Staff
from web.signing import Signing

PURPOSE = "draft"
DAYS = 30 * 24 * 60 * 60
LONGEST = 100_000
"""most characters of a draft; what is longer stays in the browser"""
NOT_TYPED = frozenset({"csrf", "keep", "seen"})


class TooLong(ValueError):
    """More than we keep."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The drafts of one page for its owner; handed to the templates as `kept`."""

    signing: Signing
    owner: str
    place: str
    """path of the page after log-in"""
    address: str
    """where its forms send what is to be kept"""
    drafts: Mapping[str, Draft] = field(default_factory=dict)

    def word(self, form: str) -> str:
        return self.signing.sign_for_a_time(PURPOSE, "|".join((self.owner, self.place, form)))

    def saved_at(self, form: str) -> datetime | None:
        return self.drafts[form].saved_at if form in self.drafts else None

    def text(self, form: str, name: str, otherwise: str = "") -> str:
        """What was typed into that field, else what stands there without a draft."""
        values = self.chosen(form, name)
        return values[-1] if values else otherwise

    def chosen(self, form: str, name: str) -> list[str]:
        return list(self.drafts[form].fields.get(name, ())) if form in self.drafts else []


def owned_by(staff: Staff) -> str:
    return f"person {staff.person.id}"


def owned_by_link(forwarding_id: int) -> str:
    """Whoever holds the link to the forwarding."""
    return f"link {forwarding_id}"


def kept_by(session: Session, portal: Portal, owner: str, place: str, address: str = "/desk/drafts") -> Kept:
    return Kept(portal.signing, owner, place, address, drafts_of(session, owner, place))


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form holds, and where it belongs."""

    owner: str
    place: str
    form: str
    fields: Mapping[str, list[str]]

    @property
    def person_id(self) -> int | None:
        kind, _, number = self.owner.partition(" ")
        return int(number) if kind == "person" else None


def typed_in(portal: Portal, form: FormData) -> Typed | None:
    """None where the form carries no word of ours, or an old one."""
    word = portal.signing.read_within(PURPOSE, str(form.get("keep", "")), DAYS)
    if word is None:
        return None
    owner, place, name = word.split("|")
    fields: dict[str, list[str]] = {}
    for key, value in form.multi_items():
        if key not in NOT_TYPED and isinstance(value, str) and value.strip():
            fields.setdefault(key, []).append(value.replace("\x00", "").replace("\r\n", "\n"))
    return Typed(owner, place, name, fields)


def words_of(form: FormData) -> str:
    """What a person wrote into the form, and not what he chose or what it carries hidden."""
    hidden = NOT_TYPED | {"next", "login"}
    texts = [value for name, value in form.multi_items() if name not in hidden and isinstance(value, str)]
    return "\n\n".join(text for text in texts if " " in text.strip() or "\n" in text.strip())


def keep(session: Session, typed: Typed, at: datetime) -> bool:
    """Stores it as a draft; False where nothing was typed. Raises TooLong."""
    if sum(len(value) for values in typed.fields.values() for value in values) > LONGEST:
        raise TooLong
    saved = save_draft(session, typed.owner, typed.place, typed.form, typed.fields, at)
    if saved and typed.person_id:
        looks(session, typed.place, typed.person_id, at, types=True)
    return saved
