"""The commands, one file for each group; each imports what it needs when it runs."""

import sys
from pathlib import Path
from typing import NoReturn

import typer


def fail(reason: str, code: int = 1) -> NoReturn:
    """Says why on the error output and ends with that exit status."""
    typer.secho(reason, fg=typer.colors.RED, err=True)
    raise typer.Exit(code)


def print_for_programs() -> None:
    """What goes to standard output is lines of JSON for programs: always UTF-8, and the log goes elsewhere."""
    from bot.logs import set_up_logs

    set_up_logs(as_json=False)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")


def bytes_of(file: str) -> bytes:
    """The file, or standard input for `-`. Raises OSError."""
    return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
