"""Places of marks: within the picture, as long as their numbers are large, in shades that follow them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.charts import LEVELS, columns, heat, rows, scale, shade, stack

NUMBERS = st.lists(st.integers(0, 100_000), min_size=1, max_size=40)


@given(NUMBERS, NUMBERS)
def test_columns_stay_in_the_picture_and_the_larger_number_is_the_higher_one(
    first: list[int], second: list[int]
) -> None:
    second = (second * 40)[: len(first)]
    drawn = columns([str(n) for n in range(len(first))], first, second)
    assert [mark.value for mark in drawn.marks] == [*first, *second]
    for mark in drawn.marks:
        assert mark.x >= 0
        assert mark.x + mark.width <= drawn.width + 0.2
        assert mark.y >= 0
        assert mark.y + mark.height == pytest.approx(drawn.bottom, abs=0.2)
    heights = sorted((mark.value, mark.height) for mark in drawn.marks)
    assert [height for _, height in heights] == sorted(height for _, height in heights)


@given(NUMBERS)
def test_parts_of_a_stack_fill_its_width(values: list[int]) -> None:
    drawn = stack(values)
    assert sum(mark.width for mark in drawn.marks) == pytest.approx(drawn.width if sum(values) else 0, abs=5)


@given(st.integers(0, 10_000_000))
def test_a_scale_has_few_round_steps_up_to_the_most(most: int) -> None:
    steps = scale(most)
    assert steps[0] == 0
    assert steps[-1] >= most > steps[-2] or most == 0
    assert 2 <= len(steps) <= 5
    assert len({b - a for a, b in pairwise(steps)}) == 1


@given(NUMBERS)
def test_shades_follow_the_numbers_and_nothing_has_none(values: list[int]) -> None:
    (row,) = [heat([""] * len(values), ["a"], [values]).marks]
    shades = [mark.series for mark in sorted(row, key=lambda mark: mark.value)]
    assert shades == sorted(shades)
    assert all((mark.series == 0) is (mark.value == 0) for mark in row)
    assert shade(max(values), max(values)) == (LEVELS if max(values) else 0)


def test_labels_that_would_touch_are_left_out_and_the_laws_limit_stands_after_its_day() -> None:
    drawn = columns([f"{n}.11." for n in range(1, 31)], [1] * 30, limit=6)
    assert len(drawn.across) < 15
    seventh = drawn.marks[6]
    assert drawn.limit is not None
    assert seventh.x + seventh.width < drawn.limit < drawn.marks[7].x
    assert columns(["0"], [1], limit=6).limit is None


def test_nothing_can_be_drawn() -> None:
    assert not [mark for mark in columns(["a"], [0]).marks if mark.height]
    assert rows([], []).marks == []
    assert heat([], [], []).marks == []
