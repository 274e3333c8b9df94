"""The report as one page of HTML that needs nothing else: no script, no font, no network."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from nlu.report_parts import Figures, parts
from nlu.report_words import Writer

HERE = Path(__file__).parent


def page(figures: Figures, titles: Mapping[str, str], language: str, at: datetime) -> str:
    """`titles` are names of services and institutions by code; a code without one stands for itself."""
    writer = Writer(language, titles)
    intents = figures["kind"] == "intents"
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html").render(
        t=writer.t,
        language=language,
        title=writer.t["title_intents" if intents else "title"],
        at=at.strftime(writer.t["moment"]),
        style=Markup((HERE / "report.css").read_text("utf-8")),  # noqa: S704  # our own file
        parts=list(parts(writer, figures, intents)),
    )
