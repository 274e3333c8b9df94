"""`atbilde nlu export-rasa`: a project for Rasa Open Source from what the built-in engine learns from."""

from pathlib import Path
from typing import Annotated

import typer

from bot.commands import fail


def export_rasa(
    folder: Annotated[Path, typer.Argument(help="Where the project is written; made where it is not there.")],
    data: Annotated[
        Path | None, typer.Option(help='Of this file, {"text", "intent"} a line, instead of the catalogue.')
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=1, help="How often DIET goes through the examples; fewer where they are many.")
    ] = None,
) -> None:
    """Write a complete Rasa 3.6 project: nlu.yml, rules.yml, domain.yml, config.yml, credentials and endpoints."""
    from nlu.rasa_export import NotExportable, write_project

    examples, replies = _rows(data) if data else _catalogue()
    try:
        number = write_project(folder, examples, replies, epochs)
    except (NotExportable, OSError) as error:
        fail(f"{folder}: {error}")
    typer.echo(f"{folder}: {number} examples of {len(examples)} intents; train it with `rasa train`, or `make rasa`")


def _rows(path: Path) -> tuple[dict[str, list[str]], dict[str, str]]:
    from nlu.evaluate import RowsError, read_rows
    from nlu.rasa_export import from_rows

    try:
        return from_rows(read_rows(path)), {}
    except RowsError as error:
        fail(str(error), 2)


def _catalogue() -> tuple[dict[str, list[str]], dict[str, str]]:
    from bot.commands.settings import open_database
    from catalogue.learn import entries
    from nlu.rasa_export import from_entries

    database = open_database()
    with database.read() as session:
        found = from_entries(entries(session))
    database.close()
    return found
