"""What the texts, lists, dates and addresses of an edited file may look like."""

import re
from datetime import date
from typing import Annotated, Any, TypeVar
from unicodedata import category, normalize
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

LANGUAGES = ("lv", "en", "ru")
LIST_ITEMS = 200
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
"""Control characters, and the ones that turn the direction of the text so that it reads as something else."""


class Strict(BaseModel):
    """A record whose every field is known."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def _plain(value: Any) -> Any:
    """Composed letters, so that a name typed on another system is still the same name."""
    if not isinstance(value, str):
        return value
    if found := FORBIDDEN.search(value):
        raise ValueError(f"The control character U+{ord(found[0]):04X} is not allowed.")
    if any(category(letter) == "Cs" for letter in value):
        raise ValueError("Half of a character pair is not allowed.")
    return normalize("NFC", value)


def _item(value: Any) -> Any:
    """Items stand on one line, and a CSV file parts them by semicolons: neither belongs to the item itself."""
    value = _plain(value)
    return " ".join(value.split()).strip("; ") if isinstance(value, str) else value


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError(f'"{value}" must be small Latin letters and digits, parted by hyphens.')
    return value


def _institution(value: str) -> str:
    if not re.fullmatch(r"\w+([-/. ]\w+)*", value):
        raise ValueError(f'"{value}" must be letters and digits, parted by hyphens or spaces.')
    return value


def _day(value: Any) -> Any:
    # Left to itself pydantic would also take a number of seconds for a date.
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip()):
        raise ValueError("This must be a date such as 2026-11-02.")
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"There is no such date as {value.strip()}.") from None


def _address(value: str) -> str:
    message = "This must be an address that begins with http:// or https://."
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  # raises where it is no number
    except ValueError:
        raise ValueError(message) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(letter.isspace() for letter in value):
        raise ValueError(message)
    if "@" in parts.netloc:
        raise ValueError("An address must not carry a user name: it reads as another site.")
    return value


def _sites(value: str) -> str:
    """Host names or addresses: nothing that would run when a page links to it."""
    for site in value.split(";"):
        if not re.fullmatch(r"[\w-]+(\.[\w-]+)+", site.strip()):
            _address(site.strip())
    return value


def _email(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise ValueError("This must be an e-mail address.")
    return value


Kind = TypeVar("Kind")
Maybe = Annotated[Kind | None, BeforeValidator(lambda value: None if value == "" else value)]
"""An empty cell or text counts as none."""
WordOrNone = Annotated[
    str, Field(max_length=300), BeforeValidator(lambda value: "" if value is None else _plain(value))
]
"""The other way round: a word whose absence is an empty text."""

Word = Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(_plain)]
Line = Annotated[str, Field(min_length=1, max_length=300), BeforeValidator(_plain)]
Prose = Annotated[str, Field(min_length=1, max_length=4000), BeforeValidator(_plain)]
Item = Annotated[str, Field(min_length=1, max_length=500), BeforeValidator(_item)]
Items = Annotated[
    list[Item], Field(max_length=LIST_ITEMS), BeforeValidator(lambda value: [] if value is None else value)
]
Slug = Annotated[Word, AfterValidator(_slug)]
InstitutionCode = Annotated[Word, AfterValidator(_institution)]
Day = Annotated[date, BeforeValidator(_day)]
Address = Annotated[str, Field(min_length=1, max_length=2000), BeforeValidator(_plain), AfterValidator(_address)]
Sites = Annotated[Line, AfterValidator(_sites)]
Email = Annotated[Line, AfterValidator(_email)]


class Titles(Strict):
    """One line in each language; Latvian is the official one."""

    lv: Line
    en: Maybe[Line] = None
    ru: Maybe[Line] = None


class Texts(Strict):
    lv: Prose
    en: Maybe[Prose] = None
    ru: Maybe[Prose] = None


class Lists(Strict):
    lv: Items = []
    en: Items = []
    ru: Items = []
