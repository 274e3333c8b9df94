"""`atbilde deadlines`: when the law's terms are due, and why."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import fail


def deadlines(
    received: Annotated[
        str | None, typer.Option(help="Day of receipt: a date, or an instant (its date in Riga).")
    ] = None,
    forwarded: Annotated[str | None, typer.Option(help="Day of forwarding; adds the institution's term.")] = None,
    calendar: Annotated[
        str, typer.Option(help="Whose working days: state, municipal, or one of config/calendars.yaml.")
    ] = "state",
    procedure: Annotated[str, typer.Option(help="question (MK 400) or submission (Iesniegumu likums).")] = "question",
    explain: Annotated[bool, typer.Option("--explain", help="Show each day counted or skipped, and why.")] = False,
    batch: Annotated[
        Path | None, typer.Option(help="A file with one JSON object a line; - for standard input.")
    ] = None,
    rules: Annotated[Path | None, typer.Option(help="Folder of other rules than those of RULES_DIR.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Due dates of the law's terms, in working days after the day of receipt (MK 400)."""
    from models.moments import now, riga_date
    from routing.explain import deadlines_for

    _count_by(rules)
    if batch is not None:
        _batch(batch)
        return
    if received is None:
        fail("give --received or --batch", 2)
    try:
        answer = deadlines_for(
            received, forwarded, calendar, procedure=procedure, today=riga_date(now()), explain=explain
        )
    except ValueError as error:
        fail(str(error), 2)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        _show(answer)


def _count_by(folder: Path | None) -> None:
    """Takes the rules of that folder, or of the settings; a flaw in them ends the command with its file and line."""
    from bot.commands.settings import settings_or_fail
    from config.flaw import Refused
    from routing.rules import put_in_force, read_rules

    try:
        put_in_force(read_rules(folder or settings_or_fail().rules_dir))
    except Refused as refused:
        fail(str(refused), 2)


def _batch(path: Path) -> None:
    """One line of dates out for each line in; a wrong one gives its error in place and a status other than 0."""
    from models.moments import now, riga_date
    from routing.explain import deadlines_for

    today = riga_date(now())
    wrong, line_of = 0, json.JSONEncoder(ensure_ascii=False, check_circular=False).encode
    try:
        lines = sys.stdin.buffer if str(path) == "-" else path.open("rb")
    except OSError as error:
        fail(f"{path}: {error.strerror}", 2)
    with lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row: dict[str, Any] = json.loads(line)
                answer = deadlines_for(
                    row["received"],
                    row.get("forwarded"),
                    row.get("calendar") or "state",
                    procedure=row.get("procedure") or "question",
                    today=today,
                    rules=False,
                )
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                wrong += 1
                reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
                answer = {"error": f"{path}:{number}: {reason}"}
            sys.stdout.write(line_of(answer) + "\n")
    if wrong:
        fail(f"{wrong} lines could not be computed")


def _show(answer: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("term", "due", "length", "rule", "calendar")
    for name in ("forward", "answer", "institution", "shown_to_institution", "extension"):
        if name in answer:
            why = answer["terms"].get(name, {})
            mark = " (provisional)" if why.get("provisional") else ""
            table.add_row(
                name,
                answer[name] + mark,
                _length(why),
                why.get("rule", ""),
                f"{answer['calendar']}, {answer['calendar_version']}" if why else "",
            )
    console = Console()
    console.print(table)
    for name, days in answer.get("explanation", {}).items():
        console.print(f"\n[bold]{name}[/bold]: {answer['terms'][name]['source']}")
        for day in days:
            mark = f"{day['number']:>3}" if day["counted"] else "  -"
            console.print(f"  {day['on']} {day['weekday']} {mark}  {day['reason']}")


def _length(why: dict[str, Any]) -> str:
    if months := why.get("months"):
        return f"{months} mo"
    return f"{why['working_days']} wd" if why else ""
