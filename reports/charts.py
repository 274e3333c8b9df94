"""Where the marks of a picture lie: numbers in, places out. No words, no colours; the templates draw from it.

Units are those of the picture's own view box. Series are told apart by number: a template gives each its pattern.
"""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 560.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 8.0, 14.0, 26.0
PLOT = 180.0
"""height of the columns' ground"""
ROW, MOST_LABEL = 30.0, 150.0
LETTER = 7.5
"""about as wide is a letter beside the marks"""
LEVELS = 4
"""shades of a heat map, above that of nothing"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle, and what it says when it is pointed at."""

    x: float
    y: float
    width: float
    height: float
    series: int = 0
    """or the shade, in a heat map"""
    value: int = 0
    label: str = ""
    framed: bool = False
    """stands out: today"""


@dataclass(frozen=True, slots=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Drawing:
    kind: str
    width: float
    height: float
    marks: Sequence[Mark]
    across: Sequence[Tick] = ()
    """along the lower edge, or the upper one of a heat map"""
    up: Sequence[Tick] = ()
    """along the left edge"""
    left: float = LEFT
    """where the marks' ground begins"""
    limit: float | None = None
    """where the law's limit lies"""

    @property
    def bottom(self) -> float:
        return self.height - BOTTOM

    @property
    def right(self) -> float:
        return self.width - RIGHT


def columns(labels: Sequence[str], *series: Sequence[int], limit: int | None = None) -> Drawing:
    """Columns side by side, one of each series above each label; a line after the `limit`-th label, counted from 0."""
    top = scale(max((max(numbers, default=0) for numbers in series), default=0))
    room = (WIDTH - LEFT - RIGHT) / max(len(labels), 1)
    wide = room * 0.8 / len(series)
    marks = [
        Mark(_r(LEFT + place * room + room * 0.1 + number * wide), _r(TOP + PLOT * (1 - value / top[-1])),
             _r(wide), _r(PLOT * value / top[-1]), number, value, labels[place])
        for number, values in enumerate(series)
        for place, value in enumerate(values)
    ]  # fmt: skip
    every = (
        int(max(map(len, labels), default=0) * LETTER // room) + 1
    )  # of labels that would touch, only some are written
    across = [Tick(_r(LEFT + (n + 0.5) * room), text) for n, text in enumerate(labels) if n % every == 0]
    up = [Tick(_r(TOP + PLOT * (1 - value / top[-1])), str(value)) for value in top]
    line = _r(LEFT + (limit + 1) * room) if limit is not None and limit < len(labels) else None
    return Drawing("columns", WIDTH, TOP + PLOT + BOTTOM, marks, across, up, limit=line)


def rows(labels: Sequence[str], *series: Sequence[int], most: int = 0) -> Drawing:
    """Bars from left to right, one of each series beside each label; `most` is what fills the width."""
    top = most or scale(max((max(numbers, default=0) for numbers in series), default=0))[-1]
    left = min(MOST_LABEL, max(map(len, labels), default=0) * LETTER + 16)
    room, thick = WIDTH - left - 60, (ROW - 8) / len(series)
    marks = [
        Mark(left, _r(place * ROW + 4 + number * thick), _r(room * value / top), _r(thick - 1),
             number, value, labels[place])
        for number, values in enumerate(series)
        for place, value in enumerate(values)
    ]  # fmt: skip
    up = [Tick(_r(place * ROW + ROW / 2), text) for place, text in enumerate(labels)]
    return Drawing("rows", WIDTH, max(len(labels), 1) * ROW + 4, marks, (), up, left)


def stack(values: Sequence[int]) -> Drawing:
    """One bar whose parts stand in a row; none where all are 0."""
    whole = sum(values)
    marks, x = [], 0.0
    for number, value in enumerate(values):
        wide = WIDTH * value / whole if whole else 0.0
        marks.append(Mark(_r(x), 0, _r(wide), 44, number, value))
        x += wide
    return Drawing("stack", WIDTH, 44, marks)


def heat(
    heads: Sequence[str],
    labels: Sequence[str],
    cells: Sequence[Sequence[int]],
    framed: tuple[int, int] | None = None,
) -> Drawing:
    """A table of shades: a row for each label, a column for each head. The shade goes by the part of the most.

    `framed` is the row and column of the cell that stands out.
    """
    most = max((max(row, default=0) for row in cells), default=0)
    left = 96.0
    wide = (WIDTH - left) / max(len(heads), 1)
    marks = [
        Mark(_r(left + n * wide + 1), _r(24 + place * ROW + 1), _r(wide - 2), ROW - 2,
             shade(value, most), value, labels[place], (place, n) == framed)
        for place, row in enumerate(cells)
        for n, value in enumerate(row)
    ]  # fmt: skip
    across = [Tick(_r(left + (n + 0.5) * wide), text) for n, text in enumerate(heads)]
    up = [Tick(_r(24 + place * ROW + ROW / 2), text) for place, text in enumerate(labels)]
    return Drawing("heat", WIDTH, 24 + max(len(labels), 1) * ROW + 2, marks, across, up)


def shade(value: int, most: int) -> int:
    """0 for nothing, else 1 to LEVELS by quarters of the most."""
    return -(-value * LEVELS // most) if value and most else 0


def scale(most: int) -> list[int]:
    """Round numbers from 0 to the first that is not less than `most`; at least 0 and 1, four steps at the most."""
    step, size = 1, 1
    while True:
        for factor in (1, 2, 5):
            step = factor * size
            if step * 4 >= most:
                return [*range(0, max(most, 1) + step, step)][: -(-max(most, 1) // step) + 1]
        size *= 10


def _r(number: float) -> float:
    return round(number, 1)
