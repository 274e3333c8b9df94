"""`atbilde nlu corrections`: what the engine suggested first, and what people then made of it."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import fail

if TYPE_CHECKING:
    from routing.correction import Confusion, Corrections

SHOWN = 20
"""pairs of each kind that people are shown; JSON has all"""


def corrections(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only questions received on that day or later.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the questions here, masked, as rows that train and evaluate read.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, with the rows where there is no --out.")
    ] = False,
) -> None:
    """Tell how often the first suggestion was right, by what coordinators and institutions then did with questions."""
    from bot.commands.settings import open_database, plain_words
    from routing.corrections import corrections as corrections_of

    database = open_database()
    with plain_words(), database.read() as session:
        found = corrections_of(session, since.date() if since else None)
    database.close()
    rows = [one.row() for one in found.known]
    if out is not None:
        _write(out, rows)
    if as_json:
        typer.echo(json.dumps(_summary(found) | ({} if out else {"rows": rows}), ensure_ascii=False))
    else:
        _show(found)


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """For the owner's eyes only: a masked question may still hold a name and a story."""
    try:
        path.touch(mode=0o600)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    except OSError as error:
        fail(f"{path}: {error}")
    typer.echo(f"{path}: {len(rows)} rows", err=True)


def _summary(found: "Corrections") -> dict[str, Any]:
    known = len(found.known)
    return {
        "tickets": found.tickets,
        "known": known,
        "right": found.right,
        "share": round(found.right / known, 4) if known else None,
        "returned": sum(bool(one.returned) for one in found.known),
        "confusions": [
            {"suggested": one.suggested, "right": one.right, "count": one.count} for one in found.confusions()
        ],
        "kinds": {kind: sum(one.kind == kind for one in found.known) for kind in found.kinds()},
        "pairs": [
            {"kind": kind, "from": one.suggested, "to": one.right, "count": one.count}
            for kind, pairs in found.kinds().items()
            for one in pairs
        ],
        "institutions": found.institutions(),
    }


def _show(found: "Corrections") -> None:
    told = _summary(found)
    share = f" ({told['share']:.0%})" if told["known"] else ""
    typer.echo(f"{told['tickets']} questions went to people; of {told['known']} it is known whose they are")
    typer.echo(f"the first suggestion was right for {told['right']} of them{share}")
    typer.echo(f'{told["returned"]} were returned with "not ours" on the way')
    for kind, pairs in found.kinds().items():
        typer.echo(f"\n{kind}: {told['kinds'][kind]}")
        _show_pairs(pairs)
    if told["institutions"]:
        typer.echo("\ntheirs  rightly  wrongly suggested  returned")
    for code, counts in told["institutions"].items():
        typer.echo(f"{counts['theirs']:6}{counts['right']:9}{counts['wrong']:19}{counts['returned']:10}  {code}")


def _show_pairs(pairs: "Sequence[Confusion]") -> None:
    for one in pairs[:SHOWN]:
        typer.echo(f"{one.count:6}  {one.suggested or '(none)'} -> {one.right}")
    if (more := len(pairs) - SHOWN) > 0:
        typer.echo(f"and {more} more; --json has all")
