"""The demo's notices are of a moment in which people are told."""

from datetime import datetime

import pytest

from bot.demo import _last_awake
from tests.routing.case import riga


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (riga(24, 9, 30), riga(24, 9, 30)),
        (riga(24, 18, 30), riga(24, 17, 30)),
        (riga(24, 3, 30), riga(23, 17, 30)),
        (riga(29, 12), riga(27, 17)),
        (riga(18, 12), riga(17, 17)),
        (riga(27, 12, month=6), riga(27, 12, month=6)),
    ],
)
def test_made_at_night_or_on_a_day_off_its_notices_are_of_the_day_before(made: datetime, told: datetime) -> None:
    assert _last_awake(made) == told
