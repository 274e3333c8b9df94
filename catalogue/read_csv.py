"""Records from CSV as a spreadsheet writes it: one row a service, commas or semicolons between the cells."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from catalogue.entry import LISTS, TEXTS, Entry
from config.flaw import Flaw, Refused
from config.row import Row
from config.words import LANGUAGES

COLUMNS: dict[str, tuple[str, ...]] = {name: (name,) for name in Entry.model_fields if name not in (*TEXTS, *LISTS)} | {
    f"{name}_{language}": (name, language) for name in (*TEXTS, *LISTS) for language in LANGUAGES
}
REQUIRED = [
    *(name for name, field in Entry.model_fields.items() if field.is_required() and name not in TEXTS),
    *(f"{name}_lv" for name in TEXTS),
]
_FORMULA = re.compile(r"'*[=+\-@\t]")


def csv_rows(text: str, file: str) -> list[Row]:
    """The records. Raises Refused where the columns are not the ones of a service, or cells do not fit them."""
    lines = list(csv_lines(text, file))
    header = [cell.strip().lower() for cell in lines[0][1]]
    while header and not header[-1]:  # spreadsheets like to add empty columns
        header.pop()
    flaws = _columns(header, file, lines[0][0])
    for line, cells in lines[1:]:
        if len(cells) < len(header) or any(cell.strip() for cell in cells[len(header) :]):
            message = f"This row has {len(cells)} cells, but there are {len(header)} columns."
            flaws.append(Flaw(file, line, "", message))
    if not lines[1:]:
        flaws.append(Flaw(file, 1, "", "The file holds no services."))
    if flaws:
        raise Refused(flaws)
    return [Row(file, line, _record(dict(zip(header, cells, strict=False))), joint="_") for line, cells in lines[1:]]


def guarded(cell: str) -> str:
    """A spreadsheet runs a cell that begins like a formula; an apostrophe in front keeps it text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """As it was before `guarded`."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def listed(items: list[str]) -> str:
    """One item a line. Where there is one only, the line's end says that a semicolon in it parts nothing."""
    return "\n".join(items) + ("\n" if len(items) == 1 else "")


def csv_lines(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the line where it begins. Raises Refused."""
    heading = text.lstrip("\n").split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=heading.count), strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Refused([Flaw(file, begins, "", f"The row that begins here is not CSV: {error}.")]) from None


def _columns(header: list[str], file: str, line: int) -> list[Flaw]:
    flaws = [Flaw(file, line, name, "This column is missing.") for name in REQUIRED if name not in header]
    for number, name in enumerate(header):
        if name not in COLUMNS:
            flaws.append(Flaw(file, line, name, f"Column {number + 1} is not one that a service has."))
        elif name in header[:number]:
            flaws.append(Flaw(file, line, name, "This column stands here twice."))
    return flaws


def _record(cells: dict[str, str]) -> dict[str, Any]:
    record: dict[str, Any] = {name: {} for name in (*TEXTS, *LISTS)}
    for column, cell in cells.items():
        value = unguarded(cell)
        if not value.strip():
            continue
        name, *language = COLUMNS[column]
        if language:
            record[name][language[0]] = _items(value) if name in LISTS else value
        else:
            record[name] = _items(value) if name == "also" else value
    return record


def _items(cell: str) -> list[str]:
    items = cell.split("\n") if "\n" in cell else cell.split(";")
    return [item for item in items if item.strip("; ")]
