"""The sections of the report: text, tiles, pictures and the tables behind them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from nlu import plots
from nlu.plots import Said
from nlu.report_words import Writer

A, B = "A", "B"
"""the limits in the pictures: to answer, to ask back"""
ROWS = 20
"""of the table behind the curve"""
BANDS = ("right", "wrong", "asked", "routed")
FIRST = ("lv", "en", "ru")
"""languages in the order of the house"""

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: Sequence[int] = ()  # columns that hold numbers


@dataclass(frozen=True, slots=True)
class Part:
    """One section: some of text, tiles, a picture with its table, or a table alone."""

    name: str
    heading: str
    texts: Sequence[str] = ()
    tiles: Sequence[tuple[str, str]] = ()
    picture: Markup | None = None
    legend: Sequence[str] = ()
    table: Table | None = None


def parts(w: Writer, figures: Figures, intents: bool) -> Iterable[Part]:
    yield _short(w, figures)
    yield _how(w, figures, intents)
    yield _coverage(w, figures)
    yield _reliability(w, figures, intents)
    if not intents:
        yield _by_language(w, figures["languages"])
    if "life" in figures:
        yield _life(w, figures["life"])
    yield _confusions(w, "confusions", figures["confusions"], "heading_intents" if intents else "heading")
    if not intents:
        yield _confusions(w, "institutions", figures["institution confusions"], "heading")
    yield _worst(w, figures["worst"])
    if not intents:
        yield _outside(w, figures["outside"])
        yield _by_institution(w, figures["institutions"])
    yield _limits(w, figures["limits"], intents)


def _short(w: Writer, figures: Figures) -> Part:
    t, every = w.t["tiles"], figures["all"]
    tiles = [(t["questions"], w.number(every["questions"]))]
    named = {"first": "first", "in three": "in_three", "answered": "answered", "wrong of answered": "wrong"}
    named |= {"asked back": "asked", "routed": "routed", "institution first": "institution"}
    tiles += [(t[word], w.percent(every[key])) for key, word in named.items() if key in every]
    if "outside" in figures:
        tiles.append((t["outside"], w.percent(figures["outside"]["answered"])))
    return Part("short", t["heading"], tiles=tiles)


def _how(w: Writer, figures: Figures, intents: bool) -> Part:
    t, asked = w.t["how"], figures["all"]["questions"]
    if intents:
        texts = [t["intents"].format(texts=figures["limits"]["texts"], questions=asked)]
        if figures["unknown"]:
            texts.append(t["unknown"].format(names=", ".join(figures["unknown"])))
    else:
        refitted = figures["limits"]["refitted"]
        texts = [t["held_out"].format(questions=asked), t["nested" if refitted else "in_force"]]
    return Part("how", t["heading"], texts)


def _coverage(w: Writer, figures: Figures) -> Part:
    t, curve, marks = w.t["coverage"], figures["curve"], figures["marks"]
    first, last, at = (curve or [marks["answer"]])[0], (curve or [marks["answer"]])[-1], marks["answer"]
    told = {"first": first["right"], "last": last["right"], "most": last["answered"]}
    told |= {"answered": at["answered"], "right": at["right"]}
    described = t["description"].format(**{name: w.percent(share) for name, share in told.items()})
    said = Said("curve", t["heading"], described, t["across"], t["up"])
    legend = [
        t["limit"].format(
            letter=letter,
            what=t[key],
            confidence=w.number(marks[key]["confidence"]),
            answered=w.percent(marks[key]["answered"]),
            right=w.percent(marks[key]["right"]),
        )
        for letter, key in ((A, "answer"), (B, "clarify"))
    ]
    points = [*curve[:: max(1, len(curve) // ROWS)], *curve[-1:]]
    rows = [[w.number(p["confidence"]), w.percent(p["answered"]), w.percent(p["right"])] for p in points]
    return Part(
        "coverage",
        t["heading"],
        [t["lead"]],
        picture=plots.coverage(curve, {A: marks["answer"], B: marks["clarify"]}, said, w.percent),
        legend=legend,
        table=Table(t["heading"], [t["confidence"], t["answered"], t["right"]], rows, (1, 2)),
    )


def _reliability(w: Writer, figures: Figures, intents: bool) -> Part:
    t, marks = w.t["reliability"], figures["marks"]
    error = w.percent(figures["calibration error"])
    said = Said("bins", t["heading"], t["description"].format(error=error), t["across"], t["up"])
    rows = [
        [
            f"{w.number(one['from'])}–{w.number(one['to'])}",
            w.number(one["questions"]),
            w.number(one["confidence"]) if one["questions"] else "–",
            w.percent(one["right"]) if one["questions"] else "–",
        ]
        for one in figures["reliability"]
    ]
    limits = {A: marks["answer"]["confidence"], B: marks["clarify"]["confidence"]}
    return Part(
        "reliability",
        t["heading"],
        [t["lead"], *([] if intents else [t["with_outside"]]), t["error"].format(error=error)],
        picture=plots.reliability(figures["reliability"], limits, said, w.percent),
        table=Table(t["heading"], [t["bin"], t["questions"], t["mean"], t["right"]], rows, (1, 2, 3)),
    )


def _by_language(w: Writer, found: Mapping[str, Figures]) -> Part:
    languages = [(code, found[code]) for code in (*FIRST, *sorted({*found} - {*FIRST})) if code in found]
    t, tiles = w.t["by_language"], w.t["tiles"]
    said = Said("languages", t["heading"], t["description"], "", "")
    drawn = [
        (
            code,
            [
                ("right", its["answered"] - its["wrong of all"]),
                ("wrong", its["wrong of all"]),
                ("asked", its["asked back"]),
                ("routed", its["routed"]),
            ],
        )
        for code, its in languages
    ]
    keys = ("first", "in three", "answered", "wrong of answered", "asked back", "routed")
    names = [tiles[word] for word in ("first", "in_three", "answered", "wrong", "asked", "routed")]
    rows = [
        [w.language_name(code), w.number(its["questions"]), *(w.percent(its[key]) for key in keys)]
        for code, its in languages
    ]
    return Part(
        "languages-heading",
        t["heading"],
        [t["lead"]],
        picture=plots.bars(drawn, said, w.percent),
        legend=[Markup("{}{}").format(plots.swatch("languages", kind), t["parts"][kind]) for kind in BANDS],
        table=Table(t["heading"], [t["language"], tiles["questions"], *names], rows, range(1, 8)),
    )


def _life(w: Writer, life: Sequence[Figures]) -> Part:
    t = w.t["life"]
    keys = ("answered", "asked_back", "routed", "talk", "helped", "did_not_help", "known", "right")
    if not life:
        return Part("life", t["heading"], [t["lead"], t["empty"]])
    rows = [[w.language_name(its["language"]), *(w.number(its[key]) for key in keys)] for its in life]
    table = Table(t["heading"], [t["language"], *(t[key] for key in keys)], rows, range(1, 9))
    return Part("life", t["heading"], [t["lead"]], table=table)


def _confusions(w: Writer, name: str, pairs: Sequence[Figures], heading: str) -> Part:
    own, t = w.t[name], w.t["confusions"]
    rows = [
        [
            w.name(one["right"]),
            w.name(one["said"]),
            w.number(one["questions"]),
            w.number(one["answered"]),
            _list(one["examples"]),
        ]
        for one in pairs
    ]
    columns = [t["right"], t["said"], t["questions"], t["answered"], w.t["examples"]]
    return Part(name, own[heading], [own["lead"]], table=Table(own[heading], columns, rows, (2, 3)))


def _worst(w: Writer, worst: Sequence[Figures]) -> Part:
    t = w.t["worst"]
    rows = [
        [
            one["text"],
            w.name(one["right"]),
            w.name(one["said"]),
            w.number(one["confidence"]),
            w.t["bands"][one["band"]],
        ]
        for one in worst
    ]
    columns = [t["question"], t["right"], t["said"], t["confidence"], t["band"]]
    return Part("worst", t["heading"], [t["lead"]], table=Table(t["heading"], columns, rows, (3,)))


def _outside(w: Writer, outside: Figures) -> Part:
    t, worst = w.t["outside"], w.t["worst"]
    told = {"answered": w.percent(outside["answered"]), "asked": w.percent(outside["asked back"])}
    rows = [[one["text"], w.name(one["said"]), w.number(one["confidence"])] for one in outside["examples"]]
    columns = [worst["question"], t["said"], worst["confidence"]]
    lead = t["lead"].format(questions=outside["questions"], **told)
    return Part("outside", t["heading"], [lead], table=Table(t["heading"], columns, rows, (2,)))


def _by_institution(w: Writer, institutions: Sequence[Figures]) -> Part:
    t = w.t["by_institution"]
    rows = [
        [
            w.name(one["institution"]),
            w.number(one["questions"]),
            w.percent(one["answered"]),
            w.number(one["wrong"]),
            w.percent(one["wrong of answered"]),
        ]
        for one in institutions
    ]
    columns = [t["institution"], t["questions"], t["answered"], t["wrong"], t["wrong_share"]]
    return Part("by-institution", t["heading"], [t["lead"]], table=Table(t["heading"], columns, rows, range(1, 5)))


def _limits(w: Writer, limits: Figures, intents: bool) -> Part:
    t, coverage = w.t["limits"], w.t["coverage"]
    named = {"by words": t["by_words"], "answer": coverage["answer"], "clarify": coverage["clarify"]}
    rows = [[name, w.number(limits[key]) if limits[key] <= 1 else "–"] for key, name in named.items()]
    if intents:
        return Part(
            "limits", t["heading"], [t["intents"]], table=Table(t["heading"], [t["what"], t["value"]], rows, (1,))
        )
    for when in ("figures", "refitted"):
        head = t["measured"] if when == "figures" else t["refitted"]
        rows += [[f"{head}: {t['figures'].get(key, key)}", _figure(w, value)] for key, value in limits[when].items()]
    text = t["own" if limits["own"] else "shipped"].format(wrong=w.percent(limits["wrong"]))
    return Part("limits", t["heading"], [text], table=Table(t["heading"], [t["what"], t["value"]], rows, (1,)))


def _figure(w: Writer, value: float) -> str:
    return w.number(value) if isinstance(value, int) else w.percent(value)


def _list(texts: Iterable[str]) -> str:
    return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(text) for text in texts))
