"""A picture with what stands behind it: its text alternative, its table, and the same as CSV."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from catalogue.read_csv import guarded
from reports.charts import Drawing
from web.desk.words import Wording


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, 0 to 1."""

    part: float


Cell = int | float | str | Share | None


@dataclass(frozen=True, slots=True)
class Table:
    head: Sequence[str]
    """of the columns; the first column names the row"""
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Figure:
    key: str
    """of its words in `charts`, and of its CSV file"""
    told: str
    """what the picture shows, in a sentence: for those who do not see it"""
    drawing: Drawing | None
    """none where there is nothing to draw"""
    table: Table
    legend: Sequence[str] = ()
    """names of the series, in their order"""
    limit: str = ""
    """what the line of the law's limit says"""


@dataclass(frozen=True, slots=True)
class Number:
    """A big number, and what it was in the span before."""

    key: str
    now: Cell
    before: Cell = None
    compared: bool = True

    @property
    def turn(self) -> str:
        """Which way it went: up, down, same, or nothing where one of the two is not known."""
        now, before = _plain(self.now), _plain(self.before)
        if not self.compared or now is None or before is None:
            return ""
        return "same" if now == before else "up" if now > before else "down"


def written(w: Wording, cell: Cell) -> str:
    """A cell as people read it; numbers with the language's own comma."""
    if cell is None:
        return "–"
    if isinstance(cell, Share):
        return w.percent(cell.part)
    if isinstance(cell, float):
        return f"{cell:g}".replace(".", "," if w.language == "lv" else ".")
    return str(cell)


def csv_file(figure: Figure, name: str) -> Response:
    """The table, for spreadsheets: a cell that begins like a formula runs nowhere. Shares are written as 0.125."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(head) for head in figure.table.head])
    for row in figure.table.rows:
        writer.writerow([_raw(cell) for cell in row])
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"},
    )


def _raw(cell: Cell) -> str:
    plain = _plain(cell)
    return guarded(cell) if isinstance(cell, str) else "" if plain is None else f"{round(plain, 4):g}"


def _plain(cell: Cell) -> float | None:
    if isinstance(cell, Share):
        return cell.part
    return cell if isinstance(cell, (int, float)) else None
