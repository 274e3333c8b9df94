"""The file of an editor's changes: what it makes of the calendars, and what is refused with its line."""

from datetime import date

import pytest

from routing.calendars import LONGEST, differences
from routing.holidays import package_version
from tests.routing.law import flaws, rules_with

PLAIN = rules_with("days: []").calendars
ON = date(2026, 11, 30)
"""an ordinary Monday"""
SATURDAY = date(2026, 12, 12)


def test_an_added_day_off_is_skipped_and_says_why() -> None:
    made = rules_with('days: [{calendars: [state], off: 2026-11-30, reason: "Saeimas lēmums"}]').calendars
    assert not made["state"].works(ON)
    assert made["municipal"].works(ON), "it was said of the state only"
    assert made["state"].why(ON) == "Saeimas lēmums"
    assert PLAIN["state"].after(date(2026, 11, 23), 7) == date(2026, 12, 2)
    assert made["state"].after(date(2026, 11, 23), 7) == date(2026, 12, 3)


def test_a_closure_covers_every_day_of_its_range() -> None:
    made = rules_with("days: [{calendars: [state], off: 2026-11-30, until: 2026-12-04, reason: pārceļas}]").calendars
    assert [made["state"].works(date(2026, 12, day)) for day in range(1, 8)] == [False] * 6 + [True]
    assert made["state"].after(date(2026, 11, 27), 1) == date(2026, 12, 7)


def test_a_moved_day_is_off_and_its_saturday_worked() -> None:
    made = rules_with(
        "days: [{calendars: [state], off: 2026-11-30, works: 2026-12-12, reason: rīkojums Nr. 1}]"
    ).calendars
    assert not made["state"].works(ON)
    assert made["state"].works(SATURDAY)
    assert made["state"].after(date(2026, 12, 11), 1) == SATURDAY
    assert made["state"].why(SATURDAY) == "rīkojums Nr. 1"


def test_a_day_off_may_be_worked() -> None:
    made = rules_with("days: [{calendars: [municipal], works: 2026-12-24, reason: dežūra}]").calendars
    assert made["municipal"].works(date(2026, 12, 24))
    assert not made["state"].works(date(2026, 12, 24))


def test_an_institution_may_have_a_calendar_of_its_own() -> None:
    made = rules_with("""
calendars:
  - {name: pmlp, institutions: [PMLP]}
  - {name: rvp, based_on: municipal, institutions: [RVP]}
days:
  - {calendars: [pmlp], off: 2026-11-30, reason: inventūra}
""").calendars
    assert made.of("PMLP", "state").name == "pmlp"
    assert made.of("RVP", "municipal").name == "rvp"
    assert made.of("VSAA", "municipal").name == "municipal", "others keep what the directory says"
    assert not made["pmlp"].works(ON)
    assert made["state"].works(ON)
    bridge = date(2026, 6, 22)
    assert (made["pmlp"].works(bridge), made["rvp"].works(bridge)) == (False, True)


def test_a_calendar_has_the_changes_of_its_base_and_may_contradict_them() -> None:
    made = rules_with("""
calendars:
  - {name: pmlp}
  - {name: pmlp-riga, based_on: pmlp}
days:
  - {calendars: [state], off: 2026-11-30, until: 2026-12-01, reason: valsts}
  - {calendars: [pmlp], works: 2026-12-01, reason: PMLP strādā}
""").calendars
    first, second = date(2026, 11, 30), date(2026, 12, 1)
    assert [made["pmlp"].works(first), made["pmlp"].works(second)] == [False, True]
    assert [made["pmlp-riga"].works(first), made["pmlp-riga"].works(second)] == [False, True]
    assert made["pmlp-riga"].why(second) == "PMLP strādā"
    assert not made["state"].works(second)


@pytest.mark.parametrize("text", ["# nothing but words\n", "days:\ncalendars:\n", "{}", "moved_days_known_until:\n"])
def test_a_file_that_says_nothing_changes_nothing(text: str) -> None:
    made = rules_with(text).calendars
    assert made.version == package_version()
    assert list(made.by_name) == ["state", "municipal"]
    assert made.known_until == 2026


def test_the_horizon_may_be_put_further_and_never_nearer() -> None:
    assert rules_with("moved_days_known_until: 2027").calendars.known_until == 2027
    assert rules_with("moved_days_known_until: 2020").calendars.known_until == 2026


def test_the_version_follows_what_is_said_and_not_how_it_is_written() -> None:
    one = rules_with("""
days:
  - {calendars: [state], off: 2026-11-30, reason: a}
  - {calendars: [state], off: 2026-12-01, reason: b}
""").calendars.version
    same = rules_with("""
# other words, another order
days:
  - {reason: "b", off: 2026-12-01, calendars: [state]}
  - {calendars: [state], off: 2026-11-30, reason: a}
calendars: []
""").calendars.version
    other = rules_with("days: [{calendars: [state], off: 2026-11-30, reason: a}]").calendars.version
    assert one == same
    assert len({one, other, PLAIN.version, rules_with("moved_days_known_until: 2027").calendars.version}) == 4


def test_the_differences_are_the_days_that_become_others() -> None:
    after = rules_with("""
calendars: [{name: pmlp}]
days:
  - {calendars: [state], off: 2026-11-30, works: 2026-12-12, reason: rīkojums}
  - {calendars: [municipal], off: 2026-11-29, reason: Sunday anyhow}
  - {calendars: [pmlp], works: 2026-11-30, reason: strādā}
""").calendars
    assert list(differences(PLAIN, after)) == [
        {"calendar": "state", "on": "2026-11-30", "works": False, "reason": "rīkojums"},
        {"calendar": "state", "on": "2026-12-12", "works": True, "reason": "rīkojums"},
        {"calendar": "pmlp", "on": "2026-12-12", "works": True, "reason": "rīkojums"},
    ]
    back = list(differences(after, PLAIN))
    assert [(day["calendar"], day["on"], day["works"]) for day in back] == [
        ("state", "2026-11-30", True),
        ("state", "2026-12-12", False),
    ]
    assert list(differences(after, after)) == []


def test_a_day_that_the_package_learns_of_may_stand_in_the_file_still() -> None:
    """After an upgrade the editor's entry says what the package says: no contradiction."""
    assert flaws("days: [{calendars: [state], off: 2026-06-22, works: 2026-06-27, reason: rīkojums}]") == []


OFF = "  - {calendars: [state], off: 2026-11-30, reason: a}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"days:\n{OFF}  - {{calendars: [state], works: 2026-11-30, reason: b}}\n",
            'calendars.yaml:3: days: 2026-11-30 contradicts line 2, where it is off for "state".',
        ),
        (f"days:\n{OFF}{OFF}", 'calendars.yaml:3: days: 2026-11-30 stands already at line 2 for "state".'),
        (
            f"days:\n  - {{calendars: [state], off: 2026-11-25, until: 2026-12-05, reason: a}}\n{OFF}",
            'calendars.yaml:3: days: 2026-11-30 stands already at line 2 for "state".',
        ),
        (
            "days:\n  - {calendars: [state], off: 2026-11-30, works: 2026-11-30, reason: a}\n",
            'calendars.yaml:2: days: 2026-11-30 contradicts line 2, where it is off for "state".',
        ),
        (
            "days:\n  - calendars: [state, state]\n    off: 2026-11-30\n    reason: a\n",
            'calendars.yaml:2: days: 2026-11-30 stands already at line 2 for "state".',
        ),
        (
            "days:\n  - {calendars: [state], off: 2026-12-05, until: 2026-12-01, reason: a}\n",
            "calendars.yaml:2: days: It ends on 2026-12-01, before it begins on 2026-12-05.",
        ),
        (
            "days:\n  - {calendars: [state], works: 2026-12-05, until: 2026-12-06, reason: a}\n",
            "calendars.yaml:2: days: `until` ends what begins with `off`.",
        ),
        (
            "days:\n  - {calendars: [state], reason: a}\n",
            "calendars.yaml:2: days: Say which day is `off`, which one `works`, or both.",
        ),
        (
            "days:\n  - calendars: [state]\n    off: 30.11.2026\n    reason: a\n",
            "calendars.yaml:3: days.off: This must be a date such as 2026-11-02.",
        ),
        (
            "days:\n  - calendars: [state]\n    off: 2027-02-29\n    reason: a\n",
            "calendars.yaml:3: days.off: There is no such date as 2027-02-29.",
        ),
        ("days:\n  - {calendars: [state], off: 1990-12-31, reason: a}\n", "1990-12-31 is not between 1991 and 2099."),
        ("days:\n  - {calendars: [state], works: 2100-01-02, reason: a}\n", "2100-01-02 is not between 1991 and 2099."),
        (
            "days:\n  - calendars: [state, mars]\n    off: 2026-11-30\n    reason: a\n",
            'calendars.yaml:2: days.calendars: There is no calendar "mars".',
        ),
        ("days:\n  - {calendars: [], off: 2026-11-30, reason: a}\n", "days.calendars: This list must not be empty."),
        ("days:\n  - {calendars: state, off: 2026-11-30, reason: a}\n", "days.calendars: This must be a list."),
        (
            "days:\n  - {calendars: [state], off: 2026-11-30}\n",
            "calendars.yaml:2: days.reason: This field is required.",
        ),
        ("days:\n  - {calendars: [state], off: 2026-11-30, reason: ' '}\n", "days.reason: This must not be empty."),
        ("days:\n  - {calendars: [state], off: 2026-11-30, reason: a, of: 1}\n", "days.of: There is no such field."),
        ("day: []\n", "calendars.yaml:1: day: There is no such field."),
        ("days: []\ndays: []\n", "calendars.yaml:2: days: This field is already at line 1."),
        ("days: never\n", "calendars.yaml:1: days: This must be a list."),
        ("- a\n", "calendars.yaml:1: This must be a mapping of fields to values."),
        ("days:\n  - {calendars: [state\n", "This is not YAML"),
        ("days: [*all]\n", "Anchors and aliases (& and *) are not allowed"),
        ("moved_days_known_until: soon\n", "moved_days_known_until: This must be a whole number."),
        ("moved_days_known_until: 1900\n", "moved_days_known_until: This must be at least 1991."),
        (
            "calendars:\n  - {name: pmlp, based_on: mars}\n",
            'calendars.yaml:2: calendars.based_on: "mars" is no calendar, or one that comes later in the file.',
        ),
        ("calendars:\n  - {name: a, based_on: b}\n  - {name: b}\n", "one that comes later in the file"),
        ("calendars:\n  - {name: a, based_on: a}\n", '"a" is no calendar'),
        (
            "calendars:\n  - {name: pmlp}\n  - {name: pmlp}\n",
            'calendars.yaml:3: calendars.name: There is a calendar "pmlp" already.',
        ),
        ("calendars:\n  - {name: state}\n", 'calendars.name: There is a calendar "state" already.'),
        (
            "calendars:\n  - {name: a, institutions: [PMLP]}\n  - {name: b, institutions: [VSAA, PMLP]}\n",
            'calendars.yaml:3: calendars.institutions: "PMLP" has the calendar "a" already.',
        ),
        ("calendars:\n  - {name: Lielā Diena}\n", "must be small Latin letters and digits"),
    ],
)
def test_what_is_wrong_is_refused_with_file_line_and_reason(text: str, told: str) -> None:
    found = flaws(text)
    assert len(found) == 1
    assert found[0].startswith("calendars.yaml:")
    assert told in found[0]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    found = flaws(
        "days:\n  - {calendars: [state], off: never, reason: a}\n  - {calendars: [mars], until: 2026-01-01}\n"
    )
    assert [flaw.split(": ")[1] for flaw in found] == ["days.off", "days.reason"]


def test_no_calendar_may_be_without_working_days_so_long_that_no_term_ends() -> None:
    closed = 'days:\n  - {calendars: [state], off: 2027-01-04, until: 2027-04-01, reason: "karantīna"}\n'
    assert flaws(closed) == []
    assert flaws(closed.replace("2027-04-01", "2027-04-20")) == [
        f"calendars.yaml:2: days: This is longer than {LONGEST} days."
    ]
    bit_by_bit = closed + '  - {calendars: [state], off: 2027-04-02, until: 2027-05-02, reason: "vēl"}\n'
    assert flaws(bit_by_bit) == [
        'calendars.yaml:3: days: "state" has no working day in the 92 days before 2027-04-02.',
    ]


def test_the_days_of_a_base_count_for_how_long_a_calendar_is_closed() -> None:
    text = """
calendars: [{name: pmlp}]
days:
  - {calendars: [state], off: 2027-01-04, until: 2027-03-01, reason: a}
  - {calendars: [pmlp], off: 2027-03-02, until: 2027-05-01, reason: b}
"""
    (flaw,) = flaws(text)
    assert '"pmlp" has no working day' in flaw
    assert flaw.startswith("calendars.yaml:5: ")
