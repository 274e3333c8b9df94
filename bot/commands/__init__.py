"""The commands, one file for each group; each imports what it needs when it runs."""

from typing import NoReturn

import typer


def fail(reason: str, code: int = 1) -> NoReturn:
    """Says why on the error output and ends with that exit status."""
    typer.secho(reason, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)
