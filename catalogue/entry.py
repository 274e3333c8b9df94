"""A service as it stands in a catalogue file, checked field by field."""

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from catalogue.words import (
    LIST_ITEMS,
    Address,
    Day,
    InstitutionCode,
    Lists,
    Maybe,
    Slug,
    Strict,
    Texts,
    Titles,
    Word,
    WordOrNone,
)
from models.service import Service

TEXTS = ("title", "summary", "who", "documents", "term", "price", "apply")
LISTS = ("keywords", "questions")
Form = dict[str, Any]
"""A service as plain data, in the shape and order of the YAML file."""


class Entry(Strict):
    code: Slug
    institution: InstitutionCode
    also: Annotated[list[InstitutionCode], Field(max_length=LIST_ITEMS, default_factory=list)]
    municipality: Maybe[Word] = None
    life_situation: WordOrNone = ""
    audience: Literal["resident", "business", "both"]
    published_on: Day
    url: Address
    term_working_days: Maybe[Annotated[int, Field(ge=0, le=1000)]] = None
    title: Titles
    summary: Texts
    who: Texts
    documents: Texts
    term: Texts
    price: Texts
    apply: Texts
    keywords: Lists = Lists()
    questions: Lists = Lists()

    @field_validator("also", mode="before")
    @classmethod
    def _nobody(cls, value: Any) -> Any:
        return [] if value is None else value

    @field_validator("also")
    @classmethod
    def _each_once(cls, value: list[str]) -> list[str]:
        if len(set(value)) < len(value):
            raise ValueError("An institution stands here twice.")
        return value

    def form(self) -> Form:
        """The entry without what is empty."""
        form = self.model_dump()
        for field in (*TEXTS, *LISTS):
            form[field] = {language: words for language, words in form[field].items() if words}
        return form


def form_of(service: Service) -> Form:
    """The same of a version in the database."""
    form: Form = {field: getattr(service, field) for field in Entry.model_fields if field not in TEXTS}
    form |= {field: service.texts.get(field, {}) for field in TEXTS}
    return {field: form[field] for field in Entry.model_fields}


def fingerprint(form: Form) -> str:
    """Differs where the content does; the order in which fields are written does not count."""
    plain = json.dumps(form, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(plain.encode()).hexdigest()
