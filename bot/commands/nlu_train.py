"""`atbilde nlu train`: learning the catalogue in force and what people at the desk put right."""

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.commands import fail

if TYPE_CHECKING:
    from nlu.examples import Example, Screened
    from nlu.meaning import Competence, Entry


def train(
    file: Annotated[
        Path | None, typer.Option("--corrections", help="Further corrections, as `nlu corrections --out` writes them.")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--catalogue-only", help="Learn no corrections, and forget those learnt before.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, which is what it prints anyway.")] = False,
) -> None:
    """Learn the catalogue in force and the desk's corrections, write the model file, and print as JSON what is in it.

    A server need not be told: it learns both by itself. Texts not embedded before take some 20 ms each. Corrections
    learnt before that are neither in the database nor in the file are forgotten.
    """
    if file and alone:
        fail("give either --corrections or --catalogue-only", 2)
    began = time.perf_counter()
    folder = _data_dir()
    given = _of_file(file) if file else []
    entries, competences, of_desk = _of_database(corrected=not alone)
    told = _learn(folder, entries, competences, given + of_desk)
    counted = {"services": len(entries), "institutions": len(competences)}
    typer.echo(json.dumps(counted | {"train_s": round(time.perf_counter() - began, 2)} | told, ensure_ascii=False))


def _data_dir() -> Path:
    """Where the model file is. What is logged goes to standard error: standard output is for JSON."""
    from bot.commands.settings import settings_or_fail
    from bot.logs import set_up_logs

    settings = settings_or_fail()
    set_up_logs(as_json=settings.log_json)
    return settings.data_dir


def _of_file(path: Path) -> "list[Example]":
    from nlu.evaluate import RowsError
    from nlu.kept_examples import read

    try:
        return read(path)
    except RowsError as error:
        fail(str(error), 2)


def _of_database(*, corrected: bool) -> "tuple[list[Entry], list[Competence], list[Example]]":
    from bot.commands.settings import open_database, plain_words
    from catalogue.learn import competences, entries
    from routing.corrections import corrections

    database = open_database()
    with plain_words(), database.read() as session:
        found = [one.example() for one in corrections(session).known] if corrected else []
        known = entries(session), competences(session), found
    database.close()
    return known


def _learn(
    folder: Path, entries: "Sequence[Entry]", competences: "Sequence[Competence]", examples: "Sequence[Example]"
) -> dict[str, Any]:
    from nlu import kept_examples, learning, model_file
    from nlu.examples import join, screen

    screened = screen(examples, entries, competences)
    whole = join(screened.learnt, entries, competences)
    path = folder / learning.NAME
    learner = learning.Learner(folder)
    learner.thoroughly(*whole)
    try:
        _, _, about = model_file.read(path, learning.KIND, learning.data_of(*whole))
        kept_examples.keep(folder, screened.learnt)  # now a server finds them, and the model file that holds them
    except (model_file.UnfitError, OSError) as error:
        fail(str(error))
    worth = learner.trial(entries, competences).worth(screened.learnt)
    return {"model": str(path)} | about | {"corrections": _report(screened, len(examples)) | worth}


def _report(screened: "Screened", given: int) -> dict[str, Any]:
    return {
        "given": given,
        "learnt": len(screened.learnt),
        "of services": sum(bool(one.service) for one in screened.learnt),
        "ignored": screened.ignored,
        "against the catalogue": screened.against,
    }
