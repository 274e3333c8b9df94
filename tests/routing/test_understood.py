"""What became of questions, by language."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.brain import Brain, Published
from models.database import Database
from models.moments import riga_date
from nlu.meaning import Band, Understanding
from routing.understood import Understood, understood
from tests.bot.talk import Talk
from tests.routing.case import riga
from tests.routing.test_corrections import asked


def found(database: Database, since: date | None = None) -> dict[str, Understood]:
    with database.read() as session:
        return {one.language: one for one in understood(session, since)}


class Certain(Brain):
    """Knows what the other one knows, and answers every question at once."""

    def __init__(self, brain: Brain) -> None:
        self._brain = brain

    def published(self) -> Published:
        return self._brain.published()

    def understand(self, text: str, hint: str, audience: str, *more: str) -> Understanding:
        return replace(self._brain.understand(text, hint, audience), band=Band.ANSWER)


def test_nothing_has_become_of_no_question(database: Database) -> None:
    assert found(database) == {}


def test_what_the_bot_did_first_counts_and_whether_it_helped(database: Database, brain: Brain) -> None:
    anna, jana, ilze = (Talk(database, Certain(brain), address=name) for name in ("anna", "jana", "ilze"))
    for citizen, helped in ((anna, "yes"), (jana, "no")):  # a no goes on to people, but it was answered first
        turn = citizen.says("Kā saņemt vecuma pensiju?")
        citizen.chooses(f"h:{turn.on.ref}:{helped}")
    ilze.says("Paldies!")
    ilze.says("Gribu runāt ar cilvēku.")

    latvian = found(database)["lv"]
    assert (latvian.answered, latvian.asked_back, latvian.routed) == (2, 0, 1)
    assert (latvian.helped, latvian.did_not_help, latvian.talk) == (1, 1, 1)
    tomorrow = riga_date(anna.at) + timedelta(days=2)
    assert found(database, tomorrow) == {}


def test_corrections_are_counted_by_language(database: Database) -> None:
    asked(database, "PMLP", language="en").forward("PMLP", at=riga(24))
    asked(database, "PMLP", language="en").forward("VSAA", at=riga(24))
    asked(database, "PMLP", language="ru").forward("PMLP", at=riga(24))
    told = found(database)
    assert [(told[code].routed, told[code].known, told[code].right) for code in ("en", "ru")] == [(2, 2, 1), (1, 1, 1)]


@pytest.mark.parametrize(("day", "counted"), [(23, 1), (24, 0)])
def test_since_a_day_counts_what_was_received_then(database: Database, day: int, counted: int) -> None:
    asked(database, "PMLP")
    assert len(found(database, date(2026, 11, day))) == counted
