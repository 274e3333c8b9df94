"""What an import would change, in lines that a person can read."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlmodel import Session

from catalogue.entry import LISTS, TEXTS, Entry, Form, form_of
from catalogue.publish import in_force

_SHOWN = 80


def diff(session: Session, entries: Iterable[Entry]) -> list[str]:
    """One line for each new service and each field that differs; none where nothing would change."""
    current = in_force(session)
    lines: list[str] = []
    for entry in entries:
        if entry.code not in current:
            lines.append(f"{entry.code}: new service, {_quoted(entry.title.lv)}")
        else:
            lines += [f"{entry.code}: {line}" for line in _fields(form_of(current[entry.code]), entry.form())]
    return lines


def _fields(old: Form, new: Form) -> Iterator[str]:
    for field in new:
        if field not in (*TEXTS, *LISTS):
            yield from _values(field, old[field], new[field])
            continue
        for language in sorted({*old[field], *new[field]}):
            yield from _values(f"{field}.{language}", old[field].get(language), new[field].get(language))


def _values(name: str, old: Any, new: Any) -> Iterator[str]:
    if old == new:
        return
    if isinstance(old, list) or isinstance(new, list):
        yield f"{name}: {_lists(old or [], new or [])}"
    elif old is None or new is None:
        yield f"{name}: removed {_quoted(str(old))}" if new is None else f"{name}: added {_quoted(str(new))}"
    else:
        yield f"{name}: {_difference(str(old), str(new))}"


def _lists(old: list[str], new: list[str]) -> str:
    gone = [_quoted(item) for item in old if item not in new]
    come = [_quoted(item) for item in new if item not in old]
    parts = [f"added {', '.join(come)}"] * bool(come) + [f"removed {', '.join(gone)}"] * bool(gone)
    return "; ".join(parts) or "another order"


def _difference(old: str, new: str) -> str:
    """Both texts from shortly before the place where they part."""
    same = next((at for at, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - 20) if max(len(old), len(new)) > _SHOWN else 0
    return f"{_quoted(old, start)} -> {_quoted(new, start)}"


def _quoted(words: str, start: int = 0) -> str:
    shown = " ".join(words[start : start + _SHOWN].split())
    return f'"{"…" * bool(start)}{shown}{"…" * (len(words) > start + _SHOWN)}"'
