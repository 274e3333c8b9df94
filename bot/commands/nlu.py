"""`atbilde nlu ask`: what the engine makes of a question."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import fail

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
    from bot.commands.settings import open_database

    if (question is None) == (batch is None):
        fail("give either a question or --batch FILE", 2)
    database = open_database()
    brain = Brain(database)
    brain.learn()
    for text in [question] if question is not None else _questions(batch or Path()):
        sys.stdout.write(json.dumps(_answer(brain, text or "", audience), ensure_ascii=False) + "\n")
    database.close()


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
