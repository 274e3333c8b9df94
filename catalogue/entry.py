"""A service as it stands in a catalogue file, checked field by field."""

import hashlib
import json
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from catalogue.known import Known
from config.words import (
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
    """Validated with a `Known` as context it is also checked against what else there is."""

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

    @field_validator("institution")
    @classmethod
    def _institution_known(cls, code: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Known) and code not in info.context.institutions:
            raise ValueError(f'There is no institution "{code}".')
        return code

    @field_validator("also")
    @classmethod
    def _others_known(cls, codes: list[str], info: ValidationInfo) -> list[str]:
        for code in codes:
            cls._institution_known(code, info)
            if code == info.data.get("institution"):
                raise ValueError(f'"{code}" is the institution of the service itself.')
        return codes

    @field_validator("life_situation")
    @classmethod
    def _life_situation_known(cls, code: str, info: ValidationInfo) -> str:
        if code and isinstance(info.context, Known) and code not in info.context.life_situations:
            raise ValueError(f'There is no life situation "{code}".')
        return code

    @field_validator("published_on")
    @classmethod
    def _not_to_come(cls, day: date, info: ValidationInfo) -> date:
        if isinstance(info.context, Known) and day > info.context.today:
            raise ValueError(f"{day} is still to come.")
        return day

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
