"""The file of terms: which one counts when, and what is refused."""

from datetime import date

import pytest

from config.settings import CONFIG
from routing.rules import TERMS
from tests.routing.law import flaws, rules_with

SHIPPED = (CONFIG / TERMS).read_text("utf-8")
LATER = """\
  - {procedure: question, clock: answer, working_days: 10, valid_from: 2028-01-01, source: "MK 500"}
"""


def test_the_terms_are_those_of_the_law() -> None:
    terms = rules_with().terms
    on = date(2026, 11, 23)
    spans = {name: str(terms.on(*name, on).span) for name in terms.versions}
    assert spans == {
        ("question", "forward"): "1 wd",
        ("question", "institution"): "6 wd",
        ("question", "answer"): "7 wd",
        ("submission", "forward"): "7 wd",
        ("submission", "institution"): "1 mo",
        ("submission", "answer"): "1 mo",
        ("submission", "extension"): "4 mo",
    }
    assert all(terms.on(*name, on).source for name in terms.versions)


def test_a_changed_term_counts_for_what_is_received_from_its_day_on() -> None:
    terms = rules_with(terms=SHIPPED + LATER).terms
    assert terms.on("question", "answer", date(2027, 12, 31)).working_days == 7
    assert terms.on("question", "answer", date(2028, 1, 1)).working_days == 10
    assert terms.on("question", "answer", date(2001, 1, 1)).working_days == 7, "the first one also for what was before"


def test_the_order_of_the_rows_does_not_matter() -> None:
    head, rows = SHIPPED.split("terms:\n")
    terms = rules_with(terms=f"{head}terms:\n{LATER}{rows}").terms
    assert terms.on("question", "answer", date(2027, 12, 31)).working_days == 7
    assert terms.on("question", "answer", date(2028, 1, 1)).working_days == 10


def test_a_rule_names_its_row_and_is_found_again() -> None:
    terms = rules_with(terms=SHIPPED + LATER).terms
    old, new = terms.on("question", "answer", date(2027, 1, 1)), terms.on("question", "answer", date(2028, 1, 1))
    assert old.rule != new.rule
    assert terms.by_rule(old.rule) is old
    assert terms.by_rule(new.rule) is new
    assert terms.by_rule("answer 99 wd, 1999-01-01") is None
    every = [term.rule for versions in terms.versions.values() for term in versions]
    assert len(every) == len(set(every))


@pytest.mark.parametrize(("procedure", "clock"), [("question", "extension"), ("complaint", "answer"), ("", "")])
def test_an_unknown_term_is_refused_by_name(procedure: str, clock: str) -> None:
    with pytest.raises(ValueError, match="no term"):
        rules_with().terms.on(procedure, clock, date(2026, 11, 23))


ROW = "  - {procedure: question, clock: forward, working_days: 1, valid_from: 2017-07-18, source: x}\n"


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (ROW.replace("working_days: 1", "working_days: 0"), "terms.working_days: This must be at least 1."),
        (ROW.replace("working_days: 1", "working_days: -7"), "terms.working_days: This must be at least 1."),
        (ROW.replace("working_days: 1", "months: 0"), "terms.months: This must be at least 1."),
        (ROW.replace("working_days: 1", "working_days: 1000"), "terms.working_days: This must be at most 120."),
        (ROW.replace("working_days: 1", "working_days: 1.5"), "terms.working_days: This must be a whole number."),
        (ROW.replace("working_days: 1", "working_days: many"), "terms.working_days: This must be a whole number."),
        (ROW.replace("working_days: 1", "working_days: 1, months: 1"), "either `working_days` or `months`."),
        (ROW.replace("working_days: 1, ", ""), "either `working_days` or `months`."),
        (ROW.replace("question", "complaint"), "terms.procedure: This must be 'question' or 'submission'."),
        (ROW.replace("forward", "reply"), "terms.clock: This must be "),
        (ROW.replace("2017-07-18", "18.07.2017"), "terms.valid_from: This must be a date such as 2026-11-02."),
        (ROW.replace(", source: x", ""), "terms.source: This field is required."),
        (ROW.replace("source: x", "source: x, sauce: y"), "terms.sauce: There is no such field."),
        (ROW, "terms.valid_from: There is a term of question forward from 2017-07-18 already."),
    ],
)
def test_a_row_that_is_wrong_is_refused_with_its_line(row: str, told: str) -> None:
    (flaw,) = flaws(terms=SHIPPED + row)
    line = len(SHIPPED.splitlines()) + 1
    assert flaw.startswith(f"clocks.yaml:{line}: ")
    assert told in flaw


def test_a_term_that_is_missing_is_named() -> None:
    rows = [row for row in SHIPPED.splitlines(keepends=True) if "submission" not in row or "extension" not in row]
    text = "".join(row for row in rows if not row.startswith("#"))
    (flaw,) = flaws(terms=text)
    assert flaw == "clocks.yaml:1: terms: There is no term for submission extension."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("terms: []\n", "clocks.yaml:1: terms: This list must not be empty."),
        ("# all gone\n", "clocks.yaml:1: terms: This field is required."),
        ("terms:\n", "clocks.yaml:1: terms: This must be a list."),
        ("terms: 7\n", "clocks.yaml:1: terms: This must be a list."),
    ],
)
def test_a_file_without_terms_is_refused(text: str, told: str) -> None:
    assert flaws(terms=text) == [told]
