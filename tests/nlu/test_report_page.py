"""The page of the report: whole, in two languages, and readable without its pictures."""

import re
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest

from nlu import report, told
from nlu.evaluate import Row
from nlu.meaning import Band
from nlu.report_page import page
from nlu.report_words import LANGUAGES, Writer, words
from nlu.told import Told

AT = datetime(2026, 11, 23, 12, 0)  # noqa: DTZ001  # as it is written on the page
NASTY = 'Kā <script>alert(1)</script> & "pensija"?'


def catalogue() -> dict[str, Any]:
    """Figures as of_catalogue gives them, of a few questions."""
    said = [
        Told(
            f"{NASTY} {n}",
            "pensija",
            ("pensija" if n % 3 else "pase",),
            n / 12,
            band,
            True,
            language,
            "VSAA",
            ("VSAA",),
        )
        for n in range(12)
        for language in ("ru", "lv")
        for band in (Band.ANSWER if n > 8 else Band.CLARIFY,)
    ]
    one = {"text": NASTY, "language": "lv", "right": "pensija", "said": "pase", "confidence": 0.9, "band": "answer"}
    return {
        "kind": "catalogue",
        "all": told.shares(said),
        "curve": told.curve(said),
        "marks": {"answer": told.on_curve(said, 0.75), "clarify": told.on_curve(said, 0.2)},
        "reliability": told.reliability(said),
        "calibration error": 0.06,
        "confusions": told.confusions(("pensija", one.codes[0], one) for one in said),
        "institution confusions": [],
        "worst": [one] * 14,
        "languages": {code: told.shares([one for one in said if one.language == code]) for code in ("ru", "lv")},
        "institutions": told.by_institution(said),
        "outside": {"questions": 50, "answered": 0.015, "asked back": 0.2, "examples": [one]},
        "limits": {
            "own": True,
            "by words": 0.95,
            "answer": 0.75,
            "clarify": 0.2,
            "wrong": 0.015,
            "figures": {"questions": 24, "answered": 0.5},
            "refitted": {"answered": 0.4},
        },
        "life": [
            {"language": "lv", "answered": 7, "asked_back": 1, "routed": 2, "talk": 3}
            | {"helped": 4, "did_not_help": 1, "known": 2, "right": 1}
        ],
    }


class Reader(HTMLParser):
    """What a page holds, and whether its tags are closed as they were opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request: pytest.FixtureRequest) -> str:
    return page(catalogue(), {"pensija": "Vecuma pensija", "VSAA": "Aģentūra"}, request.param, AT)


def test_the_page_is_whole_and_asks_for_nothing_else(written: str) -> None:
    reader = Reader(written)
    assert not reader.open
    assert not reader.all("script")
    assert not re.search(r"(src|href)=\"(?!#|data:,)", written)
    assert "url(http" not in written
    assert "@import" not in written


def test_words_of_citizens_are_only_text(written: str) -> None:
    assert "<script>" not in written
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in written


def test_every_picture_says_what_it_shows_and_has_a_table_behind_it(written: str) -> None:
    reader = Reader(written)
    pictures = [one for one in reader.all("svg") if one.get("role") == "img"]
    named = {one["id"] for tag in ("title", "desc") for one in reader.all(tag) if "id" in one}
    assert len(pictures) == 3
    assert all(set((one["aria-labelledby"] or "").split()) <= named for one in pictures)
    assert len(re.findall(r"</figure>\s*<details><summary>[^<]+</summary>\s*<table", written)) == 3


def test_identifiers_are_unique_and_links_lead_to_them(written: str) -> None:
    reader = Reader(written)
    names = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(names) == len(set(names))
    assert {(one["href"] or "")[1:] for one in reader.all("a")} <= set(names)
    used = set(re.findall(r"url\(#([^)]+)\)", written))
    assert used <= set(names)


def test_a_long_table_shows_ten_rows_and_keeps_the_rest_folded(written: str) -> None:
    worst = written.split('id="worst"')[1].split("</section>")[0]
    shown, folded = worst.split("<details>")
    assert (shown.count('role="rowheader"'), folded.count('role="rowheader"')) == (10, 4)


def test_numbers_are_written_as_the_language_does() -> None:
    assert [Writer(language, {}).percent(0.985) for language in LANGUAGES] == ["98,5\u00a0%", "98.5%"]
    assert [Writer(language, {}).number(0.5) for language in LANGUAGES] == ["0,50", "0.50"]
    assert Writer("lv", {}).number(5149) == "5149"
    assert Writer("lv", {}).name("") == "–"


def test_latvian_comes_first_and_a_service_has_its_name() -> None:
    html = page(catalogue(), {"pensija": "Vecuma pensija"}, "lv", AT)
    assert '<html lang="lv">' in html
    assert "Vecuma pensija<code>pensija</code>" in html
    assert html.index(">latviešu<") < html.index(">krievu<")


def test_figures_of_labelled_files_have_no_catalogue_in_them() -> None:
    train = [Row("kad atiet vilciens", "laiks"), Row("kā mainīt paroli", "parole")]
    html = page(report.of_rows(train, [Row("vilciens", "parole")]), {}, "en", AT)
    assert not Reader(html).open
    assert "tells intents apart" in html
    assert 'id="by-institution"' not in html


def test_all_languages_have_the_same_words() -> None:
    first, *others = (keys(words(language)) for language in LANGUAGES)
    assert all(other == first for other in others)


def keys(tree: Any, path: str = "") -> list[str]:
    if not isinstance(tree, dict):
        assert tree
        return [path]
    return [key for name, value in tree.items() for key in keys(value, f"{path}.{name}")]
