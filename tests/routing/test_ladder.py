"""config/escalation.yaml: what is refused, with file, line and reason, and what the ladder says of days."""

from datetime import date, datetime

import pytest

from config.flaw import Refused
from config.read_yaml import yaml_whole
from config.settings import CONFIG
from models.moments import RIGA
from routing.ladder import Ladder, ladder_from
from routing.rules import LADDER, calendar, read_rules

GOOD = """\
quiet: {from: "18:00", until: "08:00"}
digest_from: 4
ladders:
  - clock: forward
    steps:
      - {day: 0, to: [coordinator]}
      - {day: 1, to: [lead], and_each_day_after: true}
  - clock: institution
    steps:
      - {day: -3, to: [clerk]}
      - {day: -1, to: [clerk]}
  - clock: answer
    steps:
      - {day: 2, to: [coordinator, lead]}
"""
MONDAY = date(2026, 11, 23)


def read(text: str) -> Ladder:
    return ladder_from(yaml_whole(text, LADDER))


@pytest.mark.parametrize(
    ("old", "new", "flaw"),
    [
        ("day: 1,", "day: 0,", "escalation.yaml:4: ladders: The days of the steps must rise."),
        ("day: -3,", "day: 3,", "escalation.yaml:8: ladders: The days of the steps must rise."),
        (
            "day: 0, to: [coordinator]",
            "day: 0, to: [coordinator], and_each_day_after: true",
            "escalation.yaml:4: ladders: Only the last step may be repeated each day after.",
        ),
        (
            "day: -1, to: [clerk]",
            "day: -1, to: [clerk], and_each_day_after: true",
            "escalation.yaml:8: ladders: A step that is repeated each day after must not begin before the due date.",
        ),
        (
            "[lead]",
            "[boss]",
            "escalation.yaml:7: ladders.steps.to: This must be 'clerk', 'head', 'coordinator' or 'lead'.",
        ),
        ("[lead]", "[]", "escalation.yaml:7: ladders.steps.to: "),
        ("[lead]", "lead", "escalation.yaml:7: ladders.steps.to: This must be a list."),
        ("day: 1,", "day: 366,", "escalation.yaml:7: ladders.steps.day: This must be at most 365."),
        ("day: -3,", "day: -31,", "escalation.yaml:10: ladders.steps.day: This must be at least -30."),
        ("day: 1,", "day: soon,", "escalation.yaml:7: ladders.steps.day: This must be a whole number."),
        ("day: 1, ", "", "escalation.yaml:7: ladders.steps.day: This field is required."),
        ("true", "perhaps", "escalation.yaml:7: ladders.steps.and_each_day_after: This must be true or false."),
        ("day: 2,", "day: 2, hour: 9,", "escalation.yaml:14: ladders.steps.hour: There is no such field."),
        ("digest_from: 4", "digest_from: 1", "escalation.yaml:2: digest_from: This must be at least 2."),
        ("digest_from: 4", "digests: 4", "escalation.yaml:2: digests: There is no such field."),
        ("clock: answer", "clock: alarm", "escalation.yaml:12: ladders.clock: This must be 'forward', "),
        (
            "clock: answer",
            "clock: forward",
            "escalation.yaml:12: ladders.clock: There is a ladder for forward already.",
        ),
        ("clock: answer", "clock: forward", "escalation.yaml:3: ladders: There is no ladder for answer."),
        (
            "    steps:\n      - {day: 2, to: [coordinator, lead]}\n",
            "    steps: []\n",
            "escalation.yaml:13: ladders.steps: ",
        ),
        (
            "    steps:\n      - {day: 2, to: [coordinator, lead]}\n",
            "",
            "escalation.yaml:12: ladders.steps: This field is required.",
        ),
        ('quiet: {from: "18:00", until: "08:00"}\n', "", "escalation.yaml:1: quiet: This field is required."),
        ('from: "18:00", ', "", "escalation.yaml:1: quiet.from: This field is required."),
        (
            "digest_from: 4\n",
            "digest_from: 4\ndigest_from: 5\n",
            "escalation.yaml:3: digest_from: This field is already",
        ),
        ("digest_from: 4", "digest_from: [4", "escalation.yaml:3: This is not YAML"),
    ],
)
def test_what_is_wrong_is_refused_with_file_line_and_reason(old: str, new: str, flaw: str) -> None:
    assert GOOD.count(old) == 1
    with pytest.raises(Refused) as refused:
        read(GOOD.replace(old, new))
    assert any(str(found).startswith(flaw) for found in refused.value.flaws), str(refused.value)


@pytest.mark.parametrize(
    "hour", ["", "8", "8:00", "0800", "08.00", "24:00", "08:60", "08:00:00", "T0800", "08+01", "1800", "64800", "eight"]
)
def test_quiet_hours_are_two_times_of_day(hour: str) -> None:
    with pytest.raises(Refused) as refused:
        read(GOOD.replace('"08:00"', f'"{hour}"'))
    assert [str(flaw) for flaw in refused.value.flaws] == [
        "escalation.yaml:1: quiet.until: This must be a time of day such as 08:00."
    ]


@pytest.mark.parametrize("text", ["", "nothing", "[]", "quiet:", "- 1\n- 2"])
def test_what_is_no_ladder_at_all_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        read(text)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(Refused) as refused:
        read(GOOD.replace("08:00", "late").replace("[lead]", "[boss]").replace("digest_from: 4", "digest_from: no"))
    assert [flaw.line for flaw in refused.value.flaws] == [1, 2, 7]


def test_the_ladder_that_comes_with_the_program_is_good() -> None:
    ladder = read_rules(CONFIG).ladder
    assert ladder.digest_from == 4
    assert [(step.day, step.to) for step in ladder.steps["institution"]] == [
        (-1, ["clerk"]),
        (0, ["clerk", "head", "coordinator"]),
        (1, ["clerk", "head", "coordinator", "lead"]),
    ]


@pytest.mark.parametrize(
    ("begins", "ends", "quiet"),
    [
        ("18:00", "08:00", {0, 1, 2, 3, 4, 5, 6, 7, 18, 19, 20, 21, 22, 23}),
        ("12:00", "13:00", {12}),
        ("00:00", "08:00", {0, 1, 2, 3, 4, 5, 6, 7}),
        ("20:00", "00:00", {20, 21, 22, 23}),
        ("08:00", "08:00", set()),
        ("00:00", "00:00", set()),
    ],
)
def test_quiet_hours_begin_with_the_one_and_end_before_the_other(begins: str, ends: str, quiet: set[int]) -> None:
    holds = read(GOOD.replace('"18:00"', f'"{begins}"').replace('"08:00"}', f'"{ends}"}}')).quiet.holds
    assert {hour for hour in range(24) if holds(datetime(2026, 11, 23, hour, tzinfo=RIGA))} == quiet
    assert {hour for hour in range(24) if holds(datetime(2026, 11, 23, hour, 59, 59, tzinfo=RIGA))} == quiet


def test_the_next_step_is_the_first_after_what_was_climbed() -> None:
    ladder, days = read(GOOD), calendar("state")
    friday = date(2026, 11, 27)
    assert ladder.next_on("institution", friday, days, MONDAY) == date(2026, 11, 24)
    assert ladder.next_on("institution", friday, days, date(2026, 11, 24)) == date(2026, 11, 26)
    assert ladder.next_on("institution", friday, days, date(2026, 11, 26)) is None
    assert ladder.next_on("forward", friday, days, MONDAY) == friday
    assert ladder.next_on("forward", friday, days, friday) == date(2026, 11, 30)
    assert ladder.next_on("forward", friday, days, date(2026, 12, 24)) == date(2026, 12, 28)


def test_a_step_before_the_start_of_a_term_is_not_taken_after_it() -> None:
    """Three working days before a due date on Tuesday lie before a term that began on Monday."""
    ladder, days = read(GOOD), calendar("state")
    assert ladder.next_on("institution", date(2026, 11, 24), days, MONDAY) is None
