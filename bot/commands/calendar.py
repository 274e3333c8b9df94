"""`atbilde calendar`: is it good, how far does it reach, what is in it, what would a change change."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

from bot.commands import fail

if TYPE_CHECKING:
    from sqlmodel import Session

    from routing.horizon import Horizon
    from routing.rules import Rules

app = typer.Typer(help="Working days: check the files, show a year, see what a change would do.", no_args_is_help=True)
Found = TypeVar("Found")
Folder = Annotated[
    Path | None, typer.Option("--rules", help="Folder of calendars.yaml, clocks.yaml and escalation.yaml (RULES_DIR).")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def check(
    rules: Folder = None,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="As of that day instead of today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Fail where a file is wrong, or where moved working days that are needed are not known yet."""
    from models.moments import now, riga_date
    from routing.horizon import count_provisional, horizon

    made = _read(rules, as_json=as_json)
    reach = horizon(made, on.date() if on else riga_date(now()))
    provisional = _from_database(count_provisional)
    wrong = _what_is_wrong(reach, _folder(rules))
    if as_json:
        told = {"ok": not wrong, "version": made.calendars.version, "known_until": reach.known_until, "flaws": []}
        told |= {"last_due": reach.last_due.isoformat(), "provisional_clocks": provisional, "wrong": wrong}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(f"the files are good; calendars: {made.calendars.version}")
        typer.echo(f"moved working days are known until {reach.known_until}")
        if provisional is not None:
            typer.echo(f"running clocks with a provisional due date: {provisional}")
    if wrong:
        fail("\n".join(wrong))


@app.command()
def show(
    year: Annotated[int, typer.Argument(min=1991, max=2099, help="Which year.")],
    calendar: Annotated[
        str, typer.Option(help="Which calendar: state, municipal, or one of calendars.yaml.")
    ] = "state",
    rules: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Print the holidays, moved days, worked Saturdays and an editor's changes of a year."""
    from routing.explain import WEEKDAYS
    from routing.year import DayKind, year_of

    calendars = _read(rules, as_json=as_json).calendars
    try:
        days = list(year_of(calendars[calendar], year))
    except ValueError as error:
        fail(str(error), 2)
    provisional = year > calendars.known_until
    special = [day for day in days if day.kind not in (DayKind.WORKING, DayKind.WEEKEND)]
    working = sum(day.works for day in days)
    if as_json:
        rows = [
            {"on": day.on.isoformat(), "kind": day.kind, "works": day.works, "reason": day.reason} for day in special
        ]
        told = {"calendar": calendar, "year": year, "version": calendars.version, "provisional": provisional}
        typer.echo(json.dumps(told | {"working_days": working, "days": rows}, ensure_ascii=False))
        return
    for day in special:
        typer.echo(
            f"{day.on} {WEEKDAYS[day.on.weekday()]}  {'works' if day.works else 'off':<5}  {day.kind:<12}  {day.reason}"
        )
    typer.echo(f"{calendar} {year}: {working} working days; {calendars.version}")
    if provisional:
        typer.echo(f"provisional: moved working days are known only until {calendars.known_until}")


@app.command()
def diff(
    file: Annotated[Path, typer.Argument(help="A changed calendars.yaml that is not in force yet.")],
    rules: Folder = None,
    as_json: AsJson = False,
) -> None:
    """Say which days the file would change, and how many open due dates would move."""
    from config.flaw import Refused
    from config.read_text import text_of
    from models.rulebook import newest_rulebook
    from routing.anew import would_move
    from routing.calendars import differences
    from routing.rules import CALENDARS, rules_from, understood

    in_force = None if rules else _from_database(lambda session: understood(newest_rulebook(session)))
    now = in_force or _read(rules, as_json=as_json)
    try:
        then = rules_from({**now.texts, CALENDARS: text_of(file)})
    except Refused as refused:
        _refuse(refused, as_json=as_json)
    days = list(differences(now.calendars, then.calendars))
    moved = _from_database(lambda session: would_move(session, then))
    if as_json:
        told = {"before": now.calendars.version, "after": then.calendars.version, "days": days, "moved": moved}
        typer.echo(json.dumps(told | {"known_until": then.calendars.known_until}, ensure_ascii=False))
        return
    for day in days:
        typer.echo(f"{day['calendar']}: {day['on']} {'works' if day['works'] else 'off'}: {day['reason']}")
    for name in then.calendars.by_name.keys() ^ now.calendars.by_name.keys():
        typer.echo(f"calendar {name}: {'new' if name in then.calendars.by_name else 'is no more'}")
    typer.echo(f"{len(days)} days differ; {now.calendars.version} → {then.calendars.version}")
    if now.calendars.known_until != then.calendars.known_until:
        typer.echo(f"moved days known until: {now.calendars.known_until} → {then.calendars.known_until}")
    if moved is not None:
        by = ", ".join(f"{code} {number}" for code, number in sorted(moved.items()))
        typer.echo(f"open due dates that would move: {sum(moved.values())}{f' ({by})' if by else ''}")


def _what_is_wrong(reach: "Horizon", folder: Path) -> list[str]:
    """In words for whoever has to do something about it."""
    wrong = [
        f"the Cabinet's order on moved working days of {year} is not known here; it had to come by 1 July {year - 1} "
        "(Darba likums 133(4))"
        for year in reach.missing
    ]
    if reach.is_passed:
        wrong.append(f"a term that begins today may end on {reach.last_due}: its due date is provisional")
    if wrong:
        wrong.append(
            f"what to do: look the order up (likumi.lv), put its days into {folder / 'calendars.yaml'} (or install a "
            "newer package `holidays`) and set moved_days_known_until there; if no days are moved, set only that"
        )
    return wrong


def _read(folder: Path | None, *, as_json: bool) -> "Rules":
    from config.flaw import Refused
    from routing.rules import read_rules

    try:
        return read_rules(_folder(folder))
    except Refused as refused:
        _refuse(refused, as_json=as_json)


def _refuse(refused: Any, *, as_json: bool) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"ok": False, "flaws": [str(flaw) for flaw in refused.flaws]}, ensure_ascii=False))
    fail(str(refused))


def _folder(given: Path | None) -> Path:
    from bot.commands.settings import settings_or_fail

    return given or settings_or_fail().rules_dir


def _from_database(look: "Callable[[Session], Found]") -> Found | None:
    """What the database says; None where there is none yet, or it does not answer. Nothing in it is changed."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.commands.settings import settings_or_fail
    from models.database import Database

    database = Database(settings_or_fail().database_url)
    if database.is_sqlite and not Path(database.url.database or "").is_file():
        return None
    try:
        with database.read() as session:
            return look(session)
    except SQLAlchemyError as error:
        typer.secho(f"the database cannot be asked: {str(error).splitlines()[0]}", err=True)
        return None
    finally:
        database.close()
