"""`atbilde nlu report`: a page with figures and pictures of how well questions are understood."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.commands import fail

PAGE = "nlu-report.html"
ALL = 1_000_000


class Language(StrEnum):
    LV = "lv"
    EN = "en"


def report(
    output: Annotated[Path | None, typer.Option(help=f"The page; {PAGE} in DATA_DIR where not given.")] = None,
    language: Annotated[Language, typer.Option(help="Of the page.")] = Language.LV,
    sample: Annotated[
        int, typer.Option(min=1, help="Ask only so many questions of the catalogue; all 5,000 take a minute.")
    ] = ALL,
    train: Annotated[
        Path | None, typer.Option(help='Of two files instead of the catalogue: {"text", "intent"} a line to learn.')
    ] = None,
    test: Annotated[Path | None, typer.Option(help="A file of the same form to be asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Write a page on coverage and precision, reliability, confusions and the worst questions, all held out."""
    from bot.commands.settings import settings_or_fail
    from bot.logs import set_up_logs

    if (train is None) != (test is None):
        fail("give both --train and --test, or neither", 2)
    settings = settings_or_fail()
    set_up_logs(as_json=settings.log_json)  # to standard error: what we print is read by programs
    path = output or settings.data_dir / PAGE
    figures, titles = _of_files(train, test) if train and test else _of_catalogue(settings.data_dir, language, sample)
    _write(path, figures, titles, language)
    if as_json:
        typer.echo(json.dumps({"page": str(path)} | figures, ensure_ascii=False))
    else:
        _show(path, figures)


def _of_catalogue(folder: Path, language: str, sample: int) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of the catalogue in force, with what the database tells of real questions, and names by code."""
    from bot.commands.settings import open_database, plain_words
    from catalogue.learn import competences, entries
    from nlu import decide, kept_examples
    from nlu.embed import embedder
    from nlu.examples import join
    from nlu.held_out import chosen
    from nlu.learning import Learner
    from nlu.report import of_catalogue, steps_of
    from nlu.sense import texts_to_embed
    from routing.understood import understood

    database = open_database()
    with plain_words(), database.read() as session:
        known, competent = join(kept_examples.kept(folder), entries(session), competences(session))
        life = [asdict(one) for one in understood(session)]
    database.close()
    if not chosen(known, 1):
        fail("the catalogue has no question to ask")
    learner = Learner(folder)
    engine, whole = learner.quickly(known, competent)
    texts = learner.vectors.missing(texts_to_embed(known, competent))
    with _progress("embedding", len(texts)) as advance:
        learner.vectors.add(texts, lambda some: _then(embedder().embed(some), advance, len(some)))
    if not whole:
        engine = learner.thoroughly(known, competent)
    decision = engine.decision or decide.shipped()
    with _progress("asking", steps_of(known, sample)) as advance:
        figures = of_catalogue(known, competent, learner.vectors, decision, sample, lambda: advance(1))
    titles = {one.code: one.titles.get(language) or one.titles["lv"] for one in known}
    titles |= {one.code: one.names.get(language) or one.names["lv"] for one in competent}
    return figures | {"life": life}, titles


def _of_files(train: Path, test: Path) -> tuple[dict[str, Any], dict[str, str]]:
    from nlu.evaluate import RowsError, read_rows
    from nlu.report import of_rows

    try:
        rows, asked = read_rows(train), read_rows(test)
        with _progress("asking", len(asked)) as advance:
            return of_rows(rows, asked, lambda: advance(1)), {}
    except RowsError as error:
        fail(str(error), 2)
    except ValueError as error:
        fail(f"{train}: {error}", 2)


def _write(path: Path, figures: dict[str, Any], titles: dict[str, str], language: str) -> None:
    """For the owner's eyes only: questions of labelled files may hold a name and a story."""
    from models.moments import RIGA, now
    from nlu.report_page import page

    html = page(figures, titles, language, now().astimezone(RIGA))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(html, "utf-8")
    except OSError as error:
        fail(f"{path}: {error}")


def _show(path: Path, figures: dict[str, Any]) -> None:
    every = figures["all"]
    typer.echo(f"{every['questions']} questions, of which the engine had learnt none")
    typer.echo(f"answered {every['answered']:.1%}, of which {every['wrong of answered']:.1%} wrongly")
    typer.echo(f"the right one is first for {every['first']:.1%}, among three for {every['in three']:.1%}")
    if outside := figures.get("outside"):
        typer.echo(f"of {outside['questions']} questions outside the catalogue {outside['answered']:.1%} were answered")
    typer.echo(str(path))


@contextmanager
def _progress(what: str, steps: int) -> Iterator[Callable[[int], None]]:
    """A bar on the error output where that is a terminal and there is something to wait for."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not (steps and console.is_terminal)) as bar:
        task = bar.add_task(what, total=steps)
        yield lambda number: bar.advance(task, number)


def _then(found: Any, advance: Callable[[int], None], number: int) -> Any:
    advance(number)
    return found
