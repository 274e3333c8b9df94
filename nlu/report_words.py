"""How the report writes words, numbers and names in its language."""

from collections.abc import Mapping
from typing import Any

import yaml
from markupsafe import Markup

from config.settings import CONFIG

LANGUAGES = ("lv", "en")


class Writer:
    """How the page writes numbers and names in its language."""

    def __init__(self, language: str, titles: Mapping[str, str]) -> None:
        self.t, self.language, self._titles = words(language), language, titles

    def percent(self, share: float) -> str:
        """One decimal where it says something: 57 %, 1,5 %."""
        exact = round(share * 100, 1)
        text = f"{exact:.0f}" if exact == int(exact) else f"{exact:.1f}"
        return text.replace(".", self.t["decimal"]) + ("%" if self.language == "en" else "\u00a0%")

    def number(self, value: float) -> str:
        """Two decimals, or a whole number."""
        return str(value) if isinstance(value, int) else f"{value:.2f}".replace(".", self.t["decimal"])

    def name(self, code: str) -> str:
        if not (title := self._titles.get(code)):
            return code or "–"
        return Markup("{}<code>{}</code>").format(title, code)

    def language_name(self, code: str) -> str:
        return str(self.t["languages"].get(code, code))


def words(language: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CONFIG / f"nlu_report.{language}.yaml").read_text("utf-8"))
    return read
