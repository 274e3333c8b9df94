"""The command `atbilde`. Heavy libraries are imported by the command that needs them: `--help` must not wait."""

from typing import Annotated

import typer

from bot.commands import (
    calendar,
    catalogue,
    deadlines,
    mail,
    mail_replay,
    nlu,
    nlu_corrections,
    nlu_rasa,
    nlu_report,
    nlu_train,
    running,
    staff,
)

app = typer.Typer(
    help="Atbilde: questions to public services, answered from the catalogue or by the competent institution.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("serve")(running.serve)
app.command("work")(running.work)
app.command("migrate")(running.migrate)
app.command("demo")(running.demo)
app.command("deadlines")(deadlines.deadlines)
app.add_typer(calendar.app, name="calendar")
nlu.app.command("export-rasa")(nlu_rasa.export_rasa)
nlu.app.command("train")(nlu_train.train)
nlu.app.command("corrections")(nlu_corrections.corrections)
nlu.app.command("report")(nlu_report.report)
app.add_typer(nlu.app, name="nlu")
app.add_typer(catalogue.app, name="catalogue")
mail.app.command("replay")(mail_replay.replay)
app.add_typer(mail.app, name="mail")
app.add_typer(staff.app, name="staff")


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"atbilde {version('atbilde')}")
        raise typer.Exit


@app.callback()
def about(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", is_eager=True, callback=_version)
    ] = False,
) -> None:
    """Nothing but the options that stand before a command."""


def main() -> None:
    app()
