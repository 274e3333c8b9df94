"""A letter's text in pieces: which words are the person's own, and that none is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from web.own_words import Piece, pieces


@pytest.mark.parametrize(
    ("text", "own", "parts"),
    [
        ("Jā.\n\n> Vai?\n> Tiešām?", "Jā.", [("Jā.", True), ("> Vai?\n> Tiešām?", False)]),
        ("> Vai?\n\nJā.", "Jā.", [("> Vai?", False), ("Jā.", True)]),
        ("Jā.\n> Vai?\nNē.\n-- \nA", "Jā.\n\nNē.", [("Jā.", True), ("> Vai?", False), ("Nē.", True), ("--\nA", False)]),
        ("Jā.  \r\n> Vai?", "Jā.", [("Jā.", True), ("> Vai?", False)]),
        ("Jā.", "Jā.", [("Jā.", True)]),
        ("", "", []),
        ("Jā. Anna rakstīja:\n> Vai?", "Jā.", [("Jā.", True), ("Jā. Anna rakstīja:\n> Vai?", False)]),
    ],
)  # fmt: skip
def test_own_words_are_told_from_the_rest(text: str, own: str, parts: list[tuple[str, bool]]) -> None:
    assert pieces(text, own) == [Piece(*part) for part in parts]


@given(some.lists(some.sampled_from(["Jā", "> Vai", "", "Nē"]), max_size=8), some.sets(some.integers(0, 7)))
def test_no_line_is_lost(lines: list[str], mine: set[int]) -> None:
    own = "\n".join(line for number, line in enumerate(lines) if number in mine)
    said = [line for piece in pieces("\n".join(lines), own) for line in piece.text.splitlines()]
    assert [line for line in said if line] == [line for line in lines if line]


def test_a_long_text_is_shown_whole_below_the_own_words() -> None:
    text = "\n".join(["Jā.", *["> x"] * 5_000, "Nē."])
    assert [piece.own for piece in pieces(text, "Jā.\nNē.")] == [True, False]
