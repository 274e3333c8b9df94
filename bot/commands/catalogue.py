"""`atbilde catalogue`: import, export, check and compare catalogue files."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.commands import fail

app = typer.Typer(help="Import, export, check and compare catalogue files (YAML, CSV).", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A .yaml or .csv file.")]


@app.command("import")
def import_(file: File) -> None:
    """Publish the services of a file: every row is checked first, and one mistake leaves everything as it was."""
    from bot.commands.settings import open_database
    from catalogue.publish import publish
    from catalogue.read import read
    from config.flaw import Refused
    from models.moments import now, riga_date

    at = now()
    try:
        changes = open_database().write(lambda session: publish(session, read(session, file, riga_date(at)), at))
    except Refused as refused:
        fail(f"{refused}\nnothing was changed")
    typer.echo(f"{len(changes.added)} added, {len(changes.changed)} changed, {len(changes.unchanged)} as before")


@app.command()
def check(file: File) -> None:
    """Say what is wrong with a file; change nothing."""
    from bot.commands.settings import open_database
    from catalogue.read import check as flaws_of
    from models.moments import now, riga_date

    with open_database().read() as session:
        flaws = flaws_of(session, file, riga_date(now()))
    if flaws:
        fail("\n".join(str(flaw) for flaw in flaws))
    typer.echo("the file is good")


@app.command()
def diff(file: File) -> None:
    """Show what an import of the file would change."""
    from bot.commands.settings import open_database
    from catalogue.compare import diff as differences
    from catalogue.read import read
    from config.flaw import Refused
    from models.moments import now, riga_date

    with open_database().read() as session:
        try:
            lines = differences(session, read(session, file, riga_date(now())))
        except Refused as refused:
            fail(str(refused))
    typer.echo("\n".join(lines) if lines else "no difference")


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="A .yaml or .csv file to write; - for YAML on standard output.")],
) -> None:
    """Write the services in force to a file that `import` takes."""
    from bot.commands.settings import open_database
    from catalogue.export import export_csv, export_yaml

    forms = {".yaml": export_yaml, ".yml": export_yaml, ".csv": export_csv}
    form = export_yaml if str(file) == "-" else forms.get(file.suffix.lower())
    if form is None:
        fail("the file's name ends in .yaml or .csv", 2)
    with open_database().read() as session:
        text = form(session)
    if str(file) == "-":
        sys.stdout.write(text)
    else:
        try:
            file.write_text(text, "utf-8", newline="")
        except OSError as error:
            fail(f"{file} cannot be written: {error.strerror}")
        typer.echo(f"written to {file}")
