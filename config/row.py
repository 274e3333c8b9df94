"""One record of a file with the place where each of its fields stands, and how a model judges it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from config.flaw import Flaw

Place = tuple[str | int, ...]
"""Where a value stands in a record: ("title", "lv") or ("questions", "en", 2)."""
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Row:
    file: str
    line: int
    values: Any
    lines: Mapping[Place, int] = field(default_factory=dict)
    joint: str = "."
    """between field and language: `title.lv` in YAML, `title_lv` in CSV"""

    @property
    def code(self) -> str:
        """As it was written, which may be nothing."""
        code = self.values.get("code") if isinstance(self.values, dict) else None
        return code.strip() if isinstance(code, str) else ""

    def flaw(self, place: Place, message: str) -> Flaw:
        name = self.joint.join(part for part in place if isinstance(part, str))
        return Flaw(self.file, self._line(place), name, message)

    def _line(self, place: Place) -> int:
        """The line of the value, or of what it is missing from."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, self.line)


def judge(rows: Iterable[Row], model: type[Model], context: Any = None) -> tuple[list[tuple[Row, Model]], list[Flaw]]:
    """The records that the model accepts, and what is wrong with the others."""
    good: list[tuple[Row, Model]] = []
    flaws: list[Flaw] = []
    for row in rows:
        try:
            good.append((row, model.model_validate(row.values, context=context)))
        except ValidationError as error:
            flaws += [row.flaw(detail["loc"], _sentence(detail)) for detail in error.errors()]
    return good, flaws


def twice(rows: Iterable[Row]) -> Iterator[Flaw]:
    """A flaw for each code that an earlier record already has."""
    first: dict[str, Row] = {}
    for row in rows:
        earlier = first.setdefault(row.code, row)
        if row.code and earlier is not row:
            yield row.flaw(("code",), f'"{row.code}" is also at {earlier.file}:{earlier.line}; a code may stand once.')


_SENTENCES = {
    "missing": "This field is required.",
    "extra_forbidden": "There is no such field.",
    "string_type": "This must be text.",
    "string_too_short": "This must not be empty.",
    "string_too_long": "This is longer than {max_length} characters.",
    "list_type": "This must be a list.",
    "too_short": "This list must not be empty.",
    "too_long": "This list has {actual_length} items, more than {max_length}.",
    "model_type": "This must be a mapping of fields to values.",
    "literal_error": "This must be {expected}.",
    "int_type": "This must be a whole number.",
    "int_parsing": "This must be a whole number.",
    "int_from_float": "This must be a whole number.",
    "int_parsing_size": "This number is too large.",
    "greater_than_equal": "This must be at least {ge}.",
    "less_than_equal": "This must be at most {le}.",
    "bool_type": "This must be true or false.",
    "bool_parsing": "This must be true or false.",
    "value_error": "{error}",
}


def _sentence(detail: ErrorDetails) -> str:
    sentence = _SENTENCES.get(detail["type"])
    return sentence.format(**detail.get("ctx", {})) if sentence else f"{detail['msg']}."
