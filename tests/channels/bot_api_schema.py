"""Holds requests and answers to the Bot API as published, so that our fake cannot quietly disagree with Telegram."""

import json
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parents[3] / "shared" / "data" / "telegram" / "bot-api-schema.json"
WHY_ABSENT = "the Bot API's schema is not beside the checkout (../shared/data/telegram)"
MEMBERS = re.compile(r"^\s*- ([A-Z]\w+)$", re.MULTILINE)
CONSTANT = re.compile(r"(?:always|must be) [\"'“]?([a-z_]+)[\"'”]?", re.IGNORECASE)
RETURNED = re.compile(r"(?:the sent|the edited|an?) (User|WebhookInfo|File|Message) (?:object|is returned)")
RETURNED_TRUE = re.compile(r"(True) (?:is returned|on success)")

Fields = dict[str, dict[str, Any]]


class BotApiSchema:
    def __init__(self, path: Path = SCHEMA) -> None:
        entries = [entry for section in json.loads(path.read_text("utf-8"))["items"] for entry in section["children"]]
        self._entries = {entry["name"]: entry for entry in entries}

    def is_method(self, name: str) -> bool:
        return name in self._entries and name[0].islower()

    def request_faults(self, method: str, given: dict[str, Any]) -> list[str]:
        """What is wrong with the parameters of a call; values may be strings, as forms carry them."""
        fields = self._fields(method)
        faults = [f"{method}: unknown parameter {name}" for name in given.keys() - fields.keys()]
        faults += [
            f"{method}: {name} is required" for name, field in fields.items() if field["required"] and name not in given
        ]
        for name in given.keys() & fields.keys():
            faults += self.faults(fields[name]["type"], read(fields[name]["type"], given[name]), f"{method}.{name}")
        return faults

    def answer_faults(self, method: str, result: Any) -> list[str]:
        return self.faults(self.returned(method), result, method)

    def returned(self, method: str) -> str:
        """The type of the result; the schema tells it only in prose, so the prose must at least name it."""
        description = self._entries[method]["description"]
        if "Returns an Array of Update objects" in description:
            return "Array of Update"
        found = RETURNED.search(description) or RETURNED_TRUE.search(description)
        assert found, f"the schema does not say what {method} returns"
        return found[1]

    def faults(self, kind: str, value: Any, where: str) -> list[str]:
        if kind.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{where}: {value!r} is no array"]
            inner = kind.removeprefix("Array of ")
            return [fault for i, item in enumerate(value) for fault in self.faults(inner, item, f"{where}[{i}]")]
        if options := self._options(kind):
            tried = [self.faults(option, value, where) for option in options]
            return [] if [] in tried else min(tried, key=len)
        if kind in PRIMITIVES:
            return [] if PRIMITIVES[kind](value) else [f"{where}: {value!r} is no {kind}"]
        return list(self._object_faults(kind, value, where))

    def _object_faults(self, kind: str, value: Any, where: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{where}: {value!r} is no {kind}"
            return
        fields = self._fields(kind)
        yield from (f"{where}: {kind} has no field {name}" for name in value.keys() - fields.keys())
        yield from (
            f"{where}.{name} is missing" for name, field in fields.items() if field["required"] and name not in value
        )
        for name in value.keys() & fields.keys():
            yield from self.faults(fields[name]["type"], value[name], f"{where}.{name}")
            constant = CONSTANT.search(fields[name]["description"])
            if constant and name in ("status", "type", "source") and value[name] != constant[1]:
                yield f"{where}.{name}: {value[name]!r} instead of {constant[1]!r}"

    def _options(self, kind: str) -> list[str]:
        if " or " in kind or " and " in kind:
            return re.split(r", | or | and ", kind)
        if kind in PRIMITIVES or self._fields(kind):
            return []
        return MEMBERS.findall(self._entries[kind]["description"])

    def _fields(self, name: str) -> Fields:
        return {field["name"]: field for field in self._entries[name]["annotations"]}


def read(kind: str, value: Any) -> Any:
    """A form's string as the value it stands for; JSON where the type is not a plain string."""
    if not isinstance(value, str) or kind == "String":
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _is_integer(value: Any) -> bool:
    return type(value) is int


PRIMITIVES: dict[str, Callable[[Any], bool]] = {
    "Integer": _is_integer,
    "Float": lambda value: type(value) in (int, float),
    "String": lambda value: isinstance(value, str),
    "Boolean": lambda value: isinstance(value, bool),
    "True": lambda value: value is True,
    "InputFile": lambda value: isinstance(value, bytes),
}


@lru_cache
def schema() -> BotApiSchema:
    return BotApiSchema()
