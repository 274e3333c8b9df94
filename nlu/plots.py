"""Pictures of the report, drawn as SVG: they say the same in black and white, and each has a table behind it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

WIDTH, HEIGHT = 360, 280
LEFT, RIGHT, TOP, BOTTOM = 46, 22, 40, 40
"""margins for the scales; all lengths are in units of the picture, which is shown as wide as there is room"""
TICKS = 5
BAR = 26
NARROWEST = 46
"""parts of a bar narrower than this have no room for a number; the table has it"""
LEAST = 0.9
"""The scale of shares right begins here, or lower where the curve does."""
Percent = Callable[[float], str]
"""A share as people of the page's language write it."""


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one picture."""

    name: str  # of its identifiers
    title: str
    description: str
    across: str
    up: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a share lies in the picture; the vertical one begins at `least`."""

    least: float

    def x(self, share: float) -> float:
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    def y(self, share: float) -> float:
        part = (share - self.least) / (1 - self.least)
        return round(HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM), 1)


def coverage(
    curve: Sequence[Mapping[str, float]], marks: Mapping[str, Mapping[str, float]], said: Said, percent: Percent
) -> Markup:
    """The share right against the share answered; `marks` are points of it by their letter."""
    lowest = min((point["right"] for point in curve), default=LEAST)
    scale = Scale(min(LEAST, int(lowest * 10) / 10))
    line = " ".join(f"{scale.x(point['answered'])},{scale.y(point['right'])}" for point in curve)
    drawn = [_axes(scale, said, percent), Markup('<polyline class="curve" points="{}"/>').format(line)]
    for letter, point in marks.items():
        x, y = scale.x(point["answered"]), scale.y(max(point["right"], scale.least))
        drawn.append(
            Markup(
                '<path class="limit" d="M{x} {floor}V{y}"/><path class="mark" d="M{x} {up}l6 6-6 6-6-6z"/>'
                '<text class="letter" x="{right}" y="{below}">{letter}</text>'
            ).format(x=x, y=y, floor=scale.y(scale.least), up=y - 6, right=x - 14, below=y + 16, letter=letter)
        )
    return _picture(said, HEIGHT, drawn)


def reliability(
    bins: Sequence[Mapping[str, float]], limits: Mapping[str, float], said: Said, percent: Percent
) -> Markup:
    """The share right in each part of the confidence, with the number of questions; the diagonal would be perfect."""
    scale = Scale(0.0)
    drawn = [_axes(scale, said, percent)]
    for one in bins:
        left, right, top = scale.x(one["from"]), scale.x(one["to"]), scale.y(one["right"])
        if one["questions"]:
            drawn.append(
                Markup(
                    '<rect class="bin" x="{}" y="{}" width="{}" height="{}"/>'
                    '<text class="count" x="{}" y="{}">{}</text>'
                ).format(
                    left + 1,
                    top,
                    round(right - left - 2, 1),
                    round(scale.y(0) - top, 1),
                    round((left + right) / 2, 1),
                    scale.y(0) - 5,
                    int(one["questions"]),
                )
            )
    drawn.append(
        Markup('<path class="perfect" d="M{} {}L{} {}"/>').format(scale.x(0), scale.y(0), scale.x(1), scale.y(1))
    )
    for letter, limit in limits.items():
        if limit <= 1:
            x = scale.x(limit)
            drawn.append(
                Markup(
                    '<path class="limit" d="M{x} {floor}V{top}"/>'
                    '<text class="letter" x="{x}" y="{above}">{letter}</text>'
                ).format(x=x, floor=scale.y(0), top=TOP, above=TOP - 4, letter=letter)
            )
    return _picture(said, HEIGHT, drawn)


def bars(rows: Iterable[tuple[str, Sequence[tuple[str, float]]]], said: Said, percent: Percent) -> Markup:
    """One bar a row, parted into shares; each part is (its class, its share), and the classes are hatched apart."""
    drawn, y = [_patterns(said.name)], 4
    for label, parts in rows:
        drawn.append(Markup('<text class="label" x="0" y="{}">{}</text>').format(y + 18, label))
        x = float(LEFT)
        for kind, share in parts:
            width = share * (WIDTH - LEFT - 1)
            drawn.append(
                Markup('<rect class="part {}" fill="url(#{}-{})" x="{}" y="{}" width="{}" height="{}"/>').format(
                    kind, said.name, kind, round(x, 1), y, round(width, 1), BAR
                )
            )
            if width >= NARROWEST:
                middle = round(x + width / 2, 1)
                drawn.append(
                    Markup('<text class="share" x="{}" y="{}">{}</text>').format(middle, y + 18, percent(share))
                )
            x += width
        y += BAR + 10
    return _picture(said, y, drawn)


def swatch(name: str, kind: str) -> Markup:
    """A patch of the pattern of `kind`, for the legend of the bars called `name`."""
    return Markup(
        '<svg class="swatch" viewBox="0 0 24 16" aria-hidden="true">'
        '<rect class="part {}" fill="url(#{}-{})" x="1" y="1" width="22" height="14"/></svg>'
    ).format(kind, name, kind)


def _patterns(name: str) -> Markup:
    """How the parts differ without colour: full, crossed, hatched, empty."""
    strokes: dict[str, Any] = {"right": "", "wrong": "M0 0l8 8M8 0l-8 8", "asked": "M0 8l8-8", "routed": ""}
    return Markup("<defs>{}</defs>").format(
        Markup("").join(
            Markup(
                '<pattern id="{}-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
                '<rect class="ground {}" width="8" height="8"/><path class="stroke" d="{}"/></pattern>'
            ).format(name, kind, kind, path)
            for kind, path in strokes.items()
        )
    )


def _axes(scale: Scale, said: Said, percent: Percent) -> Markup:
    drawn = []
    for at in range(TICKS + 1):
        across, up = at / TICKS, scale.least + (1 - scale.least) * at / TICKS
        drawn.append(
            Markup(
                '<path class="grid" d="M{left} {y}H{right}M{x} {top}V{bottom}"/>'
                '<text class="tick up" x="{by}" y="{level}">{up}</text>'
                '<text class="tick" x="{x}" y="{under}">{across}</text>'
            ).format(
                left=LEFT,
                right=WIDTH - RIGHT,
                top=TOP,
                bottom=HEIGHT - BOTTOM,
                x=scale.x(across),
                y=scale.y(up),
                by=LEFT - 6,
                level=scale.y(up) + 4,
                under=HEIGHT - BOTTOM + 16,
                up=percent(up),
                across=percent(across),
            )
        )
    drawn.append(
        Markup('<text class="axis" x="{}" y="{}">{}</text><text class="axis head" x="0" y="12">{}</text>').format(
            (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, said.across, said.up
        )
    )
    return Markup("").join(drawn)


def _picture(said: Said, height: float, drawn: Iterable[Markup]) -> Markup:
    return Markup(
        '<svg class="picture" viewBox="0 0 {} {}" role="img" aria-labelledby="{name}-title {name}-desc">'
        '<title id="{name}-title">{}</title><desc id="{name}-desc">{}</desc>{}</svg>'
    ).format(WIDTH, height, said.title, said.description, Markup("").join(drawn), name=said.name)
