import json
from pathlib import Path

import pytest

from nlu.evaluate import Row, RowsError, evaluate_builtin, figures, macro_f1, read_rows

GOOD = '{"text": "Kā?", "intent": "Ask"}'


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "rows.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_are_read_with_a_byte_order_mark_blank_lines_and_line_separators(tmp_path: Path) -> None:
    content = f'\ufeff{GOOD}\r\n\n{{"text": "viens\u2028divi", "intent": "x", "more": 1}}'
    assert read_rows(written(tmp_path, content)) == [Row("Kā?", "Ask"), Row("viens\u2028divi", "x")]


def test_an_empty_text_is_a_row(tmp_path: Path) -> None:
    assert read_rows(written(tmp_path, '{"text": "", "intent": "x"}')) == [Row("", "x")]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Kā saņemt pensiju?", "no JSON"),
        ('{"text": "Kā?", "intent": "Ask"', "no JSON"),
        ("[" * 100_000, "no JSON"),
        ('["Kā?", "Ask"]', "not an object"),
        ("null", "not an object"),
        ('{"text": "Kā?"}', 'no "intent"'),
        ('{"intent": "Ask"}', 'no "text"'),
        ('{"text": 5, "intent": "Ask"}', 'not a text: "text"'),
        ('{"text": "Kā?", "intent": null}', 'not a text: "intent"'),
        ('{"text": "Kā?", "intent": " "}', '"intent" is empty'),
        ('{"text": "' + "a" * 1_000_001 + '", "intent": "x"}', "longer than"),
    ],
)
def test_a_bad_row_is_refused_with_file_line_and_reason(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(RowsError, match=f"rows.jsonl:3: .*{reason}"):
        read_rows(written(tmp_path, f"{GOOD}\n\n{line}\n{GOOD}\n"))


@pytest.mark.parametrize(("content", "reason"), [(b"", "no rows"), (b"\n \n", "no rows"), (b"\xff\xfe{}", "utf-8")])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    with pytest.raises(RowsError, match=reason):
        read_rows(written(tmp_path, content))


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises(RowsError, match=str(path)):
            read_rows(path)


def test_macro_f1_is_the_mean_over_all_intents_asked_or_guessed() -> None:
    truth, guessed = ["a", "a", "a", "b", "c"], ["a", "a", "b", "b", "d"]
    assert macro_f1(truth, guessed) == pytest.approx((0.8 + 2 / 3 + 0 + 0) / 4)


def test_figures_are_those_of_the_contract() -> None:
    asked = [Row("", intent) for intent in "aab"]
    found = figures("builtin", asked, ["a", "b", "b"], 1.0, [1.0, 2.0, 30.0], 100.0)
    assert (found.accuracy, found.macro_f1, found.p50_ms) == (0.6667, 0.6667, 2.0)
    assert found.p50_ms < found.p95_ms < found.p99_ms < 30


def test_the_built_in_engine_learns_and_is_asked() -> None:
    train = [Row("kad atiet vilciens", "laiks"), Row("kā mainīt paroli", "parole"), Row("vilciena laiks", "laiks")]
    found = evaluate_builtin(train, [Row("kad ir vilciens", "laiks"), Row("paroles maiņa", "parole")])
    assert found.accuracy == found.macro_f1 == 1.0
    assert found.rss_mb > 0
    assert json.dumps(found.train_s)
