"""Records from YAML, of which only mappings, lists and texts are taken.

Every value stays the text that was written, for the models to judge: a price of 14.00 does not become 14.0, nor the
answer `no` the value false. Nothing is expanded, so no file can grow in memory beyond its size.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from config.flaw import Flaw, Refused
from config.row import Place, Row

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 10
_NULL = ("", "~", "null", "Null", "NULL")


def yaml_rows(text: str, file: str, key: str) -> tuple[list[Row], list[Flaw]]:
    """The records listed under `key`, or at the top, and the flaws that do not hinder reading.

    Raises Refused.
    """
    tree = _tree(text, file)
    top: Place = ()
    records = tree.root
    if isinstance(records, dict):
        top = (key,)
        tree.flaws += [
            Flaw(file, tree.lines[(name,)], name, "There is no such field.") for name in records if name != key
        ]
        records = records.get(key)
    if not isinstance(records, list) or not records:
        raise Refused([*tree.flaws, Flaw(file, tree.lines.get(top, 1), key, f"A list of {key} is expected here.")])
    return list(_rows(records, top, tree, file)), tree.flaws


def yaml_whole(text: str, file: str) -> Row:
    """The whole file as one record. Raises Refused."""
    tree = _tree(text, file)
    if tree.flaws:
        raise Refused(tree.flaws)
    return Row(file, 1, {} if tree.root is None else tree.root, tree.lines)


def _tree(text: str, file: str) -> "_Tree":
    tree = _Tree(file)
    try:
        for event in yaml.parse(text, Loader=LOADER):
            tree.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise Refused([Flaw(file, line, "", f"This is not YAML: {error.problem}.")]) from None
    except yaml.YAMLError as error:
        raise Refused([Flaw(file, 1, "", f"This is not YAML: {error}.")]) from None
    return tree


def _rows(records: list[Any], top: Place, tree: "_Tree", file: str) -> Iterator[Row]:
    places: list[dict[Place, int]] = [{} for _ in records]
    depth = len(top)
    for place, line in tree.lines.items():
        if len(place) > depth and place[:depth] == top and isinstance(number := place[depth], int):
            places[number][place[depth + 1 :]] = line
    for values, lines in zip(records, places, strict=True):
        yield Row(file, lines[()], values, lines)


@dataclass
class _Open:
    """A mapping or list that has begun and not ended."""

    place: Place
    into: dict[str, Any] | list[Any]
    key: str | None = None


@dataclass
class _Tree:
    """Grows from the parser's events and remembers the line of each value."""

    file: str
    root: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    open: list[_Open] = field(default_factory=list)
    documents: int = 0

    def take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        self._refuse(event, line)
        if isinstance(event, yaml.ScalarEvent):
            is_null = event.implicit[0] and event.value in _NULL
            self._scalar(None if is_null else event.value, line)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin({} if isinstance(event, yaml.MappingStartEvent) else [], line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.open.pop()

    def _refuse(self, event: Any, line: int) -> None:
        message = ""
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            message = "A file holds one document." if self.documents > 1 else ""
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            message = "Anchors and aliases (& and *) are not allowed; write the value out."
        elif getattr(event, "tag", None):
            message = "Tags (!) are not allowed."
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) >= DEEPEST:
                message = f"This is nested deeper than {DEEPEST} levels."
            elif self.open and isinstance(self.open[-1].into, dict) and self.open[-1].key is None:
                message = "The name of a field must be text."
        if message:
            raise Refused([*self.flaws, Flaw(self.file, line, "", message)])

    def _scalar(self, value: str | None, line: int) -> None:
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.into, dict) and top.key is None:
            self._name(top, value or "", line)
        else:
            self.lines[self._put(value)] = line

    def _name(self, top: _Open, name: str, line: int) -> None:
        place = (*top.place, name)
        if name in top.into:
            self.flaws.append(Flaw(self.file, line, name, f"This field is already at line {self.lines[place]}."))
        top.key = name
        self.lines[place] = line

    def _begin(self, into: dict[str, Any] | list[Any], line: int) -> None:
        place = self._put(into)
        self.lines.setdefault(place, line)
        self.open.append(_Open(place, into))

    def _put(self, value: Any) -> Place:
        """Puts the value where the innermost open collection expects one, and says where that is."""
        if not self.open:
            self.root = value
            return ()
        top = self.open[-1]
        if isinstance(top.into, list):
            top.into.append(value)
            return (*top.place, len(top.into) - 1)
        name = top.key or ""
        top.into[name], top.key = value, None
        return (*top.place, name)
