"""`atbilde nlu`: what the engine makes of a question, how well it does, and learning it."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import fail

if TYPE_CHECKING:
    from nlu.evaluate import Figures, Row

app = typer.Typer(help="What the engine makes of questions.", no_args_is_help=True)


@app.callback()
def nlu() -> None:
    """What the engine makes of questions."""


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    batch: Annotated[
        Path | None, typer.Option(help="A file of questions: a JSON object with text, or plain words, a line.")
    ] = None,
    audience: Annotated[str, typer.Option(help="resident or business")] = "",
) -> None:
    """Print, as JSON, whether it would be answered, asked back or routed, with service and institutions."""
    from bot.brain import Brain
    from bot.commands.settings import open_database, settings_or_fail
    from bot.logs import set_up_logs
    from bot.second_engine import chosen

    if (question is None) == (batch is None):
        fail("give either a question or --batch FILE", 2)
    database = open_database()
    settings = settings_or_fail()
    set_up_logs(as_json=settings.log_json)  # to standard error: what we print is read by programs
    brain = Brain(database, settings.data_dir, chosen(settings))
    while brain.learn():  # until there is nothing new to learn
        pass
    for text in [question] if question is not None else _questions(batch or Path()):
        sys.stdout.write(json.dumps(_answer(brain, text or "", audience), ensure_ascii=False) + "\n")
    database.close()


class EngineName(StrEnum):
    BUILTIN = "builtin"
    RASA = "rasa"


@app.command()
def evaluate(
    train: Annotated[Path, typer.Option(help='A file to learn from: {"text", "intent"} a line.')],
    test: Annotated[Path, typer.Option(help="A file of the same form to be asked.")],
    engine: Annotated[EngineName, typer.Option(help="Which engine.")] = EngineName.BUILTIN,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, which is what it prints anyway.")] = False,
) -> None:
    """Train an engine on one file, ask it another, and print as JSON how well it did and what that took."""
    from nlu.evaluate import RowsError, evaluate_builtin, read_rows

    try:
        rows, asked = read_rows(train), read_rows(test)
    except RowsError as error:
        fail(str(error), 2)
    if unknown := sorted({row.intent for row in asked} - {row.intent for row in rows}):
        typer.echo(f"only in {test}, so never right: {', '.join(unknown)}", err=True)
    try:
        figures = _evaluate_rasa(rows, asked) if engine is EngineName.RASA else evaluate_builtin(rows, asked)
    except ValueError as error:
        fail(f"{train}: {error}", 2)
    typer.echo(json.dumps(asdict(figures)))


def _evaluate_rasa(train: Sequence["Row"], test: Sequence["Row"]) -> "Figures":
    try:
        from nlu.rasa import evaluate_rasa
    except ImportError as error:
        fail(f"the engine rasa is not part of this installation: {error}")
    try:
        return evaluate_rasa(train, test)
    except (RuntimeError, OSError) as error:
        fail(f"rasa: {error}")


def _questions(path: Path) -> list[str]:
    try:
        lines = (sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        fail(f"{path}: {error}", 2)
    return [_question(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _question(line: str, number: int) -> str:
    if not line.lstrip().startswith("{"):
        return line
    try:
        return str(json.loads(line)["text"])
    except (ValueError, KeyError) as error:
        fail(f"line {number}: {error!r}", 2)


def _answer(brain: Any, text: str, audience: str) -> dict[str, Any]:
    began = time.perf_counter()
    meaning = brain.understand(text, "", audience)
    took = (time.perf_counter() - began) * 1000
    return {
        "kind": str(meaning.band),
        "intent": str(meaning.intent),
        "service": meaning.service,
        "institutions": [candidate.code for candidate in meaning.institutions],
        "confidence": round(meaning.confidence, 4),
        "language": meaning.language,
        "ms": round(took, 3),
    }
