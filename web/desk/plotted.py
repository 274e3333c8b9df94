"""The desk's pictures: figures of reports/ put into words, drawings and tables."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from models.clock import ClockKind
from models.institution import Institution
from reports import charts
from reports.bot_share import BotShare
from reports.due import weeks_around
from reports.endings import Ending, kept, median, spread
from reports.flow import ByDay
from reports.league import Standing
from reports.span import Span, Step
from web.desk.figure import Cell, Figure, Share, Table
from web.desk.words import Wording

Names = Mapping[str, Institution]
MOST_ROWS = 12
"""institutions that are drawn; the table has all"""
AHEAD = 7
"""days ahead, each with a column of its own"""
ONE_DAY = timedelta(days=1)


def due_calendar(w: Wording, key: str, days: Counter[date]) -> Figure:
    """Weeks of days: how much is due on each; what is overdue for longer or due later stands in the text."""
    weeks = weeks_around(w.today, days)
    first, last = weeks[0][0][0], weeks[-1][-1][0]
    labels = [f"{short(week[0][0])}–{short(week[-1][0])}" for week in weeks]
    cells = [[number for _, number in week] for week in weeks]
    told = w.t["charts"][key]["told"].format(
        total=sum(days.values()),
        overdue=sum(number for on, number in days.items() if on < w.today),
        today=days[w.today],
        earlier=sum(number for on, number in days.items() if on < first),
        later=sum(number for on, number in days.items() if on > last),
    )
    heads = w.t["formats"]["weekdays_short"]
    table = Table(
        [w.t["charts"]["week"], *w.t["formats"]["weekdays"]],
        [[label, *row] for label, row in zip(labels, cells, strict=True)],
    )
    today = next((row, n) for row, week in enumerate(weeks) for n, (on, _) in enumerate(week) if on == w.today)
    return Figure(key, told, charts.heat(heads, labels, cells, today) if days else None, table)


def due_at_institutions(w: Wording, running: Counter[tuple[str, date]], names: Names) -> Figure:
    """Institutions by due date: overdue, each of the next days, and later."""
    words = w.t["charts"]["due_at"]
    days = [w.today + n * ONE_DAY for n in range(AHEAD)]
    rows: dict[str, list[int]] = {}
    for (code, on), number in running.items():
        place = 0 if on < w.today else 1 + (on - w.today).days if on <= days[-1] else AHEAD + 1
        rows.setdefault(code, [0] * (AHEAD + 2))[place] += number
    ordered = sorted(rows.items(), key=lambda row: (-sum(row[1]), row[0]))
    heads = [words["overdue"], *map(short, days), words["later"]]
    drawn = ordered[:MOST_ROWS]
    drawing = charts.heat(heads, [code for code, _ in drawn], [row for _, row in drawn]) if drawn else None
    told = words["told"].format(
        institutions=len(rows), total=sum(running.values()), overdue=sum(row[0] for row in rows.values())
    )
    head = [w.t["charts"]["institution"], *heads, w.t["charts"]["together"]]
    return Figure(
        "due_at", told, drawing, Table(head, [[named(w, code, names), *row, sum(row)] for code, row in ordered])
    )


def flow(w: Wording, key: str, span: Span, came: ByDay, went: ByDay) -> Figure:
    """What came in and what was answered, in each step of the span; the table has every channel that is named."""
    words = w.t["charts"]["flow"]
    steps = span.steps()
    series = [_by_step(span, steps, totals(days)) for days in (came, went)]
    labels = [step_label(span, step) for step in steps]
    used = sorted({channel for _, channel in (*came, *went) if channel})
    head = [w.t["charts"][span.step], words["received"], words["answered"]]
    head += [f"{w.label('channels', one)}: {words[what]}" for one in used for what in ("received", "answered")]
    each = [_by_step(span, steps, _of(source, one)) for one in used for source in (came, went)]
    rows: list[list[Cell]] = [
        [w.day(step), series[0][n], series[1][n], *(values[n] for values in each)] for n, step in enumerate(steps)
    ]
    most = max(range(len(steps)), key=lambda n: series[0][n])
    told = words["told"].format(
        received=sum(series[0]), answered=sum(series[1]), most=series[0][most], day=w.day(steps[most])
    )
    drawing = charts.columns(labels, *series) if any(map(any, series)) else None
    return Figure(key, told, drawing, Table(head, rows), (words["received"], words["answered"]))


def by_channel(w: Wording, came: ByDay, went: ByDay) -> Figure:
    words = w.t["charts"]["flow"]
    totals = [Counter[str](), Counter[str]()]
    for total, source in zip(totals, (came, went), strict=True):
        for (_, channel), number in source.items():
            total[channel] += number
    used = sorted(totals[0] | totals[1], key=lambda one: (-totals[0][one], one))
    rows: list[list[Cell]] = [[w.label("channels", one), totals[0][one], totals[1][one]] for one in used]
    told = "; ".join(w.t["charts"]["channels"]["told"].format(channel=a, received=b, answered=c) for a, b, c in rows)
    drawing = charts.rows([cut(str(row[0])) for row in rows], *[[total[one] for one in used] for total in totals])
    head = [w.t["charts"]["channel"], words["received"], words["answered"]]
    return Figure("channels", told, drawing if used else None, Table(head, rows), head[1:])


def bot(w: Wording, share: BotShare) -> Figure:
    """What became of everything received, in five parts that add up to it."""
    words = w.t["charts"]["bot"]
    parts = {name: int(getattr(share, name)) for name in words["parts"]}
    whole = share.received
    rows: list[list[Cell]] = [
        [words["parts"][name], number, Share(number / whole) if whole else None] for name, number in parts.items()
    ]
    rows.append([w.t["charts"]["together"], whole, Share(1.0) if whole else None])
    told = words["told"].format(
        received=whole,
        alone=share.alone,
        part=w.percent(share.share or 0),
        helped=share.helped,
        not_helped=share.not_helped,
    )
    head = [words["what"], w.t["charts"]["questions"], w.t["charts"]["share"]]
    drawing = charts.stack(list(parts.values())) if whole else None
    return Figure("bot", told, drawing, Table(head, rows), tuple(words["parts"].values()))


def took(w: Wording, found: Sequence[Ending], kind: ClockKind, limit: int) -> Figure:
    """In how many working days a duty was done, against the law's limit; how it was kept, frozen when it ended."""
    words = w.t["charts"]["took"]
    days, terms = spread(found, kind), kept(found, kind)
    last = max(limit + 1, min(max(days, default=0), limit + 8))
    numbers = [days[n] for n in range(last)] + [sum(number for n, number in days.items() if n >= last)]
    labels = [str(n) for n in range(last)] + [f"{last}+"]
    middle = median(days)
    told = words["told"].format(
        counted=sum(days.values()),
        median=words["no_median"] if middle is None else f"{middle:g}".replace(".", w.t["charts"]["comma"]),
        in_time=terms.in_time,
        late=terms.late,
        reopened=terms.reopened,
        limit=limit,
    )
    rows: list[list[Cell]] = [[label, number] for label, number in zip(labels, numbers, strict=True)]
    rows += [
        [words[name], int(getattr(terms, name))]
        for name in ("in_time", "late", "not_needed", "days_late", "longest", "reopened")
    ]
    rows.append([words["share"], None if terms.share is None else Share(terms.share)])
    drawing = charts.columns(labels, numbers, limit=limit) if days else None
    line = words["limit"].format(limit=limit)
    return Figure(f"took_{kind}", told, drawing, Table([words["days"], w.t["charts"]["questions"]], rows), (), line)


def league(w: Wording, rows: Sequence[Standing], names: Names) -> Figure:
    """Institutions by the share of their terms that they kept; those with the most terms are drawn."""
    words = w.t["charts"]["league"]
    judged = [row for row in rows if row.terms.needed]
    most = {row.code for row in sorted(judged, key=lambda row: (-row.terms.needed, row.code))[:MOST_ROWS]}
    drawn = [row for row in judged if row.code in most]
    shares = [round(100 * (row.terms.share or 0)) for row in drawn]
    columns = ("received", "in_time", "late", "share", "median", "longest", "returned", "caused", "waiting", "overdue")
    table: list[list[Cell]] = [
        [
            named(w, row.code, names), row.received, row.terms.in_time, row.terms.late,
            None if row.terms.share is None else Share(row.terms.share), row.median, row.terms.longest, row.returned,
            row.caused, row.waiting, row.overdue,
        ]
        for row in rows
    ]  # fmt: skip
    told = words["told"].format(institutions=len(judged), perfect=sum(not row.terms.late for row in judged))
    drawing = charts.rows([row.code for row in drawn], shares, most=100) if drawn else None
    return Figure(
        "league", told, drawing, Table([w.t["charts"]["institution"], *(words[one] for one in columns)], table)
    )


def named(w: Wording, code: str, names: Names) -> str:
    return f"{names[code].called(w.language)} ({code})" if code in names else code


def cut(title: str, most: int = 19) -> str:
    """As much of it as fits beside a bar; the table has it whole."""
    return title if len(title) <= most else title[: most - 1].rstrip() + "…"


def short(on: date) -> str:
    return f"{on.day}.{on.month}."


def step_label(span: Span, step: date) -> str:
    return f"{step:%m.%Y}" if span.step == Step.MONTH else short(step)


def totals(source: ByDay) -> Counter[date]:
    days = Counter[date]()
    for (on, _), number in source.items():
        days[on] += number
    return days


def _of(source: ByDay, channel: str) -> Counter[date]:
    return Counter({on: number for (on, one), number in source.items() if one == channel})


def _by_step(span: Span, steps: Iterable[date], days: Counter[date]) -> list[int]:
    found = Counter[date]()
    for on, number in days.items():
        found[span.step_of(on)] += number
    return [found[step] for step in steps]
